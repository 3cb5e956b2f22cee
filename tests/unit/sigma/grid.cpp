// SPDX-License-Identifier: MIT
#include "certssb/sigma/grid.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/core/error.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/synthetic_models.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/sigma/named_search.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <tuple>
#include <vector>

using namespace certssb;

namespace {

using array = host_array<double>;

/// Scores, and no derivative of them.
struct scores_alone {
  soft_slab<double> inner;
  [[nodiscard]] std::size_t classes() const { return inner.classes(); }
  void scores(const array& x, std::span<double> out) const { inner.scores(x, out); }
};

/// Brief: `n` copies of the origin of the line, labelled 1.
dataset<array> points_at_0(std::size_t n) {
  return {array(std::vector<double>(n, 0.0), 1), std::vector<label_type>(n, 1), 2, {1}, {-1.0, 1.0}};
}

const ascent_options options{.initial = 0.2, .floor = 0.05, .ceiling = 3.0, .draws = 512, .clamp = 1e-3};
silent_observer nobody;

}  // namespace

TEST_CASE("the grid finds the best scale of the soft slab", "[sigma]") {
  // sigma* of c = 1, tau = .25 and c = .5, tau = .2 (golden sigma_gradient). Neighbours on the grid are 6.7 % apart.
  const auto [c, tau, best] =
      GENERATE(std::tuple{1.0, 0.25, 0.43199596312662364}, std::tuple{0.5, 0.2, 0.2586703085377167});
  const auto rows = points_at_0(32);
  const auto found = ascend(grid_search{64}, soft_slab<double>{c, tau}, rows, rows.labels(), options, gaussian_noise{},
                            random_key{11}, serial_executor{}, nobody);
  double mean = 0.0;
  for (const double sigma : found.scales.values()) mean += std::log(sigma) / 32.0;
  CHECK(std::exp(mean) == Approx(best).epsilon(0.05));
  REQUIRE(found.trace.size() == 64);
  CHECK(found.trace.front().mean_scale == Approx(0.05));
  CHECK(found.trace.back().mean_scale == Approx(3.0));
}

TEST_CASE("a radius that only grows takes the grid to the ceiling, one that never leads to the floor", "[sigma]") {
  // R = sigma a / sqrt(1 + sigma^2 s^2) of the probit-linear model grows in sigma.
  const auto rows = points_at_0(3);
  const probit_linear<double> model({1.0}, 0.7);
  const auto leads = ascend(grid_search{}, model, rows, rows.labels(), options, gaussian_noise{}, random_key{3},
                            serial_executor{}, nobody);
  CHECK(leads.scales.smallest() > 1.0);
  const std::vector<label_type> wrong(3, 0);
  const auto never = ascend(grid_search{}, soft_slab<double>{1.0, 0.25}, rows, wrong,
                            {.initial = 0.05, .floor = 0.05, .ceiling = 0.3, .draws = 64}, gaussian_noise{},
                            random_key{3}, serial_executor{}, nobody);
  CHECK(never.scales.largest() == 0.05);
}

TEST_CASE("the grid gives the same bits on any number of threads", "[sigma]") {
  const auto rows = points_at_0(100);
  const auto scales = [&](const auto& run) {
    const auto found = ascend(grid_search{8}, soft_slab<double>{1.0, 0.25}, rows, rows.labels(),
                              {.initial = 0.05, .floor = 0.05}, gaussian_noise{}, random_key{3}, run, nobody);
    return std::vector<double>(found.scales.values().begin(), found.scales.values().end());
  };
  CHECK(scales(serial_executor{}) == scales(tbb_executor(2)));
}

TEST_CASE("the grid refuses a single point and anchors that do not fit", "[sigma]") {
  const auto rows = points_at_0(2);
  const auto run = [&](grid_search grid, const std::vector<label_type>& anchors) {
    return ascend(grid, soft_slab<double>{1.0, 0.25}, rows, anchors, options, gaussian_noise{}, random_key{1},
                  serial_executor{}, nobody);
  };
  CHECK_THROWS_WITH(run({1}, {1, 1}), "grid_search: needs at least 2 points, got 1");
  CHECK_THROWS_AS(run({}, {1}), argument_error);
  CHECK_THROWS_AS(run({}, {1, 2}), argument_error);
}

TEST_CASE("a base without derivative is refused the pathwise ascent, in words, and may use the grid", "[sigma]") {
  const auto rows = points_at_0(4);
  const auto search = [&](const char* name) {
    return ascend(named_search(name), scores_alone{{1.0, 0.25}}, rows, rows.labels(), options, gaussian_noise{},
                  random_key{11}, serial_executor{}, nobody);
  };
  CHECK_THROWS_WITH(search("pathwise"),
                    Catch::StartsWith("ascent_estimator: pathwise needs a classifier with directional_scores"));
  CHECK(search("grid").scales.size() == 4);
}
