// SPDX-License-Identifier: MIT
#pragma once
// Brief: torch::Tensor as a tensor: float32, rows in dimension 0, on any device.

#include "certssb/core/expect.hpp"
#include "certssb/tensor/concept.hpp"

#include <ATen/core/ivalue.h>  // first: Clang 14 needs it whole before the rest
#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: host numbers as a tensor that shares their memory.
[[nodiscard]] inline torch::Tensor over(std::span<const float> values, torch::IntArrayRef shape) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32);
}

/// Brief: positions or labels as a tensor; on the host it shares their memory.
template <class Number>
[[nodiscard]] torch::Tensor integers_on(std::span<const Number> values, const torch::Device& device) {
  static_assert(sizeof(Number) == sizeof(std::int64_t));
  const auto count = static_cast<std::int64_t>(values.size());
  return torch::from_blob(const_cast<Number*>(values.data()), {count}, torch::kInt64).to(device);
}

}  // namespace detail

/// Brief: the library copies a tensor only by `make` and `gather`: that copies of a torch::Tensor share memory does no
/// harm.
/// Throws: argument_error where extents do not fit, and for tensors that are not float32, or not contiguous.
template <>
struct tensor_traits<torch::Tensor> {
  using scalar = float;

  static std::size_t rows(const torch::Tensor& t) { return t.dim() == 0 ? 0 : static_cast<std::size_t>(t.size(0)); }

  static std::size_t row_size(const torch::Tensor& t) {
    std::int64_t size = 1;
    for (std::int64_t axis = 1; axis < t.dim(); ++axis) size *= t.size(axis);
    return static_cast<std::size_t>(size);
  }

  static torch::Tensor make(std::size_t rows, const torch::Tensor& like) {
    expect_rows_of_floats(like);
    std::vector<std::int64_t> shape = like.sizes().vec();
    shape[0] = static_cast<std::int64_t>(rows);
    return torch::empty(shape, like.options().requires_grad(false));
  }

  static void write(torch::Tensor& t, std::size_t first, std::span<const float> values) {
    torch::Tensor part = block(t, first, values.size());
    part.copy_(detail::over(values, part.sizes()));
  }

  static void read(const torch::Tensor& t, std::size_t first, std::span<float> values) {
    const torch::Tensor part = block(t, first, values.size());
    torch::from_blob(values.data(), part.sizes(), torch::kFloat32).copy_(part);
  }

  static void gather(const torch::Tensor& source, std::span<const std::size_t> positions, torch::Tensor& t) {
    expect_rows_of_floats(source);
    expect(rows(t) == positions.size() && row_size(t) == row_size(source), "torch tensor: expected ", positions.size(),
           " rows of ", row_size(source), " to gather into, got ", rows(t), " rows of ", row_size(t));
    for (const std::size_t position : positions) {
      expect(position < rows(source), "torch tensor: expected a row below ", rows(source), ", got ", position);
    }
    torch::index_select_out(t, source, 0, detail::integers_on(positions, source.device()));
  }

  static void add_scaled(torch::Tensor& t, std::span<const float> scales, std::span<const float> values) {
    expect_rows_of_floats(t);
    expect(scales.size() == rows(t) && values.size() == scales.size() * row_size(t), "torch tensor: expected ", rows(t),
           " scales and ", rows(t) * row_size(t), " values, got ", scales.size(), " and ", values.size());
    if (values.empty()) return;
    const auto count = static_cast<std::int64_t>(scales.size());
    torch::Tensor flat = t.view({count, -1});
    flat.addcmul_(detail::over(scales, {count, 1}).to(t.device()), detail::over(values, flat.sizes()).to(t.device()));
  }

private:
  static void expect_rows_of_floats(const torch::Tensor& t) {
    expect(t.dim() > 0 && t.scalar_type() == torch::kFloat32 && t.is_contiguous(),
           "torch tensor: expected contiguous rows of float32, got ", t.dim(), " extents of ",
           c10::toString(t.scalar_type()), t.is_contiguous() ? "" : ", not contiguous");
  }

  static torch::Tensor block(const torch::Tensor& t, std::size_t first, std::size_t count) {
    expect_rows_of_floats(t);
    const std::size_t size = row_size(t);
    const std::size_t wanted = size == 0 ? 0 : count / size;
    expect(wanted * size == count && first + wanted <= rows(t), "torch tensor: rows ", first, " and ", count,
           " scalars after it exceed ", rows(t), " rows of ", size);
    return t.narrow(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(wanted));
  }
};

static_assert(tensor<torch::Tensor> && !host_tensor<torch::Tensor>);

}  // namespace v1
}  // namespace certssb
