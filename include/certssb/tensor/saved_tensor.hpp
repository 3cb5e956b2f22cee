// SPDX-License-Identifier: MIT
#pragma once
// Brief: an array with a name and its bytes: the form in which a model leaves its parameters and takes them back.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

static_assert(std::endian::native == std::endian::little, "certssb saves arrays on little-endian machines only");

/// Brief: the type of a scalar as saved arrays name it.
template <class Scalar>
inline constexpr std::string_view saved_type_of = "";
template <>
inline constexpr std::string_view saved_type_of<float> = "F32";
template <>
inline constexpr std::string_view saved_type_of<double> = "F64";
template <>
inline constexpr std::string_view saved_type_of<std::int64_t> = "I64";

/// Brief: an array with a name.
/// Shapes: bytes hold the scalars in C order, as many as the product of `shape`.
struct saved_tensor {
  std::string name;
  std::string type;  ///< F32, F64 or I64
  std::vector<std::size_t> shape;
  std::string bytes;
};

/// Brief: the array of these scalars.
/// Throws: argument_error unless the shape holds as many.
template <class Scalar>
[[nodiscard]] saved_tensor save_tensor(std::string name, std::vector<std::size_t> shape,
                                       std::span<const Scalar> values) {
  static_assert(!saved_type_of<Scalar>.empty(), "save_tensor: scalars are float, double or std::int64_t");
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  expect(count == values.size(), "save_tensor: the shape of ", name, " holds ", count, " values, got ", values.size());
  saved_tensor saved{std::move(name), std::string(saved_type_of<Scalar>), std::move(shape), {}};
  saved.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return saved;
}

/// Brief: the array of this name.
/// Throws: data_error if there is none.
[[nodiscard]] inline const saved_tensor& find_tensor(std::span<const saved_tensor> all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &saved_tensor::name);
  expect<data_error>(found != all.end(), "saved model: expected an array ", name, ", got none of this name");
  return *found;
}

/// Brief: the scalars of the array of this name.
/// Throws: data_error if there is none, if it holds other scalars, or bytes and shape disagree.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> load_tensor(std::span<const saved_tensor> all, std::string_view name) {
  const saved_tensor& saved = find_tensor(all, name);
  std::size_t count = 1;
  for (const std::size_t extent : saved.shape) count *= extent;
  expect<data_error>(saved.type == saved_type_of<Scalar> && saved.bytes.size() == count * sizeof(Scalar),
                     "saved model: expected ", count, " scalars ", saved_type_of<Scalar>, " in ", name, ", got ",
                     saved.bytes.size(), " bytes of ", saved.type);
  std::vector<Scalar> values(count);
  if (count > 0) std::memcpy(values.data(), saved.bytes.data(), saved.bytes.size());
  return values;
}

/// Brief: copies the scalars of the array of this name to a place of their number.
/// Throws: data_error as load_tensor, and for another number.
template <class Scalar>
void load_tensor(std::span<const saved_tensor> all, std::string_view name, std::span<Scalar> to) {
  const std::vector<Scalar> values = load_tensor<Scalar>(all, name);
  expect<data_error>(values.size() == to.size(), "saved model: expected ", to.size(), " scalars in ", name, ", got ",
                     values.size());
  std::ranges::copy(values, to.begin());
}

}  // namespace v1
}  // namespace certssb
