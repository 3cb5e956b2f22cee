// SPDX-License-Identifier: MIT
#include "certssb/noise/release.hpp"

#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/opaque_tensor.hpp"

#include <boost/math/distributions/chi_squared.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numbers>
#include <vector>

using namespace certssb;

namespace {

/// Brief: rows in [0,1] with values on and off the grid, tiny ones and negative ones.
template <class Scalar>
std::vector<Scalar> row_of(std::size_t n) {
  const Scalar some[] = {0, Scalar(1), Scalar(0.1), Scalar(0x1p-17), Scalar(1e-30), Scalar(-0.3), Scalar(7) / 255};
  std::vector<Scalar> row(n);
  for (std::size_t i = 0; i < n; ++i) row[i] = some[i % std::size(some)];
  return row;
}

template <class Noise, class Scalar>
std::vector<Scalar> released(const Noise& noise, const random_key& key, double scale, std::vector<Scalar> row) {
  noise.release(key, scale, std::span(row));
  return row;
}

template <class Noise, class Scalar>
struct source_of;
template <class Scalar>
struct source_of<gaussian_noise, Scalar> {
  using type = detail::normal_source<Scalar>;
};
template <class Scalar>
struct source_of<laplace_noise, Scalar> {
  using type = detail::laplace_source;
};
template <class Scalar>
struct source_of<uniform_noise, Scalar> {
  using type = detail::uniform_source;
};

template <class Noise, class Scalar>
void check_settled(std::size_t n) {
  const random_key key{81, stage::train_noise, 1, 2, 3};
  const auto row = row_of<Scalar>(n);
  const typename source_of<Noise, Scalar>::type source(key);
  std::vector<Scalar> draws(n);
  Noise{}.fill(key, std::span(draws));
  for (const double step : {0x1p-10, 0x1p-14, 0x1p-4}) {
    for (const double scale : {0.5, 0.0625, 0.3, 2.7}) {
      const auto got = released(Noise{.step = step}, key, scale, row);
      for (std::size_t i = 0; i < n; ++i) {
        const double a = static_cast<double>(row[i]) / step;
        const auto whole = detail::nearest_whole(a, scale / step, source.in_fixed(i));
        REQUIRE(got[i] == static_cast<Scalar>(static_cast<double>(whole) * step));
        // It is the sum of the row and the draws that `fill` gives, to half a step and a rounding.
        const double sum = static_cast<double>(row[i]) + scale * static_cast<double>(draws[i]);
        REQUIRE(std::abs(static_cast<double>(got[i]) - sum) <= 0.5 * step + 4e-6 * (1.0 + std::abs(sum)));
      }
    }
  }
}

}  // namespace

TEST_CASE("what is released is the nearest grid point, whatever arithmetic settled it", "[noise]") {
  check_settled<gaussian_noise, float>(1500);
  check_settled<gaussian_noise, double>(700);
  check_settled<laplace_noise, float>(700);
  check_settled<laplace_noise, double>(700);
  check_settled<uniform_noise, float>(700);
  check_settled<uniform_noise, double>(700);
}

TEST_CASE("a release depends on the key and the place alone, and is made where rows are or beside", "[noise]") {
  const random_key key{82, stage::train_noise};
  const auto all = released(gaussian_noise{}, key, 0.5, row_of<float>(200));
  for (const std::size_t n : {1U, 63U, 64U, 65U, 130U}) {
    const auto some = released(gaussian_noise{}, key, 0.5, row_of<float>(n));
    CHECK(std::equal(some.begin(), some.end(), all.begin()));
  }
  const std::vector<std::uint32_t> ids{5, 6};
  const std::vector<double> scales{0.5, 0.25};
  host_array<float> here(row_of<float>(40), 20);
  auto beside = tensor_traits<test::opaque_tensor<float>>::create(2, 20);
  tensor_traits<test::opaque_tensor<float>>::write(beside, 0, here.values);
  perturb(here, ids, scales, gaussian_noise{}, key);
  perturb(beside, ids, scales, gaussian_noise{}, key);
  std::vector<float> got(40);
  tensor_traits<test::opaque_tensor<float>>::read(beside, 0, got);
  CHECK(got == here.values);
}

TEST_CASE("a uniform that rounds to 1 leaves no row as it was", "[noise]") {
  // Streams that begin with a word of 26 ones, found by counting: the float radius was 0.
  const std::vector<std::uint32_t> ids = {24490559, 78355913, 171948979, 249507633};
  for (const std::uint32_t id : ids) {
    const random_key key = random_key{1, stage::train_noise}.for_sample(id);
    REQUIRE(random_block(key, 0)[0] >= 0xFFFFFF80U);
    std::vector<float> draws(20);
    fill_normal(key, std::span(draws));
    CHECK(draws[0] != 0.0F);
    CHECK(draws[16] != 0.0F);
    // The draw is tiny, so the release is the row rounded; what was below the grid is gone.
    const auto got = released(gaussian_noise{}, key, 0.5, std::vector<float>(20, 0.1234567F));
    CHECK(got[0] != 0.1234567F);
    CHECK(got[0] * 1024.0F == std::floor(got[0] * 1024.0F));
  }
}

namespace {

/// Brief: what was added before there was a grid.
struct ungridded {
  using certified_norm = l2_norm;
  template <class Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    fill_normal(key, out);
  }
};

constexpr double moved_by = 0x1p-7;

/// Brief: how many of n rows, all of one value, a reader of low bits takes for rows of zeros: noise alone, where it is
/// small, has places that the sum of moved_by and other noise has not.
template <class Scalar, class Noise>
std::size_t read_as_zeros(const Noise& noise, double value, std::uint64_t seed) {
  constexpr double unit = moved_by * static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2.0;
  constexpr std::uint32_t n = 200;
  std::size_t zeros = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    host_array<Scalar> row(std::vector<Scalar>(784, static_cast<Scalar>(value)), 784);
    const std::vector<std::uint32_t> id{i};
    const std::vector<double> scale{0.5};
    perturb(row, id, scale, noise, random_key{seed, stage::train_noise});
    bool found = false;
    for (const Scalar entry : row.values) {
      const double size = std::abs(static_cast<double>(entry));
      found |= size < moved_by / 8 && size / unit != std::floor(size / unit);
    }
    zeros += found ? 1 : 0;
  }
  return zeros;
}

}  // namespace

TEMPLATE_TEST_CASE("a reader of low bits tells rows apart without the grid, and not with it", "[noise]", float,
                   double) {
  // 1.2 entries of a row are small on average, so .7 of the rows have one.
  CHECK(read_as_zeros<TestType>(ungridded{}, 0.0, 1) > 100);
  CHECK(read_as_zeros<TestType>(ungridded{}, moved_by, 1) == 0);
  CHECK(read_as_zeros<TestType>(gaussian_noise{}, 0.0, 1) == 0);
  CHECK(read_as_zeros<TestType>(gaussian_noise{}, moved_by, 1) == 0);
}

TEMPLATE_TEST_CASE("cells are hit as often as the law in real numbers says", "[noise]", float, double) {
  // Cells of half a scale around an input off the grid; the far ones together. P(chi-square beyond) = 1e-6.
  constexpr std::size_t n = 1U << 20U;
  const double step = 0.25;
  const double scale = 0.5;
  const auto input = static_cast<TestType>(0.1);
  std::vector<TestType> row(n, input);
  gaussian_noise{.step = step}.release(random_key{83, stage::train_noise}, scale, std::span(row));
  std::map<int, double> counts;
  for (const TestType y : row) counts[static_cast<int>(std::clamp(static_cast<double>(y) / step, -8.0, 9.0))] += 1.0;
  double chi2 = 0.0;
  for (int k = -8; k <= 9; ++k) {
    const double low = k == -8 ? -9.0 : ((k - 0.5) * step - static_cast<double>(input)) / scale;
    const double high = k == 9 ? 9.0 : ((k + 0.5) * step - static_cast<double>(input)) / scale;
    const double p = k > 0 ? normal_cdf(-low) - normal_cdf(-high) : normal_cdf(high) - normal_cdf(low);
    const double expected = p * static_cast<double>(n);
    chi2 += (counts[k] - expected) * (counts[k] - expected) / expected;
  }
  INFO("chi-square " << chi2);
  CHECK(chi2 < boost::math::quantile(boost::math::complement(boost::math::chi_squared(17), 1e-6)));
}

TEMPLATE_TEST_CASE("fine cells have no comb: neighbours are hit equally often", "[noise]", float, double) {
  // Steps of 2^-12 scales. In floats a sum rounds to multiples of 2^-24 and coarser; 64 residues of the cell's number
  // must be equally likely. 63 degrees of freedom.
  constexpr std::size_t n = 1U << 20U;
  std::vector<TestType> row(n, static_cast<TestType>(0.3));
  gaussian_noise{.step = 0x1p-12}.release(random_key{84, stage::train_noise}, 1.0, std::span(row));
  std::vector<double> counts(64);
  for (const TestType y : row) {
    counts[static_cast<std::size_t>(static_cast<std::int64_t>(static_cast<double>(y) * 0x1p12) & 63)] += 1.0;
  }
  double chi2 = 0.0;
  const double expected = static_cast<double>(n) / 64.0;
  for (const double count : counts) chi2 += (count - expected) * (count - expected) / expected;
  CHECK(chi2 < boost::math::quantile(boost::math::complement(boost::math::chi_squared(63), 1e-6)));
}

TEST_CASE("under each law, rows leave their cell as often as they should", "[noise]") {
  constexpr std::size_t n = 1U << 21U;
  const auto beyond = [&](const auto& noise, double scale, double value) {
    std::vector<float> row(n, static_cast<float>(value));
    noise.release(random_key{85, stage::train_noise}, scale, std::span(row));
    double count = 0.0;
    for (const float y : row) count += y != 0.0F ? 1.0 : 0.0;
    return count;
  };
  const auto near = [&](double count, double p) {
    const double expected = p * static_cast<double>(n);
    return std::abs(count - expected) < 5.0 * std::sqrt(expected * (1.0 - p));
  };
  CHECK(near(beyond(gaussian_noise{.step = 1.0}, 1.0, 0.0), 2.0 * normal_cdf(-0.5)));
  CHECK(near(beyond(gaussian_noise{.step = 1.0}, 1.0, 0.25), normal_cdf(-0.25) + normal_cdf(-0.75)));
  CHECK(near(beyond(laplace_noise{.step = 1.0}, 1.0, 0.25), 0.5 * (std::exp(-0.25) + std::exp(-0.75))));
  CHECK(near(beyond(uniform_noise{.step = 1.0}, 1.0, 0.25), 0.5));
}

TEST_CASE("the step follows from the ranges, never from the values", "[noise]") {
  CHECK(grid_step_of({}) == 0x1p-10);
  CHECK(grid_step_of({0.0, 255.0}) == 0x1p-3);
  CHECK(grid_step_of({{0.0, 1.0}, {0.0, 100.0}}) == 0x1p-10);
  CHECK(grid_step_of({-1e-6, 1e-6}) == 0x1p-29);
}

TEST_CASE("steps, scales and inputs that no exact release has are refused", "[noise]") {
  const random_key key{86};
  const auto release = [&](double step, double scale, double value) {
    return released(gaussian_noise{.step = step}, key, scale, std::vector<double>(3, value));
  };
  const double inf = std::numeric_limits<double>::infinity();
  for (const double step : {0.0, -0.5, 0.3, 0x1p-61, 0x1p61, inf, std::nan("")}) {
    CHECK_THROWS_WITH(release(step, 1.0, 0.0), Catch::Contains("must be a power of two from 2^-60 to 2^60"));
  }
  for (const double scale : {0.0, -1.0, 0.24, 0x1.1p16, inf, std::nan("")}) {
    CHECK_THROWS_WITH(release(0.25, scale, 0.0), Catch::Contains("a scale must lie in [0.25, 65536]"));
  }
  for (const double value : {inf, -inf, std::nan(""), 1e9}) {
    CHECK_THROWS_WITH(release(1.0, 1.0, value), Catch::Contains("at most 2^26 steps of the grid from 0"));
  }
  CHECK_THROWS_AS(released(gaussian_noise{}, key.for_model(1U << 24U), 1.0, std::vector<float>(3)), argument_error);
}
