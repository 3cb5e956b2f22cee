// SPDX-License-Identifier: MIT
#pragma once
// Brief: assumptions that only the caller can vouch for. A mode that needs one takes it as an argument, so that it is
// written in the caller's code, and names it in its results.

#include <string_view>

namespace certssb {
inline namespace v1 {
namespace assume {

/// Brief: no scale was computed from the features that it protects. Constants are allowed, and scales by class, by
/// index, or by a trusted copy of the row; a trusted model evaluated at the row itself is not.
struct scales_independent_of_features {
  static constexpr std::string_view name = "scales_independent_of_features";
};

/// Brief: no scale was computed from the labels, so none by class.
struct scales_independent_of_labels {
  static constexpr std::string_view name = "scales_independent_of_labels";
};

/// Brief: training saw row i only through noisy releases, whose precisions sum to at most a cap fixed beforehand.
struct rows_read_only_through_the_ledger {
  static constexpr std::string_view name = "rows_read_only_through_the_ledger";
};

/// Brief: the function from a row to its scale was fixed before the data were seen, and has the property stated.
struct selector_fixed_independently_of_data {
  static constexpr std::string_view name = "selector_fixed_independently_of_data";
};

/// Brief: the scale of the test noise is a constant, not found from the test input, and its draws are independent of
/// the members.
struct test_scale_fixed_beforehand {
  static constexpr std::string_view name = "test_scale_fixed_beforehand";
};

/// Brief: every member flipped each label independently with the stated probability, once, before training.
struct labels_flipped_in_every_member {
  static constexpr std::string_view name = "labels_flipped_in_every_member";
};

/// Brief: the weights at which members begin were made without any of the training rows.
struct initial_weights_saw_no_training_row {
  static constexpr std::string_view name = "initial_weights_saw_no_training_row";
};

}  // namespace assume
}  // namespace v1
}  // namespace certssb
