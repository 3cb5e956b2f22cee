// SPDX-License-Identifier: MIT
#pragma once
// Brief: fixed maps of rows. They are free inside a member: what a member computes from its own rows and from the fixed
// test input changes no certificate.

#include "certssb/core/expect.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what a member sees of a row: the row; sign(x) sqrt|x| of each entry x, which brings out what is faint; or, of
/// images, the mean over the square of 2 x 2 or 4 x 4 pixels that each pixel is in, which takes out noise.
enum class input_map { none, square_root, mean_2, mean_4 };

inline constexpr auto input_map_names = std::to_array<std::string_view>({"none", "square-root", "mean-2", "mean-4"});

/// Brief: the map of this name.
/// Throws: argument_error for another name.
[[nodiscard]] inline input_map input_map_of(std::string_view name) {
  const auto found = std::ranges::find(input_map_names, name);
  expect(found != input_map_names.end(), "map: expected none, square-root, mean-2 or mean-4, got ", name);
  return static_cast<input_map>(found - input_map_names.begin());
}

namespace detail {

/// Brief: the side of the squares whose mean is taken; 1 where none is.
[[nodiscard]] constexpr std::size_t side_of(input_map map) noexcept {
  return map == input_map::mean_2 ? 2 : map == input_map::mean_4 ? 4 : 1;
}

/// Brief: replaces every pixel of one plane by the mean of its square; squares at the far edges may be cut. A square is
/// summed by columns, and those from left to right.
/// Shapes: columns [width], working memory.
template <std::size_t Side, class Scalar>
void average_squares(Scalar* plane, std::size_t height, std::size_t width, Scalar* columns) {
  for (std::size_t top = 0; top < height; top += Side) {
    const std::size_t lines = std::min(height - top, Side);
    Scalar* const first = plane + top * width;
    std::copy_n(first, width, columns);
    for (std::size_t r = 1; r < lines; ++r) {
      for (std::size_t c = 0; c < width; ++c) columns[c] += first[r * width + c];
    }
    const auto spread_mean = [&](std::size_t left, std::size_t count) {
      const Scalar sum = std::accumulate(columns + left, columns + left + count, Scalar{0});
      std::fill_n(columns + left, count, sum / static_cast<Scalar>(lines * count));
    };
    const std::size_t whole = width / Side * Side;
    for (std::size_t left = 0; left < whole; left += Side) spread_mean(left, Side);
    if (whole < width) spread_mean(whole, width - whole);
    for (std::size_t r = 0; r < lines; ++r) std::copy_n(columns, width, first + r * width);
  }
}

/// Brief: applies a map to rows in memory.
template <class Scalar>
void map_rows(input_map map, std::span<Scalar> values, std::span<const std::size_t> row_shape) {
  if (map == input_map::none) return;
  if (map == input_map::square_root) {
    for (Scalar& value : values) value = std::copysign(std::sqrt(std::abs(value)), value);
    return;
  }
  expect(row_shape.size() >= 2, "map: means over squares are of images, but rows have ", row_shape.size(), " axes");
  const std::size_t height = row_shape[row_shape.size() - 2];
  const std::size_t width = row_shape.back();
  std::vector<Scalar> columns(width);
  for (std::size_t at = 0; at < values.size(); at += height * width) {
    if (map == input_map::mean_2) {
      average_squares<2>(values.data() + at, height, width, columns.data());
    } else {
      average_squares<4>(values.data() + at, height, width, columns.data());
    }
  }
}

}  // namespace detail

/// Brief: applies a map to every row of a batch.
/// Shapes: row_shape [..., height, width] where squares are asked for.
/// Throws: argument_error for means over rows that are no images.
/// Cost: one pass; a copy to the host and back too where the entries are not there in one piece.
template <tensor Tensor>
void apply_map(input_map map, Tensor& batch, std::span<const std::size_t> row_shape) {
  using traits = tensor_traits<Tensor>;
  using scalar = scalar_of<Tensor>;
  const std::size_t size = traits::rows(batch) * traits::row_size(batch);
  if (map == input_map::none || size == 0) return;
  if constexpr (requires { traits::data(batch); }) {
    detail::map_rows(map, std::span<scalar>(traits::data(batch), size), row_shape);
  } else {
    std::vector<scalar> values(size);
    traits::read(batch, 0, std::span<scalar>(values));
    detail::map_rows(map, std::span<scalar>(values), row_shape);
    traits::write(batch, 0, std::span<const scalar>(values));
  }
}

/// Brief: a copy of a batch, which need not be copyable itself.
template <tensor Tensor>
[[nodiscard]] Tensor copy_of(const Tensor& batch) {
  using traits = tensor_traits<Tensor>;
  std::vector<scalar_of<Tensor>> values(traits::rows(batch) * traits::row_size(batch));
  Tensor copy = traits::make(traits::rows(batch), batch);
  if (values.empty()) return copy;
  traits::read(batch, 0, std::span<scalar_of<Tensor>>(values));
  traits::write(copy, 0, std::span<const scalar_of<Tensor>>(values));
  return copy;
}

/// Brief: rows that are mapped when they are gathered. Ids and labels stay as they are.
/// Requires: `rows` outlives the view.
template <row_source Rows>
class mapped_rows {
public:
  using tensor_type = typename Rows::tensor_type;

  mapped_rows(const Rows& rows, input_map map) : rows_(rows), map_(map) {}

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t classes() const { return rows_.classes(); }
  [[nodiscard]] std::span<const label_type> labels() const { return rows_.labels(); }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return rows_.ids(); }
  [[nodiscard]] std::span<const std::size_t> row_shape() const { return rows_.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return rows_.make(n); }
  void gather(std::span<const std::size_t> positions, tensor_type& out) const {
    rows_.gather(positions, out);
    apply_map(map_, out, rows_.row_shape());
  }
  /// Brief: the mean over w x w pixels has 1 / w^2 of their variance; what is left under the square root is not stated.
  [[nodiscard]] double noise_variance(std::size_t i) const {
    if (map_ == input_map::square_root) return 0.0;
    const auto side = static_cast<double>(detail::side_of(map_));
    return noise_variance_of(rows_, i) / (side * side);
  }

private:
  const Rows& rows_;
  input_map map_;
};

}  // namespace v1
}  // namespace certssb
