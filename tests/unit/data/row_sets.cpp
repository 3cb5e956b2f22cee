// SPDX-License-Identifier: MIT
#include "certssb/data/row_sets.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <span>
#include <vector>

using namespace certssb;
using rows_type = dataset<host_array<double>>;

namespace {

rows_type one_row(double value) { return {host_array<double>({value}, 1), {0}, 2}; }

/// Brief: a function whose first argument decides the type of rows, as the defences have it.
template <class Rows>
std::vector<const Rows*> places(const Rows&, const row_sets_of<Rows>& sets) {
  std::vector<const Rows*> found;
  for (std::size_t k = 0; k < sets.size(); ++k) found.push_back(&sets[k]);
  return found;
}

}  // namespace

TEST_CASE("sets of rows are given in braces or by pointers in any array, and refer to the rows themselves", "[data]") {
  const rows_type train = one_row(0.5);
  const rows_type clean = one_row(0.25);
  const rows_type triggered = one_row(0.75);
  const std::vector<const rows_type*> expected{&clean, &triggered};
  CHECK(places(train, {clean, triggered}) == expected);
  CHECK(places(train, expected) == expected);
  CHECK(places(train, std::array{&clean, &triggered}) == expected);
  CHECK(places(train, std::span<const rows_type* const>(expected)) == expected);
  const rows_type* const plain[] = {&clean, &triggered};
  CHECK(places(train, plain) == expected);
  CHECK(places(train, {clean}) == std::vector<const rows_type*>{&clean});
  CHECK(places(train, std::vector<const rows_type*>{}).empty());
  CHECK_THROWS_WITH(places(train, std::vector<const rows_type*>{nullptr}), "row_sets: a pointer is null");
}
