// SPDX-License-Identifier: MIT
#pragma once
// Brief: an election over parts from elsewhere, from plain settings, and its answer as JSON and as a table.

#include "certssb/core/expect.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/part_elections.hpp"
#include "certssb/run/radius_list.hpp"

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
struct part_request {
  std::string part_labels = {};  ///< [k,n]
  std::optional<std::size_t> classes = {};
  std::string budgets = {};  ///< [k,n], where parts smooth
  std::optional<std::size_t> failures = {};
  std::optional<std::size_t> rows_touched = {};
  std::string election = "plurality";
  std::string shifts = {};       ///< of finite aggregation, a list
  std::string preferences = {};  ///< of a run-off, [k,n,K]

  /// Throws: argument_error where settings do not go together.
  void validate() const {
    const bool plurality = election == "plurality";
    expect(shifts.empty() || election == "finite", "`shifts` goes with `election` finite");
    expect(plurality || (budgets.empty() && !failures && !rows_touched),
           "`budgets`, `failures` and rows_touched go with `election` plurality");
    expect(election != "finite" || !shifts.empty(),
           "`election` finite needs `shifts`, one for each of d models that see a row");
    expect(!plurality || !budgets.empty() || (!failures && !rows_touched),
           "`failures` and rows_touched need `budgets`");
    if (election == "run-off") {
      expect(!preferences.empty(), "`election` run-off needs `preferences`, each model's order of the classes");
      expect(part_labels.empty(), "`election` run-off takes `preferences`, not part_labels");
      return;
    }
    expect(!part_labels.empty(), "expected part_labels, the class that each part names, [k,n]");
    expect(preferences.empty(), "`preferences` goes with `election` run-off");
    expect(classes.has_value(), "expected `classes`, the number of classes K");
  }
};

inline constexpr auto election_names = std::to_array<std::string_view>({"plurality", "finite", "run-off"});

/// Brief: calls visit(name, field, help, limits) for every setting, as visit_request.
template <class Request, class Visit>
void visit_part_request(Request& r, const Visit& visit) {
  visit("part_labels", r.part_labels, "the class that each part names, int64 [k,n]; -1 abstains");
  visit("classes", r.classes, "the number of classes K", whole_range{2});
  visit("budgets", r.budgets,
        "smoothing inside parts: within which noise-scaled change each part keeps its class, reals [k,n]");
  visit("failures", r.failures, "how many of the parts' reports may be false (default 0)", whole_range{});
  visit("rows_touched", r.rows_touched, "how many parts are changed at will beside the energy (default 0)",
        whole_range{});
  visit("election", r.election,
        "plurality, finite (each row is seen by the models at hash + shift), or run-off (two rounds)",
        std::span<const std::string_view>(election_names));
  visit("shifts", r.shifts, "of `election` finite: d different whole numbers, such as 0,3,7");
  visit("preferences", r.preferences,
        "of `election` run-off: each model's classes from the highest score to the lowest, int64 [k,n,K]");
}

/// Brief: reads the arrays of a request and holds its election.
/// Throws: argument_error where settings do not go together; as the elections of run/part_elections.hpp.
[[nodiscard]] inline std::vector<elected_class> hold_election(const part_request& r) {
  r.validate();
  if (r.election == "run-off") {
    const npy_array<label_type> orders = read_any_integers(r.preferences);
    expect(!r.classes || orders.shape.size() != 3 || *r.classes == orders.shape[2], "classes: ", r.preferences,
           " holds orders of ", orders.shape.back(), " classes, got ", r.classes.value_or(0));
    return elect_by_run_off(orders, r.preferences);
  }
  std::vector<std::size_t> shifts;
  for (const std::string& text : r.shifts.empty() ? std::vector<std::string>{} : split_list(r.shifts)) {
    const auto shift = to_whole<std::size_t>(text);
    expect(shift.has_value(), "shifts: expected whole numbers of at least 0, such as 0,3,7, got ", r.shifts);
    shifts.push_back(*shift);
  }
  const part_table<label_type> labels(read_any_integers(r.part_labels), r.part_labels, "labels");
  if (r.election == "finite") return elect_finite(labels, *r.classes, shifts);
  if (r.budgets.empty()) return elect_by_plurality(labels, *r.classes);
  const part_table<double> budgets(read_any_reals(r.budgets), r.budgets, "budgets");
  return elect_under_noise(labels, budgets, *r.classes, r.failures.value_or(0), r.rows_touched.value_or(0));
}

/// Brief: the classes and what they survive, -1 where nothing is certified; `survives` is what is counted: parts
/// ("survives") or rows.
[[nodiscard]] inline report_answer describe_election(const std::vector<elected_class>& all,
                                                     const std::string& survives) {
  json found = {{"labels", json::array()}, {survives, json::array()}};
  std::vector<std::string> heading{"sample", "label", survives};
  const bool smoothed = !all.empty() && all.front().energy.has_value();
  if (smoothed) {
    found["energies"] = json::array();
    heading.emplace_back("energy");
  }
  text_table table(heading);
  for (const elected_class& one : all) {
    const auto survived = one.survives ? static_cast<std::int64_t>(*one.survives) : std::int64_t{-1};
    std::vector<std::string> cells{concatenate(found["labels"].size()), concatenate(one.label), concatenate(survived)};
    found["labels"].push_back(one.label);
    found[survives].push_back(survived);
    if (smoothed) {
      found["energies"].push_back(*one.energy);
      cells.push_back(decimal(*one.energy, 6));
    }
    table.add(std::move(cells));
  }
  return {std::move(found), table.text()};
}

}  // namespace v1
}  // namespace certssb
