// SPDX-License-Identifier: MIT
#include "certssb/attack/poison.hpp"

#include "certssb/attack/blend_trigger.hpp"
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/pixel_trigger.hpp"
#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/opaque_tensor.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

using namespace certssb;

namespace {

constexpr std::size_t side = 6;
constexpr std::size_t size = side * side;
constexpr std::size_t spot = 1 * side + 1;  // one pixel, five from either edge

/// Brief: 100 grey 6 x 6 images in ten classes, values (i mod 7) / 10, ids from 1000 downwards.
template <tensor Tensor>
dataset<Tensor> images(const Tensor& like, double at_spot = 0.25) {
  using scalar = scalar_of<Tensor>;
  Tensor inputs = tensor_traits<Tensor>::make(100, like);
  std::vector<label_type> labels;
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < 100; ++i) {
    std::vector<scalar> row(size, static_cast<scalar>(i % 7) / 10);
    row[spot] = static_cast<scalar>(at_spot);
    tensor_traits<Tensor>::write(inputs, i, row);
    labels.push_back(static_cast<label_type>(i % 10));
    ids.push_back(static_cast<std::uint32_t>(1000 - i));
  }
  return dataset<Tensor>(std::move(inputs), std::move(labels), 10, {1, side, side}, {}, std::move(ids));
}

auto host_images(double at_spot = 0.25) { return images(host_array<double>({}, size), at_spot); }

template <class Tensor>
std::vector<scalar_of<Tensor>> row_of(const dataset<Tensor>& data, std::size_t i) {
  std::vector<scalar_of<Tensor>> row(data.row_size());
  tensor_traits<Tensor>::read(data.inputs(), i, row);
  return row;
}

struct identity_map {
  label_type operator()(label_type label) const { return label; }
};

struct broken_trigger {
  template <class Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t>) const {
    row[0] = std::numeric_limits<Scalar>::quiet_NaN();
  }
};

}  // namespace

TEST_CASE("poison takes round(rate N) of the whole set from the rows that are not of the target", "[attack]") {
  const auto data = host_images();
  for (const auto& [rate, count] : {std::pair{0.1, 10U}, {0.104, 10U}, {0.105, 11U}, {0.9, 90U}, {0.0, 0U}}) {
    CAPTURE(rate);
    const auto poisoned = poison(data, one_pixel_trigger(0.5), all_to_one{3}, rate, random_key{81});
    CHECK(poisoned.positions.size() == count);
    CHECK(poisoned.pattern_norms.size() == count);
    CHECK(poisoned.pattern_l1.size() == count);
    CHECK(std::ranges::is_sorted(poisoned.positions));
    CHECK(std::set(poisoned.positions.begin(), poisoned.positions.end()).size() == count);
    for (const std::size_t i : poisoned.positions) {
      CHECK(data.labels()[i] != 3);
      CHECK(poisoned.data.labels()[i] == 3);
    }
  }
}

TEST_CASE("poison touches the trigger's pixel of the chosen rows and nothing else", "[attack]") {
  const auto data = host_images();
  const auto poisoned = poison(data, one_pixel_trigger(0.5), all_to_one{0}, 0.2, random_key{82});
  CHECK(poisoned.data.size() == 100);
  CHECK(poisoned.data.classes() == 10);
  CHECK(std::ranges::equal(poisoned.data.ids(), data.ids()));
  CHECK(std::ranges::equal(poisoned.data.row_shape(), data.row_shape()));
  for (std::size_t i = 0; i < 100; ++i) {
    auto expected = row_of(data, i);
    if (std::ranges::binary_search(poisoned.positions, i)) {
      expected[spot] += 0.5;
    } else {
      REQUIRE(poisoned.data.labels()[i] == data.labels()[i]);
    }
    REQUIRE(row_of(poisoned.data, i) == expected);
  }
}

TEST_CASE("pattern norms are measured after clipping: a bright pixel has little room left", "[attack]") {
  const auto room = poison(host_images(0.25), one_pixel_trigger(0.5), all_to_one{0}, 0.1, random_key{83});
  for (const double norm : room.pattern_norms) CHECK(norm == Approx(0.5).epsilon(1e-15));
  CHECK(room.largest_norm() == Approx(0.5));
  CHECK(room.frobenius_norm() == Approx(0.5 * std::sqrt(10.0)));

  const auto little = poison(host_images(0.75), one_pixel_trigger(0.5), all_to_one{0}, 0.1, random_key{83});
  for (const double norm : little.pattern_norms) CHECK(norm == Approx(0.25).epsilon(1e-15));
  for (const std::size_t i : little.positions) CHECK(row_of(little.data, i)[spot] == 1.0);

  const auto none = poison(host_images(1.0), one_pixel_trigger(0.5), all_to_one{0}, 0.1, random_key{83});
  CHECK(none.largest_norm() == 0.0);
  const auto darker = poison(host_images(0.25), one_pixel_trigger(-0.5), all_to_one{0}, 0.1, random_key{83});
  CHECK(darker.largest_norm() == Approx(0.25));
  CHECK(poison(host_images(), one_pixel_trigger(0.5), all_to_one{0}, 0.0, {}).largest_norm() == 0.0);
}

TEST_CASE("a blended row stays in range, and its norm is at most delta", "[attack]") {
  const auto data = host_images();
  const auto poisoned = poison(data, blend_trigger(3.0, random_key{84}, size), all_to_one{0}, 0.5, random_key{84});
  for (std::size_t k = 0; k < poisoned.positions.size(); ++k) {
    CHECK(poisoned.pattern_norms[k] <= 3.0);
    const auto clean = row_of(data, poisoned.positions[k]);
    const auto row = row_of(poisoned.data, poisoned.positions[k]);
    double square = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < size; ++i) {
      square += (row[i] - clean[i]) * (row[i] - clean[i]);
      sum += std::abs(row[i] - clean[i]);
    }
    CHECK(poisoned.pattern_norms[k] == Approx(std::sqrt(square)).epsilon(1e-14));
    CHECK(poisoned.pattern_l1[k] == Approx(sum).epsilon(1e-14));
  }
}

TEST_CASE("the choice of rows depends on the key alone, and each row is as likely as another", "[attack]") {
  const auto data = host_images();
  const auto choose = [&](std::uint64_t seed, double delta) {
    return poison(data, one_pixel_trigger(delta), all_to_one{0}, 0.3, random_key{seed}).positions;
  };
  CHECK(choose(85, 0.5) == choose(85, 0.1));
  CHECK(choose(85, 0.5) != choose(86, 0.5));
  // 30 of 90 rows, 600 times: each row is expected 200 times, with variance 200 times
  // 1 - 30/90. Chi-square with 89 degrees of freedom exceeds 167.4 with probability 1e-6.
  std::vector<double> times(100);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    for (const std::size_t i : choose(seed, 0.5)) times[i] += 1.0;
  }
  double chi2 = 0.0;
  for (std::size_t i = 0; i < 100; ++i) {
    if (data.labels()[i] != 0) chi2 += (times[i] - 200.0) * (times[i] - 200.0) / (200.0 * (1.0 - 30.0 / 90.0));
  }
  CHECK(chi2 * 89.0 / 90.0 < 167.4);
}

TEST_CASE("all-to-all poisons every class, each to its own successor", "[attack]") {
  const auto data = host_images();
  const auto poisoned = poison(data, one_pixel_trigger(0.5), all_to_all(10), 1.0, random_key{87});
  CHECK(poisoned.positions.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(poisoned.data.labels()[i] == static_cast<label_type>((i + 1) % 10));
}

TEST_CASE("rates, targets and triggers that make no sense are refused", "[attack]") {
  const auto data = host_images();
  const auto attempt = [&](double rate, label_type target) {
    return poison(data, one_pixel_trigger(0.5), all_to_one{target}, rate, {});
  };
  CHECK_THROWS_WITH(attempt(-0.1, 0), "poison: rate must lie in [0,1], got -0.1");
  CHECK_THROWS_WITH(attempt(1.5, 0), "poison: rate must lie in [0,1], got 1.5");
  CHECK_THROWS_AS(attempt(std::nan(""), 0), argument_error);
  CHECK_THROWS_WITH(attempt(0.004, 0), "poison: rate 0.004 of 100 rows poisons no row");
  CHECK_THROWS_WITH(attempt(0.91, 0),
                    "poison: rate 0.91 asks for 91 of 100 rows, but only 90 have a label that the attack changes");
  CHECK_THROWS_WITH(attempt(0.1, 10), "label map: target must lie in [0, 9], got 10");
  CHECK_THROWS_AS(attempt(0.1, -1), argument_error);
  CHECK_THROWS_AS(poison(data, one_pixel_trigger(0.5), all_to_all(11), 0.1, {}), argument_error);
  CHECK_THROWS_AS(poison(data, one_pixel_trigger(0.5), identity_map{}, 0.1, {}), argument_error);
  CHECK_THROWS_AS(poison(data, four_pixel_trigger(0.5), all_to_one{0}, 0.1, {}), argument_error);
  CHECK_THROWS_AS(poison(data, broken_trigger{}, all_to_one{0}, 0.1, {}), argument_error);
  CHECK_THROWS_AS(trigger_test_set(data, one_pixel_trigger(0.5), all_to_one{10}), argument_error);
  CHECK_THROWS_WITH(trigger_test_set(data, one_pixel_trigger(0.5), identity_map{}),
                    "trigger_test_set: no row has a label that the attack changes");
}

TEST_CASE("the triggered test set holds the rows not of the target, with true labels and their ids", "[attack]") {
  const auto data = host_images(0.75);
  const auto triggered = trigger_test_set(data, one_pixel_trigger(0.5), all_to_one{4});
  REQUIRE(triggered.size() == 90);
  std::size_t j = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    if (data.labels()[i] == 4) continue;
    auto expected = row_of(data, i);
    expected[spot] = 1.0;
    CHECK(row_of(triggered, j) == expected);
    CHECK(triggered.labels()[j] == data.labels()[i]);
    CHECK(triggered.ids()[j] == data.ids()[i]);
    ++j;
  }
}

TEST_CASE("poisoning is the same in every tensor type, one that hides its elements included", "[attack]") {
  const auto attack = [](const auto& data) {
    return poison(data, blend_trigger(0.5, random_key{88}, size), all_to_one{0}, 0.3, random_key{88});
  };
  const auto expected = attack(images(host_array<float>({}, size)));
  const auto same = [&](const auto& data) {
    const auto poisoned = attack(data);
    CHECK(poisoned.positions == expected.positions);
    CHECK(poisoned.pattern_norms == expected.pattern_norms);
    for (std::size_t i = 0; i < 100; ++i) REQUIRE(row_of(poisoned.data, i) == row_of(expected.data, i));
    const auto triggered = trigger_test_set(data, one_pixel_trigger(0.5), all_to_one{0});
    CHECK(triggered.size() == 90);
  };
  same(images(Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>(0, size)));
  same(images(xt::xarray<float>(xt::xarray<float>::from_shape({1, 1, side, side}))));
  same(images(xt::xtensor<float, 3>(xt::xtensor<float, 3>::from_shape({1, side, side}))));
  same(images(tensor_traits<test::opaque_tensor<float>>::create(0, size)));
}

TEST_CASE("each column of a poisoned row is clipped to its own range", "[attack]") {
  struct raise_all {
    static void apply(std::span<double> row, std::span<const std::size_t>) {
      for (double& value : row) value += 3.0;
    }
  };
  const dataset data(host_array<double>::from_rows({{0.5, 0.5}, {0.25, 9.0}}), {1, 1}, 2, {}, {{0, 1}, {0, 10}});
  const auto poisoned = poison(data, raise_all{}, all_to_one{0}, 1.0, random_key{89});
  CHECK(poisoned.data.inputs().values == std::vector<double>{1.0, 3.5, 1.0, 10.0});
  CHECK(poisoned.pattern_l1 == std::vector<double>{3.5, 1.75});
  CHECK(poisoned.data.range(1).high == 10.0);
  CHECK(trigger_test_set(data, raise_all{}, all_to_one{0}).inputs().values == poisoned.data.inputs().values);
}
