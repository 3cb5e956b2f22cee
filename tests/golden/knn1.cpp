// SPDX-License-Identifier: MIT
#include "certssb/bound/smoothed_neighbour.hpp"

#include "golden.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace certssb;

TEST_CASE("the smoothed nearest neighbour equals the golden vectors", "[bound][golden]") {
  const auto& c = golden::part("knn1");
  const auto distances2 = c["d2"].get<std::vector<double>>();
  const auto labels = c["labels"].get<std::vector<label_type>>();
  const auto bounds = [&](const training_scales& sigmas, double gap) {
    return smoothed_neighbour_bounds(distances2, labels, 2, sigmas, 4, gap);
  };
  const auto equal = training_scales::constant(5, c["sigma"].get<double>());
  const double exact = c["exact_class0"];

  SECTION("the exact probability lies inside, however narrow the enclosure") {
    for (const double gap : {0.1, 1e-2, 1e-3, 1e-4, 1e-5}) {
      CAPTURE(gap);
      const auto q = bounds(equal, gap);
      CHECK(q[0].lower <= exact);
      CHECK(q[0].upper >= exact);
      CHECK(q[1].lower <= 1.0 - exact);
      CHECK(q[1].upper >= 1.0 - exact);
      CHECK(q[0].upper - q[0].lower <= gap);
      CHECK(q[1].upper - q[1].lower <= gap);
    }
  }
  SECTION("each row's own probability lies inside too: five rows as five classes") {
    const std::vector<label_type> own{0, 1, 2, 3, 4};
    const auto q = smoothed_neighbour_bounds(distances2, own, 5, equal, 4, 1e-4);
    for (std::size_t i = 0; i < 5; ++i) {
      CAPTURE(i);
      const double p = c["exact_unquantised"][i];
      CHECK(q[i].lower <= p);
      CHECK(q[i].upper >= p);
      CHECK(q[i].upper - q[i].lower <= 1e-4);
    }
  }
  SECTION("another program's coarser enclosures contain ours") {
    for (const auto& e : c["enclosure"]) {
      const auto q = bounds(training_scales(e["sigmas"].get<std::vector<double>>()), 1e-5);
      for (std::size_t y = 0; y < 2; ++y) {
        CAPTURE(y);
        const auto interval = e["class_interval"][y == 0 ? "0" : "1"];
        CHECK(q[y].lower >= interval[0].get<double>());
        CHECK(q[y].upper <= interval[1].get<double>());
      }
    }
  }
}
