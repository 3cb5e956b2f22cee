// SPDX-License-Identifier: MIT
#pragma once
// Brief: votes from elsewhere and what is known of them, as plain settings: names of arrays, numbers and words.

#include "certssb/bound/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/run/foreign_votes.hpp"
#include "certssb/run/read_arrays.hpp"
#include "certssb/run/setting_words.hpp"
#include "certssb/storage/update_rule.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: arrays are named as read_raw_array reads them; what is empty was not given.
struct foreign_request {
  std::string votes = {};                        ///< counts [n,K], or [k,n,K] of parts
  std::string predictions = {};                  ///< or the class that every model names, [M,n] or [k,M,n]
  std::string scores = {};                       ///< or every model's scores, [M,n,K]
  std::optional<std::int64_t> trials = {};       ///< M, the models behind the votes
  std::optional<std::size_t> classes = {};       ///< K, of predictions
  std::string sigma = {};                        ///< of the training rows: a number, or an array of one per row
  std::string sigma_test = {};                   ///< of the test inputs, the same
  std::string mode = "uniform";                  ///< as mode_request reads it
  double alpha = 0.001;                          ///< the chance that one sample's certificate fails
  std::string bound = {};                        ///< by name; empty: clopper-pearson for votes, mixture for scores
  bool two_sided = false;                        ///< bound p_A and p_B apart
  std::vector<std::string> assume = {};          ///< assumptions that the caller states
  std::optional<double> alpha_part = {};         ///< of parts: the chance that one report is false
  std::optional<std::size_t> rows_touched = {};  ///< of parts: changed at will, beside the energy
  std::optional<std::size_t> test_draws = {};    ///< +joint
  std::optional<double> flip_probability = {};   ///< +label-noise
  std::optional<std::uint32_t> flipped_labels = {};
  std::string constant_within = {};            ///< quantised: a number, or an array of one per row
  std::optional<double> semi_elasticity = {};  ///< semi_elastic
  std::optional<std::size_t> row_size = {};    ///< semi_elastic
  std::string rows_changed = "many";           ///< semi_elastic: many or one
  std::string labels = {};                     ///< true labels [n]
  std::vector<double> radii = {0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5};
  std::string inputs = {};   ///< the test inputs, n rows
  std::string storage = {};  ///< storage-update's policy: min or slack

  /// Brief: where the votes come from.
  [[nodiscard]] const std::string& source() const noexcept {
    return !votes.empty() ? votes : !predictions.empty() ? predictions : scores;
  }

  /// Throws: argument_error where settings do not go together.
  void validate() const {
    const int given = (votes.empty() ? 0 : 1) + (predictions.empty() ? 0 : 1) + (scores.empty() ? 0 : 1);
    expect(given == 1, "expected one of `votes`, `predictions` and `scores`, got ", given);
    expect(!classes || !predictions.empty(), "`classes` goes with `predictions`");
    expect(predictions.empty() || classes.has_value(),
           "`predictions` needs `classes`, since a class that no model names counts too");
    expect(predictions.empty() || !trials,
           "`trials` goes with `votes`; `predictions` say themselves how many models there are");
    expect(storage.empty() == inputs.empty(), "`storage` and `inputs` go together");
  }
};

/// Brief: whether a selector saw many changed rows or one.
inline constexpr auto changed_rows_names = std::to_array<std::string_view>({"many", "one"});

/// Brief: calls visit(name, field, help, limits) for every setting: the one list of their names. `limits` is a range of
/// numbers or a span of words, and is left out where any text is taken.
template <class Request, class Visit>
void visit_request(Request& r, const Visit& visit) {
  using names = std::span<const std::string_view>;
  visit("votes", r.votes,
        "counts of hard votes, [n,K]; of k parts of the training set [k,n,K]; FILE.npy or FILE.npz:NAME");
  visit("trials", r.trials, "M, the number of models behind the votes, of each part (default: what all counts sum to)",
        whole_range{1});
  visit("predictions", r.predictions,
        "instead of votes: the class that every model names, [M,n], of k parts [k,M,n]; with `classes`");
  visit("classes", r.classes, "of `predictions`: K, how many classes there are", whole_range{2, 1'000'000});
  visit("scores", r.scores, "instead of votes: every model's scores, [M,n,K] in [0,1]");
  visit("sigma", r.sigma, "noise scale of the training rows: a number, or a .npy file of one a row");
  visit("sigma_test", r.sigma_test, "noise scale of the test inputs: a number or a .npy file");
  visit("alpha_part", r.alpha_part,
        "of parts: chance that one part's report is false (default: the best for unanimous votes)",
        between_zero_and_one);
  visit("rows_touched", r.rows_touched,
        "of parts: how many are changed at will, beside the energy that is printed (default 0)", whole_range{0});
  visit("alpha", r.alpha, "chance that a sample's certificate fails, in (0,1)", between_zero_and_one);
  visit("bound", r.bound,
        "by name, as in certssb bound, or jeffreys-sequence (default: clopper-pearson for votes, mixture for scores)",
        names(bound_names));
  visit("mode", r.mode, "of votes: " + mode_list_text());
  visit("assume", r.assume, "an assumption that you state, where the mode asks for one (repeatable)");
  visit("test_draws", r.test_draws, "+joint: noise draws behind one vote", whole_range{1, 1'000'000});
  visit("flip_probability", r.flip_probability, "+label-noise: chance that a member flips a label",
        real_range{.low = 0.0, .high = 0.5, .with_low = true});
  visit("flipped_labels", r.flipped_labels, "+label-noise: how many changed labels are covered",
        whole_range{0, 100'000});
  visit("constant_within", r.constant_within,
        "quantised: how far a row may move at the same scale, a number or a .npy file of one a row");
  visit("semi_elasticity", r.semi_elasticity, "semi_elastic: slope of log sigma per input unit", at_least_zero);
  visit("row_size", r.row_size, "semi_elastic: entries of a row", whole_range{1, 1'000'000'000});
  visit("rows_changed", r.rows_changed, "semi_elastic: many, or one", names(changed_rows_names));
  visit("two_sided", r.two_sided, "bound p_A and p_B apart instead of p_B <= 1 - p_A");
  visit("labels", r.labels, "true labels, int64 [n]: adds accuracies");
  visit("radii", r.radii, "where accuracies are wanted");
  visit("inputs", r.inputs, "the test inputs, n rows: needed by `storage`");
  visit("storage", r.storage, "apply storage-update with this policy: min or slack", names(storage_policy_names));
}

/// Brief: the votes that a request names.
/// Throws: argument_error where settings do not go together, data_error for arrays that are no such votes.
[[nodiscard]] inline foreign_votes read_foreign_votes(const foreign_request& r) {
  r.validate();
  if (!r.votes.empty()) {
    const bool plain = r.mode == parts_facts::name;
    return votes_of_counts(read_any_integers(r.votes), plain && !r.trials ? 1 : r.trials, r.votes);
  }
  if (!r.predictions.empty()) return votes_of_predictions(read_any_integers(r.predictions), *r.classes, r.predictions);
  foreign_votes votes = votes_of_scores(read_any_reals(r.scores), r.scores);
  expect(!r.trials || std::cmp_equal(*r.trials, votes.models), "`trials` says ", r.trials.value_or(0), " models, ",
         r.scores, " holds ", votes.models);
  return votes;
}

}  // namespace v1
}  // namespace certssb
