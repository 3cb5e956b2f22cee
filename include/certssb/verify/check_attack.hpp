// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of what a run says of its data and its attack: against each other, against the configuration, and
// against the arrays.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: whether the rows of the run were poisoned by somebody else, who did not say by how much.
[[nodiscard]] inline bool attack_given(const defence_options& config) {
  return !config.is_null("attack") && config.text("attack").starts_with("given:");
}

/// Brief: the largest L2 norm that a pattern of the attack can have, on inputs in [0,1]. None where the caller of the run
/// carried the attack out, and the configuration names none, and where the rows were poisoned by somebody else.
/// Throws: data_error for an attack it does not know.
[[nodiscard]] inline std::optional<double> largest_pattern(const run_results& run) {
  const defence_options config(run);
  if (config.is_null("attack") || attack_given(config)) return std::nullopt;
  const std::string attack = config.text("attack");
  if (attack == "none") return 0.0;
  const double delta = config.number("delta");
  expect<data_error>(delta > 0.0, "config.delta: expected a number above 0, got ", delta);
  const auto size = static_cast<double>(std::max<std::size_t>(1, run.data.row_size));
  const std::vector<std::size_t>& shape = run.data.row_shape;
  const double channels = shape.size() == 3 ? static_cast<double>(shape[0]) : 1.0;
  const bool table = shape.size() == 1;
  const option_value* const picture = find_option(run.config, "picture");
  const bool pictured = picture != nullptr && !std::holds_alternative<std::monostate>(*picture);
  double limit = delta;
  if (attack == "wanet" || (attack == "badnets" && pictured)) {
    limit = std::sqrt(size);
  } else if (attack == "badnets") {
    limit = table ? std::sqrt(delta) : delta * std::sqrt(channels);
  } else if (attack == "blended" || attack == "sig") {
    limit = delta * std::sqrt(size);
  } else if (attack == "label-consistent") {
    limit = delta + (table ? std::sqrt(3.0) : 6.0 * std::sqrt(channels));
  } else {
    expect<data_error>(attack == "one-pixel" || attack == "four-pixel" || attack == "blending",
                       "config.attack: ", attack, " cannot be verified");
  }
  // Inputs and pattern are floats: each entry may move by half a unit in the last place of 1 more.
  return limit * (1.0 + 1e-6) + 1e-7 * std::sqrt(size);
}

/// Brief: how many rows the configuration poisons, and how many of them keep their label.
struct asked_rows {
  std::size_t poisoned;
  std::size_t keep_label;
};

/// Brief: shares of the training rows, each to the nearest whole number. None where the caller of the run carried the
/// attack out, or somebody else poisoned the rows.
[[nodiscard]] inline std::optional<asked_rows> rows_asked(const run_results& run) {
  const defence_options config(run);
  if (config.is_null("attack") || attack_given(config)) return std::nullopt;
  const double rate = config.number("rate");
  expect<data_error>(rate > 0.0 && rate <= 1.0, "config.rate: expected a number in (0,1], got ", rate);
  if (config.text("attack") == "none") return asked_rows{0, 0};
  const auto rows_of = [&](double share) {
    return static_cast<std::size_t>(std::llround(share * static_cast<double>(run.data.train)));
  };
  const double cover_rate =
      find_option(run.config, "cover_rate") == nullptr ? 0.0 : config.number_or_null("cover_rate").value_or(0.0);
  expect<data_error>(cover_rate >= 0.0 && cover_rate <= 1.0, "config.cover_rate: expected a number in [0,1], got ",
                     cover_rate);
  const std::size_t covers = rows_of(cover_rate);
  const std::size_t poisoned = rows_of(rate);
  return asked_rows{poisoned + covers, covers + (config.text("label_map") == "clean-label" ? poisoned : 0)};
}

/// Brief: checks which of the poisoned rows changed their label.
inline void check_relabelled(findings& f, const std::filesystem::path& folder, const run_results& run,
                             const std::vector<std::int64_t>& rows) {
  std::vector<std::int64_t> changed = rows;
  if (run.arrays.contains("relabelled_rows.npy")) {
    changed = read_npy_integers(folder / "relabelled_rows.npy").values;
  }
  f.check(std::ranges::is_sorted(rows) &&
              std::ranges::adjacent_find(changed, std::ranges::greater_equal()) == changed.end() &&
              std::ranges::includes(rows, changed),
          "relabelled_rows.npy: its rows are not poisoned rows that ascend");
  f.check(
      changed.size() == run.data.relabelled_rows,
      concatenate("data.relabelled_rows is stated as ", run.data.relabelled_rows, ", but there are ", changed.size()));
  const defence_options config(run);
  const auto asked = rows_asked(run);
  if (!asked && !attack_given(config)) return;
  const std::size_t expected = asked ? rows.size() - std::min(rows.size(), asked->keep_label) : rows.size();
  f.check(changed.size() == expected, concatenate("data.relabelled_rows is stated as ", changed.size(),
                                                  ", but by the configuration it is ", expected));
}

/// Brief: checks the numbers and the arrays that describe the attack.
inline void check_attack(findings& f, const std::filesystem::path& folder, const run_results& run) {
  f.at("");
  const data_result& data = run.data;
  const std::vector<std::int64_t> rows = read_npy_integers(folder / "poisoned_rows.npy").values;
  const std::vector<double> l2 = read_vector(folder / "pattern_norms.npy");
  const std::vector<double> l1 = read_vector(folder / "pattern_norms_l1.npy");
  expect<data_error>(rows.size() == l2.size() && rows.size() == l1.size() && rows.size() == data.poisoned_rows,
                     "poisoned_rows.npy, pattern_norms.npy, pattern_norms_l1.npy and data.poisoned_rows differ in "
                     "length");
  f.check(std::ranges::is_sorted(rows), "poisoned_rows.npy: its rows do not ascend");
  const bool given = attack_given(defence_options(run));
  double most = 0.0;
  double most_l1 = 0.0;
  double square = 0.0;
  double sum = 0.0;
  for (std::size_t p = 0; p < rows.size(); ++p) {
    f.check(given ? std::isinf(l2[p]) && std::isinf(l1[p]) : l2[p] >= 0.0 && std::isfinite(l2[p]),
            "a pattern's norm is out of range");
    const double widest = std::sqrt(static_cast<double>(data.row_size)) * l2[p] * (1.0 + 1e-9);
    f.check(data.row_size == 0 || l1[p] <= widest,
            concatenate("row ", rows[p], ": no pattern of ", data.row_size, " entries has norms ", l2[p], " (L2) and ",
                        l1[p], " (L1)"));
    most = std::max(most, l2[p]);
    most_l1 = std::max(most_l1, l1[p]);
    square += l2[p] * l2[p];
    sum += l1[p];
  }
  f.check_number("data.pattern_l2_max", data.pattern_l2_max, most);
  f.check_number("data.pattern_l2_frobenius", data.pattern_l2_frobenius, std::sqrt(square));
  f.check_number("data.pattern_l1_sum", data.pattern_l1_sum, sum);
  f.check(data.pattern_l1_max == 0.0 || data.pattern_l1_max == most_l1,  // earlier runs do not state it
          concatenate("data.pattern_l1_max is stated as ", data.pattern_l1_max, ", recomputed as ", most_l1));
  if (given) f.check(std::isinf(data.trigger_l2_max), "data.trigger_l2_max is stated, but the trigger is not known");
  check_relabelled(f, folder, run, rows);
  if (const auto asked = rows_asked(run)) {
    f.check(rows.size() == asked->poisoned,
            concatenate("data.poisoned_rows is stated as ", rows.size(), ", but config.rate of ", data.train,
                        " training rows is ", asked->poisoned));
  }
  if (const auto limit = largest_pattern(run)) {
    const auto check = [&](const std::string& name, double norm) {
      f.check(norm <= *limit, concatenate(name, " is stated as ", norm, ", more than config.delta allows, ", *limit));
    };
    check("data.pattern_l2_max", most);
    check("data.trigger_l2_max", data.trigger_l2_max);
  }
}

/// Brief: the labels in the data set that config.classes asks for, in the order of labels 0 .. K - 1: of two the first
/// is label 1, more ascend. None for `all`, and where the configuration names no data set.
[[nodiscard]] inline std::optional<std::vector<std::int64_t>> classes_asked(const run_results& run) {
  const defence_options config(run);
  if (config.is_null("classes") || config.text("classes") == "all") return std::nullopt;
  std::string list = config.text("classes");
  std::vector<std::int64_t> labels;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    std::int64_t label = 0;
    const auto [read, failure] = std::from_chars(list.data() + from, list.data() + end, label);
    expect<data_error>(failure == std::errc{} && read == list.data() + end,
                       "config.classes: expected labels such as 1,0, or all, got ", list);
    labels.push_back(label);
    from = end + 1;
  }
  if (labels.size() == 2) {
    std::swap(labels[0], labels[1]);
  } else {
    std::ranges::sort(labels);
  }
  return labels;
}

/// Brief: checks the names of the classes against config.classes, in the same order.
inline void check_class_names(findings& f, const run_results& run) {
  const data_result& data = run.data;
  std::vector<std::string> sorted = data.class_names;
  std::ranges::sort(sorted);
  f.check(std::ranges::adjacent_find(sorted) == sorted.end(), "data.class_names name a class twice");
  f.check(data.class_names.size() == data.classes.size(), "data.class_names are not one per class");
  const defence_options config(run);
  if (config.is_null("classes") || config.text("classes") == "all") return;
  const std::string list = config.text("classes");
  std::vector<std::string> asked;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    asked.push_back(list.substr(from, end - from));
    from = end + 1;
  }
  if (asked.size() == 2) {
    f.check(data.class_names == std::vector<std::string>{asked[1], asked[0]},
            "data.class_names are not those of config.classes, " + list);
    return;
  }
  std::ranges::sort(asked);
  f.check(asked == sorted && std::ranges::is_sorted(data.classes),
          "data.class_names are not those of config.classes, " + list);
}

/// Brief: checks that the configuration names data set and attack, or nothing of them.
inline void check_source(findings& f, const run_results& run) {
  const defence_options config(run);
  const bool none = config.is_null("dataset");
  for (const std::string name : {"classes", "attack", "delta", "target", "label_map"}) {
    f.check(config.is_null(name) == none, concatenate("config.", name, none ? " has a value" : " is null",
                                                      ", but config.dataset ", none ? "is null" : "has a value"));
  }
}

/// Brief: checks the numbers that describe the data.
inline void check_data(findings& f, const run_results& run) {
  f.at("");
  const data_result& data = run.data;
  const defence_options config(run);
  check_source(f, run);
  const auto check_limit = [&](const std::string& name, std::size_t stated, const std::string& option) {
    const auto limit = config.number_or_null(option);
    f.check(!limit || static_cast<double>(stated) <= *limit,
            concatenate(name, " is stated as ", stated, ", but config.", option, " is ", limit.value_or(0.0)));
  };
  check_limit("data.train", data.train, "train_rows");
  check_limit("data.test", data.test, "test_rows");
  if (!data.class_names.empty()) {
    check_class_names(f, run);
  } else if (const auto classes = classes_asked(run)) {
    f.check(data.classes == *classes, "data.classes are not those of config.classes, " + config.text("classes"));
  }
  std::vector<std::int64_t> sorted = data.classes;
  std::ranges::sort(sorted);
  f.check(std::ranges::adjacent_find(sorted) == sorted.end(), "data.classes name a label twice");
  double size = 1.0;
  for (const std::size_t extent : data.row_shape) size *= static_cast<double>(extent);
  f.check(data.row_shape.empty() || size == static_cast<double>(data.row_size),
          concatenate("data.row_size is stated as ", data.row_size, ", but data.row_shape holds ", size, " entries"));
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
