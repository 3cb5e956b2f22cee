// SPDX-License-Identifier: MIT
#pragma once
// Brief: why a sample is or is not certified, in numbers: which term limits its radius, and what would change it.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/report/explanation_rules.hpp"
#include "certssb/storage/update_rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what limits a radius.
enum class limiting_term {
  models,   ///< the number of models: better votes would gain less
  margin,   ///< the votes: more models that vote alike would gain less
  scale,    ///< the smallest noise scale of the training rows
  mode,     ///< what the mode covers or pays for, besides a shift of the rows
  storage,  ///< a stored region of another label
};

/// Brief: the term as it is written in files.
[[nodiscard]] constexpr std::string_view term_name(limiting_term term) noexcept {
  constexpr std::string_view names[] = {"number_of_models", "margin_of_votes", "smallest_scale", "mode", "storage"};
  return names[static_cast<std::size_t>(term)];
}

/// Brief: a number of models and the radius that they would certify.
struct models_and_radius {
  std::int64_t models;
  double radius;
};

/// Brief: what storage-update did with the sample; `by` is the sample whose region caused it.
struct storage_step {
  double asked;  ///< the radius that storage-update was asked for
  storage_event event;
  std::optional<std::int64_t> by = {};

  [[nodiscard]] bool interfered() const { return event == storage_event::trim || event == storage_event::adopt; }
};

/// Brief: the settings of an explanation, besides the votes and the mode of the sample.
struct explanation_question {
  double wanted = 0.0;                     ///< a radius; the explanation says what exceeds it
  std::optional<sample_rule> raised = {};  ///< the same mode, the lowest training scales raised to a common value
  double raised_scale = 0.0;               ///< that value
  std::optional<storage_step> storage = {};
  attack_extent attack = {};  ///< the attack of this run, as far as the mode counts it
  std::size_t poisoned = 0;   ///< the number of rows of that attack
  double pattern_norm = 0.0;  ///< the norm of its largest pattern, in the norm of the mode
};

/// Brief: the explanation of one sample. Radii are those of the mode, computed from the bounds of the votes in
/// question.
struct explanation {
  certificate issued;   ///< the certificate, after storage-update if there was one
  vote_rule votes;      ///< empty if no models voted
  mode_facts facts;     ///< of the mode, with its flags
  double budget = 0.0;  ///< the budget that the mode gave these votes
  double scale = 0.0;   ///< the scale that the mode measures the radius with
  limiting_term limit = limiting_term::margin;
  std::optional<storage_step> storage = {};

  // The radius under one change:
  std::optional<double> unanimous = {};           ///< radius if all M models agreed
  std::optional<models_and_radius> tenfold = {};  ///< ten times as many models that vote alike
  std::optional<double> endless = {};             ///< limit for ever more models that vote alike; empty: no limit
  std::optional<std::pair<double, double>> raised = {};  ///< scale, and radius if no training scale were smaller
  double uncharged = 0.0;                                ///< radius if the mode paid for its scale only

  // What exceeds the wanted radius; empty if it is out of reach:
  double wanted = 0.0;
  std::optional<std::int64_t> wanted_alike = {};      ///< models that vote alike
  std::optional<std::int64_t> wanted_unanimous = {};  ///< models that all agree
  std::optional<double> wanted_scale = {};            ///< noise scale, with the same votes
  std::optional<std::int64_t> least_models = {};      ///< unanimous models that certify anything

  // The attack of this run:
  std::size_t poisoned = 0;
  double pattern_norm = 0.0;
  bool covered = false;
  std::optional<double> attack_budget = {};  ///< the least budget that would cover it
  double on_one_row = 0.0;                   ///< the largest pattern covered on one unknown row
  double on_poisoned_rows = 0.0;             ///< the same on as many rows as the attack has
  std::size_t rows_covered = 0;              ///< rows with patterns as large as the largest of the attack

  /// Brief: the radius that the mode gave these votes, before storage-update.
  [[nodiscard]] double radius() const { return storage ? storage->asked : issued.stated_radius(); }
};

namespace detail {

/// Brief: the smallest number for which `enough` holds, by doubling and bisection.
/// Requires: `enough` also holds for all larger numbers.
template <class Enough>
std::optional<std::int64_t> least_number(std::int64_t most, const Enough& enough) {
  std::int64_t few = 0;
  std::int64_t many = 1;
  while (many <= most && !enough(many)) {
    few = many;
    many *= 2;
  }
  if (many > most) return std::nullopt;
  while (many - few > 1) {
    const std::int64_t middle = few + (many - few) / 2;
    (enough(middle) ? many : few) = middle;
  }
  return many;
}

inline void ask_votes(explanation& e, const sample_rule& mode) {
  const vote_rule& votes = e.votes;
  const auto of = [&](const bounded_top& bounds) { return mode.radius_of(bounds); };
  const double share = votes.share();
  e.unanimous = of(votes.unanimous(votes.models));
  e.tenfold = models_and_radius{10 * votes.models, of(votes.repeated(10))};
  const bool all_agree = share >= 1.0;
  if (!all_agree) e.endless = share > 0.5 ? of({e.issued.predicted, share, 1.0 - share}) : 0.0;
  // Without a budget nothing is certified. A radius, which is slow in some modes, is computed only if there is a
  // budget.
  const auto exceeds = [&](const bounded_top& bounds, double radius) {
    const double budget = mode.budget(bounds.lower, bounds.upper);
    return budget * mode.scale > radius && (radius == 0.0 || mode.radius(budget) > radius);
  };
  e.least_models = least_number(votes.most, [&](std::int64_t m) { return exceeds(votes.unanimous(m), 0.0); });
  e.wanted_unanimous = least_number(votes.most, [&](std::int64_t m) { return exceeds(votes.unanimous(m), e.wanted); });
  if (all_agree) {
    e.wanted_alike = e.wanted_unanimous;
  } else if (*e.endless > e.wanted) {
    const std::int64_t most = std::max<std::int64_t>(1, votes.most / votes.models);
    e.wanted_alike = least_number(most, [&](std::int64_t t) { return exceeds(votes.repeated(t), e.wanted); });
    if (e.wanted_alike) *e.wanted_alike *= votes.models;
  }
}

/// Brief: the smallest budget that covers the attack, rounded up.
inline std::optional<double> budget_to_cover(const sample_rule& mode, const attack_extent& attack) {
  double high = 1.0;
  while (high < 1e9 && !mode.covers(high, attack)) high *= 2.0;
  if (!(high < 1e9)) return std::nullopt;
  for (double low = 0.0; high - low > 1e-9 * high;) {
    const double middle = 0.5 * (low + high);
    (mode.covers(middle, attack) ? high : low) = middle;
  }
  return high;
}

inline void ask_attack(explanation& e, const sample_rule& mode, const explanation_question& asked) {
  const double budget = e.issued.budget;
  e.poisoned = asked.poisoned;
  e.pattern_norm = asked.pattern_norm;
  if (asked.poisoned == 0) return;
  e.attack_budget = budget_to_cover(mode, asked.attack);
  if (!e.issued.has_radius()) return;
  e.covered = mode.covers(budget, asked.attack);
  e.on_one_row = mode.per_pattern(budget, 1);
  e.on_poisoned_rows = mode.per_pattern(budget, asked.poisoned);
  if (asked.pattern_norm > 0.0) e.rows_covered = mode.max_rows(budget, asked.pattern_norm);
}

inline limiting_term find_limit(const explanation& e) {
  if (e.storage && e.storage->interfered()) return limiting_term::storage;
  std::vector<std::pair<double, limiting_term>> gains;
  if (e.tenfold) gains.emplace_back(e.tenfold->radius, limiting_term::models);
  if (e.unanimous) gains.emplace_back(*e.unanimous, limiting_term::margin);
  if (e.raised) gains.emplace_back(e.raised->second, limiting_term::scale);
  gains.emplace_back(e.uncharged, limiting_term::mode);
  const auto best = std::ranges::max_element(gains, {}, [](const auto& gain) { return gain.first; });
  if (best->first > e.radius() * (1.0 + 1e-9)) return best->second;
  return e.unanimous && !(*e.unanimous > 0.0) ? limiting_term::models : limiting_term::margin;
}

}  // namespace detail

/// Brief: explains a certificate by the votes and the mode that it came from.
/// Maths: the limit is the term whose change alone gains most: ten times as many models that vote alike, a vote in
/// which all agree, higher smallest training scales, or a mode that pays for its scale only. If storage-update changed
/// the sample, the limit is storage. If no single change gains, the limit is the number of models if even a unanimous
/// vote is not certified, and otherwise the votes.
/// Requires: `issued` came from these votes under this mode; the votes are empty if no models voted.
/// Cost: some hundred bounds and budgets.
[[nodiscard]] inline explanation explain(const certificate& issued, const vote_rule& votes, const sample_rule& mode,
                                         const explanation_question& asked) {
  explanation e{
      .issued = issued, .votes = votes, .facts = mode.facts, .storage = asked.storage, .wanted = asked.wanted};
  if (!votes.empty()) detail::ask_votes(e, mode);
  const bounded_top bounds{issued.predicted, issued.lower, issued.upper};
  if (asked.raised) e.raised = std::pair(asked.raised_scale, asked.raised->radius_of(bounds));
  e.budget = mode.budget(issued.lower, issued.upper);
  e.scale = mode.scale;
  e.uncharged = mode.uncharged(issued.lower, issued.upper);
  // If the radius is the scale times the margin, a larger scale is as good as more budget.
  if (e.radius() > 0.0 && std::abs(e.uncharged - e.radius()) <= 1e-9 * e.radius()) {
    e.wanted_scale = asked.wanted * mode.scale / e.radius();
  }
  detail::ask_attack(e, mode, asked);
  e.limit = detail::find_limit(e);
  return e;
}

}  // namespace v1
}  // namespace certssb
