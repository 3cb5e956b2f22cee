// SPDX-License-Identifier: MIT
#pragma once
// Brief: the facts of a mode, besides its mathematics: how its members are trained, what it means, what limits it, and
// which evidence it needs. Each mode holds its own facts; certificate/named.hpp collects them.

#include "certssb/core/expect.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/radius/label_flips.hpp"

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the law of the noise on the training rows; `other` is a law of the user's own.
enum class noise_law { gaussian, uniform, laplace, other };

/// Brief: the law as messages name it.
[[nodiscard]] constexpr std::string_view law_name(noise_law law) noexcept {
  constexpr std::string_view names[] = {"Gaussian", "uniform", "Laplace", "another"};
  return names[static_cast<std::size_t>(law)];
}

/// Brief: the law of a type `law_of<Noise>`.
template <class Law>
inline constexpr noise_law named_law = std::same_as<Law, gaussian_noise>  ? noise_law::gaussian
                                       : std::same_as<Law, uniform_noise> ? noise_law::uniform
                                       : std::same_as<Law, laplace_noise> ? noise_law::laplace
                                                                          : noise_law::other;

/// Brief: how the members are trained whose votes a mode certifies.
enum class member_training {
  common_scale,     ///< one scale for all rows
  fixed_scales,     ///< scales given beforehand
  floor,            ///< one release per row, adapted afterwards
  ledger,           ///< adaptive releases under a cap
  selector,         ///< scales by a selector that looks at trusted rows
  sample_specific,  ///< scales by the sigma ascent
  parts,            ///< one deterministic model for each part of the training set, without noise
  bags,             ///< one model for each bag of rows drawn with replacement, without noise
  closed_form,      ///< nothing is sampled: what the training rows answer has a closed form
  neighbours        ///< nothing is trained: the class probabilities are enclosed
};

/// Brief: the evidence that a mode needs besides the votes.
enum class evidence_kind {
  row_scales,
  input_scales,
  constant_radii,
  selector_slope,
  enclosures,
  stored_answers,
  part_votes,
  training_rows
};

/// Brief: what a mode says about itself. `limit`, `budget` and `scale` complete sentences of explanations.
struct mode_facts {
  std::string_view name = {};
  noise_law noise = noise_law::gaussian;
  bool certified = true;
  member_training training = member_training::common_scale;
  std::string_view defence = "certified";  ///< the defence of a run that issues it
  std::string_view meaning = {};           ///< what it claims, and what that rests on
  std::string_view limit = {};  ///< what makes its radius smaller besides the votes and the scale; empty: nothing
  std::string_view budget = "(PhiInv(p_A) - PhiInv(p_B)) / 2";  ///< the formula of its budget
  std::string_view scale = "the same for every training row";   ///< where a scale that all rows share comes from
  std::span<const evidence_kind> needs = {};
  std::span<const std::string_view> to_state = {};          ///< assumptions that every caller must state
  std::span<const std::string_view> to_state_foreign = {};  ///< and those who bring votes from elsewhere
  bool takes_joint = false;
  bool takes_label_noise = false;
  bool takes_parts = false;
  bool covers_test_input = false;  ///< the flag joint is on
  bool covers_labels = false;      ///< the flag label-noise is on
};

/// Brief: the facts of a mode by its type, with flags or without; those of a mode that states none are its name, its
/// noise, whether it is certified, and whether it takes parts.
template <class Mode>
[[nodiscard]] mode_facts facts_of_type() {
  mode_facts facts;
  if constexpr (requires { Mode::facts(); }) facts = Mode::facts();
  facts.name = Mode::name;
  facts.certified = Mode::certified;
  facts.takes_parts = requires { requires Mode::takes_parts; };
  if constexpr (requires { typename Mode::radius_rule; }) {
    facts.noise = named_law<typename Mode::radius_rule::certified_law>;
  }
  return facts;
}

/// Brief: how many training rows the attacker may have changed: any number, or at most one, which certifies more.
enum class changed_rows { many, one };

/// Brief: the selector's slope eta, |log s(x) - log s(x')| <= eta |x - x'|; the entries of a row; the rows changed.
struct elasticity {
  double eta;
  std::size_t row_size;
  changed_rows rows = changed_rows::many;
};

/// Brief: the noise of the votes: its scale, the same for every test input, and the number of draws per vote.
struct test_noise {
  double sigma;
  std::size_t draws = 1;
};

/// Brief: everything that any mode may need. A mode takes what it needs, and throws if that is missing.
struct mode_evidence {
  std::optional<training_scales> training = {};
  std::optional<test_scales> test = {};
  bool test_scales_from_data = false;  ///< a model trained on these very rows found the scales of the test inputs
  std::optional<test_noise> joint_noise = {};
  std::vector<double> constant_within = {};
  std::optional<elasticity> selector = {};
  std::optional<label_flips> flips = {};
  bool enclosed = false;                 ///< the bounds are enclosures of probabilities, not bounds of sampled votes
  std::vector<std::string> stated = {};  ///< assumptions that the caller states
  bool foreign = false;                  ///< votes from elsewhere: what this library would see to is assumed
  std::optional<noise_law> noise = {};   ///< the law that the votes were taken under, where it is known

  /// Throws: argument_error naming the mode, if there are none.
  [[nodiscard]] const training_scales& training_rows(std::string_view mode) const {
    expect(training.has_value(), "mode ", mode, " needs the noise scales of the training rows");
    return *training;
  }
};

}  // namespace v1
}  // namespace certssb
