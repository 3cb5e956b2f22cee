// SPDX-License-Identifier: MIT
#pragma once
// Brief: certificates of votes from elsewhere as JSON, and as a table and a summary.

#include "certssb/core/expect.hpp"
#include "certssb/report/conditions.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/json_write.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/certify_request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

inline void add_accuracy(json& found, const foreign_answers& a) {
  const std::span<const certificate> all(a.certified.issued.certificates);
  found["empirical_accuracy"] = empirical_accuracy(all, a.labels).value();
  found["certified_accuracy"] = shares_of(certified_accuracy_curve(all, a.labels, a.request.radii));
  found["certified_ratio"] = shares_of(certified_ratio_curve(all, a.request.radii));
  found["abstain_rate"] = abstention(all).value();
  found["average_certified_radius"] = average_certified_radius(all, a.labels).value();
}

/// Brief: how many samples the table for people shows.
inline constexpr std::size_t samples_shown = 20;

[[nodiscard]] inline std::string foreign_table(const foreign_answers& a) {
  const bool parts = a.votes.parts > 0;
  text_table table(parts ? std::vector<std::string>{"sample", "label", "rows", "radius", "energy", "outcome"}
                         : std::vector<std::string>{"sample", "label", "radius", "lower", "upper", "outcome"});
  const std::vector<certificate>& all = a.certified.issued.certificates;
  for (std::size_t i = 0; i < std::min(all.size(), samples_shown); ++i) {
    const certificate& c = all[i];
    std::vector<std::string> cells{concatenate(i), concatenate(c.label)};
    if (parts) cells.push_back(c.rows ? concatenate(*c.rows) : "-1");
    cells.push_back(decimal(c.stated_radius(), 6));
    if (parts) {
      cells.push_back(decimal(a.certified.energies[i], 6));
    } else {
      cells.insert(cells.end(), {decimal(c.lower, 6), decimal(c.upper, 6)});
    }
    cells.emplace_back(outcome_name(c.result));
    table.add(std::move(cells));
  }
  return table.text() +
         (all.size() > samples_shown ? concatenate("... ", all.size(), " samples in all (the JSON has them).\n") : "");
}

[[nodiscard]] inline std::string accuracy_text(const foreign_answers& a) {
  const std::span<const certificate> all(a.certified.issued.certificates);
  text_table curve({"radius above", "right", "right or wrong"});
  for (const double radius : a.request.radii) {
    curve.add({concatenate(radius), percent(certified_accuracy(all, a.labels, radius).value()),
               percent(certified_ratio(all, radius).value())});
  }
  return "Right: " + percent(empirical_accuracy(all, a.labels).value()) +
         "; abstained: " + percent(abstention(all).value()) + ".\n" + curve.text();
}

/// Brief: what the certificates come to, and what they rest on.
[[nodiscard]] inline std::string foreign_summary(const foreign_answers& a) {
  const issued_certificates& issued = a.certified.issued;
  const certificate& first = issued.certificates.front();
  std::string text = issued.certified ? concatenate("Mode ", a.request.mode, ", ", first.bound, ", alpha ", first.alpha,
                                                    " a sample.\n")
                                      : "Mode published: shown for comparison, nothing here is certified.\n";
  if (a.certified.alpha_part) {
    text += concatenate("Each of ", a.votes.parts, " parts reports at level ", *a.certified.alpha_part, "; up to ",
                        a.certified.failures, " reports may be false. energy: with ",
                        a.request.rows_touched.value_or(0), " parts changed at will.\n");
  }
  if (!a.labels.empty()) text += accuracy_text(a);
  if (!issued.certified) return text;
  text += "Certified, provided that: " + comma_list(issued.assumptions);
  if (!issued.conditional_on.empty()) text += "; given " + comma_list(issued.conditional_on);
  return text + ".\n";
}

}  // namespace detail

/// Brief: every certificate, and with labels the accuracies, as an object; the first twenty as a table, with a summary.
[[nodiscard]] inline report_answer describe_foreign(const foreign_answers& a) {
  const issued_certificates& issued = a.certified.issued;
  const bool parts = a.votes.parts > 0;
  json found = json::object();
  for (const char* key : {"labels", "radii", "rows", "budgets", "outcomes"}) found[key] = json::array();
  if (!parts) found["lower"] = found["upper"] = json::array();
  for (const certificate& c : issued.certificates) {
    found["labels"].push_back(c.label);
    found["radii"].push_back(c.stated_radius());
    found["budgets"].push_back(c.budget);
    found["rows"].push_back(c.rows ? static_cast<std::int64_t>(*c.rows) : std::int64_t{-1});
    found["outcomes"].push_back(outcome_name(c.result));
    if (parts) continue;
    found["lower"].push_back(c.lower);
    found["upper"].push_back(c.upper);
  }
  if (parts) {
    found["energies"] = a.certified.energies;
    found["failures"] = a.certified.failures;
    found["alpha_part"] = a.certified.alpha_part ? json(*a.certified.alpha_part) : json(nullptr);
  }
  found["mode"] = issued.mode;
  found["norm"] = issued.norm;
  found["assumptions"] = issued.assumptions;
  found["certified"] = issued.certified;
  found["conditional_on"] = issued.conditional_on;
  found["alpha"] = issued.certificates.front().alpha;
  found["bound"] = a.bound;
  if (!a.labels.empty()) detail::add_accuracy(found, a);
  if (!a.events.empty()) found["events"] = a.events;
  return {std::move(found), detail::foreign_table(a) + detail::foreign_summary(a)};
}

}  // namespace v1
}  // namespace certssb
