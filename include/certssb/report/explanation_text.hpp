// SPDX-License-Identifier: MIT
#pragma once
// Brief: an explanation in words.

#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/report/explanation.hpp"
#include "certssb/report/results.hpp"
#include "certssb/report/text_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the median of some scales; the larger of the middle two if their number is even.
[[nodiscard]] inline double median_scale(const noise_scales& scales) {
  std::vector<double> all(scales.values().begin(), scales.values().end());
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

/// Brief: the noise scale that a mode measures radii with, and its origin.
[[nodiscard]] inline std::string scale_text(const mode_facts& mode, const noise_scales& training, double scale) {
  const std::string value = decimal(scale, 4);
  const std::string origin = concatenate(value, ", ", mode.scale);
  if (!mode.certified) return origin;
  if (mode.covers_test_input && scale < training.smallest() * (1.0 - 1e-9)) {
    return value + ", the effective scale of the test noise (sigma / sqrt(draws)), smaller than any training row's";
  }
  if (training.smallest() == training.largest()) return origin;
  const auto row = std::ranges::min_element(training.values()) - training.values().begin();
  return concatenate(value, ", the smallest of any training row (row ", row, "; half of the rows have ",
                     decimal(median_scale(training), 4), " or more)");
}

/// Brief: whether the sample is certified, as what, and whether that is right.
[[nodiscard]] inline std::string verdict_text(const explanation& e, label_type truth, const data_result& data = {}) {
  const certificate& c = e.issued;
  const std::string right =
      truth == c.predicted ? " (right)" : concatenate(" (wrong: it is ", data.class_words(truth), ")");
  const std::string named = data.class_words(c.predicted) + right;
  switch (c.result) {
    case outcome::certified:
      return "CERTIFIED as " + named + " within radius " + decimal(c.stated_radius(), 4) + ".";
    case outcome::published:
      return "NOT CERTIFIED. A radius of " + decimal(c.stated_radius(), 4) + " as published, for " + named +
             ": it rules out no poison.";
    case outcome::adopted_in_storage:
      return "NOT CERTIFIED: the input lies in a stored region and adopted its label, " + named + ".";
    case outcome::nothing_left:
      return "NOT CERTIFIED: the bounds name " + named + ", but nothing of them is left for the radius of this mode.";
    default:
      return "NOT CERTIFIED: the votes lean to " + named + ", but not clearly enough for a proof.";
  }
}

/// Brief: the votes, in words.
[[nodiscard]] inline std::string vote_text(const explanation& e, const data_result& data = {}) {
  if (e.votes.empty()) return "no models: the probabilities of the classes are enclosed by arithmetic";
  std::string line = concatenate(e.votes.models, e.votes.hard ? " models, votes " : " models, mean scores ");
  for (std::size_t c = 0; c < e.votes.tally.size(); ++c) {
    if (c > 0) line += ", ";
    line += e.votes.hard ? concatenate(static_cast<std::int64_t>(e.votes.tally[c])) : decimal(e.votes.tally[c], 4);
    line += " for " + data.class_words(static_cast<label_type>(c));
  }
  return line;
}

/// Brief: the bounds that the votes prove.
[[nodiscard]] inline std::string bound_text(const explanation& e, const data_result& data = {}) {
  const certificate& c = e.issued;
  const auto leading = e.votes.empty() ? c.predicted : static_cast<label_type>(e.votes.top());
  std::string line = concatenate(c.bound, ", alpha ", c.alpha);
  if (e.votes.parts > 1.0)
    line += concatenate(", shared by ", e.votes.parts, " bounds (the same votes choose the class)");
  return line + concatenate(": p_A of ", data.class_words(leading), " is at least ", decimal(c.lower, 4),
                            ", p_B of any other at most ", decimal(c.upper, 4));
}

/// Brief: the budget in noise scales, and its formula.
[[nodiscard]] inline std::string budget_text(const explanation& e) {
  if (e.budget > 0.0) return concatenate(decimal(e.budget, 4), " noise scales = ", e.facts.budget);
  return e.issued.lower > e.issued.upper
             ? "0: the bounds name a class, but nothing of them is left for the radius of this mode"
             : "0: the bound of p_A does not exceed that of p_B";
}

/// Brief: what a mode pays for or is limited by, besides the shift of the rows.
[[nodiscard]] inline std::string charge_text(const mode_facts& mode) {
  return std::string(mode.limit.empty() ? "it covers more than a shift of the rows at this scale" : mode.limit);
}

namespace detail {

inline std::string models_limit_text(const explanation& e) {
  const std::string m = concatenate(e.votes.models, " models");
  if (e.unanimous && !(*e.unanimous > 0.0)) {
    std::string line = "not even a unanimous vote of " + m + " would be certified at this alpha";
    return e.least_models ? line + concatenate("; it takes at least ", *e.least_models) : line;
  }
  if (e.votes.share() >= 1.0) {
    return "all " + m + " agree, so the votes cannot be better; only more models can show that p_A is nearer to 1";
  }
  return concatenate(e.tenfold->models, " models voting in these shares would reach ", decimal(e.tenfold->radius, 4),
                     ", all ", m, " agreeing only ", decimal(*e.unanimous, 4));
}

inline std::string margin_limit_text(const explanation& e) {
  if (e.votes.empty()) return "only other rows or scales change the probabilities of the classes";
  const std::string best = decimal(*e.unanimous, 4);
  std::string line = concatenate("all ", e.votes.models, " models agreeing would reach ", best,
                                 ", ten times as many voting "
                                 "in these shares only ",
                                 decimal(e.tenfold->radius, 4));
  if (e.endless && !(*e.endless > 0.0)) line += "; no number of models that vote like this certifies anything";
  return line;
}

}  // namespace detail

/// Brief: the term that limits the radius, and why it is that one.
[[nodiscard]] inline std::string limit_text(const explanation& e) {
  switch (e.limit) {
    case limiting_term::models:
      return "The number of models: " + detail::models_limit_text(e) + ".";
    case limiting_term::margin:
      return std::string(e.votes.empty() ? "The margin: " : "The margin of the votes: ") +
             detail::margin_limit_text(e) + ".";
    case limiting_term::scale:
      return "The smallest noise scale of the training rows: if none were below " + decimal(e.raised->first, 4) +
             ", the same votes would reach " + decimal(e.raised->second, 4) + ", which gains more than better votes.";
    case limiting_term::mode:
      return "The mode itself: " + charge_text(e.facts) + ". Without it the radius would be " +
             decimal(e.uncharged, 4) + ".";
    default: {
      const bool adopted = e.storage->event == storage_event::adopt;
      return "Storage: " +
             (e.storage->by ? concatenate("the stored region of sample ", *e.storage->by) : "a stored region") +
             (adopted ? " holds this input and gave it its label" : " of another label is nearer than the radius") +
             "; before storage-update the radius was " + decimal(e.radius(), 4) + ".";
    }
  }
}

/// Brief: the radius under single changes, one row per change.
[[nodiscard]] inline text_table change_table(const explanation& e) {
  text_table table({"if", "radius"});
  const auto add = [&](const std::string& change, double radius) { table.add({change, decimal(radius, 4)}); };
  if (e.storage && e.storage->interfered()) add("there is no storage-update", e.radius());
  if (e.unanimous && e.votes.share() < 1.0) add(concatenate("all ", e.votes.models, " models agree"), *e.unanimous);
  if (e.tenfold)
    add(concatenate("there are ", e.tenfold->models, " models, voting in these shares"), e.tenfold->radius);
  if (e.endless) add("there are ever more models, voting in these shares (limit)", *e.endless);
  if (e.raised) add("no training scale is below " + decimal(e.raised->first, 4), e.raised->second);
  if (e.uncharged > e.radius() * (1.0 + 1e-9)) add("the mode pays for its scale only", e.uncharged);
  return table;
}

/// Brief: what a radius above the wanted one needs; empty if it is already exceeded.
[[nodiscard]] inline std::string wanted_text(const explanation& e) {
  if (e.votes.empty() || e.radius() > e.wanted) return "";
  const auto number = [&](const std::optional<std::int64_t>& models) {
    return models ? concatenate(*models, " models") : concatenate("more than ", e.votes.most, " models");
  };
  std::string line = e.wanted > 0.0 ? "A radius above " + decimal(e.wanted, 4) : std::string("To be certified at all");
  line += " takes " + number(e.wanted_unanimous);
  line += " that all agree";
  if (e.votes.share() < 1.0) {
    line += *e.endless > e.wanted ? ", or " + number(e.wanted_alike) + " voting in these shares"
                                  : "; no number of models voting in these shares reaches it";
  }
  if (e.wanted_scale) {
    line += "; or the same votes at a noise scale above " + decimal(*e.wanted_scale, 4) + " (more noise costs votes)";
  }
  return line + ".";
}

/// Brief: whether the certificate covers the attack of the run, and how much it lacks or exceeds.
[[nodiscard]] inline std::string cover_text(const explanation& e) {
  if (e.poisoned == 0) return "";
  const std::string attack = concatenate("this run's attack (", e.poisoned, e.poisoned == 1 ? " row" : " rows",
                                         ", the largest pattern ", decimal(e.pattern_norm, 4), ")");
  std::string line = e.covered ? "Covers " + attack : "Does not cover " + attack;
  if (e.attack_budget) {
    line += concatenate(": that takes a budget above ", decimal(*e.attack_budget, 4), ", and this sample has ",
                        decimal(e.issued.budget, 4));
  } else {
    line += e.facts.covers_labels ? ": it changes more labels than this mode covers" : ": no budget does in this mode";
  }
  if (e.issued.result != outcome::certified || !(e.on_one_row > 0.0)) return line + ".";
  line += e.facts.covers_test_input ? ". With patterns as large on the test input, covers " : ". Covers ";
  line += "any pattern below " + decimal(e.on_one_row, 4) + " on one unknown row";
  if (e.poisoned > 1) {
    line += concatenate(", below ", decimal(e.on_poisoned_rows, 4), " on each of ", e.poisoned, " unknown rows");
  }
  return line + concatenate(", and patterns as large as this attack's on ", e.rows_covered, " rows.");
}

}  // namespace v1
}  // namespace certssb
