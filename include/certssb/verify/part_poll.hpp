// SPDX-License-Identifier: MIT
#pragma once
// Brief: the vote of parts on one sample, and what it withstands: a second, plain implementation.

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: what the parts say of one sample: the class of each, or -1, and its budget squared.
struct part_answers {
  std::vector<std::int64_t> labels;
  std::vector<double> squares;
};

/// Brief: the sums of the smallest values: entry m of the m smallest.
[[nodiscard]] inline std::vector<double> sums_of_smallest(std::vector<double> values) {
  std::ranges::sort(values);
  std::vector<double> sums{0.0};
  for (const double value : values) sums.push_back(sums.back() + value);
  return sums;
}

/// Brief: the vote of the parts on one sample.
class part_poll {
public:
  part_poll(const part_answers& answers, std::size_t classes, std::size_t failures)
      : answers_(&answers), counts_(classes), failures_(static_cast<std::int64_t>(failures)) {
    for (const std::int64_t label : answers.labels) {
      if (label < 0) {
        ++silent_;
      } else {
        ++counts_[static_cast<std::size_t>(label)];
      }
    }
    if (silent_ < static_cast<std::int64_t>(answers.labels.size())) {
      leader_ = std::ranges::max_element(counts_) - counts_.begin();
    }
  }

  /// Brief: another election than plurality: who wins it, and the rows that this survives.
  void decide(std::int64_t leader, std::int64_t rows) {
    leader_ = leader;
    decided_ = rows;
  }

  [[nodiscard]] std::int64_t leader() const { return leader_; }

  /// Brief: how many rows may be changed at will; -1: nothing is certified.
  [[nodiscard]] std::int64_t rows() const {
    if (leader_ < 0) return -1;
    if (decided_) return *decided_;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for_each_rival([&](std::int64_t c) { least = std::min(least, gap(c) - silent_ - 2 * failures_); });
    return least < 0 ? -1 : least / 2;
  }

  /// Brief: what the rest of an attack must stay below, in every part after `paid` is spent.
  [[nodiscard]] double energy(std::int64_t touched, double paid = 0.0) const {
    if (touched > rows()) return 0.0;
    double least = std::numeric_limits<double>::infinity();
    for_each_rival([&](std::int64_t c) {
      std::vector<double> own;
      std::vector<double> third;
      for (std::size_t j = 0; j < answers_->labels.size(); ++j) {
        const std::int64_t label = answers_->labels[j];
        const double price = std::max(0.0, answers_->squares[j] - paid);
        if (label == leader_) own.push_back(price);
        if (label >= 0 && label != leader_ && label != c) third.push_back(price);
      }
      const std::vector<double> own_sums = sums_of_smallest(std::move(own));
      const std::vector<double> third_sums = sums_of_smallest(std::move(third));
      const std::int64_t need = gap(c) + 1 - silent_ - 2 * (touched + failures_);
      for (std::size_t a = 0; a < own_sums.size(); ++a) {
        const auto more = static_cast<std::size_t>(std::max<std::int64_t>(0, need - 2 * static_cast<std::int64_t>(a)));
        if (more < third_sums.size()) least = std::min(least, own_sums[a] + third_sums[more]);
      }
    });
    return least;
  }

  /// Brief: whether the leader stays whatever these parts say.
  [[nodiscard]] bool stays(const std::vector<bool>& lost) const {
    if (leader_ < 0) return false;
    bool holds = true;
    for_each_rival([&](std::int64_t c) {
      std::int64_t worth = silent_ + 2 * failures_;
      for (std::size_t j = 0; j < lost.size(); ++j) {
        const std::int64_t label = answers_->labels[j];
        if (lost[j] && label >= 0 && label != c) worth += label == leader_ ? 2 : 1;
      }
      holds = holds && worth <= gap(c);
    });
    return holds;
  }

private:
  [[nodiscard]] std::int64_t gap(std::int64_t c) const {
    return counts_[static_cast<std::size_t>(leader_)] - counts_[static_cast<std::size_t>(c)] - (c < leader_ ? 1 : 0);
  }
  template <class Visit>
  void for_each_rival(const Visit& visit) const {
    for (std::int64_t c = 0; c < static_cast<std::int64_t>(counts_.size()); ++c) {
      if (c != leader_) visit(c);
    }
  }

  const part_answers* answers_;
  std::vector<std::int64_t> counts_;
  std::int64_t failures_;
  std::int64_t silent_ = 0;
  std::int64_t leader_ = -1;
  std::optional<std::int64_t> decided_ = {};
};

/// Brief: the smallest number that Bin(k, a) exceeds with probability at most alpha; 0 for one part.
[[nodiscard]] inline std::size_t failures_of(std::size_t k, double a, double alpha) {
  if (k == 1) return 0;
  const boost::math::binomial_distribution<> reports(static_cast<double>(k), a);
  std::size_t f = 0;
  while (f < k && boost::math::cdf(boost::math::complement(reports, static_cast<double>(f))) > alpha) ++f;
  return f;
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
