// SPDX-License-Identifier: MIT
#pragma once
// Brief: labelled inputs in memory, over any tensor type.

#include "certssb/core/expect.hpp"
#include "certssb/data/concept.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the closed interval in which a clean input's scalars lie; the unit of sigma and of every radius.
struct value_range {
  double low = 0.0;
  double high = 1.0;
};

/// Brief: N inputs, their labels, and an id for each that survives subsetting and poisoning.
/// Shapes: inputs [N, row...], labels [N], ids [N].
/// Units: inputs in `range`.
template <tensor Tensor>
class dataset {
public:
  using tensor_type = Tensor;
  using traits = tensor_traits<Tensor>;

  /// Brief: makes a data set of its parts; ids are 0 .. N - 1 unless given.
  /// Throws: argument_error when lengths or the row shape disagree, a label is outside [0, classes), classes < 2, the
  /// range is empty, ids repeat, or a scalar is not a number or outside the range.
  /// Cost: reads every scalar once.
  dataset(Tensor inputs, std::vector<label_type> labels, std::size_t classes, std::vector<std::size_t> row_shape,
          value_range range = {}, std::vector<std::uint32_t> ids = {})
      : inputs_(std::move(inputs)),
        labels_(std::move(labels)),
        classes_(classes),
        row_shape_(std::move(row_shape)),
        range_(range),
        ids_(std::move(ids)) {
    if (ids_.empty()) {
      ids_.resize(labels_.size());
      std::iota(ids_.begin(), ids_.end(), std::uint32_t{0});
    }
    check_extents();
    check_labels();
    check_values();
  }

  [[nodiscard]] std::size_t size() const noexcept { return labels_.size(); }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::span<const label_type> labels() const noexcept { return labels_; }
  [[nodiscard]] std::span<const std::uint32_t> ids() const noexcept { return ids_; }
  [[nodiscard]] std::span<const std::size_t> row_shape() const noexcept { return row_shape_; }
  [[nodiscard]] std::size_t row_size() const { return traits::row_size(inputs_); }
  [[nodiscard]] const value_range& range() const noexcept { return range_; }
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
    expect(range_.low < range_.high, "dataset: the value range [", range_.low, ", ", range_.high, "] is empty");
  }

  void check_labels() const {
    expect(classes_ >= 2, "dataset: needs at least 2 classes, got ", classes_);
    for (const label_type label : labels_) {
      expect(label >= 0 && std::cmp_less(label, classes_), "dataset: label ", label, " is outside [0, ", classes_, ")");
    }
    std::vector<std::uint32_t> sorted(ids_);
    std::ranges::sort(sorted);
    expect(std::ranges::adjacent_find(sorted) == sorted.end(), "dataset: ids repeat");
  }

  void check_values() const {
    std::vector<scalar_of<Tensor>> row(row_size());
    for (std::size_t i = 0; i < size(); ++i) {
      traits::read(inputs_, i, row);
      for (const auto value : row) {
        expect(value >= range_.low && value <= range_.high, "dataset: input ", i, " holds ", value,
               ", outside the declared range [", range_.low, ", ", range_.high, "]");
      }
    }
  }

  Tensor inputs_;
  std::vector<label_type> labels_;
  std::size_t classes_;
  std::vector<std::size_t> row_shape_;
  value_range range_;
  std::vector<std::uint32_t> ids_;
};

}  // namespace v1
}  // namespace certssb
