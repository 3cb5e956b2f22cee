// SPDX-License-Identifier: MIT
#pragma once
// Brief: flag `label_noise`: r changed labels are also covered.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/detail/names.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/radius/label_flips.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: a mode of Gaussian noise whose scales were fixed beforehand and do not depend on the labels.
template <class Mode>
concept label_noise_base = certificate_mode<Mode> && requires(const Mode& mode) {
  requires Mode::certified && Mode::scales_fixed_beforehand;
  { mode.scales() } -> std::convertible_to<const training_scales&>;
};

/// Brief: a compile-time error that states the reason, if scales depend on the labels or the rows.
template <class Mode>
constexpr void require_label_noise_base() {
  static_assert(label_noise_base<Mode>,
                "certssb: label_noise needs a certified mode of Gaussian noise whose scales were fixed beforehand "
                "(uniform, frozen, ledger, floor, or those with joint): scales found from rows or labels would move "
                "with the changed labels.");
}

namespace detail {
struct label_noise_flag {
  static constexpr std::string_view flag = "+label-noise";
};
}  // namespace detail

/// Brief: every member also flipped each of the two labels with probability q, once, before training. The prediction
/// would be the same without the patterns in the training features and with up to r other labels.
/// Maths: the budget is the largest shift after which the least p_A (label_flips, a Neyman-Pearson test) still exceeds
/// 1/2, with p_A taken as min(p_A, 1 - p_B); the inner mode uses it in place of B.
/// Requires: two classes.
template <class Mode>
class label_noise {
public:
  using radius_rule = typename Mode::radius_rule;
  static constexpr std::string_view name = detail::joined_name<Mode, detail::label_noise_flag>::value;
  static constexpr std::string_view norm = Mode::norm;
  static constexpr bool certified = true;

  name_list assumptions;  ///< with scales_independent_of_labels if the scales differ

  /// Throws: argument_error if scales differ from row to row, since they may then depend on the class.
  label_noise(Mode mode, label_flips flips, assume::labels_flipped_in_every_member)
      : assumptions(assumed(false)), mode_(std::move(mode)), flips_(std::move(flips)) {
    require_label_noise_base<Mode>();
    expect(mode_.scales().smallest() == mode_.scales().largest(),
           "label_noise: scales that differ from row to row may be those of classes, which changed labels would move; "
           "got ",
           mode_.scales().smallest(), " to ", mode_.scales().largest(), ": assume scales_independent_of_labels");
  }
  /// Brief: the same for scales that differ, but do not depend on the class.
  label_noise(Mode mode, label_flips flips, assume::labels_flipped_in_every_member,
              assume::scales_independent_of_labels)
      : assumptions(assumed(mode.scales().smallest() < mode.scales().largest())),
        mode_(std::move(mode)),
        flips_(std::move(flips)) {
    require_label_noise_base<Mode>();
  }

  /// Brief: those of the mode under the flag, with what the labels cost.
  [[nodiscard]] static mode_facts facts() {
    mode_facts facts = facts_of_type<Mode>();
    facts.covers_labels = true;
    facts.limit = "it also covers changed labels, which takes up a part of the bounds";
    facts.budget = "the largest shift of the rows that leaves p_A above 1/2 when the labels are changed too";
    return facts;
  }

  [[nodiscard]] static std::size_t classes() noexcept { return 2; }
  [[nodiscard]] name_list conditional_on() const noexcept { return mode_.conditional_on(); }
  [[nodiscard]] double budget(double lower, double upper) const {
    if (!(gaussian_l2::budget(lower, upper) > 0.0)) return 0.0;
    const double p = std::min(lower, std::nextafter(1.0 - upper, 0.0));
    return p > 0.5 ? std::min(flips_.largest_shift(p), gaussian_l2::budget(p, 1.0 - p)) : 0.0;
  }
  [[nodiscard]] double radius(double budget, std::size_t sample) const { return mode_.radius(budget, sample); }
  [[nodiscard]] double scale(std::size_t sample) const noexcept { return mode_.scale(sample); }
  [[nodiscard]] std::size_t rows() const noexcept { return mode_.rows(); }
  [[nodiscard]] const training_scales& scales() const noexcept { return mode_.scales(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const { return mode_.per_pattern(budget, rows); }
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const {
    return attack.changed_labels <= flips_.changed() && mode_.covers(budget, attack);
  }

private:
  static constexpr auto all_assumptions = detail::joined_list(
      Mode::assumptions, std::to_array<std::string_view>({assume::labels_flipped_in_every_member::name,
                                                          assume::scales_independent_of_labels::name}));

  static name_list assumed(bool scales_differ) {
    return name_list(all_assumptions).first(all_assumptions.size() - (scales_differ ? 0 : 1));
  }

  Mode mode_;
  label_flips flips_;
};

}  // namespace v1
}  // namespace certssb
