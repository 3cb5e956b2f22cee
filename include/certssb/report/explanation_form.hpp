// SPDX-License-Identifier: MIT
#pragma once
// Brief: the explanation of one sample as JSON and as a page of words.

#include "certssb/certificate/named.hpp"
#include "certssb/report/explanation_text.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/storage/memory.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

namespace certssb {
inline namespace v1 {

namespace detail {

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

/// Brief: a line that begins with a word, the rest of it broken before the margin and set under its beginning.
[[nodiscard]] inline std::string item(const std::string& word, const std::string& words) {
  constexpr std::size_t indent = 11;
  constexpr std::size_t margin = 112;
  std::string line = "  " + word + std::string(indent - 2 - word.size(), ' ');
  std::string text;
  bool fresh = true;
  for (std::size_t from = 0; from < words.size();) {
    const std::size_t end = std::min(words.find(' ', from), words.size());
    if (!fresh && line.size() + 1 + end - from > margin) {
      text += line + '\n';
      line.assign(indent, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += words.substr(from, end - from);
    fresh = false;
    from = end + 1;
  }
  return words.empty() ? "" : text + line + '\n';
}

/// Brief: a table, each line under the beginning of an item.
[[nodiscard]] inline std::string item(const std::string& word, const text_table& table) {
  if (table.rows().empty()) return "";
  std::string text;
  const std::string lines = table.text();
  for (std::size_t from = 0; from < lines.size(); from = lines.find('\n', from) + 1) {
    const std::string left = from == 0 ? "  " + word : std::string();
    text += left + std::string(11 - left.size(), ' ') + lines.substr(from, lines.find('\n', from) + 1 - from);
  }
  return text;
}

[[nodiscard]] inline std::string radius_words(const explanation& e, const training_scales& training) {
  std::string words = "0, since no budget is left";
  if (e.radius() > 0.0) {
    const double product = e.budget * e.scale;
    words = decimal(e.radius(), 4) + (std::abs(product - e.radius()) <= 1e-9 * product ? " = " : ", less than ") +
            "budget times scale; the scale is " + scale_text(e.facts, training, e.scale);
  }
  if (!e.storage) return words;
  words +=
      concatenate(". Storage-update (", event_name(e.storage->event), ") left ", decimal(e.issued.stated_radius(), 4));
  return words;
}

}  // namespace detail

/// Brief: an explanation as one JSON object.
[[nodiscard]] inline json explanation_json(const explanation& e, const defence_result& d,
                                           const evaluation_result& stated) {
  const certificate& c = e.issued;
  json j = {{"defence", d.name},
            {"mode", stated.mode},
            {"storage_update", stated.storage_update},
            {"certified", c.result == outcome::certified},
            {"outcome", outcome_name(c.result)},
            {"predicted", c.predicted},
            {"models", e.votes.models},
            {"votes", e.votes.tally},
            {"votes_are", e.votes.empty() ? "none"
                          : e.votes.hard  ? "counts"
                                          : "mean_scores"},
            {"bound", d.bound},
            {"alpha", d.alpha},
            {"bounds_sharing_alpha", e.votes.parts},
            {"lower", c.lower},
            {"upper", c.upper},
            {"budget", e.budget},
            {"scale", e.scale},
            {"norm", stated.norm},
            {"radius", c.stated_radius()},
            {"limit", term_name(e.limit)}};
  j["radius_if"] = {{"unanimous", detail::or_null(e.unanimous)},
                    {"ten_times_the_models", e.tenfold ? json(e.tenfold->radius) : json(nullptr)},
                    {"ever_more_models", detail::or_null(e.endless)},
                    {"smallest_scale_raised", e.raised ? json(e.raised->second) : json(nullptr)},
                    {"mode_paid_for_its_scale_alone", e.uncharged},
                    {"no_storage_update", e.storage ? json(e.storage->asked) : json(nullptr)}};
  j["raised_scale"] = e.raised ? json(e.raised->first) : json(nullptr);
  j["least_models"] = detail::or_null(e.least_models);
  j["wanted"] = {{"radius", e.wanted},
                 {"models_that_vote_alike", detail::or_null(e.wanted_alike)},
                 {"models_that_all_agree", detail::or_null(e.wanted_unanimous)},
                 {"scale", detail::or_null(e.wanted_scale)}};
  j["storage"] = nullptr;
  if (e.storage) j["storage"] = {{"event", event_name(e.storage->event)}, {"by", detail::or_null(e.storage->by)}};
  j["attack"] = {{"covered", e.covered},
                 {"budget_needed", detail::or_null(e.attack_budget)},
                 {"per_pattern_one_row", e.on_one_row},
                 {"per_pattern", e.on_poisoned_rows},
                 {"rows_at_largest_pattern", e.rows_covered}};
  return j;
}

/// Brief: an explanation in words; `truth` is the sample's label, and `data` names the classes.
[[nodiscard]] inline std::string explanation_words(const explanation& e, const defence_result& d,
                                                   const evaluation_result& stated, const training_scales& training,
                                                   label_type truth, const data_result& data = {}) {
  const bool remembers = stated.mode == memory_mode::name;
  std::string text = "\nDefence " + d.name + ", mode " + mode_text(stated) + "\n";
  text += detail::item("verdict", verdict_text(e, truth, data));
  text += detail::item("meaning", meaning_of(stated.mode));
  text += detail::item("votes", vote_text(e, data));
  text += detail::item("bound", bound_text(e, data));
  text += detail::item("budget", budget_text(e));
  text += detail::item("radius", detail::radius_words(e, training));
  text += detail::item("limit", (stated.certified ? "" : "Of a number that certifies nothing. ") + limit_text(e));
  text += detail::item("changes", change_table(e));
  if (stated.certified) text += detail::item("needed", wanted_text(e));
  return text + detail::item("attack", remembers
                                           ? "Says nothing of poisoned training rows, so covers no attack on them."
                                           : cover_text(e));
}

}  // namespace v1
}  // namespace certssb
