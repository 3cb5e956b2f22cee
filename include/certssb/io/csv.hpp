// SPDX-License-Identifier: MIT
#pragma once
// Brief: comma-separated values in and out: reals with all their digits, and one reader for what the writer quotes.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a table as text, one line per row, the first line the names of the columns.
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

  /// Throws: argument_error if the last row is not complete.
  [[nodiscard]] const std::string& text() const {
    expect(filled_ == 0, "csv_table: the last row has ", filled_, " cells, expected ", width_);
    return text_;
  }

private:
  std::size_t width_;
  std::size_t filled_ = 0;
  std::string text_;
};

/// Brief: the format of a file of separated values.
struct csv_format {
  char separator = ',';
  bool header = true;                               ///< the first row holds the names of the columns
  std::uintmax_t limit = std::uintmax_t{1} << 28U;  ///< the largest text in bytes; below 4 GiB
};

namespace detail {
class csv_parser;
}

/// Brief: a table that was read: rows of cells, all rows equally wide. Rows and columns count from 0 here, lines and
/// columns of messages from 1.
class csv_table_text {
public:
  [[nodiscard]] std::size_t rows() const noexcept { return lines_.size(); }
  [[nodiscard]] std::size_t columns() const noexcept { return width_; }

  /// Brief: the names of the columns; empty if the format has no header.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

  /// Brief: the place of the column with this name.
  /// Throws: data_error unless exactly one has it.
  [[nodiscard]] std::size_t column(std::string_view name) const {
    const auto found = std::ranges::count(names_, name);
    expect<data_error>(found == 1, source_, ": expected one column ", name, ", got ", found);
    return static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
  }

  /// Brief: the text of a cell, without the quotes around it. Valid as long as the table.
  /// Throws: argument_error for a row or column that does not exist.
  [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
    expect(row < rows() && column < columns(), "csv_table_text: expected a row below ", rows(), " and a column below ",
           columns(), ", got row ", row, " and column ", column);
    const std::size_t index = row * width_ + column;
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(begin, ends_[index] - begin);
  }

  /// Brief: the line of the file on which a row begins, from 1.
  [[nodiscard]] std::size_t line(std::size_t row) const { return lines_.at(row); }

  /// Brief: the cell as a real: the whole cell, with a decimal point; `inf` and `nan` too, as the writer writes them.
  /// Throws: data_error, naming line and column, if the cell is something else or too large or small for a double.
  [[nodiscard]] double real(std::size_t row, std::size_t column) const {
    return number<double>(row, column, "a number");
  }

  /// Brief: the cell as a whole number.
  /// Throws: data_error, naming line and column, if the cell is something else or does not fit.
  [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const {
    return number<std::int64_t>(row, column, "a whole number");
  }

private:
  friend class detail::csv_parser;

  template <class Number>
  [[nodiscard]] Number number(std::size_t row, std::size_t column, const char* wanted) const {
    const std::string_view content = cell(row, column);
    Number value{};
    const char* const last = content.data() + content.size();
    const auto [end, failure] = std::from_chars(content.data(), last, value);
    expect<data_error>(failure == std::errc{} && end == last, source_, ": line ", line(row), ", column ", column + 1,
                       names_.empty() ? "" : " (" + names_[column] + ")", ": expected ", wanted, ", got ",
                       content.empty() ? "nothing" : content.substr(0, 40));
    return value;
  }

  std::string source_;
  std::size_t width_ = 0;
  std::vector<std::string> names_;
  std::string text_;                  // all cells, one after the other
  std::vector<std::uint32_t> ends_;   // where each cell ends in text_
  std::vector<std::uint32_t> lines_;  // where each row begins
};

namespace detail {

/// Walks the text once; positions of errors are lines and columns, both from 1.
class csv_parser {
public:
  csv_parser(std::string_view text, const csv_format& format, std::string source) : left_(text), format_(format) {
    table_.source_ = std::move(source);
  }

  csv_table_text parse() {
    if (left_.starts_with("\xEF\xBB\xBF")) left_.remove_prefix(3);  // the mark some programs put before UTF-8
    bool named = !format_.header;
    while (!left_.empty()) {
      const std::size_t line = line_;
      read_row();
      if (table_.width_ == 0) table_.width_ = column_;
      expect<data_error>(column_ == table_.width_, table_.source_, ": line ", line, ": expected ", table_.width_,
                         " columns, got ", column_);
      if (named) {
        table_.lines_.push_back(static_cast<std::uint32_t>(line));
      } else {
        take_names();
        named = true;
      }
    }
    check(table_.width_ > 0, "expected at least one row, got an empty file");
    return std::move(table_);
  }

private:
  template <class... Parts>
  void check(bool holds, const Parts&... parts) const {
    expect<data_error>(holds, table_.source_, ": line ", line_, ", column ", column_ + 1, ": ", parts...);
  }

  void read_row() {
    for (column_ = 0;;) {
      if (left_.starts_with('"')) {
        read_quoted();
      } else {
        read_plain();
      }
      table_.ends_.push_back(static_cast<std::uint32_t>(table_.text_.size()));
      const bool last = left_.empty() || left_.front() != format_.separator;
      if (last) check(end_row(), "expected a separator or the end of the line after a cell");
      ++column_;
      if (last) return;
      left_.remove_prefix(1);
    }
  }

  bool end_row() {
    if (left_.empty()) return true;
    const std::size_t length = left_.starts_with("\r\n") ? 2 : left_.starts_with('\n') ? 1 : 0;
    left_.remove_prefix(length);
    if (length > 0) ++line_;
    return length > 0;
  }

  void read_plain() {
    const char stops[] = {format_.separator, '\n', '\r', '"'};
    const std::size_t end = std::min(left_.find_first_of(std::string_view(stops, 4)), left_.size());
    table_.text_ += left_.substr(0, end);
    left_.remove_prefix(end);
    check(!left_.starts_with('"'), "a quote inside a cell that does not begin with one");
  }

  void read_quoted() {
    const std::size_t opened = line_;
    std::size_t breaks = 0;
    left_.remove_prefix(1);
    for (;;) {
      const std::size_t end = left_.find('"');
      check(end != std::string_view::npos, "a quote that is never closed");
      const std::string_view part = left_.substr(0, end);
      breaks += static_cast<std::size_t>(std::ranges::count(part, '\n'));
      table_.text_ += part;
      left_.remove_prefix(end + 1);
      if (!left_.starts_with('"')) break;
      table_.text_ += '"';
      left_.remove_prefix(1);
    }
    line_ = opened + breaks;
  }

  void take_names() {
    std::size_t begin = 0;
    for (const std::uint32_t end : table_.ends_) {
      table_.names_.push_back(table_.text_.substr(begin, end - begin));
      begin = end;
    }
    table_.ends_.clear();
    table_.text_.clear();
  }

  std::string_view left_;
  csv_format format_;
  csv_table_text table_;
  std::size_t line_ = 1;
  std::size_t column_ = 0;
};

}  // namespace detail

/// Brief: reads separated values; `source` names them in messages. Lines end in LF or CR LF, the last may end in none.
/// A cell in quotes may hold separators, line ends and doubled quotes.
/// Throws: argument_error for a separator that is a quote or a line end, or a limit of 4 GiB or more; data_error,
/// naming line and column, for an empty or too large text, rows of different widths, an unclosed quote, and a quote or
/// carriage return elsewhere.
/// Cost: one pass; the text once more and 4 bytes per cell in memory.
/// Reference: RFC 4180.
[[nodiscard]] inline csv_table_text parse_csv(std::string_view text, const csv_format& format = {},
                                              std::string source = "csv") {
  const char separator = format.separator;
  expect(separator != '"' && separator != '\n' && separator != '\r',
         "csv_format: the separator can be neither a quote nor a line end");
  expect(format.limit < std::uintmax_t{1} << 32U, "csv_format: limit must lie below 2^32 bytes, got ", format.limit);
  expect<data_error>(text.size() <= format.limit, source, ": expected at most ", format.limit, " bytes, got ",
                     text.size());
  return detail::csv_parser(text, format, std::move(source)).parse();
}

/// Brief: the same from a file.
/// Throws: as parse_csv; data_error also if the file cannot be read.
[[nodiscard]] inline csv_table_text read_csv(const std::filesystem::path& path, const csv_format& format = {}) {
  return parse_csv(read_file(path, format.limit), format, path.string());
}

}  // namespace v1
}  // namespace certssb
