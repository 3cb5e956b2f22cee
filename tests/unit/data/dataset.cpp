// SPDX-License-Identifier: MIT
#include "certssb/data/dataset.hpp"

#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

using namespace certssb;
using rows = host_array<double>;
using labels = std::vector<label_type>;

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
  const auto make = [](std::vector<double> values, labels y, std::size_t classes, std::vector<std::size_t> shape,
                       value_range range = {}, std::vector<std::uint32_t> ids = {}) {
    return dataset<rows>(rows(std::move(values), 2), std::move(y), classes, std::move(shape), range, std::move(ids));
  };
  CHECK_THROWS_WITH(make({0, 0}, {0, 1}, 2, {2}), "dataset: 1 inputs but 2 labels");
  CHECK_THROWS_WITH(make({0, 0}, {0}, 2, {3}), "dataset: the row shape holds 3 scalars but a row has 2");
  CHECK_THROWS_WITH(make({0, 0}, {0}, 1, {2}), "dataset: needs at least 2 classes, got 1");
  CHECK_THROWS_WITH(make({0, 0}, {2}, 2, {2}), "dataset: label 2 is outside [0, 2)");
  CHECK_THROWS_WITH(make({0, 0}, {-1}, 2, {2}), "dataset: label -1 is outside [0, 2)");
  CHECK_THROWS_WITH(make({0, 0}, {0}, 2, {2}, {1.0, 1.0}), "dataset: the value range [1, 1] is empty");
  CHECK_THROWS_WITH(make({0, 0, 0, 0}, {0, 1}, 2, {2}, {}, {4}), "dataset: 2 labels but 1 ids");
  CHECK_THROWS_WITH(make({0, 0, 0, 0}, {0, 1}, 2, {2}, {}, {4, 4}), "dataset: ids repeat");
}

TEST_CASE("pixels that are not numbers, or outside the declared range, are refused", "[data]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -infinity, 1.5, -0.01}) {
    CHECK_THROWS_AS(dataset<rows>(rows({0.5, bad}, 1), {0, 1}, 2, {1}), argument_error);
  }
  CHECK_THROWS_WITH(dataset<rows>(rows({0.5, 1.5}, 1), {0, 1}, 2, {1}),
                    "dataset: input 1 holds 1.5, outside the declared range [0, 1]");
  CHECK_THROWS_AS(dataset<rows>(rows({0.5, nan}, 1), {0, 1}, 2, {1}, {-infinity, infinity}), argument_error);
}
