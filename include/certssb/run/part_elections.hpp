// SPDX-License-Identifier: MIT
#pragma once
// Brief: elections over the answers of parts that were trained elsewhere: what each sample's winner survives.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/io/npy_array.hpp"
#include "certssb/radius/finite_aggregation.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/radius/run_off.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what an election says of one sample: a class or `abstain`, how many parts (of finite aggregation, rows) may be
/// changed at will, and where parts smooth the energy that is left.
struct elected_class {
  label_type label;
  std::optional<std::size_t> survives;
  std::optional<double> energy = {};
};

/// Brief: one answer of each part on each sample.
/// Shapes: [k,n], k and n at least 1.
template <class Scalar>
class part_table {
public:
  /// Throws: data_error for another shape; `name` begins the message, `what` is in it.
  part_table(npy_array<Scalar> array, std::string name, const char* what)
      : array_(std::move(array)), name_(std::move(name)) {
    expect<data_error>(array_.shape.size() == 2 && !array_.values.empty(), name_, ": expected ", what,
                       " of shape [k,n], k and n at least 1, got ", array_.shape.size(), " axes and ",
                       array_.values.size(), " values");
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
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
  std::string name_;
};

/// Brief: throws data_error unless each label is in [lowest, classes).
inline void expect_labels_within(const part_table<label_type>& labels, label_type lowest, std::size_t classes) {
  for (std::size_t j = 0; j < labels.parts(); ++j) {
    for (std::size_t i = 0; i < labels.samples(); ++i) {
      const label_type label = labels.at(j, i);
      expect<data_error>(label >= lowest && std::cmp_less(label, classes), labels.name(), ": label ", label,
                         " of part ", j, " and sample ", i, " is outside [", lowest, ", ", classes, ")");
    }
  }
}

/// Brief: the class that most parts name; -1 of a part abstains.
/// Throws: data_error for a label outside [-1, classes).
/// Reference: THEORY.md 13.1.
[[nodiscard]] inline std::vector<elected_class> elect_by_plurality(const part_table<label_type>& labels,
                                                                   std::size_t classes) {
  expect_labels_within(labels, abstain, classes);
  std::vector<elected_class> found;
  for (std::size_t i = 0; i < labels.samples(); ++i) {
    const part_votes votes(labels.of(i), classes);
    found.push_back({votes.label(), votes.survives()});
  }
  return found;
}

/// Brief: the same where parts smooth: each keeps its class within its budget, `failures` of the reports may be false,
/// and the energy is what is left when `rows_touched` parts are changed at will.
/// Throws: data_error for a label outside [-1, classes), and a budget that is not positive where a class is named;
/// argument_error for budgets of another shape, and more failures or parts touched than parts.
/// Reference: THEORY.md 13.4 c.
[[nodiscard]] inline std::vector<elected_class> elect_under_noise(const part_table<label_type>& labels,
                                                                  const part_table<double>& budgets,
                                                                  std::size_t classes, std::size_t failures,
                                                                  std::size_t rows_touched) {
  expect_labels_within(labels, abstain, classes);
  expect(budgets.parts() == labels.parts() && budgets.samples() == labels.samples(), budgets.name(),
         ": expected budgets of shape [", labels.parts(), ",", labels.samples(), "] as part_labels, got [",
         budgets.parts(), ",", budgets.samples(), "]");
  expect(failures <= labels.parts(), "failures: expected at most ", labels.parts(), ", the number of parts, got ",
         failures);
  expect(rows_touched <= labels.parts(), "rows_touched: expected at most ", labels.parts(),
         ", the number of parts, got ", rows_touched);
  std::vector<elected_class> found;
  for (std::size_t i = 0; i < labels.samples(); ++i) {
    std::vector<part_report> reports(labels.parts());
    for (std::size_t j = 0; j < reports.size(); ++j) {
      reports[j] = {labels.at(j, i), budgets.at(j, i)};
      expect<data_error>(reports[j].label == abstain || (reports[j].budget > 0.0 && reports[j].budget < 1e100),
                         budgets.name(), ": a budget must be positive and below 1e100, got ", reports[j].budget,
                         " of part ", j, " and sample ", i);
    }
    const part_frontier frontier(reports, classes, failures);
    found.push_back({frontier.votes().leader(), frontier.survives(), frontier.energy(rows_touched)});
  }
  return found;
}

/// Brief: finite aggregation: a row is seen by the models at its hash plus each of the shifts.
/// Throws: data_error for a label outside [0, classes); argument_error as finite_aggregation.
[[nodiscard]] inline std::vector<elected_class> elect_finite(const part_table<label_type>& labels, std::size_t classes,
                                                             const std::vector<std::size_t>& shifts) {
  expect_labels_within(labels, 0, classes);
  const finite_aggregation rule(labels.parts(), shifts);
  std::vector<elected_class> found;
  for (std::size_t i = 0; i < labels.samples(); ++i) {
    const surviving_class answer = rule.certify(labels.of(i), classes);
    found.push_back({answer.label, answer.survives});
  }
  return found;
}

/// Brief: a run-off: of the two classes that most models put first, the one that more models prefer.
/// Shapes: preferences [k,n,K], each model's classes from the highest score to the lowest.
/// Throws: data_error for another shape, naming `name`; argument_error unless each order is a permutation.
[[nodiscard]] inline std::vector<elected_class> elect_by_run_off(const npy_array<label_type>& preferences,
                                                                 const std::string& name) {
  expect<data_error>(preferences.shape.size() == 3 && !preferences.values.empty(), name,
                     ": expected preferences of shape [k,n,K], each at least 1, got ", preferences.shape.size(),
                     " axes and ", preferences.values.size(), " values");
  const std::size_t parts = preferences.shape[0];
  const std::size_t samples = preferences.shape[1];
  const std::size_t classes = preferences.shape[2];
  std::vector<elected_class> found;
  for (std::size_t i = 0; i < samples; ++i) {
    std::vector<label_type> orders;
    for (std::size_t j = 0; j < parts; ++j) {
      const auto order = std::span(preferences.values).subspan((j * samples + i) * classes, classes);
      orders.insert(orders.end(), order.begin(), order.end());
    }
    const surviving_class answer = run_off(orders, classes);
    found.push_back({answer.label, answer.survives});
  }
  return found;
}

}  // namespace v1
}  // namespace certssb
