// SPDX-License-Identifier: MIT
#pragma once
// Brief: labelled inputs in memory, over any tensor type.

#include "certssb/core/expect.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/data/value_ranges.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: integers of any type as labels. Those that do not fit become negative, and the data set then refuses them by
/// row.
template <class Labels>
[[nodiscard]] std::vector<label_type> labels_from(const Labels& values) {
  std::vector<label_type> labels;
  for (const auto value : values) labels.push_back(static_cast<label_type>(value));
  return labels;
}

}  // namespace detail

/// Brief: N inputs, their labels, and an id for each that survives subsetting and poisoning.
/// Shapes: inputs [N, row...], labels [N], ids [N].
/// Units: column c of the inputs in `ranges()[c]`.
template <class Tensor>
class dataset {
  static_assert(require_tensor<Tensor>());

public:
  using tensor_type = Tensor;
  static constexpr bool ids_are_distinct = true;
  using traits = tensor_traits<Tensor>;

  /// Brief: makes a data set of its parts:
  ///
  ///     dataset data(host_array<float>::from_rows({{0.1F, 7.0F}, {0.9F, 3.0F}}), {0, 1}, 2, {}, {{0, 1}, {0, 10}});
  ///
  /// Rows have shape {row_size} and ids are 0 .. N - 1 unless given; `ranges` is one range or one per column.
  /// Throws: argument_error when lengths or the row shape disagree, a label is outside [0, classes), classes < 2, a
  /// range is empty, ids repeat, or a scalar is not a number or outside its range (rounded to the tensor's scalar).
  /// Cost: reads every scalar once.
  dataset(Tensor inputs, std::vector<label_type> labels, std::size_t classes, std::vector<std::size_t> row_shape = {},
          value_ranges ranges = {}, std::vector<std::uint32_t> ids = {})
      : inputs_(std::move(inputs)),
        labels_(std::move(labels)),
        classes_(classes),
        row_shape_(std::move(row_shape)),
        ranges_(std::move(ranges)),
        ids_(std::move(ids)) {
    if (row_shape_.empty()) row_shape_ = {traits::row_size(inputs_)};
    if (ids_.empty()) {
      ids_.resize(labels_.size());
      std::iota(ids_.begin(), ids_.end(), std::uint32_t{0});
    }
    check_extents();
    check_labels();
    check_values();
  }

  /// Brief: the same with labels from any range of integers.
  template <std::ranges::input_range Labels>
  requires std::integral<std::ranges::range_value_t<Labels>> dataset(Tensor inputs, const Labels& labels,
                                                                     std::size_t classes,
                                                                     std::vector<std::size_t> row_shape = {},
                                                                     value_ranges ranges = {},
                                                                     std::vector<std::uint32_t> ids = {})
      : dataset(std::move(inputs), detail::labels_from(labels), classes, std::move(row_shape), std::move(ranges),
                std::move(ids)) {}

  [[nodiscard]] std::size_t size() const noexcept { return labels_.size(); }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::span<const label_type> labels() const noexcept { return labels_; }
  [[nodiscard]] std::span<const std::uint32_t> ids() const noexcept { return ids_; }
  [[nodiscard]] std::span<const std::size_t> row_shape() const noexcept { return row_shape_; }
  [[nodiscard]] std::size_t row_size() const { return traits::row_size(inputs_); }
  [[nodiscard]] const value_ranges& ranges() const noexcept { return ranges_; }

  /// Brief: the range of all columns.
  /// Throws: argument_error if columns have different ranges.
  [[nodiscard]] const value_range& range() const { return ranges_.one(); }

  /// Brief: the range of one column.
  /// Throws: argument_error for a column that does not exist.
  [[nodiscard]] const value_range& range(std::size_t column) const {
    expect(column < row_size(), "dataset: expected a column below ", row_size(), ", got ", column);
    return ranges_[column];
  }

  [[nodiscard]] const Tensor& inputs() const noexcept { return inputs_; }

  [[nodiscard]] Tensor make(std::size_t rows) const { return traits::make(rows, inputs_); }
  void gather(std::span<const std::size_t> positions, Tensor& out) const { traits::gather(inputs_, positions, out); }

private:
  void check_extents() const {
    const std::size_t size = std::accumulate(row_shape_.begin(), row_shape_.end(), std::size_t{1}, std::multiplies<>{});
    expect(traits::rows(inputs_) == labels_.size(), "dataset: ", traits::rows(inputs_), " inputs but ", labels_.size(),
           " labels");
    expect(ids_.size() == labels_.size(), "dataset: ", labels_.size(), " labels but ", ids_.size(), " ids");
    expect(traits::row_size(inputs_) == size, "dataset: the row shape holds ", size, " scalars but a row has ",
           traits::row_size(inputs_));
    expect(ranges_.fit(size), "dataset: ", ranges_.values().size(), " value ranges for rows of ", size, " scalars");
  }

  void check_labels() const {
    expect(classes_ >= 2, "dataset: needs at least 2 classes, got ", classes_);
    for (const label_type label : labels_) {
      expect(label >= 0 && std::cmp_less(label, classes_), "dataset: label ", label, " is outside [0, ", classes_, ")");
    }
    expect_distinct_ids("dataset", std::span<const std::uint32_t>(ids_));
  }

  void check_values() const {
    using scalar = scalar_of<Tensor>;
    std::vector<scalar> row(row_size());
    for (std::size_t i = 0; i < size(); ++i) {
      traits::read(inputs_, i, row);
      for (std::size_t c = 0; c < row.size(); ++c) {
        const value_range& range = ranges_[c];
        if (row[c] >= static_cast<scalar>(range.low) && row[c] <= static_cast<scalar>(range.high)) continue;
        const std::string column = ranges_.same_for_all() ? "" : concatenate(" in column ", c);
        throw argument_error(concatenate("dataset: input ", i, " holds ", row[c], column,
                                         ", outside the declared range [", range.low, ", ", range.high, "]"));
      }
    }
  }

  Tensor inputs_;
  std::vector<label_type> labels_;
  std::size_t classes_;
  std::vector<std::size_t> row_shape_;
  value_ranges ranges_;
  std::vector<std::uint32_t> ids_;
};

}  // namespace v1
}  // namespace certssb
