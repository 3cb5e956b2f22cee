// SPDX-License-Identifier: MIT
#pragma once
// Brief: the result of a defence as a value, and the learner that a method gives for it.

#include "certssb/bound/stopping.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/closed_forms.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/run/settings.hpp"
#include "certssb/vote/collect.hpp"
#include "certssb/vote/defence_outcome.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what the parts of a training set voted: with smoothing inside, the ballots of every part; plain parts vote in
/// the ballots of the defence, one member per part.
template <std::floating_point Scalar>
struct voted_parts {
  row_parts cut;
  std::vector<std::vector<ballot<Scalar>>> ballots = {};  ///< [parts][sets of test inputs]
  std::vector<std::size_t> shifts = {};                   ///< finite aggregation: [models per row]
  std::vector<hard_votes> preferences = {};  ///< run-off: every model's order of the classes, [k, n K] for each set
};

/// Brief: what a learner with a closed form computes of its rows, for each set of test inputs: distances to class means
/// or probabilities. Neighbours vote in the ballots of the defence.
struct closed_form {
  std::vector<std::size_t> class_counts;  ///< [K], training rows of each class
  std::vector<closed_answers> answers = {};
};

/// Brief: the result of a defence, with the type of its noise erased.
template <std::floating_point Scalar>
struct trained_defence {
  defence_settings settings;
  noise_law noise;
  training_scales train_scales;
  std::vector<ballot<Scalar>> ballots;  ///< of the clean and of the triggered test inputs
  bool test_scales_from_data = false;
  std::vector<double> constant_within = {};       ///< mode quantised: how far each row may move at the same scale
  std::vector<bounded_votes> exact_bounds = {};   ///< mode knn1_exact: for each set of test inputs, instead of votes
  std::vector<stopping_point> stopping = {};      ///< with early stopping: one point per member
  std::optional<voted_parts<Scalar>> parts = {};  ///< where parts vote; the ballots are then the votes of the parts
  std::optional<closed_form> closed = {};         ///< of a learner with a closed form
  double train_seconds = 0.0;
  double ascent_seconds = 0.0;
  std::size_t ascended = 0;  ///< samples whose noise scale was found by ascent
};

/// Brief: erases the type of an outcome's noise, and keeps its law as a value.
template <class Noise, std::floating_point Scalar>
[[nodiscard]] trained_defence<Scalar> without_noise_type(defence_outcome<Noise, Scalar> outcome,
                                                         defence_settings settings,
                                                         std::vector<stopping_point> stopping = {}) {
  trained_defence<Scalar> trained{.settings = std::move(settings),
                                  .noise = named_law<law_of<Noise>>,
                                  .train_scales = std::move(outcome.train_scales),
                                  .ballots = std::move(outcome.ballots)};
  trained.test_scales_from_data = outcome.test_scales_from_data;
  trained.stopping = std::move(stopping);
  trained.train_seconds = outcome.train_seconds;
  trained.ascent_seconds = outcome.ascent_seconds;
  return trained;
}

/// Brief: the learner of one defence: `method(settings)` if the method makes learners from settings, and otherwise the
/// method.
template <class Method>
[[nodiscard]] auto learner_for(const Method& method, const defence_settings& settings) {
  if constexpr (std::invocable<const Method&, const defence_settings&>) {
    return method(settings);
  } else {
    return method;
  }
}

/// Brief: the learner of the members of parts: `method.of_parts(settings)` if the method has it, else as learner_for.
template <class Method>
[[nodiscard]] auto part_learner_for(const Method& method, const defence_settings& settings) {
  if constexpr (requires { method.of_parts(settings); }) {
    return method.of_parts(settings);
  } else {
    return learner_for(method, settings);
  }
}

/// Brief: puts an ensemble per part together: the ballots are the votes of the parts, each for the class that most of its
/// members name.
/// Shapes: of_part [k], none for a part without rows, which abstains; positions [k].
template <std::floating_point Scalar>
[[nodiscard]] trained_defence<Scalar> join_parts(const defence_settings& settings, row_parts cut,
                                                 std::vector<std::optional<trained_defence<Scalar>>> of_part,
                                                 std::size_t rows, std::vector<ballot<Scalar>> votes) {
  voted_parts<Scalar> parts{.cut = std::move(cut)};
  const auto positions = parts.cut.positions();
  std::vector<double> scales(rows, settings.smoothing.sigma);
  bool from_data = false;
  for (std::size_t j = 0; j < positions.size(); ++j) {
    if (of_part[j]) {
      const auto found = of_part[j]->train_scales.values();
      for (std::size_t i = 0; i < found.size(); ++i) scales[positions[j][i]] = found[i];
      from_data = from_data || of_part[j]->test_scales_from_data;
      parts.ballots.push_back(std::move(of_part[j]->ballots));
    } else {
      std::vector<ballot<Scalar>>& none = parts.ballots.emplace_back();
      for (const ballot<Scalar>& set : votes) {
        std::vector<std::int64_t> nothing(set.votes.samples() * set.votes.classes());
        none.push_back(
            {set.scales,
             vote_counts(std::move(nothing), set.votes.classes(), static_cast<std::int64_t>(settings.smoothing.models)),
             {},
             {}});
      }
    }
    for (std::size_t k = 0; k < votes.size(); ++k) {
      const vote_counts& members = parts.ballots[j][k].votes;
      std::vector<label_type> named(members.samples());
      for (std::size_t i = 0; i < named.size(); ++i) named[i] = static_cast<label_type>(members[i].top());
      votes[k].votes.add_votes(named);
    }
    of_part[j].reset();
  }
  trained_defence<Scalar> joined{.settings = settings,
                                 .noise = noise_law::gaussian,
                                 .train_scales = training_scales(std::move(scales)),
                                 .ballots = std::move(votes)};
  joined.test_scales_from_data = from_data;
  joined.parts = std::move(parts);
  return joined;
}

}  // namespace v1
}  // namespace certssb
