// SPDX-License-Identifier: MIT
#pragma once
// Brief: the header of a safetensors file: names, types, shapes and places of its arrays, written, and read with every
// claim checked against the size of the file.
// Reference: the safetensors format: 8 bytes, the length of a JSON header; the header; the bytes of the arrays.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: an array in a safetensors file: bytes begin .. end - 1 behind the header.
struct safetensors_entry {
  std::string name;
  std::string type;  ///< such as F32
  std::vector<std::size_t> shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Brief: what a safetensors file says of itself.
struct safetensors_header {
  std::vector<safetensors_entry> entries;       ///< in the order of their bytes
  std::map<std::string, std::string> metadata;  ///< texts about the file
  std::size_t offset = 0;                       ///< of the first array, in the file

  /// Brief: the bytes of all arrays.
  [[nodiscard]] std::size_t bytes() const { return entries.empty() ? 0 : entries.back().end; }
};

/// Brief: the most bytes that a header may have, and the most arrays it may name.
inline constexpr std::size_t safetensors_header_limit = std::size_t{1} << 24U;
inline constexpr std::size_t safetensors_array_limit = std::size_t{1} << 16U;

/// Brief: the bytes of one scalar; 0 for a type that is not known here.
[[nodiscard]] constexpr std::size_t safetensors_width(std::string_view type) noexcept {
  if (type == "F64" || type == "I64" || type == "U64") return 8;
  if (type == "F32" || type == "I32" || type == "U32") return 4;
  if (type == "F16" || type == "BF16" || type == "I16" || type == "U16") return 2;
  return type == "I8" || type == "U8" || type == "BOOL" ? 1 : 0;
}

namespace detail {

/// Walks the JSON of a header: objects of texts, and of type, shape and places. Texts hold no escapes.
class safetensors_text {
public:
  safetensors_text(std::string_view text, const std::string& name) : left_(text), file_(name) {}

  safetensors_header parse() {
    safetensors_header header;
    each_key([&](const std::string& key) {
      if (key == "__metadata__") {
        each_key([&](const std::string& word) { header.metadata[word] = quoted(); });
        return;
      }
      expect<data_error>(header.entries.size() < safetensors_array_limit, file_, ": expected at most ",
                         safetensors_array_limit, " arrays");
      header.entries.push_back(entry(key));
    });
    skip_blanks();
    check(left_.empty());
    return header;
  }

private:
  void check(bool holds) const {
    expect<data_error>(holds, file_, ": not a safetensors header: names, each with dtype, shape and data_offsets");
  }
  void skip_blanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n"), left_.size())); }
  bool accept(char symbol) {
    skip_blanks();
    if (left_.empty() || left_.front() != symbol) return false;
    left_.remove_prefix(1);
    return true;
  }
  void take(char symbol) { check(accept(symbol)); }
  std::string quoted() {
    take('"');
    const std::size_t end = left_.find_first_of("\"\\");
    check(end != std::string_view::npos && left_[end] == '"');
    std::string content(left_.substr(0, end));
    left_.remove_prefix(end + 1);
    return content;
  }
  /// Calls visit(key) before each value of an object, which it must take.
  template <class Visit>
  void each_key(const Visit& visit) {
    std::vector<std::string> keys;
    take('{');
    if (accept('}')) return;
    do {
      keys.push_back(quoted());
      take(':');
      visit(std::as_const(keys.back()));
    } while (accept(','));
    take('}');
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    expect<data_error>(twice == keys.end(), file_, ": a key comes twice in its header");
  }
  std::vector<std::size_t> numbers() {
    std::vector<std::size_t> all;
    take('[');
    if (accept(']')) return all;
    do {
      skip_blanks();
      std::size_t number = 0;
      const auto [end, failure] = std::from_chars(left_.data(), left_.data() + left_.size(), number);
      check(failure == std::errc{} && all.size() < 64);
      left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
      all.push_back(number);
    } while (accept(','));
    take(']');
    return all;
  }
  safetensors_entry entry(const std::string& name) {
    safetensors_entry found{name, {}, {}};
    std::size_t parts = 0;
    each_key([&](const std::string& key) {
      ++parts;
      if (key == "dtype") {
        found.type = quoted();
      } else if (key == "shape") {
        found.shape = numbers();
      } else {
        check(key == "data_offsets");
        const std::vector<std::size_t> places = numbers();
        check(places.size() == 2);
        found.begin = places[0];
        found.end = places[1];
      }
    });
    check(parts == 3);
    return found;
  }

  std::string_view left_;
  const std::string& file_;
};

/// Brief: throws data_error unless the arrays fill the `size` bytes behind the header, one after the other.
inline void check_places(std::span<const safetensors_entry> entries, std::uintmax_t size, const std::string& name) {
  std::size_t at = 0;
  for (const safetensors_entry& e : entries) {
    std::size_t bytes = safetensors_width(e.type);
    expect<data_error>(bytes > 0, name, ": ", e.name, " is of type ", e.type, ", which is not known");
    for (const std::size_t extent : e.shape) {
      const bool fits = extent == 0 || bytes <= std::numeric_limits<std::size_t>::max() / 16 / extent;
      expect<data_error>(fits, name, ": the shape of ", e.name, " holds more values than any file can");
      bytes *= extent;
    }
    expect<data_error>(e.begin == at && e.end >= e.begin && e.end - e.begin == bytes, name, ": expected ", e.name,
                       " in bytes ", at, " to ", at + bytes, ", got ", e.begin, " to ", e.end);
    at = e.end;
  }
  expect<data_error>(size == at, name, ": the header asks for ", at, " bytes of arrays, the file has ", size);
}

}  // namespace detail

/// Brief: reads and checks the header of a safetensors file; the arrays are left where they are.
/// Throws: data_error unless it is one, and its arrays fill the rest of the file without gap or overlap.
/// Cost: memory for the header, taken once its length is known to be in the file.
[[nodiscard]] inline safetensors_header read_safetensors_header(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::uintmax_t size = size_of_file(path);
  std::ifstream in(path, std::ios::binary);
  expect<data_error>(in.is_open(), name, ": cannot be opened");
  std::array<char, 8> start{};
  expect<data_error>(size >= start.size(), name, ": expected a safetensors file, got ", size, " bytes");
  in.read(start.data(), start.size());
  std::uint64_t length = 0;
  std::memcpy(&length, start.data(), sizeof(length));
  expect<data_error>(length <= size - start.size() && length <= safetensors_header_limit, name, ": its header claims ",
                     length, " bytes, the file has ", size);
  std::string text(static_cast<std::size_t>(length), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  expect<data_error>(in.good(), name, ": cannot be read");
  safetensors_header header = detail::safetensors_text(text, name).parse();
  std::ranges::stable_sort(header.entries, {}, [](const safetensors_entry& e) { return std::pair(e.begin, e.end); });
  header.offset = start.size() + text.size();
  detail::check_places(header.entries, size - header.offset, name);
  return header;
}

/// Brief: the bytes of a file before its arrays, a multiple of 8. The arrays follow in the order of the entries.
/// Throws: argument_error for a name or text with a quote, a backslash or a control character.
[[nodiscard]] inline std::string safetensors_start(std::span<const safetensors_entry> entries,
                                                   const std::map<std::string, std::string>& metadata) {
  const auto quoted = [](const std::string& text) {
    const bool plain = std::ranges::none_of(text, [](char c) { return c == '"' || c == '\\' || (c >= 0 && c < ' '); });
    expect(plain, "safetensors: \"", text, "\" holds a character that a name cannot have");
    return '"' + text + '"';
  };
  std::string words;
  for (const auto& [key, text] : metadata) words += (words.empty() ? "" : ",") + quoted(key) + ":" + quoted(text);
  std::string header = "{\"__metadata__\":{" + words + "}";
  for (const safetensors_entry& e : entries) {
    std::string shape;
    for (const std::size_t extent : e.shape) shape += concatenate(shape.empty() ? "" : ",", extent);
    header += concatenate(",", quoted(e.name), ":{\"dtype\":", quoted(e.type), ",\"shape\":[", shape,
                          "],\"data_offsets\":[", e.begin, ",", e.end, "]}");
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header.size();
  std::string start(sizeof(length), '\0');
  std::memcpy(start.data(), &length, sizeof(length));
  return start + header;
}

}  // namespace v1
}  // namespace certssb
