// SPDX-License-Identifier: MIT
#pragma once
// Brief: NumPy's .npy files of float32, float64 and integers, little-endian, in C order.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy_array.hpp"
#include "certssb/io/npy_header.hpp"

#if __has_include(<xtensor/io/xnpy.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/io/xnpy.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xnpy.hpp>
#endif

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// The scalars after a checked header. xtensor's own reader is not used here: it takes a truncated file for zeros,
/// sign-extends the bytes of the header's length and wants the header's keys in one order.
template <class Stored, class Scalar>
[[nodiscard]] std::vector<Scalar> read_npy_values(const std::filesystem::path& path, const npy_header& header) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(header.offset));
  std::vector<Stored> stored(header.count);
  const auto bytes = static_cast<std::streamsize>(header.count * sizeof(Stored));
  in.read(reinterpret_cast<char*>(stored.data()), bytes);
  expect<data_error>(in.gcount() == bytes, path.string(), ": expected ", bytes, " bytes of values, got ", in.gcount());
  if constexpr (std::is_same_v<Stored, Scalar>) {
    return stored;
  } else {
    return std::vector<Scalar>(stored.begin(), stored.end());
  }
}

}  // namespace detail

/// Brief: reads reals. The caller checks their values (finite, in a range).
/// Throws: data_error unless the file is a complete float32 or float64 array in C order.
/// Cost: nothing is allocated before header and file size agree.
[[nodiscard]] inline npy_array<double> read_npy_reals(const std::filesystem::path& path) {
  const npy_header header = read_npy_header(path);
  expect<data_error>(header.type == "<f4" || header.type == "<f8", path.string(),
                     ": expected float32 or float64 (<f4 or <f8), got ", header.type);
  return {header.shape, header.type == "<f4" ? detail::read_npy_values<float, double>(path, header)
                                             : detail::read_npy_values<double, double>(path, header)};
}

/// Brief: reads labels or counts.
/// Throws: data_error unless the file is a complete array of integers in C order: signed of 1 to 8 bytes, or unsigned of
/// 1 to 4.
[[nodiscard]] inline npy_array<std::int64_t> read_npy_integers(const std::filesystem::path& path) {
  const npy_header header = read_npy_header(path);
  const auto read = [&]<class Stored>() -> npy_array<std::int64_t> {
    return {header.shape, detail::read_npy_values<Stored, std::int64_t>(path, header)};
  };
  if (header.type == "<i8") return read.template operator()<std::int64_t>();
  if (header.type == "<i4") return read.template operator()<std::int32_t>();
  if (header.type == "<i2") return read.template operator()<std::int16_t>();
  if (header.type == "|i1") return read.template operator()<std::int8_t>();
  if (header.type == "<u4") return read.template operator()<std::uint32_t>();
  if (header.type == "<u2") return read.template operator()<std::uint16_t>();
  expect<data_error>(header.type == "|u1", path.string(), ": expected int64 (<i8) or smaller integers, got ",
                     header.type);
  return read.template operator()<std::uint8_t>();
}

/// Brief: reads votes.
/// Throws: data_error unless the file is a complete array of unsigned integers of 1, 2 or 4 bytes in C order.
[[nodiscard]] inline npy_array<std::uint32_t> read_npy_unsigned(const std::filesystem::path& path) {
  const npy_header header = read_npy_header(path);
  if (header.type == "|u1") return {header.shape, detail::read_npy_values<std::uint8_t, std::uint32_t>(path, header)};
  if (header.type == "<u2") return {header.shape, detail::read_npy_values<std::uint16_t, std::uint32_t>(path, header)};
  expect<data_error>(header.type == "<u4", path.string(), ": expected uint8, uint16 or uint32 (|u1, <u2, <u4), got ",
                     header.type);
  return {header.shape, detail::read_npy_values<std::uint32_t, std::uint32_t>(path, header)};
}

/// Brief: the bytes of a .npy file.
/// Throws: argument_error unless there are as many values as the shape says.
template <class Scalar>
requires std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double> || std::is_same_v<Scalar, std::int64_t> ||
    std::is_same_v<Scalar, std::uint8_t> || std::is_same_v<Scalar, std::uint16_t> ||
    std::is_same_v<Scalar, std::uint32_t>
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape, std::span<const Scalar> values) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  expect(count == values.size(), "npy_bytes: the shape holds ", count, " values, got ", values.size());
  return xt::dump_npy(xt::adapt(values.data(), values.size(), xt::no_ownership(), shape));
}

}  // namespace v1
}  // namespace certssb
