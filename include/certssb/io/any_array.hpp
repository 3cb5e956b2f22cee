// SPDX-License-Identifier: MIT
#pragma once
// Brief: arrays as other programs write them: .npy files and members of .npz files, of any usual type, in either order.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/npy_array.hpp"
#include "certssb/io/npy_header.hpp"
#include "certssb/io/npz.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: an array's header and the bytes of its values.
struct raw_array {
  npy_header header;
  std::string bytes;
};

namespace detail {

/// Brief: a number of 16 bits: 1 of sign, 5 of exponent, 10 of fraction.
struct float16 {
  std::uint16_t bits;

  explicit operator double() const {
    const auto exponent = static_cast<int>(bits >> 10U & 31U);
    const auto fraction = static_cast<double>(bits & 1023U);
    const double infinite = fraction == 0.0 ? std::numeric_limits<double>::infinity() : std::nan("");
    const double size = exponent == 31  ? infinite
                        : exponent == 0 ? std::ldexp(fraction, -24)
                                        : std::ldexp(1024.0 + fraction, exponent - 25);
    return (bits >> 15U) != 0 ? -size : size;
  }
};

/// Brief: a whole number of a file as 64 bits.
/// Throws: data_error where it does not fit or is no whole number.
template <class Stored>
[[nodiscard]] std::int64_t to_integer(Stored value, const std::string& name) {
  if constexpr (std::is_integral_v<Stored>) {
    expect<data_error>(std::in_range<std::int64_t>(value), name, ": expected numbers below 2^63, got ", value);
    return static_cast<std::int64_t>(value);
  } else {
    const auto real = static_cast<double>(value);
    expect<data_error>(std::abs(real) <= 0x1p53 && std::trunc(real) == real, name, ": expected whole numbers, got ",
                       real);
    return static_cast<std::int64_t>(real);
  }
}

/// Brief: a number of a file as a double.
/// Throws: data_error for a whole number that a double cannot hold.
template <class Stored>
[[nodiscard]] double to_double(Stored value, const std::string& name) {
  const auto real = static_cast<double>(value);
  if constexpr (std::is_integral_v<Stored> && sizeof(Stored) == 8) {
    constexpr auto most = std::int64_t{1} << 53;
    expect<data_error>(std::cmp_less_equal(value, most) && std::cmp_greater_equal(value, -most), name,
                       ": expected numbers up to 2^53, got ", value);
  }
  return real;
}

/// Brief: where in C order each value of an array in Fortran order belongs.
/// Determinism: one pass; the place follows the indices as they run.
class fortran_places {
public:
  explicit fortran_places(const std::vector<std::size_t>& shape)
      : shape_(shape), index_(shape.size()), strides_(shape.size(), 1) {
    for (std::size_t axis = shape.size(); axis-- > 1;) strides_[axis - 1] = strides_[axis] * shape[axis];
  }
  [[nodiscard]] std::size_t next() {
    const std::size_t here = place_;
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
      place_ += strides_[axis];
      if (++index_[axis] < shape_[axis]) break;
      place_ -= strides_[axis] * shape_[axis];
      index_[axis] = 0;
    }
    return here;
  }

private:
  const std::vector<std::size_t>& shape_;
  std::vector<std::size_t> index_;
  std::vector<std::size_t> strides_;
  std::size_t place_ = 0;
};

/// Brief: calls visit.operator()<Stored>() with the type of the values.
/// Throws: data_error for another type.
template <class Visit>
auto visit_stored(const std::string& type, const std::string& name, const Visit& visit) {
  if (type == "<f8") return visit.template operator()<double>();
  if (type == "<f4") return visit.template operator()<float>();
  if (type == "<f2") return visit.template operator()<float16>();
  if (type == "<i8") return visit.template operator()<std::int64_t>();
  if (type == "<i4") return visit.template operator()<std::int32_t>();
  if (type == "<i2") return visit.template operator()<std::int16_t>();
  if (type == "|i1") return visit.template operator()<std::int8_t>();
  if (type == "<u8") return visit.template operator()<std::uint64_t>();
  if (type == "<u4") return visit.template operator()<std::uint32_t>();
  if (type == "<u2") return visit.template operator()<std::uint16_t>();
  if (type == "|u1" || type == "|b1") return visit.template operator()<std::uint8_t>();
  throw data_error(
      concatenate(name, ": expected whole numbers, bools, or floats of 2, 4 or 8 bytes, little-endian, got ", type));
}

template <class Scalar, class Convert>
[[nodiscard]] npy_array<Scalar> converted(const raw_array& raw, const std::string& name, const Convert& convert) {
  return visit_stored(raw.header.type, name, [&]<class Stored>() {
    npy_array<Scalar> array{raw.header.shape, std::vector<Scalar>(raw.header.count)};
    fortran_places places(array.shape);
    for (std::size_t i = 0; i < array.values.size(); ++i) {
      Stored value{};
      std::memcpy(&value, raw.bytes.data() + i * sizeof(Stored), sizeof(Stored));
      array.values[raw.header.fortran_order ? places.next() : i] = convert(value, name);
    }
    return array;
  });
}

}  // namespace detail

/// Brief: reads an array from FILE.npy, FILE.npz:NAME, or FILE.npz where it holds one array alone.
/// Throws: data_error if there is no such array, if header and size disagree, and for an archive of several arrays
/// without a name.
/// Cost: its bytes, taken once header and size of the file agree.
[[nodiscard]] inline raw_array read_raw_array(const std::string& place) {
  const std::size_t colon = place.rfind(".npz:");
  if (colon == std::string::npos && !place.ends_with(".npz")) {
    const std::uintmax_t size = size_of_file(place);
    std::ifstream in(place, std::ios::binary);
    expect<data_error>(in.is_open(), place, ": cannot be opened");
    std::string start(static_cast<std::size_t>(std::min<std::uintmax_t>(size, npy_header_limit)), '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    raw_array array{parse_npy_header(start, size, place), {}};
    array.bytes.resize(static_cast<std::size_t>(size) - array.header.offset);
    in.clear();
    in.seekg(static_cast<std::streamoff>(array.header.offset));
    in.read(array.bytes.data(), static_cast<std::streamsize>(array.bytes.size()));
    expect<data_error>(static_cast<std::size_t>(in.gcount()) == array.bytes.size(), place, ": expected ",
                       array.bytes.size(), " bytes of values, got ", in.gcount());
    return array;
  }
  npz_archive archive(colon == std::string::npos ? place : place.substr(0, colon + 4));
  std::string name = colon == std::string::npos ? "" : place.substr(colon + 5);
  if (name.empty()) {
    std::string known;
    for (const npz_member& m : archive.members()) known += (known.empty() ? "" : ", ") + m.name;
    expect<data_error>(archive.members().size() == 1, place, ": holds ", archive.members().size(), " arrays (", known,
                       "); name one as FILE.npz:NAME");
    name = archive.members().front().name;
  }
  std::string content = archive.read(name);
  const std::string_view start = std::string_view(content).substr(0, npy_header_limit);
  raw_array array{parse_npy_header(start, content.size(), place), {}};
  content.erase(0, array.header.offset);
  array.bytes = std::move(content);
  return array;
}

/// Brief: labels, counts or votes, of any type whose values are whole numbers: integers of 1 to 8 bytes, bools, and
/// floats.
/// Throws: data_error as read_raw_array, and for a value that is not whole.
[[nodiscard]] inline npy_array<std::int64_t> read_any_integers(const std::string& place) {
  return detail::converted<std::int64_t>(read_raw_array(place), place, [](auto value, const std::string& name) {
    return detail::to_integer(value, name);
  });
}

/// Brief: the values of an array as reals; `name` is for messages.
/// Throws: data_error for another type, and for a whole number that a double cannot hold.
[[nodiscard]] inline npy_array<double> reals_of(const raw_array& array, const std::string& name) {
  return detail::converted<double>(array, name,
                                   [](auto value, const std::string& of) { return detail::to_double(value, of); });
}

/// Brief: reals of any type: floats of 2, 4 or 8 bytes, integers and bools. The caller checks their values.
/// Throws: data_error as read_raw_array, and for a whole number that a double cannot hold.
[[nodiscard]] inline npy_array<double> read_any_reals(const std::string& place) {
  return reals_of(read_raw_array(place), place);
}

}  // namespace v1
}  // namespace certssb
