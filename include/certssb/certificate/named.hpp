// SPDX-License-Identifier: MIT
#pragma once
// Brief: the one table of modes. Programs, explanations, results and help texts choose and describe modes by it. A mode
// is added to it in `all_modes`. For a mode of your own, pass `mode_list<..., my_mode>` as the `Modes` of each
// function.

#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/closed_form_facts.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/memory_facts.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/certificate/parts_facts.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/stated_mode.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/core/expect.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a list of modes. Each has `name`, `certified` and `facts()`. Its noise and the flags that it takes follow
/// from its type. `from_evidence(evidence)` makes the mode; a mode without it is only described here (memory, which is
/// issued after storage-update; parts, issued on the vote of many models; those of certificate/closed_form_facts.hpp).
template <class... Modes>
struct mode_list {};

using all_modes =
    mode_list<uniform_mode, frozen_mode, floor_mode, ledger_mode, quantised_mode, semi_elastic_mode, uniform_l1_mode,
              laplace_l1_mode, knn1_exact_mode, given_scales_mode, parts_facts, nearest_mean_facts, knn_vote_facts,
              bagged_nearest_facts, bagging_facts, memory_facts, published_mode>;

namespace detail {

/// Brief: the facts of one mode, with what follows from its type.
template <class Mode>
[[nodiscard]] mode_facts complete_facts() {
  mode_facts facts = facts_of_type<Mode>();
  facts.takes_joint = joint_base<Mode>;
  facts.takes_label_noise = label_noise_base<Mode>;
  return facts;
}

template <class... Modes>
[[nodiscard]] std::vector<mode_facts> facts_of_list(mode_list<Modes...>) {
  return {complete_facts<Modes>()...};
}

/// Brief: calls visit.operator()<Mode>() with the mode of this name.
template <class... Modes, class Visit>
void visit_named(mode_list<Modes...>, std::string_view name, const Visit& visit) {
  static_cast<void>(((Modes::name == name ? (visit.template operator()<Modes>(), true) : false) || ...));
}

[[nodiscard]] inline std::string joined_names(const std::vector<mode_facts>& table, bool mode_facts::*flag) {
  std::string names;
  for (const mode_facts& row : table) {
    if (flag != nullptr && !(row.*flag)) continue;
    names.append(names.empty() ? "" : ", ").append(row.name);
  }
  return names;
}

}  // namespace detail

/// Brief: the facts of every mode, in the order of the list.
template <class Modes = all_modes>
[[nodiscard]] std::vector<mode_facts> mode_table() {
  return detail::facts_of_list(Modes{});
}

/// Brief: the facts of the mode of this name, without flags.
/// Throws: argument_error for an unknown name.
template <class Modes = all_modes>
[[nodiscard]] mode_facts facts_of(std::string_view name) {
  const std::vector<mode_facts> table = mode_table<Modes>();
  const auto found = std::ranges::find(table, name, &mode_facts::name);
  expect(found != table.end(), "mode: expected one of ", detail::joined_names(table, nullptr), ", got ", name);
  return *found;
}

/// Brief: a mode by its name with flags: MODE[+parts][+joint][+label-noise].
struct mode_request {
  std::string base;
  bool joint = false;
  bool label_noise = false;
  bool parts = false;

  /// Throws: argument_error for an unknown mode or flag, or a flag that the mode does not take.
  template <class Modes = all_modes>
  [[nodiscard]] static mode_request parse(std::string_view text) {
    const std::size_t plus = std::min(text.find('+'), text.size());
    mode_request request{std::string(text.substr(0, plus))};
    for (std::string_view flags = text.substr(plus); !flags.empty();) {
      flags.remove_prefix(1);
      const std::size_t end = std::min(flags.find('+'), flags.size());
      const std::string_view flag = flags.substr(0, end);
      expect(flag == "parts" || flag == "joint" || flag == "label-noise",
             "mode: expected the flags +parts, +joint and +label-noise, got ", text);
      bool& wanted = flag == "parts" ? request.parts : flag == "joint" ? request.joint : request.label_noise;
      expect(!wanted, "mode: expected each flag once, got ", text);
      wanted = true;
      flags.remove_prefix(end);
    }
    request.validate<Modes>();
    return request;
  }

  /// Throws: argument_error for an unknown mode, or a flag that the mode does not take.
  template <class Modes = all_modes>
  void validate() const {
    const mode_facts facts = facts_of<Modes>(base);
    const auto table = [] { return mode_table<Modes>(); };
    expect(!joint || facts.takes_joint, "mode: +joint goes with ",
           detail::joined_names(table(), &mode_facts::takes_joint), ", not with ", base);
    expect(!label_noise || facts.takes_label_noise, "mode: +label-noise goes with ",
           detail::joined_names(table(), &mode_facts::takes_label_noise), ", not with ", base);
    expect(!parts || facts.takes_parts, "mode: +parts goes with ",
           detail::joined_names(table(), &mode_facts::takes_parts), ", not with ", base);
    expect(!parts || !label_noise, "mode: +parts does not go with +label-noise: no statement is known for both");
  }

  /// Brief: the mode of one part, without the flags of the whole.
  [[nodiscard]] mode_request of_one_part() const { return {base}; }

  /// Brief: the name that certificates of this mode carry.
  [[nodiscard]] std::string name() const {
    return base + (parts ? "+parts" : "") + (joint ? "+joint" : "") + (label_noise ? "+label-noise" : "");
  }
};

namespace detail {

struct parts_flag {
  static constexpr std::string_view flag = "+parts";
};

template <class Mode>
struct mode_of_parts {
  static constexpr std::string_view name = joined_name<Mode, parts_flag>::value;
};

}  // namespace detail

/// Brief: the name that the certificates of a request with +parts carry, for the life of the program.
/// Throws: argument_error for an unknown mode.
template <class Modes = all_modes>
[[nodiscard]] std::string_view part_mode_name(const mode_request& request) {
  request.validate<Modes>();
  std::string_view name;
  detail::visit_named(Modes{}, request.base, [&]<class Mode>() {
    using parts = detail::mode_of_parts<Mode>;
    name = request.joint ? detail::joined_name<parts, detail::joint_flag>::value : parts::name;
  });
  return name;
}

/// Brief: what a mode claims and what this rests on, in a few sentences; `name` may have flags.
/// Throws: as mode_request::parse.
template <class Modes = all_modes>
[[nodiscard]] std::string meaning_of(std::string_view name) {
  const mode_request request = mode_request::parse<Modes>(name);
  std::string text(facts_of<Modes>(request.base).meaning);
  if (request.parts) {
    text +=
        " The training set is cut into parts, each with members of its own, and the parts vote: the statement also "
        "holds "
        "when the stated number of rows is changed at will, and the radius is that of the changes of all other rows. "
        "This rests on the parts sharing no row, no draw and nothing learnt from rows.";
  }
  if (request.joint) {
    text +=
        " Moves of the test input are covered too, together with those of the training features. This rests on test "
        "noise of a scale fixed beforehand.";
  }
  if (request.label_noise) {
    text +=
        " A stated number of changed labels is covered too. This rests on every member having flipped each label with "
        "the stated probability.";
  }
  return text;
}

namespace detail {

inline void expect_stated(const mode_evidence& evidence, std::string_view mode, std::string_view assumption) {
  expect(std::ranges::find(evidence.stated, assumption) != evidence.stated.end(), "mode ", mode, " assumes ",
         assumption, "; state it with assume ", assumption);
}

template <class Mode>
[[nodiscard]] stated_mode state_with_labels(const Mode& mode, const mode_request& request, const mode_evidence& e) {
  if constexpr (label_noise_base<Mode>) {
    if (request.label_noise) {
      expect(e.flips.has_value(), "mode ", request.name(), " needs the probability of a flip and the labels covered");
      if (e.foreign) expect_stated(e, request.name(), assume::labels_flipped_in_every_member::name);
      const bool without_labels =
          std::ranges::find(e.stated, assume::scales_independent_of_labels::name) != e.stated.end();
      if (without_labels) {
        return stated_mode(label_noise(mode, *e.flips, assume::labels_flipped_in_every_member{},
                                       assume::scales_independent_of_labels{}),
                           e.foreign);
      }
      return stated_mode(label_noise(mode, *e.flips, assume::labels_flipped_in_every_member{}), e.foreign);
    }
  }
  return stated_mode(mode, e.foreign);
}

template <class Mode>
[[nodiscard]] stated_mode state_with_flags(const Mode& mode, const mode_request& request, const mode_evidence& e) {
  if constexpr (joint_base<Mode>) {
    if (request.joint) {
      expect(e.joint_noise.has_value(), "mode ", request.name(), " needs the scale and draws of the test noise");
      if (e.foreign) expect_stated(e, request.name(), assume::test_scale_fixed_beforehand::name);
      return state_with_labels(
          certssb::joint(mode, *e.joint_noise, gaussian_noise{}, assume::test_scale_fixed_beforehand{}), request, e);
    }
  }
  return state_with_labels(mode, request, e);
}

}  // namespace detail

/// Brief: the mode that is asked for, made from evidence.
/// Throws: argument_error naming the evidence or the assumption that is missing; for a flag that the mode does not take,
/// for votes taken under another noise than the mode's, and for a mode that is issued otherwise (memory).
template <class Modes = all_modes>
[[nodiscard]] stated_mode state_mode(const mode_request& request, const mode_evidence& evidence) {
  request.validate<Modes>();
  expect(!request.parts, "mode ", request.name(), " is issued by a part_statement, not on the votes of one ensemble");
  const mode_facts facts = facts_of<Modes>(request.base);
  expect(!evidence.noise || *evidence.noise == facts.noise, "mode ", facts.name, " certifies votes taken under ",
         law_name(facts.noise), " noise; these were taken under ", law_name(evidence.noise.value_or(facts.noise)),
         " noise");
  const bool of_enclosures = std::ranges::find(facts.needs, evidence_kind::enclosures) != facts.needs.end();
  expect(
      of_enclosures == evidence.enclosed, "mode ", facts.name,
      of_enclosures ? " certifies enclosed probabilities, not votes" : " certifies votes, not enclosed probabilities");
  expect(
      evidence.foreign || !evidence.test_scales_from_data || facts.training == member_training::sample_specific,
      "mode ", facts.name,
      ": a model trained on these very rows found the scales of the test inputs; mode given_scales holds them fixed");
  for (const std::string_view name : facts.to_state) detail::expect_stated(evidence, request.name(), name);
  if (evidence.foreign) {
    expect(facts.training != member_training::neighbours, "mode ", facts.name,
           " is not one of votes: it encloses the class probabilities of the training rows themselves");
    for (const std::string_view name : facts.to_state_foreign) detail::expect_stated(evidence, request.name(), name);
  }
  std::optional<stated_mode> made;
  detail::visit_named(Modes{}, request.base, [&]<class Mode>() {
    if constexpr (requires { Mode::from_evidence(evidence); }) {
      made = detail::state_with_flags(Mode::from_evidence(evidence), request, evidence);
    }
  });
  expect(made.has_value(), "mode ", facts.name, " is not one of votes alone");
  return *std::move(made);
}

}  // namespace v1
}  // namespace certssb
