// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `semi_elastic`: scales found from the features by a function that changes slowly.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/semi_elastic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: sigma_i = s(x_i), where s was fixed independently of the data and is eta-semi-elastic. The prediction would
/// be the same without the patterns in the training features, with the scales that s then gives.
/// Maths: with p = min(p_A, 1 - p_B) and B = PhiInv(p): elastic_rows for any number of changed rows, elastic_row for
/// one. It is unknown which row is changed, so the radius is the smallest over all rows. If the rows have more than 16
/// different scales, similar scales are grouped, and each group is taken at its worst.
/// Determinism: found by bisection, rounded down.
class semi_elastic_mode {
public:
  using radius_rule = gaussian_l2;
  static constexpr std::string_view name = "semi_elastic";
  static constexpr std::string_view norm = l2_norm::name;
  static constexpr bool certified = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales, evidence_kind::selector_slope});
  static constexpr auto to_state =
      std::to_array<std::string_view>({assume::selector_fixed_independently_of_data::name});

  name_list assumptions;

  /// Brief: the mode for the votes of a defence, taken under Gaussian noise, with the slope of the selector.
  /// Throws: argument_error unless eta is finite and >= 0 and a row has at least one entry, as from_parts
  /// does, or if a model trained on these very rows found the training scales or the test scales.
  template <class Noise, std::floating_point Scalar>
  semi_elastic_mode(const defence_outcome<Noise, Scalar>& outcome, const elasticity& selector,
                    assume::selector_fixed_independently_of_data)
      : semi_elastic_mode(selector, gaussian_rows(scales_not_from_data(outcome, name))) {}

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales under this noise, one
  /// draw per row, independently of the other members, and only the selector read rows without noise.
  template <class Noise>
  [[nodiscard]] static semi_elastic_mode from_parts(training_scales training, const elasticity& selector,
                                                    const Noise& noise, assume::selector_fixed_independently_of_data) {
    return semi_elastic_mode(selector, gaussian_rows(std::move(training), noise));
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {
        .training = member_training::selector,
        .meaning =
            "Without the patterns in the training features, the prediction would be the same, as long as all "
            "patterns together are shorter than the radius. A selector found the scales from the rows. This "
            "rests on the selector being fixed independently of the data, and its scales changing slowly, by "
            "no more than a stated slope, which makes the radius smaller.",
        .limit = "the scales of the selector change with the rows, by a stated slope, which makes the radius smaller",
        .needs = needs,
        .to_state = to_state};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static semi_elastic_mode from_evidence(const mode_evidence& e) {
    expect(e.selector.has_value(), "mode ", name, " needs the slope of the selector and the entries of a row");
    return from_parts(e.training_rows(name), *e.selector, gaussian_noise{},
                      assume::selector_fixed_independently_of_data{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
  [[nodiscard]] static double budget(double lower, double upper) {
    const double p = std::min(lower, std::nextafter(1.0 - upper, 0.0));
    return gaussian_l2::budget(lower, upper) > 0.0 && p > 0.5 ? gaussian_l2::budget(p, 1.0 - p) : 0.0;
  }
  [[nodiscard]] double radius(double budget, std::size_t) const {
    if (selector_.rows == changed_rows::one) return least_row_radius(budget);
    const double sigma = base_.scales().smallest();
    return largest([&](double r) { return many().holds(budget, r / sigma, r, r); }, budget * sigma);
  }
  [[nodiscard]] double scale(std::size_t sample) const noexcept { return base_.scale(sample); }
  [[nodiscard]] std::size_t rows() const noexcept { return base_.rows(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const {
    const double weight = std::sqrt(base_.precisions().sum(rows)) * (1.0 + 0x1p-50);
    if (selector_.rows == changed_rows::one) return rows == 1 ? least_row_radius(budget) : 0.0;
    const double spread = std::sqrt(static_cast<double>(rows)) * (1.0 + 0x1p-50);
    return largest([&](double delta) { return many().holds(budget, delta * weight, delta * spread, delta); },
                   budget / weight);
  }
  /// Throws: as gaussian_l2::weighted_size.
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const {
    const double weighted = gaussian_l2::weighted_size(attack.l2, base_.scales());
    if (!(weighted < budget)) return false;
    double square = 0.0;
    double most = 0.0;
    std::size_t changed = 0;
    for (std::size_t i = 0; i < attack.l2.size(); ++i) {
      square += attack.l2[i] * attack.l2[i];
      if (attack.l2[i] > 0.0) ++changed;
      most = std::max(most, attack.l2[i]);
    }
    if (selector_.rows == changed_rows::many) {
      const double frobenius = std::sqrt(square) * (1.0 + (static_cast<double>(attack.l2.size()) + 8.0) * 0x1p-53);
      return many().holds(budget, weighted, frobenius, most);
    }
    if (changed != 1) return changed == 0;
    const auto row = static_cast<std::size_t>(std::ranges::max_element(attack.l2) - attack.l2.begin());
    return one(base_.scales()[row]).holds(budget, most / base_.scales()[row] * (1.0 + 0x1p-50));
  }

  [[nodiscard]] const training_scales& scales() const noexcept { return base_.scales(); }

private:
  semi_elastic_mode(const elasticity& selector, gaussian_rows rows)
      : assumptions(name_list(all_assumptions).first(selector.rows == changed_rows::one ? 7 : 6)),
        base_(std::move(rows)),
        selector_(selector) {
    expect(std::isfinite(selector.eta) && selector.eta >= 0.0,
           "semi_elastic_mode: the semi-elasticity must be finite and >= 0, got ", selector.eta);
    expect(selector.row_size >= 1, "semi_elastic_mode: a row must have at least one entry, got ", selector.row_size);
  }

  static constexpr auto all_assumptions = std::to_array<std::string_view>(
      {assume::selector_fixed_independently_of_data::name, "selector_semi_elastic_with_the_stated_slope",
       "one_noise_draw_per_row_and_model", "raw_rows_never_read_but_by_the_selector", "models_independent",
       "keyed_words_as_random", "at_most_one_row_changed"});

  [[nodiscard]] elastic_rows many() const { return {selector_.eta, static_cast<double>(selector_.row_size)}; }
  [[nodiscard]] elastic_row one(double sigma) const {
    return {selector_.eta * sigma * (1.0 + 0x1p-51), static_cast<double>(selector_.row_size)};
  }

  template <class Holds>
  static double largest(const Holds& holds, double above) {
    double low = 0.0;
    double high = above;
    for (int step = 0; step < 100 && high - low > 1e-13 * high; ++step) {
      const double middle = 0.5 * (low + high);
      (holds(middle) ? low : high) = middle;
    }
    return low;
  }

  /// Brief: sigma R(eta sigma), where R falls: within [a, b] at least a R(eta b).
  [[nodiscard]] double least_row_radius(double budget) const {
    std::vector<double> scales(base_.scales().values().begin(), base_.scales().values().end());
    std::ranges::sort(scales);
    scales.erase(std::unique(scales.begin(), scales.end()), scales.end());
    const std::size_t groups = std::min<std::size_t>(16, scales.size());
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t g = 0; g < groups; ++g) {
      const double from = scales[g * scales.size() / groups];
      const double to = scales[(g + 1) * scales.size() / groups - 1];
      least = std::min(least, from * one(to).radius(budget) * (1.0 - 0x1p-50));
    }
    return least;
  }

  gaussian_rows base_;
  elasticity selector_;
};

static_assert(certificate_mode<semi_elastic_mode>);

}  // namespace v1
}  // namespace certssb
