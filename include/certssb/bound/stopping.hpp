// SPDX-License-Identifier: MIT
#pragma once
// Brief: early stopping: when enough test samples are decided, no more members are trained.

#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/vote/collect.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what the votes so far decide about one sample and the wanted probability p0.
enum class decision { open, certified, futile };

/// Brief: decides samples, at error alpha each, for p0 = Phi(R / sigma), the p_A that the wanted radius R needs.
/// Maths: `certified` once the leading class's evidence for p > p0 reaches K/alpha (K processes, one per class, each at
/// alpha/K, so that it does not matter which class leads). `futile` once every class's evidence for p < p0 reaches
/// 1/alpha: if some class of a sample has p >= p0, the sample is called futile with probability at most alpha, because
/// the process of that class must then err. A wrong `futile` loses a certificate, but never makes one wrong. Both are
/// computed from the present counts: certified samples are exactly those whose bound by jeffreys_sequence under
/// every_class is above p0.
/// Cost: two searches over k for each number of members, then two comparisons per sample.
class decision_rule {
public:
  /// Throws: argument_error unless 0 < alpha < 1, K >= 2 and 1/2 <= p0 < 1.
  decision_rule(double alpha, std::size_t classes, double p0)
      : classes_(classes),
        certifying_(std::log(static_cast<double>(classes)) - std::log(alpha)),
        giving_up_(-std::log(alpha)),
        p0_(p0) {
    expect(alpha > 0.0 && alpha < 1.0, "decision_rule: alpha must lie in (0,1), got ", alpha);
    expect(classes >= 2, "decision_rule: needs at least 2 classes, got ", classes);
    expect(p0 >= 0.5 && p0 < 1.0, "decision_rule: p0 must lie in [1/2,1), got ", p0);
  }

  /// Brief: the counts that decide after t members: at least `certified_from`, and all at most `futile_to`.
  struct thresholds {
    std::int64_t certified_from;  ///< t + 1 if no count is enough
    std::int64_t futile_to;       ///< -1 if no count is small enough
  };

  /// Maths: the evidence for p > p0 grows with k, and that for p < p0 falls.
  [[nodiscard]] thresholds after(std::int64_t trials) const {
    const auto first = [&](auto&& holds) {
      std::int64_t low = -1;
      std::int64_t high = trials + 1;
      while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (holds(middle) ? high : low) = middle;
      }
      return high;
    };
    return {first([&](std::int64_t k) { return jeffreys_sequence::log_e(k, trials, p0_) >= certifying_; }),
            first([&](std::int64_t k) {
              return !(jeffreys_sequence::log_e(trials - k, trials, 1.0 - p0_) >= giving_up_);
            }) - 1};
  }

  /// Shapes: counts [K], of the t members that `at` is for.
  [[nodiscard]] static decision decide(std::span<const std::int64_t> counts, const thresholds& at) {
    const std::int64_t most = counts[find_top(counts)];
    if (most >= at.certified_from) return decision::certified;
    return most <= at.futile_to ? decision::futile : decision::open;
  }

  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }

private:
  std::size_t classes_;
  double certifying_;
  double giving_up_;
  double p0_;
};

/// Brief: one point of models spent against samples decided.
struct stopping_point {
  std::int64_t models;
  std::size_t certified;
  std::size_t futile;
  double decided;  ///< share of all samples
};

/// Brief: a stopping rule for collect_votes: counts the votes member by member, says when a given share of the samples
/// is decided, and keeps the history. Votes stopped by it are stopped_votes.
/// Determinism: a function of the votes in member order.
class early_stopping {
public:
  /// Throws: argument_error unless there are samples and 0 < decide_fraction <= 1.
  early_stopping(const decision_rule& rule, std::size_t samples, double decide_fraction)
      : rule_(rule), wanted_(decide_fraction), counts_(samples * rule.classes()) {
    expect(samples > 0, "early_stopping: needs at least 1 sample");
    expect(decide_fraction > 0.0 && decide_fraction <= 1.0, "early_stopping: decide_fraction must lie in (0,1], got ",
           decide_fraction);
  }

  /// Brief: adds the hard votes of the next member; returns whether enough samples are decided now.
  /// Shapes: votes [n].
  /// Throws: argument_error unless there is one vote per sample, for one of the K classes.
  [[nodiscard]] bool add(std::span<const label_type> votes) {
    const std::size_t classes = rule_.classes();
    expect(votes.size() == counts_.size() / classes, "early_stopping: expected ", counts_.size() / classes,
           " votes, got ", votes.size());
    stopping_point point{points_.empty() ? 1 : points_.back().models + 1, 0, 0, 0.0};
    const decision_rule::thresholds at = rule_.after(point.models);
    for (std::size_t i = 0; i < votes.size(); ++i) {
      expect(votes[i] >= 0 && std::cmp_less(votes[i], classes), "early_stopping: votes must be for one of ", classes,
             " classes, got ", votes[i]);
      const std::span<std::int64_t> counts = std::span(counts_).subspan(i * classes, classes);
      ++counts[static_cast<std::size_t>(votes[i])];
      const decision now = decision_rule::decide(counts, at);
      point.certified += now == decision::certified ? 1 : 0;
      point.futile += now == decision::futile ? 1 : 0;
    }
    point.decided = static_cast<double>(point.certified + point.futile) / static_cast<double>(votes.size());
    points_.push_back(point);
    return point.decided >= wanted_;
  }

  /// Brief: one point per member so far.
  [[nodiscard]] const std::vector<stopping_point>& points() const noexcept { return points_; }

private:
  decision_rule rule_;
  double wanted_;
  std::vector<std::int64_t> counts_;
  std::vector<stopping_point> points_;
};

static_assert(stopping_rule<early_stopping>);

}  // namespace v1
}  // namespace certssb
