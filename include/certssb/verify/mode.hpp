// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a mode states, as plain data, and the evidence that its rule may use.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the evidence that the rule of a mode may use.
/// Shapes: sigma_train [training rows], sigma_test [n]; both not empty, finite and positive.
struct mode_source {
  const run_results& run;
  const defence_result& defence;
  std::filesystem::path folder;  ///< the folder of the defence
  std::vector<double> sigma_train;
  std::vector<double> sigma_test;
  const attack_evidence& attack;
  double trigger_l2;  ///< the largest change of these test inputs

  [[nodiscard]] defence_options options() const { return {run, defence}; }
  [[nodiscard]] double number(std::string_view name) const { return options().number(name); }
};

/// Brief: what a mode states.
struct mode {
  bool certified = true;
  bool remembers = false;  ///< its radii are those of storage-update
  std::string norm = "l2";
  std::vector<std::string> conditional_on = {};
  std::vector<std::string> assumptions = {};
  std::function<double(double, double)> budget = {};       ///< of p_A and p_B
  std::function<double(double, std::size_t)> radius = {};  ///< of a budget, for a sample
  std::function<double(double, double)> accept = {};       ///< if set, instead of radius: for a budget and the stated
                                                           ///< radius, the nearest one that may be stated
  std::function<double(double, std::size_t)> per_pattern = {};  ///< of a budget, for so many rows
  std::function<double(std::size_t)> precision = {};            ///< of so many worst rows together; Gaussian noise
  std::function<bool(double)> covers = {};       ///< whether a budget covers this run's attack, the labels as observed
  bool covers_labels = false;                    ///< and the changed labels of this run too
  std::vector<std::string> contradictions = {};  ///< contradictions between the configuration and the mode

  /// Brief: notes a contradiction unless something holds.
  template <class... Parts>
  void demand(bool holds, const Parts&... otherwise) {
    if (!holds) contradictions.push_back(concatenate(otherwise...));
  }
};

[[nodiscard]] inline double normal(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Brief: a probability moved off 0 and 1, so that its quantile is finite.
[[nodiscard]] inline double inward(double p) {
  return std::clamp(p, std::numeric_limits<double>::min(), 1.0 - 0x1p-53);
}

[[nodiscard]] inline double smallest(const std::vector<double>& values) { return *std::ranges::min_element(values); }

[[nodiscard]] inline double sum_of_largest(std::vector<double> values, std::size_t r) {
  std::ranges::sort(values, std::ranges::greater{});
  double sum = 0.0;
  for (std::size_t i = 0; i < std::min(r, values.size()); ++i) sum += values[i];
  return sum;
}

/// Brief: the sum of the sizes of an attack, each divided by the scale of its row, to a power.
[[nodiscard]] inline double sum_of_ratios(const std::vector<double>& sizes, const std::vector<double>& scales,
                                          int power) {
  double sum = 0.0;
  for (std::size_t i = 0; i < scales.size(); ++i) sum += std::pow(sizes[i] / scales[i], power);
  return sum;
}

/// Brief: the largest x below `above` up to which holds(x) is true.
template <class Holds>
[[nodiscard]] double largest(double above, const Holds& holds) {
  double low = 0.0;
  double high = above;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

/// Brief: checks that all rows have one scale, the one asked for.
inline void expect_common(mode& m, const mode_source& e) {
  const double sigma = e.number("sigma");
  const auto same = [&](double scale) { return std::abs(scale - sigma) <= 1e-12 * sigma; };
  const auto [least, most] = std::ranges::minmax(e.sigma_train);
  m.demand(least == most, "wants one scale for all training rows, but sigma_train.npy holds several");
  m.demand(same(least) && same(most), "wants the scale that sigma names, ", sigma, ", but sigma_train.npy holds ",
           least, " to ", most);
}

inline void expect_within(mode& m, const mode_source& e, double low, double high) {
  const auto [least, most] = std::ranges::minmax(e.sigma_train);
  m.demand(least >= low * (1.0 - 1e-12) && most <= high * (1.0 + 1e-12), "chooses scales from ", low, " to ", high,
           ", but sigma_train.npy holds ", least, " to ", most);
}

inline void expect_stated(mode& m, const mode_source& e, const std::string& assumption) {
  m.demand(e.options().assumes(assumption), "assumes ", assumption, ", which nobody stated");
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
