// SPDX-License-Identifier: MIT
#include "certssb/ensemble/parts.hpp"

#include "certssb/data/split.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace certssb;

namespace {

const random_key key_of_cut{17};

dataset<host_array<float>> numbered(std::size_t n) {
  std::vector<float> values(2 * n);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / static_cast<float>(2 * n);
  return {host_array<float>(values, 2), std::vector<label_type>(n, 0), 2};
}

std::vector<std::size_t> sizes_of(const row_parts& cut) {
  std::vector<std::size_t> sizes;
  for (const auto& part : cut.positions()) sizes.push_back(part.size());
  return sizes;
}

}  // namespace

TEST_CASE("parts by position have equal sizes, and hold every row once", "[parts]") {
  const row_parts cut = row_parts::by_position(103, 10, key_of_cut);
  const auto sizes = sizes_of(cut);
  CHECK(std::ranges::min(sizes) == 10);
  CHECK(std::ranges::max(sizes) == 11);
  std::vector<std::size_t> all;
  for (const auto& part : cut.positions()) {
    CHECK(std::ranges::is_sorted(part));
    all.insert(all.end(), part.begin(), part.end());
  }
  std::ranges::sort(all);
  std::vector<std::size_t> expected(103);
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  CHECK(all == expected);
  CHECK(cut.parts_per_row() == 1);
  CHECK_FALSE(std::ranges::equal(cut.values(), row_parts::by_position(103, 10, random_key{18}).values()));
}

TEST_CASE("parts by id and by content do not depend on the other rows", "[parts]") {
  const auto whole = numbered(400);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < 400; i += 3) kept.push_back(i);
  const auto fewer = subset(whole, std::span<const std::size_t>(kept));
  for (const part_by by : {part_by::id, part_by::content}) {
    const row_parts all = row_parts::of(whole, 7, by, key_of_cut);
    const row_parts some = row_parts::of(fewer, 7, by, key_of_cut);
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(some[i] == all[kept[i]]);
  }
  // By content, rows with the same values are together, whatever their ids; a changed row may move.
  const dataset<host_array<float>> twins(host_array<float>({.1F, .2F, .1F, .2F, -0.0F, .3F, 0.0F, .3F}, 2),
                                         {0, 1, 0, 1}, 2, {2}, {-1.0, 1.0});
  const row_parts cut = row_parts::by_content(twins, 4, key_of_cut);
  CHECK(cut[0] == cut[1]);
  CHECK(cut[2] == cut[3]);
  CHECK(cut.parts_per_row() == 2);
}

TEST_CASE("parts by hash are about equally large", "[parts]") {
  const auto rows = numbered(20'000);
  for (const part_by by : {part_by::id, part_by::content}) {
    double chi_square = 0.0;
    for (const std::size_t size : sizes_of(row_parts::of(rows, 50, by, key_of_cut))) {
      chi_square += (static_cast<double>(size) - 400.0) * (static_cast<double>(size) - 400.0) / 400.0;
    }
    // 49 degrees of freedom: above 112 with probability 1e-6.
    CHECK(chi_square < 112.0);
  }
}

TEST_CASE("impossible cuts are refused", "[parts]") {
  CHECK_THROWS_WITH(row_parts::by_position(5, 0, key_of_cut),
                    "parts: expected a number from 1 to the 5 training rows, got 0");
  CHECK_THROWS_WITH(row_parts::of(numbered(5), 6, part_by::id, key_of_cut),
                    "parts: expected a number from 1 to the 5 training rows, got 6");
  CHECK_THROWS_WITH(part_by_of("hash"), "part_by: expected position, id or content, got hash");
}
