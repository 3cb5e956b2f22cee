// SPDX-License-Identifier: MIT
#pragma once
// Brief: results.json, schema 2 or 1: every value is checked when it is read.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/npy_header.hpp"
#include "certssb/report/json_field.hpp"
#include "certssb/report/json_write.hpp"
#include "certssb/report/results.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: null, a flag, a number, a text, or a list of numbers or of texts.
[[nodiscard]] inline option_value read_option(const json_field& field) {
  const json& j = field.value();
  if (j.is_null()) return std::monostate{};
  if (j.is_boolean()) return field.flag();
  if (j.is_number_unsigned()) return j.get<std::uint64_t>();
  if (j.is_number_integer()) return field.integer();
  if (j.is_number()) return field.real();
  if (j.is_string()) return field.text();
  field.check(j.is_array(), "null, a flag, a number, a text or a list");
  if (!j.empty() && j.front().is_number()) return field.reals();
  return field.texts();
}

[[nodiscard]] inline option_list read_options(const json_field& field) {
  option_list options;
  field.each_key(
      [&](const std::string& name, const json_field& value) { options.emplace_back(name, read_option(value)); });
  return options;
}

inline void check_file_name(const json_field& field, const std::string& name) {
  const std::filesystem::path path(name);
  const bool climbs = std::ranges::any_of(path, [](const std::filesystem::path& part) { return part == ".."; });
  field.check(path.is_relative() && path.has_filename() && !climbs && name.find('\0') == std::string::npos,
              "a file inside the run's folder");
}

/// Brief: the path of a file inside the run's folder.
[[nodiscard]] inline std::string read_file_name(const json_field& field) {
  check_file_name(field, field.text());
  return field.text();
}

template <class Record>
[[nodiscard]] std::vector<Record> read_list(const json_field& field, Record (*read)(const json_field&)) {
  std::vector<Record> all;
  field.each([&](const json_field& entry) { all.push_back(read(entry)); });
  return all;
}

[[nodiscard]] inline radius_share read_radius_share(const json_field& f) {
  return {f["radius"].real(0.0), f["value"].share()};
}

[[nodiscard]] inline pattern_cover read_pattern_cover(const json_field& f) {
  return {f["rows"].whole(), f["per_pattern"].real(0.0)};
}

[[nodiscard]] inline rows_share read_rows_share(const json_field& f) { return {f["rows"].whole(), f["value"].share()}; }

[[nodiscard]] inline frontier_point read_frontier_point(const json_field& f) {
  return {f["rows"].whole(), f["radius"].real(0.0)};
}

[[nodiscard]] inline attack_cover read_attack_cover(const json_field& f) {
  return {f["labels_as_observed"].share(), f["labels_covered"].share()};
}

[[nodiscard]] inline stopping_result read_stopping(const json_field& f) {
  return {f["models"].whole(), f["certified"].whole(), f["futile"].whole(), f["decided"].share()};
}

[[nodiscard]] inline evaluation_result read_evaluation(const json_field& f) {
  evaluation_result e;
  e.inputs = f["inputs"].text();
  f["inputs"].check(e.inputs == "clean" || e.inputs == "triggered" || e.inputs == "given", "clean or triggered");
  e.attacked = e.inputs != "given";
  e.labelled = e.attacked || !f["empirical_accuracy"].value().is_null();
  e.mode = f["mode"].text();
  e.certified = f["certified"].flag();
  if (const auto norm = f.find("norm")) e.norm = norm->text();
  if (const auto assumptions = f.find("assumptions")) e.assumptions = assumptions->texts();
  e.conditional_on = f["conditional_on"].texts();
  e.storage_update = f["storage_update"].flag();
  e.n = f["n"].whole();
  if (const auto right = f.known(e.labelled, "empirical_accuracy")) e.empirical_accuracy = right->share();
  if (const auto curve = f.known(e.labelled, "certified_accuracy")) {
    e.certified_accuracy = read_list(*curve, read_radius_share);
  }
  e.certified_ratio = read_list(f["certified_ratio"], read_radius_share);
  e.abstain_rate = f["abstain_rate"].share();
  if (const auto mean = f.known(e.labelled, "average_certified_radius")) e.average_certified_radius = mean->real(0.0);
  if (const auto cover = f.known(e.attacked, "delta_r")) e.delta_r = read_pattern_cover(*cover);
  if (const auto covers = f.find("delta_r_assumed")) e.delta_r_assumed = read_list(*covers, read_pattern_cover);
  if (const auto rows = f.find("rows")) {
    e.rows.median = (*rows)["median"].real(0.0);
    if (const auto curve = rows->known(e.labelled, "certified_accuracy")) {
      e.rows.certified_accuracy = read_list(*curve, read_rows_share);
    }
    e.frontier = read_list(f["frontier"], read_frontier_point);
    if (const auto covered = f.known(e.attacked, "attack_covered")) e.attack_covered = read_attack_cover(*covered);
    if (const auto covered = f.known(e.attacked, "attack_covered_and_right")) {
      e.attack_covered_and_right = read_attack_cover(*covered);
    }
    if (const auto share = f.known(e.attacked, "certified_against_this_attack")) {
      share->check(share->share() == e.attack_covered.labels_covered, "attack_covered.labels_covered");
    }
  } else {  // schema 1 counted samples that are right, with the labels as observed
    e.attack_covered_and_right.labels_as_observed = f["certified_against_this_attack"].share();
  }
  if (const auto events = f.find("storage_events")) {
    events->each_key(
        [&](const std::string& event, const json_field& count) { e.storage_events[event] = count.whole(); });
  }
  if (const auto gap = f.find("storage_gap")) e.storage_gap = gap->real();
  return e;
}

[[nodiscard]] inline defence_result read_defence(const json_field& f) {
  defence_result d;
  d.name = f["name"].text();
  const std::filesystem::path folder(d.name);
  f["name"].check(!d.name.empty() && folder.filename() == folder && d.name != "." && d.name != ".." &&
                      d.name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos,
                  "the plain name of a folder");
  d.models = f["models"].whole();
  d.alpha = f["alpha"].real(0.0);
  f["alpha"].check(d.alpha < 1.0, "a number >= 0 and < 1");
  d.bound = f["bound"].text();
  if (const json_field scales = f["sigma_train"]; !scales.value().is_null()) {
    d.sigma_train = {scales["min"].above_zero(), scales["mean"].above_zero(), scales["max"].above_zero()};
  }
  if (const auto settings = f.find("settings")) d.settings = read_options(*settings);
  d.evaluations = read_list(f["evaluations"], read_evaluation);
  if (const auto stopping = f.find("stopping")) d.stopping = read_list(*stopping, read_stopping);
  return d;
}

/// Brief: a length, infinite where it is null.
[[nodiscard]] inline double read_length(const json_field& f) {
  return f.value().is_null() ? std::numeric_limits<double>::infinity() : f.real(0.0);
}

[[nodiscard]] inline data_result read_data(const json_field& f, bool attacked) {
  data_result d;
  d.attacked = attacked;
  if (attacked || !f["train"].value().is_null()) d.train = f["train"].whole();
  d.test = f["test"].whole();
  f["classes"].each([&](const json_field& label) { d.classes.push_back(label.integer()); });
  if (const auto names = f.find("class_names")) {
    names->each([&](const json_field& name) { d.class_names.push_back(name.text()); });
    names->check(d.class_names.empty() || d.class_names.size() == d.classes.size(), "one name per class, or none");
  }
  if (const auto rows = f.known(attacked, "poisoned_rows")) {
    d.poisoned_rows = rows->whole();
    rows->check(d.poisoned_rows <= d.train, "at most train, ", d.train);
  }
  if (!attacked) return d;
  d.relabelled_rows = d.poisoned_rows;
  if (const auto rows = f.find("relabelled_rows")) d.relabelled_rows = rows->whole(0, d.poisoned_rows);
  d.pattern_l2_max = read_length(f["pattern_l2_max"]);
  d.pattern_l2_frobenius = read_length(f["pattern_l2_frobenius"]);
  if (f.has("trigger_l2_max")) d.trigger_l2_max = read_length(f["trigger_l2_max"]);
  if (f.has("pattern_l1_sum")) d.pattern_l1_sum = read_length(f["pattern_l1_sum"]);
  if (f.has("pattern_l1_max")) d.pattern_l1_max = read_length(f["pattern_l1_max"]);
  if (f.has("trigger_l1_max")) d.trigger_l1_max = read_length(f["trigger_l1_max"]);
  if (const auto size = f.find("row_size")) d.row_size = size->whole();
  if (const auto shape = f.find("row_shape")) {
    shape->each([&](const json_field& extent) { d.row_shape.push_back(extent.whole()); });
  }
  return d;
}

[[nodiscard]] inline timing_result read_timing(const json_field& f, bool attacked) {
  const auto rate = f.known(attacked, "train_samples_per_s");
  const auto ascent = f.known(attacked, "ascent_s");
  return {rate ? rate->real(0.0) : 0.0, ascent ? ascent->real(0.0) : 0.0, f["certify_s"].real(0.0),
          f["storage_s"].real(0.0),     f["total_s"].real(0.0),           f["threads"].whole()};
}

[[nodiscard]] inline change_result read_change(const json_field& f) {
  change_result c{f["id"].whole(), f["label"].integer(), f["columns"].whole(), {}};
  f["most"].each([&](const json_field& one) {
    c.most.push_back({one["column"].text(), one["clean"].real(), one["triggered"].real()});
  });
  return c;
}

[[nodiscard]] inline example_result read_example(const json_field& f) {
  example_result e;
  e.id = f["id"].whole();
  e.label = f["label"].integer();
  e.clean = read_file_name(f["clean"]);
  e.triggered = read_file_name(f["triggered"]);
  f["noisy"].each_key(
      [&](const std::string& defence, const json_field& file) { e.noisy[defence] = read_file_name(file); });
  f["sigma"].each_key(
      [&](const std::string& defence, const json_field& sigma) { e.sigma[defence] = sigma.above_zero(); });
  return e;
}

}  // namespace detail

/// Brief: the results in such an object. Keys that the schema does not know are passed over.
/// Throws: data_error, naming `source` and the path of keys, if a key is missing or its value is of the wrong type or
/// out of range, where two defences share a name, or the schema is neither 1 nor 2.
[[nodiscard]] inline run_results results_from_json(const json& j, const std::string& source) {
  const json_field f(j, source);
  const std::size_t schema = f["schema"].whole();
  f["schema"].check(schema == 1 || schema == 2, "schema 1 or 2");
  run_results r;
  r.schema = schema;
  r.version = f["version"].text();
  if (const auto build = f.find("build")) {
    r.build = {(*build)["compiler"].text(), (*build)["instruction_set"].text()};
  }
  if (const auto complete = f.find("complete")) r.complete = complete->flag();
  r.config = detail::read_options(f["config"]);
  r.assumptions = f["assumptions"].texts();
  f["arrays"].each_key([&](const std::string& name, const json_field& digest) {
    detail::check_file_name(digest, name);
    r.arrays[name] = digest.text();
  });
  const bool attacked = !f["undefended"].value().is_null();
  r.data = detail::read_data(f["data"], attacked);
  if (attacked) {
    r.undefended = {f["undefended"]["clean_accuracy"].share(), f["undefended"]["attack_success_rate"].share()};
  }
  std::set<std::string> names;
  f["defences"].each([&](const json_field& defence) {
    r.defences.push_back(detail::read_defence(defence));
    const defence_result& d = r.defences.back();
    defence["sigma_train"].check(!attacked || d.sigma_train.max > 0.0, "the smallest, mean and largest noise scale");
    const bool agree = std::ranges::all_of(d.evaluations, [&](const auto& e) { return e.attacked == attacked; });
    defence["evaluations"].check(agree, attacked ? "clean or triggered inputs" : "given inputs, without undefended");
    defence["name"].check(names.insert(r.defences.back().name).second, "a name that no earlier defence has");
  });
  r.timing = detail::read_timing(f["timing"], attacked);
  if (const auto changes = f.find("changes")) r.changes = detail::read_list(*changes, detail::read_change);
  if (const auto examples = f.find("examples")) r.examples = detail::read_list(*examples, detail::read_example);
  return r;
}

/// Brief: that the numbers of samples and of training rows are those of the listed arrays: n of votes_INPUTS.npy, train
/// of sigma_train.npy. Only the headers of the arrays are read.
/// Throws: data_error if they differ, or if such an array is listed and missing.
inline void check_counts(const run_results& r, const std::filesystem::path& folder) {
  const auto check = [&](const std::string& name, std::size_t stated, const std::string& place) {
    if (!r.arrays.contains(name)) return;
    const npy_header header = read_npy_header(folder / name);
    const std::size_t found = header.shape.empty() ? 0 : header.shape[0];
    expect<data_error>(found == stated, (folder / "results.json").string(), ": ", place, ": expected ", found,
                       ", the number of rows in ", name, ", got ", stated);
  };
  for (std::size_t d = 0; d < r.defences.size(); ++d) {
    const defence_result& defence = r.defences[d];
    if (r.data.train > 0 || r.data.attacked) check(defence.name + "/sigma_train.npy", r.data.train, "data.train");
    for (std::size_t e = 0; e < defence.evaluations.size(); ++e) {
      const evaluation_result& stated = defence.evaluations[e];
      check(defence.name + "/votes_" + stated.inputs + ".npy", stated.n,
            concatenate("defences[", d, "].evaluations[", e, "].n"));
    }
  }
}

/// Brief: reads the results of a run: a results.json, or a run's folder, whose arrays must have as many rows as stated.
/// Throws: data_error if the file is missing, larger than 64 MiB, not JSON, nested too deep, or not the results of a
/// run; see results_from_json and check_counts.
[[nodiscard]] inline run_results read_results(const std::filesystem::path& file_or_folder) {
  std::error_code failure;
  const bool is_folder = std::filesystem::is_directory(file_or_folder, failure);
  const std::filesystem::path file = is_folder ? file_or_folder / "results.json" : file_or_folder;
  constexpr json_limits limits;
  run_results r = results_from_json(parse_json(read_file(file, limits.bytes), file.string(), limits), file.string());
  if (is_folder) check_counts(r, file_or_folder);
  return r;
}

}  // namespace v1
}  // namespace certssb
