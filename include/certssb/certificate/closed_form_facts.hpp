// SPDX-License-Identifier: MIT
#pragma once
// Brief: the facts of the modes of learners whose statement is a closed form of the training rows, and of members on
// bags of rows. Their certificates are issued by certificate/closed_certificates.hpp.

#include "certssb/certificate/mode_facts.hpp"
#include "certssb/noise/concept.hpp"

#include <array>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the row of mode `nearest_mean` in the table of modes.
struct nearest_mean_facts {
  static constexpr std::string_view name = "nearest_mean";
  static constexpr bool certified = true;
  static constexpr std::string_view norm = l2_norm::name;
  static constexpr auto needs = std::to_array({evidence_kind::training_rows});
  static constexpr auto assumptions = std::to_array<std::string_view>({"labels_unchanged", "rows_changed_in_place"});

  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::closed_form,
            .defence = "nearest-mean",
            .meaning =
                "The class whose mean is nearest is named. The prediction would be the same if the features of any "
                "number of training rows were changed by less than the radius together; no row is put in or taken "
                "out, and labels stay. There is no noise and no chance in it, and no larger radius would hold.",
            .budget = "none: the distances to the class means decide",
            .scale = "none",
            .needs = needs};
  }
};

/// Brief: the row of mode `knn_vote` in the table of modes.
struct knn_vote_facts {
  static constexpr std::string_view name = "knn_vote";
  static constexpr bool certified = true;
  static constexpr std::string_view norm = "rows";
  static constexpr auto needs = std::to_array({evidence_kind::training_rows});
  static constexpr auto assumptions = std::to_array<std::string_view>({"neighbours_fixed_beforehand"});

  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::closed_form,
            .defence = "knn-vote",
            .meaning =
                "The nearest training rows vote, a number of them that was fixed beforehand. The prediction would be "
                "the same if the stated number of rows were changed at will, in their features, their labels or both, "
                "or put in or taken out. There is no noise and no chance in it.",
            .budget = "none: whole rows are counted",
            .scale = "none",
            .needs = needs};
  }
};

/// Brief: the row of mode `bagged_nearest` in the table of modes.
struct bagged_nearest_facts {
  static constexpr std::string_view name = "bagged_nearest";
  static constexpr bool certified = true;
  static constexpr std::string_view norm = "rows";
  static constexpr auto needs = std::to_array({evidence_kind::training_rows});
  static constexpr auto assumptions = std::to_array<std::string_view>({"bag_fixed_beforehand"});

  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::closed_form,
            .defence = "bagged-nearest",
            .meaning =
                "The class is named that the nearest row of a bag has most probably, a bag being rows drawn with "
                "replacement. The probabilities are computed, not sampled. The prediction would be the same if the "
                "stated number of rows were changed at will, in their features, their labels or both, or put in or "
                "taken out.",
            .budget = "none: whole rows are counted",
            .scale = "none",
            .needs = needs};
  }
};

/// Brief: the row of mode `bagging` in the table of modes.
struct bagging_facts {
  static constexpr std::string_view name = "bagging";
  static constexpr bool certified = true;
  static constexpr std::string_view norm = "rows";
  static constexpr auto needs = std::to_array({evidence_kind::training_rows});
  static constexpr auto assumptions =
      std::to_array<std::string_view>({"bag_fixed_beforehand", "models_independent", "keyed_words_as_random"});

  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::bags,
            .defence = "bagging",
            .meaning =
                "Every member is trained on a bag of rows that is drawn with replacement, and the members vote. The "
                "class that members most probably name would be the same if the stated number of rows were changed at "
                "will, in their features, their labels or both, or put in or taken out.",
            .budget = "none: whole rows are counted",
            .scale = "none",
            .needs = needs};
  }
};

}  // namespace v1
}  // namespace certssb
