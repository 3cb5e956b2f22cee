// SPDX-License-Identifier: MIT
#include "certssb/data/dataset.hpp"
#include "certssb/noise/augmented_rows.hpp"
#include "certssb/noise/flipped_labels.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <catch2/catch.hpp>

#include <numeric>

using namespace certssb;

namespace {

dataset<host_array<double>> points(std::size_t n, std::size_t classes = 2) {
  std::vector<label_type> labels(n);
  for (std::size_t i = 0; i < n; ++i) labels[i] = static_cast<label_type>(i % 2);
  return {host_array<double>(std::vector<double>(n, 0.5), 1), std::move(labels), classes, {1}};
}

template <class Rows>
std::vector<double> read(const Rows& rows, const std::vector<std::size_t>& positions) {
  auto out = rows.make(positions.size());
  rows.gather(positions, out);
  return out.values;
}

}  // namespace

TEST_CASE("labels are flipped at the stated rate, once, each member its own", "[noise]") {
  // The exact binomial law: a count outside both 5e-7 tails has probability at most 1e-6 over seeds.
  constexpr std::size_t n = 20000;
  const auto rows = points(n);
  const random_key key = random_key{61}.at(stage::train_noise);
  for (const double q : {0.05, 0.3, 0.45}) {
    const flipped_labels flipped(rows, q, key.for_model(3));
    static_assert(row_source<decltype(flipped)>);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const label_type label = flipped.labels()[i];
      CHECK((label == 0 || label == 1));
      if (label != rows.labels()[i]) ++changed;
    }
    const boost::math::binomial law(static_cast<double>(n), q);
    const double p = boost::math::cdf(law, static_cast<double>(changed));
    CHECK(p > 5e-7);
    CHECK(p < 1.0 - 5e-7);
    const flipped_labels again(rows, q, key.for_model(3));
    const flipped_labels other(rows, q, key.for_model(4));
    CHECK(std::ranges::equal(again.labels(), flipped.labels()));
    CHECK_FALSE(std::ranges::equal(other.labels(), flipped.labels()));
    CHECK(read(flipped, {0, 5}) == std::vector<double>{0.5, 0.5});
  }
}

TEST_CASE("no flips at rate 0, and more than two classes or a rate of a half are refused", "[noise]") {
  const auto rows = points(50);
  CHECK(std::ranges::equal(flipped_labels(rows, 0.0, {}).labels(), rows.labels()));
  CHECK_THROWS_WITH(flipped_labels(rows, 0.5, {}),
                    "flip_labels: the probability of a flip must lie in [0, 0.5), got 0.5");
  CHECK_THROWS_AS(flipped_labels(rows, -0.1, {}), argument_error);
  CHECK_THROWS_AS(flipped_labels(rows, std::nan(""), {}), argument_error);
  const auto three = points(50, 3);
  CHECK_THROWS_WITH(flipped_labels(three, 0.1, {}), "flip_labels: needs 2 classes, got 3");
}

TEST_CASE("augmented rows are drawn anew at every read, by (row, read) and not by batch", "[noise]") {
  const auto rows = points(3);
  const random_key key = random_key{62}.at(stage::train_noise);
  const noise_scales scales({0.1, 0.2, 0.3});
  const augmented_rows together(rows, scales, gaussian_noise{}, key);
  static_assert(row_source<decltype(together)>);
  const auto first = read(together, {0, 1, 2});
  const auto second = read(together, {0, 1, 2});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(first[i] != second[i]);
    std::vector<double> eta(1);
    gaussian_noise{}.fill(key.for_sample(static_cast<std::uint32_t>(i)).for_draw(1), std::span(eta));
    CHECK(second[i] == Approx(0.5 + scales[i] * eta[0]).margin(0.5001 * usual_grid_step));
  }
  const augmented_rows apart(rows, scales, gaussian_noise{}, key);
  CHECK(read(apart, {2, 0})[0] == first[2]);
  CHECK(read(apart, {2, 1}) == std::vector<double>{second[2], first[1]});
  CHECK_THROWS_AS(augmented_rows(rows, noise_scales({0.1}), gaussian_noise{}, key), argument_error);
}
