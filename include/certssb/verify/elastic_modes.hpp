// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rule of mode semi_elastic, whose scales change slowly with the features: for many changed rows, and for
// one.

#include "certssb/core/expect.hpp"
#include "certssb/verify/gaussian_modes.hpp"
#include "certssb/verify/mode.hpp"

#include <boost/math/distributions/non_central_chi_squared.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: a change of scales by eta |delta| costs at most sqrt(d/2) e^h eta sqrt(sum |delta|^2) of p_A (Pinsker).
struct change_of_scales {
  double eta;
  double d;

  [[nodiscard]] bool bearable(double budget, double weighted, double norm, double most) const {
    return normal(budget - weighted) - std::sqrt(0.5 * d) * std::exp(eta * most) * eta * norm > 0.5;
  }
};

/// Brief: one row of scale sigma that moves by r, and whose scale may change by a factor of e^t, |t| <= eta r.
/// Maths: the other class had at most the probability Phi(-B). The largest that it can have under N(a e, e^{2t} I_d) in
/// the place of N(0, I_d), a = r/sigma, is a non-central chi-square probability, since likelihood-ratio sets are balls
/// or their complements. Two laws whose logarithms of scale are t apart lie within TV sqrt(d/2) t e^t, so that between
/// tested points the value is at most that of the nearest plus this.
/// Reference: Sukenik et al. (ICML 2022).
class moved_row {
public:
  moved_row(const change_of_scales& change, double sigma) : change_(change), sigma_(sigma) {}

  /// Brief: whether the other class stays below 1/2 at both ends of the range of scales; a necessary condition.
  [[nodiscard]] bool ends_hold(double budget, double r) const {
    const double t = change_.eta * r;
    return below_half(budget, r, -t, 0.0) && below_half(budget, r, t, 0.0);
  }

  /// Brief: whether it does at all scales of the range; a sufficient condition.
  [[nodiscard]] bool holds(double budget, double r) const {
    const double far = change_.eta * r;
    const double near = std::min(far, least_t);
    return ends_hold(budget, r) && below_half(budget, r, 0.0, apart(0.5 * near)) &&
           below_half(budget, r, near, apart(0.5 * near)) && below_half(budget, r, -near, apart(0.5 * near)) &&
           holds_between(budget, r, near, far, 0) && holds_between(budget, r, -far, -near, 0);
  }

private:
  static constexpr double least_t = 3e-5;  ///< nearer to 0 the non-centrality is too large
  static constexpr double error = 5e-10;   ///< of a non-central chi-square probability
  static constexpr int deepest = 45;

  /// TV between laws whose logarithms of scale are t apart.
  [[nodiscard]] double apart(double t) const { return std::sqrt(0.5 * change_.d) * t * std::exp(t); }

  [[nodiscard]] bool below_half(double budget, double r, double t, double slack) const {
    return worst(budget, r / sigma_, t) + slack + error < 0.5;
  }

  [[nodiscard]] double worst(double budget, double a, double t) const {
    const double moved = std::min(1.0, normal(a - budget) + apart(std::abs(t)));
    if (std::abs(t) < least_t) return moved;
    const double gap = -std::expm1(2.0 * t);
    const double shrink = std::exp(-2.0 * t);
    using law = boost::math::non_central_chi_squared;
    try {
      const law here(change_.d, (a / gap) * (a / gap));
      const law there(change_.d, (a / gap) * (a / gap) / shrink);
      const double p = normal(-budget);
      if (t < 0.0) return boost::math::cdf(there, shrink * boost::math::quantile(here, p));
      const double edge = boost::math::quantile(boost::math::complement(here, p));
      return boost::math::cdf(boost::math::complement(there, shrink * edge));
    } catch (const std::exception&) {  // Boost found no value
      return moved;
    }
  }

  /// Halves the interval until what is tested in its middle speaks for all of it.
  [[nodiscard]] bool holds_between(double budget, double r, double low, double high, int depth) const {
    if (!(low < high)) return true;
    const double middle = 0.5 * (low + high);
    if (below_half(budget, r, middle, apart(0.5 * (high - low)))) return true;
    return depth < deepest && below_half(budget, r, middle, 0.0) && holds_between(budget, r, low, middle, depth + 1) &&
           holds_between(budget, r, middle, high, depth + 1);
  }

  change_of_scales change_;
  double sigma_;
};

inline void state_elastic_many(mode& m, const mode_source& e, const change_of_scales& change) {
  double square = 0.0;
  for (const double norm : e.attack.l2) square += norm * norm;
  m.radius = [change, sigma = smallest(e.sigma_train)](double b, std::size_t) {
    return largest(b * sigma, [&](double r) { return change.bearable(b, r / sigma, r, r); });
  };
  m.per_pattern = [change, rows = m.precision](double b, std::size_t r) {
    const double weight = std::sqrt(rows(r));
    const double spread = std::sqrt(static_cast<double>(r));
    return largest(b / weight, [&](double x) { return change.bearable(b, x * weight, x * spread, x); });
  };
  m.covers = [change, weighted = std::sqrt(sum_of_ratios(e.attack.l2, e.sigma_train, 2)), norm = std::sqrt(square),
              most = *std::ranges::max_element(e.attack.l2)](double b) {
    return change.bearable(b, weighted, norm, most);
  };
}

/// Brief: how much smaller than the radius at the smallest scale the stated one may be: the mode may take rows of
/// similar scales together, in 16 groups, and each group at its worst.
[[nodiscard]] inline double share_left_by_groups(std::vector<double> scales) {
  std::ranges::sort(scales);
  scales.erase(std::unique(scales.begin(), scales.end()), scales.end());
  const std::size_t groups = std::min<std::size_t>(16, scales.size());
  double least = 1.0;
  for (std::size_t g = 0; g < groups; ++g) {
    const double from = scales[g * scales.size() / groups];
    const double to = scales[(g + 1) * scales.size() / groups - 1];
    least = std::min(least, from / to);
  }
  return least;
}

/// Brief: a radius found by a search and rounded down is accepted if it is shown to hold, and is not far below the
/// largest that can hold.
/// Maths: all rows may change by the same |t| <= eta r, and the smaller the scale, the farther the row moves by it. So
/// the row of the smallest scale decides.
class accepted_radii {
public:
  accepted_radii(const change_of_scales& change, const std::vector<double>& scales)
      : row_(change, smallest(scales)), sigma_(smallest(scales)), share_(share_left_by_groups(scales)) {}

  /// Brief: the stated radius, or the nearest one that may be stated.
  [[nodiscard]] double accept(double budget, double stated) {
    const auto [found, unknown] = known_.try_emplace(budget, 0.0, 0.0);
    auto& [least, most] = found->second;
    if (unknown) {
      most = largest(budget * sigma_, [&](double r) { return row_.ends_hold(budget, r); });
      least = row_.holds(budget, most * (1.0 - slack)) ? most * share_ * (1.0 - 2.0 * slack) : 0.0;
    }
    double accepted = stated >= least && stated <= most ? stated : stated < least ? least : most;
    for (double step = 1e-6; !row_.holds(budget, accepted); step *= 2.0) {
      if (step >= 1.0) return shown_[budget] = 0.0;
      accepted = most * (1.0 - step);
    }
    const auto [shown, first] = shown_.try_emplace(budget, accepted);
    if (!first) shown->second = std::min(shown->second, accepted);
    return accepted;
  }

  /// Brief: the radius accepted for a budget.
  [[nodiscard]] double shown(double budget) const {
    const auto found = shown_.find(budget);
    return found == shown_.end() ? 0.0 : found->second;
  }

private:
  static constexpr double slack = 1e-3;

  moved_row row_;
  double sigma_;
  double share_;
  std::map<double, std::pair<double, double>> known_;
  std::map<double, double> shown_;
};

inline void state_elastic_one(mode& m, const mode_source& e, const change_of_scales& change) {
  m.assumptions.emplace_back("at_most_one_row_changed");
  m.demand(e.run.data.poisoned_rows <= 1, "assumes at most one changed row, but ", e.run.data.poisoned_rows,
           " are poisoned");
  const auto radii = std::make_shared<accepted_radii>(change, e.sigma_train);
  m.radius = {};
  m.accept = [radii](double b, double stated) { return radii->accept(b, stated); };
  m.per_pattern = [radii](double b, std::size_t r) { return r == 1 ? radii->shown(b) : 0.0; };
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < e.attack.l2.size(); ++i) {
    if (!(e.attack.l2[i] == 0.0)) changed.push_back(i);
  }
  if (changed.empty()) {
    m.covers = [](double b) { return b > 0.0; };
  } else if (changed.size() > 1) {
    m.covers = [](double) { return false; };
  } else {
    const moved_row row(change, e.sigma_train[changed.front()]);
    m.covers = [row, r = e.attack.l2[changed.front()]](double b) { return row.holds(b, r); };
  }
}

inline void state_semi_elastic(mode& m, const mode_source& e) {
  m.assumptions = {"selector_fixed_independently_of_data",
                   "selector_semi_elastic_with_the_stated_slope",
                   "one_noise_draw_per_row_and_model",
                   "raw_rows_never_read_but_by_the_selector",
                   "models_independent",
                   "keyed_words_as_random"};
  expect_selected(m, e);
  const change_of_scales change{slope_of_selector(e), static_cast<double>(e.run.data.row_size)};
  expect<data_error>(change.d >= 1.0, "data.row_size: mode semi_elastic needs the entries of a row, got 0");
  const std::string rows = e.options().text("rows_changed");
  expect<data_error>(rows == "one" || rows == "many", "config.rows_changed: expected one or many, got ", rows);
  (rows == "one" ? state_elastic_one : state_elastic_many)(m, e, change);
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
