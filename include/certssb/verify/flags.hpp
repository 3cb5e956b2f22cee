// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rules of the flags +joint and +label-noise.

#include "certssb/core/expect.hpp"
#include "certssb/verify/mode.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: r changed labels, where each label is flipped with probability q.
class changed_labels {
public:
  changed_labels(double q, std::size_t r) : certain_(q == 0.0) {
    const boost::math::binomial_distribution<> flipped(static_cast<double>(r), q);
    for (std::size_t b = 0; b <= r; ++b) {
      here_.push_back(boost::math::pdf(flipped, static_cast<double>(b)));
      ratio_.push_back(certain_ ? 0.0
                                : std::log((1.0 - q) / q) * (static_cast<double>(r) - 2.0 * static_cast<double>(b)));
    }
  }

  /// Brief: the shift that brings p_A down to 1/2.
  [[nodiscard]] double largest_shift(double p) const {
    const bool none = here_.size() == 1;
    if (!(p > 0.5) || (certain_ && !none)) return 0.0;
    double low = 0.0;
    double high = boost::math::quantile(boost::math::normal_distribution<>{}, p);
    if (none) return high;
    for (int step = 0; step < 60; ++step) {
      const double middle = 0.5 * (low + high);
      (least(p, middle) > 0.5 ? low : high) = middle;
    }
    return low;
  }

private:
  /// Brief: for the likelihood-ratio test with mass p in the observed world, its mass in the changed one.
  [[nodiscard]] double least(double p, double s) const {
    double low = -ratio_.front() - 50.0 * s - s * s;
    double high = -low;
    for (int step = 0; step < 200; ++step) {
      const double t = 0.5 * (low + high);
      (mass(0.5 * s * s, t, s, false) > p ? low : high) = t;
    }
    return mass(-0.5 * s * s, high, s, true);
  }

  [[nodiscard]] double mass(double mean, double t, double s, bool there) const {
    double sum = 0.0;
    for (std::size_t b = 0; b < here_.size(); ++b) {
      sum += here_[there ? here_.size() - 1 - b : b] * normal((mean + ratio_[b] - t) / s);
    }
    return sum;
  }

  bool certain_;  ///< no label was flipped
  std::vector<double> here_;
  std::vector<double> ratio_;
};

/// Brief: the mode with the test input as one more row, which the trigger changes.
[[nodiscard]] inline mode add_joint(mode m, const mode_source& e) {
  m.assumptions.emplace_back("test_scale_fixed_beforehand");
  const std::size_t draws = e.options().test_draws();
  m.demand(draws > 0, "joint wants test noise, but test_noise is ", e.options().text("test_noise"));
  const auto [least, most] = std::ranges::minmax(e.sigma_test);
  m.demand(least == most && e.options().text("test_noise_scale") != "own",
           "joint wants one test scale fixed beforehand, but test samples have their own");
  const double sigma = least / std::sqrt(static_cast<double>(std::max<std::size_t>(1, draws)));
  const double used = e.trigger_l2 / sigma;
  m.radius = [radius = m.radius, sigma](double b, std::size_t i) { return std::min(sigma * b, radius(b, i)); };
  m.per_pattern = [norm = m.per_pattern, rows = m.precision, sigma](double b, std::size_t r) {
    return std::min(norm(b, r), b / std::sqrt(rows(r) + 1.0 / (sigma * sigma)));
  };
  m.covers = [covers = m.covers, used](double b) { return used < b && covers(std::sqrt(b * b - used * used)); };
  return m;
}

/// Brief: the mode with some labels also changed.
[[nodiscard]] inline mode add_label_noise(mode m, const mode_source& e) {
  m.assumptions.emplace_back("labels_flipped_in_every_member");
  const double q = e.number("flip_probability");
  const double flips = e.number("flipped_labels");
  expect<data_error>(q >= 0.0 && q < 0.5 && flips >= 0.0 && flips <= 1e5 && flips == std::floor(flips),
                     "label noise wants a flip probability in [0,1/2) and at most 100000 labels, got ", q, " and ",
                     flips);
  m.demand(e.run.data.classes.size() == 2, "label noise is for 2 classes, got ", e.run.data.classes.size());
  const auto [least, most] = std::ranges::minmax(e.sigma_train);
  m.demand(least == most || e.options().assumes("scales_independent_of_labels"),
           "scales differ from row to row, but nobody stated scales_independent_of_labels");
  if (least < most) m.assumptions.emplace_back("scales_independent_of_labels");
  const auto r = static_cast<std::size_t>(flips);
  m.budget = [flipped = changed_labels(q, r), known = std::map<double, double>{}](double lower, double upper) mutable {
    const double p = std::min(lower, 1.0 - upper);
    const auto [found, unknown] = known.try_emplace(p);
    if (unknown) found->second = flipped.largest_shift(p);
    return found->second;
  };
  m.covers_labels = e.run.data.relabelled_rows <= r;
  return m;
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
