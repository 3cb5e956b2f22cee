// SPDX-License-Identifier: MIT
#pragma once
// Brief: small trained networks, certified by votes as a user would do it, and a search by gradient for poison that
// changes their vote.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/concept.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: networks of four hidden rectifiers, each trained by ten steps of Adam on all rows of its own noisy copy.
class network_ensemble {
public:
  network_ensemble(dataset<host_array<double>> rows, std::vector<double> test, training_scales scales, random_key key)
      : rows_(std::move(rows)), test_(std::move(test), rows_.row_size()), scales_(std::move(scales)), key_(key) {}

  [[nodiscard]] change blank() const { return {std::vector<double>(rows_.size() * rows_.row_size())}; }
  [[nodiscard]] const training_scales& scales() const noexcept { return scales_; }

  /// Brief: the votes of fresh members, and the gradient of their share against class `a` in the rows.
  struct survey {
    std::array<std::int64_t, 2> counts{};
    change slope;
  };

  /// Brief: trains `members` new networks on the rows under a change, and takes their votes.
  /// Maths: with v the vote against A and eps the member's noise, d/d delta_i P(v) = E[(v - mean) eps_i] / sigma_i. A
  /// vote is not differentiable, but its probability is; this is the gradient of that probability.
  [[nodiscard]] survey ask(const change& c, std::size_t members, std::size_t a) {
    const auto poisoned = poison(c);
    const random_key key = key_.derive(asked_++);
    survey found{{}, blank()};
    std::vector<double> sums(found.slope.features.size());
    for (std::size_t m = 0; m < members; ++m) {
      network member = fit_member(learner_, poisoned, scales_, gaussian_noise{}, key, m);
      std::array<double, 2> scores{};
      member.scores(test_, std::span<double>(scores));
      const std::size_t vote = hard_vote(std::span<const double>(scores));
      ++found.counts[vote];
      const std::vector<double> noise = noise_of(key, m);
      for (std::size_t k = 0; k < sums.size(); ++k) {
        sums[k] += noise[k];
        if (vote != a) found.slope.features[k] += noise[k];
      }
    }
    const double share = 1.0 - static_cast<double>(found.counts[a]) / static_cast<double>(members);
    for (std::size_t k = 0; k < sums.size(); ++k) {
      found.slope.features[k] =
          (found.slope.features[k] - share * sums[k]) / (scales_[k / rows_.row_size()] * static_cast<double>(members));
    }
    return found;
  }

private:
  using network = sequential<double, dense, relu, dense>;
  struct maker {
    [[nodiscard]] network operator()(std::span<const std::size_t> row_shape, std::size_t classes) const {
      return network(row_shape, dense(4), relu{}, dense(classes));
    }
  };

  [[nodiscard]] dataset<host_array<double>> poison(const change& c) const {
    host_array<double> inputs = rows_.inputs();
    for (std::size_t k = 0; k < c.features.size(); ++k) inputs.values[k] += c.features[k];
    const std::span<const label_type> labels = rows_.labels();
    return {std::move(inputs), {labels.begin(), labels.end()}, rows_.classes(), {rows_.row_size()}, rows_.ranges()};
  }

  /// Brief: the noise on the rows of member m, as `fit_member` draws it.
  [[nodiscard]] std::vector<double> noise_of(const random_key& key, std::size_t m) const {
    const std::size_t d = rows_.row_size();
    const random_key mine = key.for_model(static_cast<std::uint32_t>(m)).at(stage::train_noise);
    std::vector<double> noise(rows_.size() * d);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      gaussian_noise{}.fill(mine.for_sample(rows_.ids()[i]), std::span(noise).subspan(i * d, d));
    }
    return noise;
  }

  gradient_learner<maker, adam<double>> learner_{maker{}, adam<double>{},
                                                 fit_options{.epochs = 10, .batch = 1000, .learning_rate = 0.1}};
  dataset<host_array<double>> rows_;
  host_array<double> test_;
  training_scales scales_;
  random_key key_;
  std::uint32_t asked_ = 0;
};

/// Brief: how many members each part of the search uses.
struct network_search {
  static constexpr double alpha = 1e-6;         ///< error of the claim, and of calling it violated
  static constexpr std::size_t claim = 1000;    ///< members whose votes make the claim
  static constexpr std::size_t step = 400;      ///< members behind each gradient
  static constexpr std::size_t steps = 6;       ///< gradients inside the claim
  static constexpr std::size_t verdict = 2000;  ///< members that judge the poison found
  static constexpr double furthest = 4.0;       ///< times the claim, where the search beyond the claim ends
};

/// Brief: searches changes of weighted size below `budget` for poison with which an ensemble no longer names class `a`,
/// and goes on beyond this size until it finds some.
/// Maths: each step turns to the change of the wanted size along which the mean of the gradients so far, with the
/// largest weight on the last, falls fastest. Poison counts as found if 2,000 fresh members show, at confidence 1 -
/// 1e-6, that the other class has more than half of the votes. Tightness is the size, in steps of a tenth, at which it
/// first is, over `budget`.
[[nodiscard]] inline claim_outcome search_by_gradient(network_ensemble& ensemble, double budget, std::size_t a) {
  using search = network_search;
  const geometry weighted = weighted_by(ensemble.scales());
  change fall = ensemble.blank();
  change at = ensemble.blank();
  const auto look = [&] {
    const network_ensemble::survey seen = ensemble.ask(at, search::step, a);
    for (std::size_t k = 0; k < fall.features.size(); ++k) {
      fall.features[k] = 0.5 * fall.features[k] - seen.slope.features[k];
    }
    return 2 * seen.counts[a] < static_cast<std::int64_t>(search::step);
  };
  const auto lost = [&] {
    const auto counts = ensemble.ask(at, search::verdict, a).counts;
    return clopper_pearson::lower(counts[1 - a], search::verdict, search::alpha) > 0.5;
  };
  claim_outcome found{.claimed = true};
  for (std::size_t step = 0; step < search::steps; ++step) {
    look();
    at = weighted.steepest(fall).times(budget * (1.0 - 1e-9));
  }
  found.violated = lost();
  double times = 1.0;
  while (!found.violated && times <= search::furthest && !(look() && lost())) {
    times *= 1.1;
    at = weighted.steepest(fall).times(times * budget);
  }
  if (times <= search::furthest) found.tightness = times;
  return found;
}

/// Brief: two noisy clouds of six rows, rows with scales of their own, a test input between the clouds; certified by
/// the votes of 1,000 networks, with a claim `boast` times as large as they allow.
/// False alarms: the claim is false with probability 1e-6, and a true claim is called violated with probability 1e-6.
[[nodiscard]] inline claim_outcome audit_network(const instance_draws& draws, double boast) {
  using search = network_search;
  const std::uint64_t seed = draws.stream().word();
  const random_key key{.seed = (seed << 32U) | draws.stream().word()};
  const gaussian_blobs_problem problem(2, 2, 2.0, 0.7);
  constexpr std::size_t rows = 12;
  std::vector<double> values;
  for (std::size_t i = 0; i < rows; ++i) values.push_back(draws.scale(0.5, 1.5));
  network_ensemble ensemble(draw_dataset(problem, rows, key.derive(0)), draws.normals(2), training_scales(values),
                            key.derive(1));
  const auto counts = ensemble.ask(ensemble.blank(), search::claim, 0).counts;
  const bounded_top top = no_split::bound_top(vote_count{counts, search::claim}, clopper_pearson{}, search::alpha);
  const auto mode =
      frozen_mode::from_parts(ensemble.scales(), gaussian_noise{}, assume::scales_independent_of_features{});
  const double budget = mode.budget(top.lower, top.upper);
  if (!(budget > 0.05)) return {};
  return search_by_gradient(ensemble, boast * budget, static_cast<std::size_t>(top.label));
}

[[nodiscard]] inline claim_outcome audit_frozen_network(const instance_draws& draws) {
  return audit_network(draws, 1.0);
}

}  // namespace v1
}  // namespace certssb
