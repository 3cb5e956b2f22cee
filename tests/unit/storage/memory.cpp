// SPDX-License-Identifier: MIT
#include "certssb/storage/memory.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/own_mode.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace certssb;

TEST_CASE("mode memory claims the stored label and radius, adopted ones too, and nothing of the training set",
          "[storage]") {
  using test::issued;
  const std::vector<certificate> asked{issued(0, 1.0, outcome::published), issued(1, 1.0, outcome::published),
                                       issued(1, 0.2, outcome::published), certificate{.predicted = 1}};
  const host_array<double> centres({0.0, 1.5, 0.1, 9.0}, 1);
  const auto answers = storage_update(centres, std::span<const certificate>(asked), storage_policy::slack);
  const auto all = remembered(asked, answers);
  CHECK(all[0].radius.value() < 1.0);
  CHECK(all[0].radius.value() == Approx(1.0).epsilon(1e-14));
  CHECK(all[1].radius.value() == Approx(0.5).epsilon(1e-12));
  CHECK(all[2].label == 0);
  CHECK(all[2].radius.value() == Approx(0.9).epsilon(1e-12));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(all[i].result == outcome::certified);
    CHECK(all[i].mode == "memory");
    CHECK(all[i].norm == "l2_of_test_inputs");
    CHECK(all[i].candidate.value() == 0.0);
  }
  CHECK(all[3].label == abstain);
  CHECK_FALSE(all[3].has_radius());
  const memory_mode mode(answers);
  CHECK_FALSE(mode.covers(5.0, {}));
  CHECK(mode.per_pattern(5.0, 1) == 0.0);
  // A training-set mode does not claim what was adopted.
  CHECK(after_storage(asked, answers)[2].result == outcome::adopted_in_storage);
  CHECK_THROWS_WITH(remembered(asked, std::vector<stored_answer>{}), Catch::Contains("4 certificates but 0 answers"));
}

TEST_CASE("what is remembered leaves room for the rounding of a distance", "[storage]") {
  // The distance of 2^-60 from 1 is below 1, and is computed as 1: the input is not seen inside the ball.
  region_store<double> store(1);
  const double centre = 1.0;
  const double input = 0x1p-60;
  const stored_answer ball = process(store, std::span<const double>(&centre, 1), {0, 1.0}, storage_policy::min);
  CHECK(ball.radius == 1.0);
  CHECK(process(store, std::span<const double>(&input, 1), {1, 0.0}, storage_policy::min).label == 1);
  CHECK(ball.remembered < 1.0 - 0x1p-53);
  CHECK(memory_mode(std::span(&ball, 1)).radius(0.0, 0) == ball.remembered);
}

TEST_CASE("a centre on the edge of another region has no radius left to remember", "[storage]") {
  const std::vector<certificate> asked{test::issued(0, 1.0, outcome::published),
                                       test::issued(1, 1.0, outcome::published)};
  const host_array<double> centres({0.0, 1.0}, 1);
  const auto answers = storage_update(centres, std::span<const certificate>(asked), storage_policy::min);
  const auto all = remembered(asked, answers);
  CHECK(all[1].result == outcome::nothing_left);
  CHECK(all[1].label == abstain);
}
