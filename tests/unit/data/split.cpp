// SPDX-License-Identifier: MIT
#include "certssb/data/split.hpp"

#include "certssb/backend/xtensor.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <set>
#include <vector>

using namespace certssb;
using array = host_array<double>;

namespace {

/// Brief: row i is {i, -i}, label i mod 3, id 100 - i.
dataset<array> counting(std::size_t n) {
  std::vector<double> values;
  std::vector<std::size_t> labels;
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < n; ++i) {
    values.push_back(static_cast<double>(i));
    values.push_back(-static_cast<double>(i));
    labels.push_back(i % 3);
    ids.push_back(static_cast<std::uint32_t>(100 - i));
  }
  return {array(std::move(values), 2), labels, 3, {1, 2}, {{0, 100}, {-100, 0}}, std::move(ids)};
}

template <class Tensor>
std::vector<std::size_t> rows_of(const dataset<Tensor>& part) {
  std::vector<std::size_t> rows;
  for (const std::uint32_t id : part.ids()) rows.push_back(100 - id);
  return rows;
}

void check_rows(const dataset<array>& part, const std::vector<std::size_t>& expected) {
  REQUIRE(rows_of(part) == expected);
  CHECK(part.classes() == 3);
  CHECK(part.row_shape().size() == 2);
  CHECK(part.range(1).low == -100.0);
  for (std::size_t j = 0; j < part.size(); ++j) {
    CHECK(part.labels()[j] == static_cast<label_type>(expected[j] % 3));
    CHECK(part.inputs().values[2 * j] == static_cast<double>(expected[j]));
    CHECK(part.inputs().values[2 * j + 1] == -static_cast<double>(expected[j]));
  }
}

}  // namespace

TEST_CASE("a subset has the rows asked for, in the order asked for, with labels, ids and ranges", "[data]") {
  const auto data = counting(10);
  check_rows(subset(data, {7, 0, 3}), {7, 0, 3});
  check_rows(subset(data, std::vector<std::size_t>{9}), {9});
  check_rows(rows_between(data, 4, 7), {4, 5, 6});
  check_rows(first_rows(data, 2), {0, 1});
  check_rows(first_rows(data, 10), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("subsets refuse rows that are not there, rows given twice, and none", "[data]") {
  const auto data = counting(10);
  CHECK_THROWS_WITH(subset(data, {3, 10}), "subset: expected positions below 10, got 10");
  CHECK_THROWS_WITH(subset(data, {3, 3}), "dataset: ids repeat: 97 is that of two rows");
  CHECK_THROWS_WITH(subset(data, std::vector<std::size_t>{}), "subset: needs at least 1 row");
  CHECK_THROWS_WITH(rows_between(data, 4, 4), "rows_between: expected first < last <= 10, got 4 and 4");
  CHECK_THROWS_AS(rows_between(data, 4, 11), argument_error);
  CHECK_THROWS_WITH(first_rows(data, 11), "first_rows: count must lie in [1, 10], got 11");
  CHECK_THROWS_AS(first_rows(data, 0), argument_error);
}

TEST_CASE("a split puts each row into one part, in its order, as many as the share asks for", "[data]") {
  const auto data = counting(50);
  for (const auto& [share, count] : {std::pair{0.2, 10U}, {0.5, 25U}, {0.98, 49U}, {0.01, 1U}}) {
    CAPTURE(share);
    const auto [train, test] = train_test_split(data, share, random_key{4});
    CHECK(test.size() == count);
    CHECK(train.size() == 50 - count);
    const auto train_rows = rows_of(train);
    const auto test_rows = rows_of(test);
    CHECK(std::ranges::is_sorted(train_rows));
    CHECK(std::ranges::is_sorted(test_rows));
    check_rows(train, train_rows);
    check_rows(test, test_rows);
    std::set<std::size_t> all(train_rows.begin(), train_rows.end());
    all.insert(test_rows.begin(), test_rows.end());
    CHECK(all.size() == 50);
  }
  CHECK_THROWS_WITH(train_test_split(data, 0.0, {}), "train_test_split: test_share must lie in (0,1), got 0");
  CHECK_THROWS_AS(train_test_split(data, 1.0, {}), argument_error);
  CHECK_THROWS_AS(train_test_split(data, std::nan(""), {}), argument_error);
  CHECK_THROWS_WITH(train_test_split(data, 0.001, {}),
                    "train_test_split: test_share 0.001 of 50 rows leaves a part without rows");
}

TEST_CASE("a split depends on the key alone, and puts each row into the test as often as another", "[data]") {
  const auto data = counting(50);
  const auto chosen = [&](std::uint64_t seed) { return rows_of(train_test_split(data, 0.2, random_key{seed}).test); };
  CHECK(chosen(1) == chosen(1));
  CHECK(chosen(1) != chosen(2));
  // 10 of 50 rows, 500 times: each row is expected 100 times, with variance 100 times 1 - 10/50. Chi-square with 49
  // degrees of freedom exceeds 111.6 with probability 1e-6.
  std::vector<double> times(50);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    for (const std::size_t row : chosen(seed)) times[row] += 1.0;
  }
  double chi2 = 0.0;
  for (const double count : times) chi2 += (count - 100.0) * (count - 100.0) / (100.0 * (1.0 - 10.0 / 50.0));
  CHECK(chi2 * 49.0 / 50.0 < 111.6);
}

TEST_CASE("a split is the same in every tensor type", "[data]") {
  const auto data = counting(20);
  xt::xtensor<double, 2> inputs = xt::xtensor<double, 2>::from_shape({20, 2});
  tensor_traits<xt::xtensor<double, 2>>::write(inputs, 0, data.inputs().values);
  const dataset<xt::xtensor<double, 2>> other(std::move(inputs), data.labels(), 3, {}, data.ranges(),
                                              {data.ids().begin(), data.ids().end()});
  const auto expected = train_test_split(data, 0.3, random_key{9});
  const auto got = train_test_split(other, 0.3, random_key{9});
  CHECK(rows_of(got.test) == rows_of(expected.test));
  CHECK(std::ranges::equal(got.train.inputs(), expected.train.inputs().values));
}
