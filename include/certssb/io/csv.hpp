// SPDX-License-Identifier: MIT
#pragma once
// Brief: comma-separated values, reals with all their digits.

#include "certssb/core/expect.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a table as text, one line a row, the first line the names of the columns.
/// Reference: RFC 4180 (with line feeds alone between rows).
class csv_table {
public:
  explicit csv_table(const std::vector<std::string>& columns) : width_(columns.size()) {
    for (const std::string& name : columns) add(std::string_view(name));
  }

  /// Brief: the next cell, a number in its shortest round-trip form or a text, quoted where it must be.
  template <class Cell>
  csv_table& add(const Cell& cell) {
    if (filled_ > 0) text_ += ',';
    const std::string content = concatenate(cell);
    if (content.find_first_of(",\"\n\r") == std::string::npos) {
      text_ += content;
    } else {
      text_ += '"';
      for (const char symbol : content) text_ += symbol == '"' ? std::string("\"\"") : std::string(1, symbol);
      text_ += '"';
    }
    if (++filled_ == width_) {
      text_ += '\n';
      filled_ = 0;
    }
    return *this;
  }

  /// Throws: argument_error in the middle of a row.
  [[nodiscard]] const std::string& text() const {
    expect(filled_ == 0, "csv_table: the last row has ", filled_, " cells, expected ", width_);
    return text_;
  }

private:
  std::size_t width_;
  std::size_t filled_ = 0;
  std::string text_;
};

}  // namespace v1
}  // namespace certssb
