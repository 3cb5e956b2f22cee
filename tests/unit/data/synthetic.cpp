// SPDX-License-Identifier: MIT
// Each check's false-alarm chance is at most 1e-6 for a random seed; the seeds are fixed.
#include "certssb/data/synthetic.hpp"

#include "certssb/backend/eigen.hpp"
#include "certssb/data/synthetic_models.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace certssb;

namespace {

/// Brief: two-sided 1e-6 point of N(0,1).
constexpr double far = 4.8917;

/// Brief: how often the problem's best label is the drawn one, as a distance from the promise in standard errors.
template <class Problem>
double surprise(const Problem& problem, std::size_t rows, std::uint64_t seed) {
  const auto data = draw_dataset(problem, rows, random_key{seed});
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = std::span(data.inputs().values).subspan(i * problem.dimension(), problem.dimension());
    right += problem.best_label(row) == data.labels()[i];
  }
  const double p = problem.best_accuracy();
  const double n = static_cast<double>(rows);
  return (static_cast<double>(right) / n - p) / std::sqrt(p * (1.0 - p) / n);
}

}  // namespace

TEST_CASE("half-space rows are labelled by their side, with probability Phi(b/|w|) of label 1", "[data]") {
  const half_space_problem problem({3.0, -4.0}, 2.5);  // |w| = 5
  constexpr std::size_t n = 100'000;
  const auto data = draw_dataset(problem, n, random_key{61});
  for (std::size_t i = 0; i < 100; ++i) {
    const double side = 3.0 * data.inputs().values[2 * i] - 4.0 * data.inputs().values[2 * i + 1] + 2.5;
    REQUIRE(data.labels()[i] == (side > 0.0 ? 1 : 0));
  }
  const double p = normal_cdf(0.5);
  const double share = static_cast<double>(std::ranges::count(data.labels(), 1)) / n;
  CHECK(std::abs(share - p) < far * std::sqrt(p * (1.0 - p) / n));
  CHECK(problem.signed_distance(std::vector<double>{0.0, 0.0}) == Approx(0.5));
}

TEST_CASE("soft-slab labels are as noisy as promised, and the model of that name gives their probability", "[data]") {
  const soft_slab_problem problem(1.0, 0.25, 2.0);
  CHECK(std::abs(surprise(problem, 100'000, 62)) < far);
  std::vector<double> scores(2);
  soft_slab<double>(1.0, 0.25).scores(host_array<double>({0.3}, 1), std::span(scores));
  CHECK(scores[1] == Approx(problem.probability(0.3)).epsilon(1e-15));
  // A hard slab is never wrong, a slab whose walls are far wider than the line is a coin nearly always 0.
  CHECK(soft_slab_problem(1.0, 1e-6, 2.0).best_accuracy() == Approx(1.0).epsilon(1e-3));
  CHECK(soft_slab_problem(1.0, 1e3, 2.0).best_accuracy() ==
        Approx(1.0 - 2e-3 / std::sqrt(2 * 3.14159265)).epsilon(1e-5));
}

TEST_CASE("blobs are told apart as often as promised; for two classes Phi(distance / 2 spread)", "[data]") {
  for (const double distance : {0.0, 1.0, 3.0}) {
    CHECK(gaussian_blobs_problem(2, 5, distance, 0.7).best_accuracy() ==
          Approx(normal_cdf(distance / 1.4)).epsilon(1e-12));
  }
  CHECK(gaussian_blobs_problem(10, 10, 0.0, 1.0).best_accuracy() == Approx(0.1).epsilon(1e-12));
  CHECK(std::abs(surprise(gaussian_blobs_problem(2, 3, 2.0, 1.0), 100'000, 63)) < far);
  CHECK(std::abs(surprise(gaussian_blobs_problem(7, 8, 3.0, 1.0), 100'000, 64)) < far);
}

TEST_CASE("a row of a problem does not depend on how many are drawn, nor on the tensor", "[data]") {
  const gaussian_blobs_problem problem(3, 4, 1.0, 1.0);
  const auto some = draw_dataset<float>(problem, 5, random_key{65});
  const auto more = draw_dataset<float>(problem, 9, random_key{65});
  CHECK(std::equal(some.inputs().values.begin(), some.inputs().values.end(), more.inputs().values.begin()));
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, 4, Eigen::RowMajor>;
  const auto eigen = draw_dataset(problem, 5, random_key{65}, matrix(0, 4));
  CHECK(std::equal(some.inputs().values.begin(), some.inputs().values.end(), eigen.inputs().data()));
  CHECK(draw_dataset<float>(problem, 5, random_key{66}).inputs().values != some.inputs().values);
}

TEST_CASE("problems refuse parameters out of range", "[data]") {
  CHECK_THROWS_AS(half_space_problem({0.0, 0.0}, 1.0), argument_error);
  CHECK_THROWS_AS(half_space_problem({1.0}, std::nan("")), argument_error);
  CHECK_THROWS_AS(soft_slab_problem(1.0, 0.0, 1.0), argument_error);
  CHECK_THROWS_AS(gaussian_blobs_problem(1, 3, 1.0, 1.0), argument_error);
  CHECK_THROWS_AS(gaussian_blobs_problem(4, 3, 1.0, 1.0), argument_error);
  CHECK_THROWS_AS(gaussian_blobs_problem(2, 3, 1.0, 0.0), argument_error);
  const half_space_problem problem({1.0, 0.0}, 0.0);
  CHECK_THROWS_AS(draw_dataset(problem, 0, random_key{}), argument_error);
  CHECK_THROWS_AS(draw_dataset(problem, 1, random_key{}, host_array<double>({}, 3)), argument_error);
}
