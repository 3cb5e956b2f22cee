// SPDX-License-Identifier: MIT
#include "certssb/noise/perturb.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;

namespace {

/// Brief: a user's noise: always 1, 2, 3, ... plus the sample's number.
struct counting_noise {
  struct certified_norm {};
  void fill(const random_key& key, std::span<double> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(i + 1 + key.sample);
  }
};
static_assert(noise_distribution<counting_noise, double>);

dataset<host_array<double>> four_rows() {
  return {host_array<double>({0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, 2), {0, 1, 0, 1}, 2, {2}, {}, {40, 30, 20, 10}};
}

}  // namespace

TEST_CASE("perturb adds scale times the noise of each row's id", "[noise]") {
  host_array<double> batch({0.0, 0.0, 1.0, 1.0}, 2);
  const std::vector<std::uint32_t> ids{0, 10};
  const std::vector<double> scales{1.0, 0.5};
  perturb<host_array<double>>(batch, ids, scales, counting_noise{}, {});
  CHECK(batch.values == std::vector<double>{1.0, 2.0, 6.5, 7.0});
  CHECK_THROWS_WITH(perturb<host_array<double>>(batch, std::span(ids).first(1), scales, counting_noise{}, {}),
                    "perturb: 2 rows but 1 ids");
  CHECK_THROWS_AS(perturb<host_array<double>>(batch, ids, std::span(scales).first(1), counting_noise{}, {}),
                  argument_error);
}

TEST_CASE("a scale that the tensor's scalar cannot hold is rounded up", "[noise]") {
  // .7 lies between two floats, .699999988 and .700000048; .1 below the nearest, .100000001; .5 is one.
  CHECK(applied_scale<float>(0.7) == 0.700000048F);
  CHECK(applied_scale<float>(0.1) == 0.1F);
  CHECK(applied_scale<float>(0.5) == 0.5F);
  CHECK(applied_scale<double>(0.7) == 0.7);

  struct unit_noise {
    struct certified_norm {};
    void fill(const random_key&, std::span<float> out) const { std::ranges::fill(out, 1.0F); }
  };
  const dataset<host_array<float>> zero(host_array<float>({0.0F, 0.0F}, 1), {0, 1}, 2, {1});
  const noise_scales scales({0.7, 0.1});
  const noisy_rows rows(zero, scales, unit_noise{}, random_key{});
  auto noisy = rows.make(2);
  rows.gather(std::vector<std::size_t>{0, 1}, noisy);
  CHECK(static_cast<double>(noisy.values[0]) >= 0.7);
  CHECK(static_cast<double>(noisy.values[1]) >= 0.1);
}

TEST_CASE("a noisy row is the same in any batch, and another in any other model", "[noise]") {
  const auto data = four_rows();
  const noise_scales scales({0.1, 0.2, 0.3, 0.4});
  const random_key key = random_key{51}.at(stage::train_noise);
  const noisy_rows rows(data, scales, gaussian_noise{}, key);
  static_assert(row_source<decltype(rows)>);
  auto all = rows.make(4), pair = rows.make(2), again = rows.make(4);
  rows.gather(std::vector<std::size_t>{0, 1, 2, 3}, all);
  rows.gather(std::vector<std::size_t>{3, 1}, pair);
  rows.gather(std::vector<std::size_t>{0, 1, 2, 3}, again);
  CHECK(all.values == again.values);
  CHECK(pair.values == std::vector<double>{all.values[6], all.values[7], all.values[2], all.values[3]});

  std::vector<double> noise(2);
  gaussian_noise{}.fill(key.for_sample(20), std::span(noise));
  CHECK(all.values[4] == Approx(0.4 + 0.3 * noise[0]).margin(0.5001 * usual_grid_step));

  const noisy_rows other(data, scales, gaussian_noise{}, key.for_model(1));
  other.gather(std::vector<std::size_t>{0, 1, 2, 3}, again);
  for (std::size_t i = 0; i < 8; ++i) CHECK(again.values[i] != all.values[i]);
}

TEST_CASE("scales must be finite, positive, and one per row", "[noise]") {
  CHECK_THROWS_WITH(noise_scales({0.5, 0.0}), "noise_scales: sigma must be finite and positive, got 0");
  CHECK_THROWS_AS(noise_scales({-1.0}), argument_error);
  CHECK_THROWS_AS(noise_scales({std::nan("")}), argument_error);
  CHECK_THROWS_AS(noise_scales({std::numeric_limits<double>::infinity()}), argument_error);
  CHECK_THROWS_AS(noise_scales({}), argument_error);
  const auto data = four_rows();
  const auto three = noise_scales::constant(3, 0.5);
  CHECK_THROWS_WITH(noisy_rows(data, three, gaussian_noise{}, {}), "noisy_rows: 4 rows but 3 scales");
  const noise_scales scales({0.1, 0.7, 0.3});
  CHECK(scales.smallest() == 0.1);
  CHECK(scales.largest() == 0.7);
  const std::vector<label_type> labels{1, 0, 1};
  const auto classes = noise_scales::per_class(labels, std::vector<double>{0.1, 0.2});
  CHECK(std::ranges::equal(classes.values(), std::vector<double>{0.2, 0.1, 0.2}));
  CHECK_THROWS_WITH(noise_scales::per_class(labels, std::vector<double>{0.1}), "noise_scales: label 1 but 1 scales");
}
