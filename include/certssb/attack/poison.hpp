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
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a data set after the attack, with the measured changes.
/// Units: norms L2, in those of the inputs, measured between the clean and the clipped poisoned row; infinite where the
/// clean row is not known.
template <tensor Tensor>
struct poisoned_dataset {
  dataset<Tensor> data;
  std::vector<std::size_t> positions;         ///< of the poisoned rows and covers, ascending
  std::vector<double> pattern_norms;          ///< L2, one per poisoned row, in that order
  std::vector<double> pattern_l1;             ///< L1, the same
  std::vector<std::uint8_t> relabelled = {};  ///< 1 where the label changed too, the same; empty: everywhere

  /// Brief: whether the label of poisoned row p, in the order of `positions`, changed or may have changed.
  [[nodiscard]] bool relabels(std::size_t p) const { return relabelled.empty() || relabelled[p] != 0; }

  [[nodiscard]] std::size_t relabelled_rows() const {
    std::size_t rows = 0;
    for (std::size_t p = 0; p < positions.size(); ++p) rows += relabels(p) ? 1U : 0U;
    return rows;
  }

  /// Brief: the largest change of one row; 0 where none is poisoned.
  [[nodiscard]] double largest_norm() const { return pattern_norms.empty() ? 0.0 : std::ranges::max(pattern_norms); }

  /// Brief: the change of all rows at once, the Frobenius norm that a certificate must cover.
  [[nodiscard]] double frobenius_norm() const {
    return std::sqrt(std::inner_product(pattern_norms.begin(), pattern_norms.end(), pattern_norms.begin(), 0.0));
  }
};

namespace detail {

/// Throws: argument_error when the map leaves [0, classes).
template <label_map Map>
void expect_labels_in_classes(std::size_t classes, const Map& map) {
  for (std::size_t c = 0; c < classes; ++c) {
    for (const label_type mapped :
         {map(static_cast<label_type>(c)), label_in_training(map, static_cast<label_type>(c))}) {
      expect(mapped >= 0 && std::cmp_less(mapped, classes), "label map: target must lie in [0, ", classes - 1,
             "], got ", mapped);
    }
  }
}

/// Brief: the rows whose label is chosen, ascending.
template <class Chosen>
[[nodiscard]] std::vector<std::size_t> rows_of_labels(std::span<const label_type> labels, const Chosen& chosen) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (chosen(labels[i])) rows.push_back(i);
  }
  return rows;
}

/// Brief: the number of rows that a rate asks for.
/// Throws: argument_error when the rate is outside [0,1], or is positive but rounds to no row.
[[nodiscard]] inline std::size_t count_of(const char* what, double rate, std::size_t rows) {
  expect(rate >= 0.0 && rate <= 1.0, "poison: ", what, " must lie in [0,1], got ", rate);
  const auto count = static_cast<std::size_t>(std::llround(rate * static_cast<double>(rows)));
  expect(count > 0 || rate == 0.0, "poison: ", what, " ", rate, " of ", rows, " rows poisons no row");
  return count;
}

/// Brief: `count` of some rows, chosen by a key, ascending.
[[nodiscard]] inline std::vector<std::size_t> choose_rows(std::vector<std::size_t> rows, std::size_t count,
                                                          const random_key& key) {
  random_stream stream(key);
  shuffle(std::span(rows), stream);
  rows.resize(count);
  std::ranges::sort(rows);
  return rows;
}

/// Brief: the trigger made ready for the rows at these positions, if it wants to be.
template <tensor Tensor, class Trigger>
[[nodiscard]] auto ready_trigger(const Trigger& pattern, const dataset<Tensor>& data,
                                 std::span<const std::size_t> positions) {
  if constexpr (requires { pattern.prepared(data, positions); }) {
    return pattern.prepared(data, positions);
  } else {
    return pattern;
  }
}

/// Brief: how far each of some rows was changed.
struct measured_norms {
  std::vector<double> l2;
  std::vector<double> l1;
};

/// Brief: what the trigger sees of a row of the data besides its input.
template <tensor Tensor>
[[nodiscard]] trigger_context context_of(const dataset<Tensor>& data, std::size_t position, const random_key& key,
                                         trigger_use use) {
  const std::uint32_t id = data.ids()[position];
  const random_key own = key.at(stage::trigger).for_sample(id).for_draw(1);  // draw 0 is that of common patterns
  return {data.labels()[position], id, own, use};
}

/// Brief: applies the trigger to rows `positions` of `inputs` and clips each value to the range of its column; returns
/// the norms of each change. seen(position) is the context of a row.
template <tensor Tensor, class Trigger, class Seen>
measured_norms trigger_rows(Tensor& inputs, std::span<const std::size_t> positions, const Trigger& pattern,
                            std::span<const std::size_t> row_shape, const value_ranges& ranges, const Seen& seen) {
  using traits = tensor_traits<Tensor>;
  using scalar = scalar_of<Tensor>;
  std::vector<scalar> clean(traits::row_size(inputs));
  std::vector<scalar> row(clean.size());
  measured_norms norms;
  for (const std::size_t position : positions) {
    traits::read(inputs, position, clean);
    row = clean;
    apply_trigger(pattern, std::span<scalar>(row), row_shape, seen(position));
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

/// Brief: poisons round(rate * N) rows, chosen at random among those that the map poisons: by default those whose label
/// it changes. On these rows the trigger is applied, each value is clipped to the range of its column, and the label is
/// mapped. Then round(cover_rate * N) of the other rows, chosen at random, are covers: they get the trigger and keep
/// their label. Other rows and all ids stay as they are.
/// Throws: argument_error when a rate is outside [0,1], is positive but rounds to no row, or asks for more rows than
/// there are to attack; when the map leaves the classes; or when the trigger does not fit. Rate 0 poisons nothing.
/// Cost: one copy of the data set.
/// Determinism: the rows depend on the labels and on stream (key, stage::poison) alone, the covers on its draw 1.
template <tensor Tensor, class Trigger, class Map>
[[nodiscard]] poisoned_dataset<Tensor> poison(const dataset<Tensor>& data, const Trigger& pattern, const Map& map,
                                              double rate, const random_key& key, double cover_rate = 0.0) {
  static_assert(require_trigger<Trigger, scalar_of<Tensor>>());
  static_assert(require_label_map<Map>());
  const std::size_t count = detail::count_of("rate", rate, data.size());
  const std::size_t covers = detail::count_of("cover_rate", cover_rate, data.size());
  detail::expect_labels_in_classes(data.classes(), map);
  const std::vector<std::size_t> open =
      detail::rows_of_labels(data.labels(), [&](label_type label) { return poisons(map, label); });
  const bool relabels = std::ranges::any_of(
      open, [&](std::size_t i) { return label_in_training(map, data.labels()[i]) != data.labels()[i]; });
  expect(count <= open.size(), "poison: rate ", rate, " asks for ", count, " of ", data.size(), " rows, but only ",
         open.size(), relabels ? " have a label that the attack changes" : " are of the class that the attack poisons");
  std::vector<std::size_t> positions = detail::choose_rows(open, count, key.at(stage::poison));
  const auto chosen = [first = positions](std::size_t position) { return std::ranges::binary_search(first, position); };
  const auto ready = detail::ready_trigger(pattern, data, positions);

  std::vector<std::size_t> everything(data.size());
  std::iota(everything.begin(), everything.end(), std::size_t{0});
  if (covers > 0) {
    std::vector<std::size_t> others = everything;
    std::erase_if(others, chosen);
    expect(covers <= others.size(), "poison: cover_rate ", cover_rate, " asks for ", covers, " covers, but only ",
           others.size(), " rows are not poisoned");
    others = detail::choose_rows(std::move(others), covers, key.at(stage::poison).for_draw(1));
    positions.insert(positions.end(), others.begin(), others.end());
    std::ranges::sort(positions);
  }
  Tensor inputs = detail::gather_rows(data, everything);
  const auto seen = [&](std::size_t position) {
    return detail::context_of(data, position, key,
                              chosen(position) ? trigger_use::poisoned_row : trigger_use::cover_row);
  };
  detail::measured_norms norms = detail::trigger_rows(inputs, positions, ready, data.row_shape(), data.ranges(), seen);
  std::vector<label_type> labels(data.labels().begin(), data.labels().end());
  std::vector<std::uint8_t> relabelled;
  for (const std::size_t position : positions) {
    if (chosen(position)) labels[position] = label_in_training(map, labels[position]);
    relabelled.push_back(labels[position] == data.labels()[position] ? 0 : 1);
  }
  dataset<Tensor> poisoned(std::move(inputs), std::move(labels), data.classes(),
                           {data.row_shape().begin(), data.row_shape().end()}, data.ranges(),
                           {data.ids().begin(), data.ids().end()});
  return {std::move(poisoned), std::move(positions), std::move(norms.l2), std::move(norms.l1), std::move(relabelled)};
}

/// Brief: the test rows whose label the map changes (for all_to_one: those not of the target), with the trigger,
/// clipped; labels stay the true ones and ids are kept. `key` is for triggers that draw something for each input.
/// Throws: argument_error when no such row is left, the map leaves the classes, or the trigger does not fit.
template <tensor Tensor, class Trigger, class Map>
[[nodiscard]] dataset<Tensor> trigger_test_set(const dataset<Tensor>& data, const Trigger& pattern, const Map& map,
                                               const random_key& key = {}) {
  static_assert(require_trigger<Trigger, scalar_of<Tensor>>());
  static_assert(require_label_map<Map>());
  detail::expect_labels_in_classes(data.classes(), map);
  const std::vector<std::size_t> rows =
      detail::rows_of_labels(data.labels(), [&](label_type label) { return map(label) != label; });
  expect(!rows.empty(), "trigger_test_set: no row has a label that the attack changes");
  Tensor inputs = detail::gather_rows(data, rows);
  std::vector<label_type> labels;
  std::vector<std::uint32_t> ids;
  for (const std::size_t row : rows) {
    labels.push_back(data.labels()[row]);
    ids.push_back(data.ids()[row]);
  }
  std::vector<std::size_t> everything(rows.size());
  std::iota(everything.begin(), everything.end(), std::size_t{0});
  const auto seen = [&](std::size_t at) { return detail::context_of(data, rows[at], key, trigger_use::test_input); };
  detail::trigger_rows(inputs, everything, pattern, data.row_shape(), data.ranges(), seen);
  return dataset<Tensor>(std::move(inputs), std::move(labels), data.classes(),
                         {data.row_shape().begin(), data.row_shape().end()}, data.ranges(), std::move(ids));
}

/// Brief: a data set that somebody else poisoned, as it is: the rows of these ids are known to be poisoned, and their
/// clean versions are not known. Norms are infinite, and every label of these rows may have been changed.
/// Throws: argument_error for an id that is no row's, or comes twice.
template <tensor Tensor>
[[nodiscard]] poisoned_dataset<Tensor> known_poisoned(dataset<Tensor> data, std::span<const std::uint32_t> ids) {
  const std::set<std::uint32_t> wanted(ids.begin(), ids.end());
  expect(wanted.size() == ids.size(), "given: ", ids.size() - wanted.size(), " of ", ids.size(), " ids come twice");
  std::vector<std::size_t> positions;
  std::set<std::uint32_t> missing = wanted;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (missing.erase(data.ids()[i]) == 1) positions.push_back(i);
  }
  expect(missing.empty(), "given: ", missing.size(), " of ", ids.size(), " ids are of no training row, the first ",
         missing.empty() ? 0U : *missing.begin());
  const std::vector<double> unknown(positions.size(), std::numeric_limits<double>::infinity());
  return {std::move(data), std::move(positions), unknown, unknown};
}

}  // namespace v1
}  // namespace certssb
