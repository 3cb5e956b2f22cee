// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a layer of a network provides, and the shape of a row between layers.

#include <concepts>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: extents of one row between two layers. Images are stored channels last, [height, width, channels]: the pixels
/// under a kernel are then a few long contiguous pieces, pooling goes along the channels, and the result of a product
/// needs no reordering. A row that is not an image is {1, 1, size}.
struct image_shape {
  std::size_t height = 1;
  std::size_t width = 1;
  std::size_t channels = 1;

  [[nodiscard]] constexpr std::size_t size() const noexcept { return height * width * channels; }
  bool operator==(const image_shape&) const = default;
};

/// Brief: the extents of a data row, {channels, height, width} or {height, width}, as an image; any other number of
/// extents makes a flat row.
[[nodiscard]] inline image_shape image_shape_of(std::span<const std::size_t> row_shape) {
  if (row_shape.size() == 3) return {row_shape[1], row_shape[2], row_shape[0]};
  if (row_shape.size() == 2) return {row_shape[0], row_shape[1], 1};
  return {1, 1, std::accumulate(row_shape.begin(), row_shape.end(), std::size_t{1}, std::multiplies<>{})};
}

/// Brief: layers may compute rows in groups of this size, so that the bits of a row do not depend on its neighbours.
/// The memory of x, y and their tangents therefore extends to whole groups, the rest with any content.
inline constexpr std::size_t row_group = 16;

[[nodiscard]] constexpr std::size_t whole_groups(std::size_t rows) noexcept {
  return (rows + row_group - 1) / row_group * row_group;
}

/// Brief: a differentiable map from rows to rows, its parameters kept by the network.
/// Members:
///
///     bind(input)           fixes the input shape and returns the output shape; argument_error if it cannot fit
///     parameter_count()     scalars that the network keeps for the layer
///     fan_in()              inputs per output, for the initialiser
///     scratch_size()        scalars of working memory
///     forward(rows, parameters, x, y, scratch)             y = f(x)
///     tangent(rows, parameters, x, y, dx, dy, scratch)     dy = J dx, J the derivative of f at x, with y = f(x)
///     backward(rows, parameters, x, y, gradient_y, gradient, gradient_x, scratch)
///                           gradient += the derivative of the loss in the parameters;
///                           gradient_x = J^T gradient_y, unless gradient_x is null
///
/// Shapes: x, dx, gradient_x [rows, input]; y, dy, gradient_y [rows, output]; row-major, images channels last.
template <class Layer>
concept layer = std::copyable<Layer> &&
    requires(Layer& unbound, const Layer& l, std::size_t n, const float* in, float* out) {
  { unbound.bind(image_shape{}) } -> std::same_as<image_shape>;
  { l.parameter_count() } -> std::convertible_to<std::size_t>;
  { l.fan_in() } -> std::convertible_to<std::size_t>;
  { l.scratch_size() } -> std::convertible_to<std::size_t>;
  l.forward(n, in, in, out, out);
  l.tangent(n, in, in, in, in, out, out);
  l.backward(n, in, in, in, in, out, out, out);
};

}  // namespace v1
}  // namespace certssb
