// SPDX-License-Identifier: MIT
#include "certssb/storage/storage_update.hpp"
#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/opaque_tensor.hpp"
#include "support/own_mode.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;

namespace {

using labels_type = std::vector<label_type>;
using radii_type = std::vector<double>;

std::vector<stored_answer> update(const std::vector<double>& line, const labels_type& labels, const radii_type& radii,
                                  storage_policy policy = storage_policy::min) {
  return storage_update(host_array<double>(line, 1), std::span<const label_type>(labels),
                        std::span<const double>(radii), policy);
}

}  // namespace

TEST_CASE("a centre exactly on a region's edge keeps its label and is left no room", "[storage]") {
  const auto answers = update({0.0, 1.0}, {0, 1}, {1.0, 0.5});
  CHECK(answers[1].label == 1);
  CHECK(answers[1].radius == 0.0);
  CHECK(answers[1].event == storage_event::trim);
  CHECK_FALSE(answers[1].stored);
}

TEST_CASE("the answer names the row that caused it, also where earlier rows were not stored", "[storage]") {
  const auto answers = update({9.0, 0.0, 0.5, 3.0}, {-1, 0, 1, 1}, {0.0, 2.0, 0.1, 2.0});
  CHECK(answers[0].event == storage_event::abstained);
  CHECK(answers[2].event == storage_event::adopt);
  CHECK(answers[2].by == std::size_t{1});
  CHECK(answers[3].event == storage_event::trim);
  CHECK(answers[3].by == std::size_t{1});
}

TEST_CASE("the first ball wins: the result depends on the order", "[storage]") {
  const auto forth = update({0.0, 1.5}, {0, 1}, {1.0, 1.0});
  const auto back = update({1.5, 0.0}, {1, 0}, {1.0, 1.0});
  CHECK(forth[0].radius == 1.0);
  CHECK(forth[1].radius == Approx(0.5));
  CHECK(back[0].radius == 1.0);
  CHECK(back[1].radius == Approx(0.5));
}

TEST_CASE("a trimmed radius is rounded down, and tangent balls are kept", "[storage]") {
  const auto answers = update({0.0, 0.3}, {0, 1}, {0.1, 0.5});
  CHECK(answers[1].radius < 0.2);
  CHECK(answers[1].radius == Approx(0.2).epsilon(1e-12));
  const auto again = update({0.0, 0.3}, {0, 1}, {0.1, answers[1].radius});
  CHECK(again[1].event == storage_event::keep);
  CHECK(again[1].radius == answers[1].radius);
}

TEST_CASE("a tolerance decides the event, never the radius", "[storage]") {
  // The balls asked for overlap by 5e-13 of their radius, which is no trim.
  const double second = 2.0 - 5e-13;
  const auto answers = update({0.0, second}, {0, 1}, {1.0, 1.0});
  CHECK(answers[1].event == storage_event::keep);
  CHECK(answers[1].radius <= second - 1.0);  // this difference is exact
  CHECK(answers[1].radius > second - 1.0 - 1e-14);
  // Where a label is adopted, its slack may overlap a third ball by as little.
  const auto adopted = update({0.0, second, 0.5}, {0, 1, 1}, {1.0, 1.0, 0.5}, storage_policy::slack);
  CHECK(adopted[2].event == storage_event::adopt);
  CHECK(adopted[2].radius <= 0.5);
  // The point in between lies in one ball at most, and an input in either gets its label.
  region_store<double> store(1);
  const auto ask = [&](double centre, label_type label, double radius) {
    return process(store, std::span<const double>(&centre, 1), {label, radius}, storage_policy::min);
  };
  ask(0.0, 0, 1.0);
  const stored_answer kept = ask(second, 1, 1.0);
  for (double x = 1.0 - 1e-12; x < 1.0 + 1e-12; x = std::nextafter(x, 2.0)) {
    const label_type label = ask(x, 2, 0.0).label;
    if (x < 1.0 - 1e-14) REQUIRE(label == 0);
    if (second - x < kept.remembered) REQUIRE(label == 1);
  }
}

TEST_CASE("every tensor type and both scalars give the same answers", "[storage]") {
  const std::vector<double> line{0.0, 0.0, 0.5, 0.25, 3.0, 0.0};
  const labels_type labels{0, 1, 1};
  const radii_type radii{1.0, 0.25, 2.5};
  const auto expected = storage_update(host_array<double>(line, 2), std::span<const label_type>(labels),
                                       std::span<const double>(radii), storage_policy::slack);
  const auto same = [&](const auto& tensor) {
    const auto answers = storage_update(tensor, std::span<const label_type>(labels), std::span<const double>(radii),
                                        storage_policy::slack);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      CHECK(answers[i].label == expected[i].label);
      CHECK(answers[i].radius == expected[i].radius);
      CHECK(answers[i].event == expected[i].event);
    }
  };
  const auto filled = [&]<class Tensor>(Tensor tensor) {
    const std::vector<scalar_of<Tensor>> values(line.begin(), line.end());
    tensor_traits<Tensor>::write(tensor, 0, values);
    return tensor;
  };
  same(host_array<float>({line.begin(), line.end()}, 2));
  same(filled(xt::xarray<float>(xt::xarray<float>::from_shape({3, 2}))));
  same(filled(xt::xtensor<double, 2>(xt::xtensor<double, 2>::from_shape({3, 2}))));
  same(filled(Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>(3, 2)));
  same(filled(Eigen::Matrix<double, Eigen::Dynamic, 2, Eigen::RowMajor>(3, 2)));
  same(filled(tensor_traits<test::opaque_tensor<float>>::create(3, 2)));
}

TEST_CASE("certificates after storage: kept and trimmed hold at the smaller radius, adopted ones do not", "[storage]") {
  using test::issued;
  std::vector<certificate> before{issued(0, 1.0), issued(1, 1.0), issued(1, 0.2), certificate{.predicted = 1}};
  const host_array<double> centres({0.0, 1.5, 0.1, 9.0}, 1);
  for (const auto policy : {storage_policy::min, storage_policy::slack}) {
    const auto answers = storage_update(centres, std::span<const certificate>(before), policy);
    const auto after = after_storage(before, answers);
    CHECK(after[0].radius.value() == 1.0);
    CHECK(after[0].budget == before[0].budget);
    CHECK(after[1].result == outcome::certified);
    CHECK(after[1].radius.value() == Approx(0.5).epsilon(1e-12));
    CHECK(after[1].budget == Approx(1.0).epsilon(1e-12));
    CHECK(after[2].result == outcome::adopted_in_storage);
    CHECK(after[2].label == 0);
    CHECK(after[2].radius.value() == 0.0);
    CHECK_FALSE(after[2].has_radius());
    CHECK(after[3].label == abstain);
    CHECK(after[3].result == outcome::bound_not_above_half);
  }
  CHECK_THROWS_WITH(after_storage(before, std::vector<stored_answer>{}),
                    Catch::Contains("4 certificates but 0 answers"));
}

TEST_CASE("requests that make no region are refused, by name", "[storage]") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(update({0.0}, {-1}, {0.5}),
                    Catch::Contains("label -1 (abstain) goes with radius 0, got radius 0.5"));
  CHECK_THROWS_WITH(update({0.0}, {-2}, {0.0}), Catch::Contains("got -2"));
  CHECK_THROWS_WITH(update({0.0}, {0}, {-0.5}), Catch::Contains("finite and >= 0, got -0.5"));
  CHECK_THROWS_WITH(update({0.0}, {0}, {inf}), Catch::Contains("got inf"));
  CHECK_THROWS_WITH(update({0.0}, {0}, {std::nan("")}), Catch::Contains("got nan"));
  CHECK_THROWS_WITH(update({inf}, {0}, {1.0}), Catch::Contains("centre must be finite"));
  CHECK_THROWS_WITH(update({0.0, 1.0}, {0}, {1.0}), Catch::Contains("2 centres but 1 labels"));
  region_store<float> store(3);
  const std::vector<float> short_centre{1.0F};
  CHECK_THROWS_WITH(process(store, std::span<const float>(short_centre), {0, 1.0}, storage_policy::min),
                    Catch::Contains("expected a centre of 3 scalars, got 1"));
  CHECK_THROWS_WITH(region_store<float>(0), Catch::Contains("at least 1 scalar"));
}
