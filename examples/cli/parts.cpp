// SPDX-License-Identifier: MIT
// Brief: `certssb parts`: the votes of the parts of a training set, from any framework, and what their winner survives.
#include "certssb/radius/parts.hpp"
#include "arrays.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/radius/finite_aggregation.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/radius/run_off.hpp"
#include "certssb/report/text_table.hpp"
#include "command.hpp"
#include "numbers.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb::cli {

namespace {

struct parts_options {
  std::string labels;
  std::string preferences;
  std::string budgets;
  std::string election = "plurality";
  std::string shifts;
  std::optional<std::size_t> classes;
  std::optional<std::size_t> failures;
  std::optional<std::size_t> rows_touched;
  speech say;
};

/// What an election says of one sample; `energy` where there are budgets.
struct row {
  label_type label;
  std::optional<std::size_t> survives;
  std::optional<double> energy = {};
};

/// An array of [k,n] as it comes from a file, read by sample.
template <class Scalar>
class columns {
public:
  columns(const std::string& path, npy_array<Scalar> array, const char* what) : array_(std::move(array)) {
    expect<data_error>(array_.shape.size() == 2 && !array_.values.empty(), path, ": expected ", what,
                       " of shape [k,n], k and n at least 1, got ", array_.shape.size(), " axes and ",
                       array_.values.size(), " values");
  }

  [[nodiscard]] std::size_t parts() const { return array_.shape[0]; }
  [[nodiscard]] std::size_t samples() const { return array_.shape[1]; }
  [[nodiscard]] Scalar at(std::size_t part, std::size_t sample) const {
    return array_.values[part * samples() + sample];
  }
  [[nodiscard]] std::vector<Scalar> of(std::size_t sample) const {
    std::vector<Scalar> column(parts());
    for (std::size_t j = 0; j < parts(); ++j) column[j] = at(j, sample);
    return column;
  }

private:
  npy_array<Scalar> array_;
};

/// The labels of --part-labels, each in [lowest, K).
columns<label_type> read_part_labels(const parts_options& o, label_type lowest) {
  expect(!o.labels.empty(), "parts: expected --part-labels, the class that each part names, [k,n]");
  expect(o.preferences.empty(), "parts: --preferences goes with --election run-off");
  expect(o.classes.has_value(), "parts: expected --classes, the number of classes K");
  columns<label_type> labels(o.labels, read_any_integers(o.labels), "labels");
  for (std::size_t j = 0; j < labels.parts(); ++j) {
    for (std::size_t i = 0; i < labels.samples(); ++i) {
      const label_type label = labels.at(j, i);
      expect<data_error>(label >= lowest && std::cmp_less(label, *o.classes), o.labels, ": label ", label, " of part ",
                         j, " and sample ", i, " is outside [", lowest, ", ", *o.classes, ")");
    }
  }
  return labels;
}

void expect_no_budgets(const parts_options& o) {
  expect(o.budgets.empty() && !o.failures && !o.rows_touched,
         "parts: --budgets, --failures and --rows-touched go with --election plurality");
}

std::vector<row> certify_plain(const parts_options& o) {
  expect(!o.failures && !o.rows_touched, "parts: --failures and --rows-touched need --budgets");
  const columns<label_type> labels = read_part_labels(o, abstain);
  std::vector<row> found;
  for (std::size_t i = 0; i < labels.samples(); ++i) {
    const part_votes votes(labels.of(i), *o.classes);
    found.push_back({votes.label(), votes.survives()});
  }
  return found;
}

std::vector<row> certify_smoothed(const parts_options& o) {
  const columns<label_type> labels = read_part_labels(o, abstain);
  const columns<double> budgets(o.budgets, read_any_reals(o.budgets), "budgets");
  expect<data_error>(budgets.parts() == labels.parts() && budgets.samples() == labels.samples(), o.budgets,
                     ": expected budgets of shape [", labels.parts(), ",", labels.samples(),
                     "] as --part-labels, got [", budgets.parts(), ",", budgets.samples(), "]");
  const std::size_t failures = o.failures.value_or(0);
  const std::size_t touched = o.rows_touched.value_or(0);
  expect(failures <= labels.parts(), "--failures: expected at most ", labels.parts(), ", the number of parts, got ",
         failures);
  expect(touched <= labels.parts(), "--rows-touched: expected at most ", labels.parts(), ", the number of parts, got ",
         touched);
  std::vector<row> found;
  for (std::size_t i = 0; i < labels.samples(); ++i) {
    std::vector<part_report> reports(labels.parts());
    for (std::size_t j = 0; j < reports.size(); ++j) {
      reports[j] = {labels.at(j, i), budgets.at(j, i)};
      expect<data_error>(reports[j].label == abstain || (reports[j].budget > 0.0 && reports[j].budget < 1e100),
                         o.budgets, ": a budget must be positive and below 1e100, got ", reports[j].budget, " of part ",
                         j, " and sample ", i);
    }
    const part_frontier frontier(reports, *o.classes, failures);
    found.push_back({frontier.votes().leader(), frontier.survives(), frontier.energy(touched)});
  }
  return found;
}

std::vector<row> certify_finite(const parts_options& o) {
  expect_no_budgets(o);
  expect(!o.shifts.empty(), "parts: --election finite needs --shifts, one for each of d models that see a row");
  std::vector<std::size_t> shifts;
  for (const std::string& text : split(o.shifts)) {
    const auto shift = to_whole<std::size_t>(text);
    expect(shift.has_value(), "--shifts: expected whole numbers of at least 0, such as 0,3,7, got ", o.shifts);
    shifts.push_back(*shift);
  }
  const columns<label_type> labels = read_part_labels(o, 0);
  const finite_aggregation rule(labels.parts(), shifts);
  std::vector<row> found;
  for (std::size_t i = 0; i < labels.samples(); ++i) {
    const surviving_class answer = rule.certify(labels.of(i), *o.classes);
    found.push_back({answer.label, answer.survives});
  }
  return found;
}

std::vector<row> certify_run_off(const parts_options& o) {
  expect_no_budgets(o);
  expect(!o.preferences.empty(), "parts: --election run-off needs --preferences, each model's order of the classes");
  expect(o.labels.empty(), "parts: --election run-off takes --preferences, not --part-labels");
  const npy_array<label_type> orders = read_any_integers(o.preferences);
  expect<data_error>(orders.shape.size() == 3 && !orders.values.empty(), o.preferences,
                     ": expected preferences of shape [k,n,K], each at least 1, got ", orders.shape.size(),
                     " axes and ", orders.values.size(), " values");
  const std::size_t parts = orders.shape[0];
  const std::size_t samples = orders.shape[1];
  const std::size_t classes = orders.shape[2];
  expect(!o.classes || *o.classes == classes, "--classes: ", o.preferences, " holds orders of ", classes,
         " classes, got ", o.classes.value_or(0));
  std::vector<row> found;
  for (std::size_t i = 0; i < samples; ++i) {
    std::vector<label_type> preferences;
    for (std::size_t j = 0; j < parts; ++j) {
      const auto order = std::span(orders.values).subspan((j * samples + i) * classes, classes);
      preferences.insert(preferences.end(), order.begin(), order.end());
    }
    const surviving_class answer = run_off(preferences, classes);
    found.push_back({answer.label, answer.survives});
  }
  return found;
}

std::vector<row> hold_election(const parts_options& o) {
  expect(o.shifts.empty() || o.election == "finite", "parts: --shifts goes with --election finite");
  if (o.election == "finite") return certify_finite(o);
  if (o.election == "run-off") return certify_run_off(o);
  return o.budgets.empty() ? certify_plain(o) : certify_smoothed(o);
}

void certify_parts(const parts_options& o) {
  const std::vector<row> rows = hold_election(o);
  const std::string survives = o.election == "finite" ? "rows" : "survives";
  json found = {{"labels", json::array()}, {survives, json::array()}};
  std::vector<std::string> header{"sample", "label", survives};
  if (rows.front().energy) {
    found["energies"] = json::array();
    header.emplace_back("energy");
  }
  text_table table(header);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto survived = rows[i].survives ? static_cast<std::int64_t>(*rows[i].survives) : std::int64_t{-1};
    found["labels"].push_back(rows[i].label);
    found[survives].push_back(survived);
    std::vector<std::string> cells{concatenate(i), concatenate(rows[i].label), concatenate(survived)};
    if (rows[i].energy) {
      found["energies"].push_back(*rows[i].energy);
      cells.push_back(decimal(*rows[i].energy, 6));
    }
    table.add(std::move(cells));
  }
  o.say.print(found, table.text());
}

}  // namespace

command make_parts(CLI::App& program) {
  const auto o = std::make_shared<parts_options>();
  CLI::App* app = program.add_subcommand(
      "parts", "Bring your own parts: models trained on parts of the training set vote; how many may change at will.");
  app->add_option("--part-labels", o->labels, "the class that each part names, int64 [k,n]; -1 abstains");
  add_whole(*app, "--classes", o->classes, "the number of classes K", 2);
  app->add_option("--budgets", o->budgets,
                  "smoothing inside parts: within which noise-scaled change each part keeps its class, reals [k,n]");
  add_whole(*app, "--failures", o->failures, "how many of the parts' reports may be false (default 0)", 0);
  add_whole(*app, "--rows-touched", o->rows_touched, "how many parts are changed at will beside the energy (default 0)",
            0);
  app->add_option("--election", o->election,
                  "plurality, finite (each row is seen by the models at hash + shift), or run-off (two rounds)")
      ->check(CLI::IsMember({"plurality", "finite", "run-off"}))
      ->capture_default_str();
  app->add_option("--shifts", o->shifts, "of --election finite: d different whole numbers, such as 0,3,7");
  app->add_option("--preferences", o->preferences,
                  "of --election run-off: each model's classes from the highest score to the lowest, int64 [k,n,K]");
  o->say.add_to(*app);
  add_example(*app,
              "certssb parts --part-labels l.npy --classes 10 --budgets b.npy --failures 5 --rows-touched 3 --json");
  return {app, [o] { certify_parts(*o); }};
}

}  // namespace certssb::cli
