// SPDX-License-Identifier: MIT
#pragma once
// Brief: poisons a training set, and makes the test set that shows whether the backdoor works.

#include "certssb/attack/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a data set after the attack, with the measured changes.
/// Units: norms L2, in those of the inputs, measured between the clean and the clipped poisoned row.
template <tensor Tensor>
struct poisoned_dataset {
  dataset<Tensor> data;
  std::vector<std::size_t> positions;  ///< of the poisoned rows, ascending
  std::vector<double> pattern_norms;   ///< L2, one per poisoned row, in that order
  std::vector<double> pattern_l1;      ///< L1, the same

  /// Brief: the largest change of one row; 0 where none is poisoned.
  [[nodiscard]] double largest_norm() const { return pattern_norms.empty() ? 0.0 : std::ranges::max(pattern_norms); }

  /// Brief: the change of all rows at once, the Frobenius norm that a certificate must cover.
  [[nodiscard]] double frobenius_norm() const {
    return std::sqrt(std::inner_product(pattern_norms.begin(), pattern_norms.end(), pattern_norms.begin(), 0.0));
  }
};

namespace detail {

/// Brief: the rows whose label the map changes.
/// Throws: argument_error when the map leaves [0, classes).
template <label_map Map>
[[nodiscard]] std::vector<std::size_t> attackable_rows(std::span<const label_type> labels, std::size_t classes,
                                                       const Map& map) {
  for (std::size_t c = 0; c < classes; ++c) {
    const label_type mapped = map(static_cast<label_type>(c));
    expect(mapped >= 0 && std::cmp_less(mapped, classes), "label map: target must lie in [0, ", classes - 1, "], got ",
           mapped);
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (map(labels[i]) != labels[i]) rows.push_back(i);
  }
  return rows;
}

/// Brief: how far each of some rows was changed.
struct measured_norms {
  std::vector<double> l2;
  std::vector<double> l1;
};

/// Brief: applies the trigger to rows `positions` of `inputs` and clips each value to the range of its
/// column; returns the norms of each change.
template <tensor Tensor, trigger<scalar_of<Tensor>> Trigger>
measured_norms trigger_rows(Tensor& inputs, std::span<const std::size_t> positions, const Trigger& pattern,
                            std::span<const std::size_t> row_shape, const value_ranges& ranges) {
  using traits = tensor_traits<Tensor>;
  using scalar = scalar_of<Tensor>;
  std::vector<scalar> clean(traits::row_size(inputs));
  std::vector<scalar> row(clean.size());
  measured_norms norms;
  for (const std::size_t position : positions) {
    traits::read(inputs, position, clean);
    row = clean;
    pattern.apply(std::span<scalar>(row), row_shape);
    double square = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = std::clamp(row[i], static_cast<scalar>(ranges[i].low), static_cast<scalar>(ranges[i].high));
      const double change = static_cast<double>(row[i]) - static_cast<double>(clean[i]);
      square += change * change;
      sum += std::abs(change);
    }
    norms.l2.push_back(std::sqrt(square));
    norms.l1.push_back(sum);
    traits::write(inputs, position, row);
  }
  return norms;
}

template <tensor Tensor>
[[nodiscard]] Tensor gather_rows(const dataset<Tensor>& data, std::span<const std::size_t> positions) {
  Tensor rows = data.make(positions.size());
  data.gather(positions, rows);
  return rows;
}

}  // namespace detail

/// Brief: poisons round(rate * N) rows, chosen at random among those whose label the map changes. On these rows the
/// trigger is applied, each value is clipped to the range of its column, and the label is mapped. Other rows and all ids
/// stay as they are.
/// Throws: argument_error when the rate is outside [0,1], is positive but rounds to no row, or asks for more rows than
/// there are to attack; when the map leaves the classes; or when the trigger does not fit. Rate 0 poisons nothing.
/// Cost: one copy of the data set.
/// Determinism: the rows depend on the labels and on stream (key, stage::poison) alone.
template <tensor Tensor, class Trigger, class Map>
[[nodiscard]] poisoned_dataset<Tensor> poison(const dataset<Tensor>& data, const Trigger& pattern, const Map& map,
                                              double rate, const random_key& key) {
  static_assert(require_trigger<Trigger, scalar_of<Tensor>>());
  static_assert(require_label_map<Map>());
  expect(rate >= 0.0 && rate <= 1.0, "poison: rate must lie in [0,1], got ", rate);
  std::vector<std::size_t> positions = detail::attackable_rows(data.labels(), data.classes(), map);
  const auto count = static_cast<std::size_t>(std::llround(rate * static_cast<double>(data.size())));
  expect(count > 0 || rate == 0.0, "poison: rate ", rate, " of ", data.size(), " rows poisons no row");
  expect(count <= positions.size(), "poison: rate ", rate, " asks for ", count, " of ", data.size(), " rows, but only ",
         positions.size(), " have a label that the attack changes");
  random_stream stream(key.at(stage::poison));
  shuffle(std::span(positions), stream);
  positions.resize(count);
  std::ranges::sort(positions);

  std::vector<std::size_t> everything(data.size());
  std::iota(everything.begin(), everything.end(), std::size_t{0});
  Tensor inputs = detail::gather_rows(data, everything);
  detail::measured_norms norms = detail::trigger_rows(inputs, positions, pattern, data.row_shape(), data.ranges());
  std::vector<label_type> labels(data.labels().begin(), data.labels().end());
  for (const std::size_t position : positions) labels[position] = map(labels[position]);
  dataset<Tensor> poisoned(std::move(inputs), std::move(labels), data.classes(),
                           {data.row_shape().begin(), data.row_shape().end()}, data.ranges(),
                           {data.ids().begin(), data.ids().end()});
  return {std::move(poisoned), std::move(positions), std::move(norms.l2), std::move(norms.l1)};
}

/// Brief: the test rows whose label the map changes (for all_to_one: those not of the target), with the trigger,
/// clipped; labels stay the true ones and ids are kept.
/// Throws: argument_error when no such row is left, the map leaves the classes, or the trigger does not fit.
template <tensor Tensor, class Trigger, class Map>
[[nodiscard]] dataset<Tensor> trigger_test_set(const dataset<Tensor>& data, const Trigger& pattern, const Map& map) {
  static_assert(require_trigger<Trigger, scalar_of<Tensor>>());
  static_assert(require_label_map<Map>());
  const std::vector<std::size_t> rows = detail::attackable_rows(data.labels(), data.classes(), map);
  expect(!rows.empty(), "trigger_test_set: no row has a label that the attack changes");
  Tensor inputs = detail::gather_rows(data, rows);
  std::vector<std::size_t> everything(rows.size());
  std::iota(everything.begin(), everything.end(), std::size_t{0});
  detail::trigger_rows(inputs, everything, pattern, data.row_shape(), data.ranges());
  std::vector<label_type> labels;
  std::vector<std::uint32_t> ids;
  for (const std::size_t row : rows) {
    labels.push_back(data.labels()[row]);
    ids.push_back(data.ids()[row]);
  }
  return dataset<Tensor>(std::move(inputs), std::move(labels), data.classes(),
                         {data.row_shape().begin(), data.row_shape().end()}, data.ranges(), std::move(ids));
}

}  // namespace v1
}  // namespace certssb
