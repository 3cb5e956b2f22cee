// SPDX-License-Identifier: MIT
#include "certssb/data/dataset.hpp"

#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

using namespace certssb;
using rows = host_array<double>;
using label_list = std::vector<label_type>;

static_assert(row_source<dataset<rows>>);

TEST_CASE("a data set keeps its parts and gathers rows by position", "[data]") {
  const dataset<rows> data(rows({0.0, 0.25, 0.5, 1.0}, 2), {1, 0}, 2, {1, 2}, {}, {7, 5});
  CHECK(data.size() == 2);
  CHECK(data.classes() == 2);
  CHECK(data.ids()[0] == 7);
  rows out = data.make(3);
  data.gather(std::vector<std::size_t>{1, 0, 1}, out);
  CHECK(out.values == std::vector<double>{0.5, 1.0, 0.0, 0.25, 0.5, 1.0});
  CHECK(dataset<rows>(rows({0.0, 1.0}, 1), {1, 0}, 2, {1}).ids()[1] == 1);
}

TEST_CASE("a data set refuses parts that do not fit", "[data]") {
  const auto make = [](std::vector<double> values, label_list y, std::size_t classes, std::vector<std::size_t> shape,
                       value_range range = {}, std::vector<std::uint32_t> ids = {}) {
    return dataset<rows>(rows(std::move(values), 2), std::move(y), classes, std::move(shape), range, std::move(ids));
  };
  CHECK_THROWS_WITH(make({0, 0}, {0, 1}, 2, {2}), "dataset: 1 inputs but 2 labels");
  CHECK_THROWS_WITH(make({0, 0}, {0}, 2, {3}), "dataset: the row shape holds 3 scalars but a row has 2");
  CHECK_THROWS_WITH(make({0, 0}, {0}, 1, {2}), "dataset: needs at least 2 classes, got 1");
  CHECK_THROWS_WITH(make({0, 0}, {2}, 2, {2}), "dataset: label 2 is outside [0, 2)");
  CHECK_THROWS_WITH(make({0, 0}, {-1}, 2, {2}), "dataset: label -1 is outside [0, 2)");
  CHECK_THROWS_WITH(make({0, 0}, {0}, 2, {2}, {1.0, 1.0}), "value_ranges: the range [1, 1] is empty");
  CHECK_THROWS_WITH(make({0, 0, 0, 0}, {0, 1}, 2, {2}, {}, {4}), "dataset: 2 labels but 1 ids");
  CHECK_THROWS_WITH(make({0, 0, 0, 0}, {0, 1}, 2, {2}, {}, {4, 4}), "dataset: ids repeat: 4 is that of two rows");
}

TEST_CASE("a data set is made from rows in braces and labels of any integer type", "[data]") {
  const dataset short_form(rows::from_rows({{0.0, 0.25}, {0.5, 1.0}}), {1, 0}, 2);
  CHECK(short_form.inputs().values == std::vector<double>{0.0, 0.25, 0.5, 1.0});
  CHECK(std::vector(short_form.row_shape().begin(), short_form.row_shape().end()) == std::vector<std::size_t>{2});
  const std::vector<int> ints{1, 0};
  const std::array<unsigned char, 2> bytes{1, 0};
  const std::vector<std::uint64_t> large{1, ~std::uint64_t{0}};
  const rows two({0.0, 1.0}, 1);
  CHECK(std::ranges::equal(dataset(two, ints, 2).labels(), label_list{1, 0}));
  CHECK(std::ranges::equal(dataset(two, bytes, 2).labels(), label_list{1, 0}));
  CHECK(std::ranges::equal(dataset(two, std::span<const int>(ints), 2, {1}).labels(), label_list{1, 0}));
  CHECK_THROWS_AS(dataset(two, large, 2), argument_error);
  CHECK_THROWS_WITH(rows::from_rows({{1.0}, {1.0, 2.0}}), "host_array: row 1 has 2 values, the rows before it 1");
  CHECK_THROWS_AS(rows::from_rows({}), argument_error);
  CHECK_THROWS_AS(rows::from_rows({{}, {}}), argument_error);
}

TEST_CASE("each column has its own range, or all have the same", "[data]") {
  const auto make = [](std::vector<double> values, value_ranges ranges) {
    return dataset<rows>(rows(std::move(values), 2), {0}, 2, {}, std::move(ranges));
  };
  const auto own = make({0.5, 7.0}, {{0, 1}, {-10, 10}});
  CHECK(own.range(0).high == 1.0);
  CHECK(own.range(1).low == -10.0);
  CHECK_FALSE(own.ranges().same_for_all());
  CHECK_THROWS_WITH(own.range(), "value_ranges: the columns have ranges of their own, not one for all");
  CHECK_THROWS_WITH(own.range(2), "dataset: expected a column below 2, got 2");
  CHECK_THROWS_WITH(make({7.0, 0.5}, {{0, 1}, {-10, 10}}),
                    "dataset: input 0 holds 7 in column 0, outside the declared range [0, 1]");
  CHECK_THROWS_WITH(make({0.0, 0.0}, {{0, 1}, {0, 1}, {0, 1}}), "dataset: 3 value ranges for rows of 2 scalars");
  CHECK_THROWS_WITH(make({0.0, 0.0}, std::vector<value_range>(1)), "dataset: 1 value ranges for rows of 2 scalars");
  CHECK_THROWS_WITH(make({0.0, 0.0}, {{0, 1}, {2, 2}}), "value_ranges: the range [2, 2] is empty");
  CHECK_THROWS_AS(make({0.0, 0.0}, std::vector<value_range>{}), argument_error);
  for (const value_ranges& same : {value_ranges(0, 8), value_ranges(value_range{0, 8}), value_ranges{{0, 8}}}) {
    CHECK(make({7.0, 8.0}, same).range().high == 8.0);
    CHECK(make({7.0, 8.0}, same).range(1).high == 8.0);
  }
}

TEST_CASE("a bound that the tensor's scalar cannot hold is rounded to it", "[data]") {
  // The nearest float to 9.989 lies above it, the nearest to 0.3 above it too.
  const host_array<float> inputs({9.989F, 0.3F}, 2);
  CHECK(static_cast<double>(9.989F) > 9.989);
  CHECK(dataset(inputs, {0}, 2, {}, {{0, 9.989}, {0.3, 1}}).size() == 1);
}

TEST_CASE("values that are not numbers, or outside the declared range, are refused", "[data]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -infinity, 1.5, -0.01}) {
    CHECK_THROWS_AS(dataset<rows>(rows({0.5, bad}, 1), {0, 1}, 2, {1}), argument_error);
  }
  CHECK_THROWS_WITH(dataset<rows>(rows({0.5, 1.5}, 1), {0, 1}, 2, {1}),
                    "dataset: input 1 holds 1.5, outside the declared range [0, 1]");
  CHECK_THROWS_AS(dataset<rows>(rows({0.5, nan}, 1), {0, 1}, 2, {1}, {-infinity, infinity}), argument_error);
}
