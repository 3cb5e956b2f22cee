// SPDX-License-Identifier: MIT
#pragma once
// Brief: tables for a terminal: words to the left, numbers to the right.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a real with a fixed number of decimals, for reading (files hold all digits).
[[nodiscard]] inline std::string decimal(double value, int decimals = 3) {
  std::array<char, 400> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals).ptr;
  return {digits.data(), end};
}

/// Brief: a share as a percentage with one decimal.
[[nodiscard]] inline std::string percent(double share) { return decimal(100.0 * share, 1) + " %"; }

/// Brief: rows of text under a heading.
class text_table {
public:
  explicit text_table(std::vector<std::string> heading) : heading_(std::move(heading)) {}

  /// Brief: one more row; control characters, which could steer a terminal, are shown as question marks.
  /// Throws: argument_error unless the row has one cell a column.
  void add(std::vector<std::string> row) {
    expect(row.size() == heading_.size(), "text_table: expected ", heading_.size(), " cells, got ", row.size());
    for (std::string& cell : row) {
      std::ranges::replace_if(
          cell, [](char symbol) { return static_cast<unsigned char>(symbol) < 32; }, '?');
    }
    rows_.push_back(std::move(row));
  }

  [[nodiscard]] const std::vector<std::string>& heading() const noexcept { return heading_; }
  [[nodiscard]] const std::vector<std::vector<std::string>>& rows() const noexcept { return rows_; }

  /// Brief: whether every cell of a column begins as a number does; such columns are set to the right.
  [[nodiscard]] bool numeric(std::size_t column) const {
    const auto begins_as_number = [&](const std::vector<std::string>& row) {
      const std::string& cell = row[column];
      return cell.empty() || cell == "-" || (cell[0] >= '0' && cell[0] <= '9') ||
             (cell[0] == '-' && cell.size() > 1 && cell[1] >= '0' && cell[1] <= '9');
    };
    return std::ranges::all_of(rows_, begins_as_number);
  }

  /// Brief: the table as lines, columns two blanks apart.
  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < heading_.size(); ++c) {
      std::size_t width = heading_[c].size();
      for (const auto& row : rows_) width = std::max(width, row[c].size());
      widths.push_back(width);
    }
    std::vector<std::string> rule;
    for (const std::size_t width : widths) rule.emplace_back(width, '-');
    std::string lines = line(heading_, widths) + line(rule, widths);
    for (const auto& row : rows_) lines += line(row, widths);
    return lines;
  }

private:
  [[nodiscard]] std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string pad(widths[c] - cells[c].size(), ' ');
      text += (c == 0 ? "" : "  ") + (numeric(c) ? pad + cells[c] : cells[c] + pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
  }

  std::vector<std::string> heading_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace v1
}  // namespace certssb
