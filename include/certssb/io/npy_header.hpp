// SPDX-License-Identifier: MIT
#pragma once
// Brief: the header of a .npy file, checked against the size of the file before it is used.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the header of a .npy file.
struct npy_header {
  std::string type;                ///< for instance "<f8"
  std::vector<std::size_t> shape;  ///< extents
  std::size_t count = 1;           ///< their product
  std::size_t offset = 0;          ///< where the values begin, in bytes
  bool fortran_order = false;      ///< the first index runs fastest
};

namespace detail {

/// Walks the header's text, a Python dictionary of three entries in any order. What Python 2 wrote (u'descr', 10L) is
/// read too.
class npy_header_text {
public:
  npy_header_text(std::string_view text, const std::string& name) : left_(text), path_(name) {}

  npy_header parse() {
    npy_header header;
    bool found_type = false;
    bool found_order = false;
    bool found_shape = false;
    take('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      take(':');
      if (key == "descr" && !found_type) {
        expect<data_error>(!accept('['), path_, ": expected values of one type, got records of several");
        header.type = quoted();
        found_type = true;
      } else if (key == "fortran_order" && !found_order) {
        header.fortran_order = word("True");
        check(header.fortran_order || word("False"));
        found_order = true;
      } else if (key == "shape" && !found_shape) {
        header.shape = tuple();
        found_shape = true;
      } else {
        check(false);
      }
      if (!accept(',')) {
        take('}');
        break;
      }
    }
    skip_blanks();
    check(left_.empty() && found_type && found_order && found_shape);
    return header;
  }

private:
  void check(bool holds) const {
    expect<data_error>(holds, path_, ": not a .npy header that holds descr, fortran_order and shape");
  }
  void skip_blanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n\f"), left_.size())); }
  bool accept(char symbol) {
    skip_blanks();
    if (left_.empty() || left_.front() != symbol) return false;
    left_.remove_prefix(1);
    return true;
  }
  void take(char symbol) { check(accept(symbol)); }
  bool word(std::string_view expected) {
    skip_blanks();
    if (!left_.starts_with(expected)) return false;
    left_.remove_prefix(expected.size());
    return true;
  }
  std::string_view quoted() {
    if (accept('u')) check(!left_.empty() && (left_.front() == '"' || left_.front() == '\''));
    const char mark = accept('"') ? '"' : '\'';
    if (mark == '\'') take('\'');
    const std::size_t end = left_.find(mark);
    check(end != std::string_view::npos);
    const std::string_view content = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    return content;
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> extents;
    take('(');
    while (!accept(')')) {
      skip_blanks();
      std::size_t extent = 0;
      const auto [end, failure] = std::from_chars(left_.data(), left_.data() + left_.size(), extent);
      expect<data_error>(failure == std::errc{}, path_, ": expected extents that are decimal numbers, got ",
                         left_.substr(0, 30));
      left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
      if (left_.starts_with('L')) left_.remove_prefix(1);
      extents.push_back(extent);
      if (!accept(',')) {
        take(')');
        break;
      }
    }
    return extents;
  }

  std::string_view left_;
  std::string path_;
};

}  // namespace detail

/// Brief: the most bytes that a header may have, with what stands before it.
inline constexpr std::size_t npy_header_limit = 12 + 65535;

/// Brief: checks the header of an array of `size` bytes in .npy format, versions 1 to 3. `start` holds its first bytes,
/// npy_header_limit of them or all; `name` is for messages.
/// Throws: data_error unless it is a header, and type and shape ask for exactly `size` bytes.
[[nodiscard]] inline npy_header parse_npy_header(std::string_view start, std::uintmax_t size, const std::string& name) {
  expect<data_error>(start.size() >= 12 && start.starts_with("\x93NUMPY"), name,
                     ": expected a .npy file, got something else");
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(start[at])); };
  const std::size_t version = byte(6);
  expect<data_error>(version >= 1 && version <= 3, name, ": expected .npy format 1, 2 or 3, got ", version);
  const std::size_t prefix = version == 1 ? 10 : 12;
  const std::size_t length =
      version == 1 ? byte(8) | byte(9) << 8U : byte(8) | byte(9) << 8U | byte(10) << 16U | byte(11) << 24U;
  expect<data_error>(length <= 65535 && prefix + length <= size && prefix + length <= start.size(), name,
                     ": the header claims ", length, " bytes, the file has ", size);

  npy_header header = detail::npy_header_text(start.substr(prefix, length), name).parse();
  header.offset = prefix + length;
  const bool known = header.type.size() == 3 &&
                     std::string_view("fiub").find(header.type[1]) != std::string_view::npos &&
                     std::string_view("1248").find(header.type[2]) != std::string_view::npos;
  expect<data_error>(known, name, ": expected values of 1, 2, 4 or 8 bytes (such as <f4, <f8, <i8), got ", header.type);
  const auto width = static_cast<std::size_t>(header.type[2] - '0');
  const bool empty = std::ranges::count(header.shape, std::size_t{0}) > 0;
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 16;
  for (const std::size_t extent : header.shape) {
    const bool fits = empty || header.count <= most / std::max<std::size_t>(1, extent);
    expect<data_error>(fits, name, ": the header's shape holds more values than any file can");
    header.count = empty ? 0 : header.count * extent;
  }
  const std::uintmax_t wanted = header.offset + header.count * width;
  expect<data_error>(size == wanted, name, ": the header asks for ", wanted, " bytes, the file has ", size);
  return header;
}

/// Brief: reads and checks the header of a .npy file, format versions 1 to 3.
/// Throws: data_error unless it is one, in C order, and the file has exactly the size that type and shape ask for.
[[nodiscard]] inline npy_header read_npy_header(const std::filesystem::path& path) {
  const std::uintmax_t size = size_of_file(path);
  std::ifstream in(path, std::ios::binary);
  expect<data_error>(in.is_open(), path.string(), ": cannot be opened");
  std::string start(static_cast<std::size_t>(std::min<std::uintmax_t>(size, npy_header_limit)), '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(in.gcount()));
  npy_header header = parse_npy_header(start, size, path.string());
  expect<data_error>(!header.fortran_order || header.shape.size() < 2, path.string(),
                     ": expected C order, got Fortran order");
  return header;
}

}  // namespace v1
}  // namespace certssb
