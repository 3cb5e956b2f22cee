// SPDX-License-Identifier: MIT
#include "certssb/io/csv.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace certssb;

namespace {

const csv_format no_header{.header = false};

std::vector<std::vector<std::string>> cells(const csv_table_text& table) {
  std::vector<std::vector<std::string>> rows(table.rows());
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t j = 0; j < table.columns(); ++j) rows[i].emplace_back(table.cell(i, j));
  }
  return rows;
}

using grid = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("what the writer writes is read back, whatever its cells hold", "[io]") {
  csv_table out({"plain", "with, comma", "a \"word\""});
  out.add("x").add("a,b").add("say \"no\"");
  out.add("two\nlines").add("\r\n").add("\"");
  out.add("").add(",").add("\"\"");
  const csv_table_text read = parse_csv(out.text());
  CHECK(read.names() == std::vector<std::string>{"plain", "with, comma", "a \"word\""});
  CHECK(cells(read) == grid{{"x", "a,b", "say \"no\""}, {"two\nlines", "\r\n", "\""}, {"", ",", "\"\""}});
  CHECK(read.column("with, comma") == 1);
  CHECK(read.line(0) == 2);
  CHECK(read.line(1) == 3);
  CHECK(read.line(2) == 6);  // the row before holds two line ends
}

TEST_CASE("reals written are the same reals when read", "[io]") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> values{0.1, 1.0 / 3.0, -0.0, 5e-324, 1.7976931348623157e308, infinity, -infinity};
  csv_table out({"value"});
  for (const double value : values) out.add(value);
  const csv_table_text read = parse_csv(out.text());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(read.real(i, 0) == values[i]);
    CHECK(std::signbit(read.real(i, 0)) == std::signbit(values[i]));
  }
}

TEST_CASE("line ends are LF or CR LF, and the last may be missing", "[io]") {
  const grid expected{{"1", "2"}, {"3", ""}};
  for (const char* text : {"1,2\n3,\n", "1,2\r\n3,\r\n", "1,2\n3,",
                           "\xEF\xBB\xBF"
                           "1,2\r\n3,"}) {
    CHECK(cells(parse_csv(text, no_header)) == expected);
  }
  CHECK(cells(parse_csv("a;\"b;c\"\n", {.separator = ';', .header = false})) == grid{{"a", "b;c"}});
  CHECK(cells(parse_csv("a\n\nb\n", no_header)) == grid{{"a"}, {""}, {"b"}});
  CHECK(parse_csv("a,b\n").rows() == 0);
}

TEST_CASE("texts that are no table are refused with line and column", "[io]") {
  const auto refused = [](const char* text, const std::string& message) {
    CHECK_THROWS_AS(parse_csv(text, no_header), data_error);
    CHECK_THROWS_WITH(parse_csv(text, no_header), message);
  };
  refused("", "csv: line 1, column 1: expected at least one row, got an empty file");
  refused("1,2\n3\n", "csv: line 2: expected 2 columns, got 1");
  refused("1,2\n3,4,5\n", "csv: line 2: expected 2 columns, got 3");
  refused("1,2\n\n3,4\n", "csv: line 2: expected 2 columns, got 1");
  refused("1,2\n3,\"4\n5,6\n", "csv: line 2, column 2: a quote that is never closed");
  refused("1,\"", "csv: line 1, column 2: a quote that is never closed");
  refused("a\"b\n", "csv: line 1, column 1: a quote inside a cell that does not begin with one");
  refused("\"a\"b\n", "csv: line 1, column 1: expected a separator or the end of the line after a cell");
  refused("a,b\rc,d\n", "csv: line 1, column 2: expected a separator or the end of the line after a cell");
}

TEST_CASE("cells that are no number are refused with line, column and name", "[io]") {
  const csv_table_text table = parse_csv("size,note\n12,\"a\nb\"\n1.5,\n 7,1e999\n0x10,+1\n99999999999999999999,3x\n");
  CHECK(table.integer(0, 0) == 12);
  CHECK(table.real(1, 0) == 1.5);
  CHECK_THROWS_WITH(table.integer(1, 0), "csv: line 4, column 1 (size): expected a whole number, got 1.5");
  CHECK_THROWS_WITH(table.real(1, 1), "csv: line 4, column 2 (note): expected a number, got nothing");
  for (std::size_t row = 2; row < 5; ++row) CHECK_THROWS_AS(table.integer(row, 0), data_error);
  for (std::size_t row = 2; row < 5; ++row) CHECK_THROWS_AS(table.real(row, 1), data_error);
  CHECK_THROWS_AS(table.cell(5, 0), argument_error);
  CHECK_THROWS_AS(table.cell(0, 2), argument_error);
  CHECK_THROWS_WITH(table.column("weight"), "csv: expected one column weight, got 0");
  CHECK_THROWS_WITH(parse_csv("a,a\n").column("a"), "csv: expected one column a, got 2");
}

TEST_CASE("files that are too large, and formats that are none, are refused", "[io]") {
  CHECK_THROWS_WITH(parse_csv("abcd", {.limit = 3}), "csv: expected at most 3 bytes, got 4");
  CHECK_THROWS_AS(parse_csv("a", {.separator = '"'}), argument_error);
  CHECK_THROWS_AS(parse_csv("a", {.separator = '\n'}), argument_error);
  CHECK_THROWS_AS(parse_csv("a", {.limit = std::uintmax_t{1} << 32U}), argument_error);
  CHECK_THROWS_AS(read_csv("/no such file.csv"), data_error);
}
