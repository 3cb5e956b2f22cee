// SPDX-License-Identifier: MIT
#include "certssb/data/synthetic_models.hpp"

#include "certssb/model/concept.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

static_assert(directional_classifier<probit_linear<double>, host_array<double>>);
static_assert(directional_classifier<probit_linear<float>, host_array<float>>);
static_assert(directional_classifier<soft_slab<double>, host_array<double>>);
static_assert(directional_classifier<soft_slab<float>, host_array<float>>);

namespace {

/// Brief: E g(z), z ~ N(0,1), by the trapezoidal rule (error far below 1e-12 for smooth g).
template <class G>
double normal_mean(G&& g) {
  double sum = 0.0;
  const double step = 1.0 / 64;
  for (int i = -640; i <= 640; ++i) sum += g(i * step) * normal_density(i * step) * step;
  return sum;
}

template <class Model>
double score_of_one(const Model& model, std::vector<double> row) {
  const std::size_t size = row.size();
  std::vector<double> out(2);
  model.scores(host_array<double>(std::move(row), size), std::span(out));
  CHECK(out[0] + out[1] == Approx(1.0).epsilon(1e-15));
  return out[1];
}

template <class Model>
void check_slopes(const Model& model, const std::vector<double>& at, const std::vector<double>& direction) {
  std::vector<double> out(2), slopes(2);
  model.directional_scores(host_array<double>(at, at.size()), host_array<double>(direction, at.size()), std::span(out),
                           std::span(slopes));
  const double step = 1e-5;
  std::vector<double> ahead(at), behind(at);
  for (std::size_t i = 0; i < at.size(); ++i) {
    ahead[i] += step * direction[i];
    behind[i] -= step * direction[i];
  }
  const double expected = (score_of_one(model, ahead) - score_of_one(model, behind)) / (2 * step);
  CHECK(out[1] == score_of_one(model, at));
  CHECK(slopes[1] == Approx(expected).margin(1e-9));
  CHECK(slopes[0] == -slopes[1]);
}

}  // namespace

TEST_CASE("the soft half-space scores Phi(w.x + b) and smooths to Phi(a / sqrt(1 + sigma^2 |w|^2))", "[data]") {
  const probit_linear<double> model({1.2, -1.6}, 0.3);  // |w| = 2
  const std::vector<double> x{0.5, -0.1};
  const double a = 0.6 + 0.16 + 0.3;
  CHECK(score_of_one(model, x) == Approx(normal_cdf(a)).epsilon(1e-14));
  for (const double sigma : {0.1, 0.5, 2.0}) {
    const double mean = normal_mean([&](double z) { return normal_cdf(a + 2.0 * sigma * z); });
    CHECK(model.smoothed_score(x, sigma) == Approx(mean).epsilon(1e-12));
  }
  // golden.json, sigma_gradient: a = 1, |w| = 2, sigma = .1 gives p = .836600216165517.
  CHECK(probit_linear<double>({2.0}, 1.0).smoothed_score(std::vector<double>{0.0}, 0.1) ==
        Approx(0.836600216165517).epsilon(1e-13));
  check_slopes(model, x, {0.7, 2.0});
}

TEST_CASE("the soft slab smooths to a slab with wider walls, and its radius peaks at sigma .431996", "[data]") {
  const soft_slab<double> model(1.0, 0.25);
  for (const double z : {-1.3, 0.0, 0.4}) {
    CHECK(score_of_one(model, {z}) == Approx(normal_cdf((1 - z) / 0.25) - normal_cdf((-1 - z) / 0.25)).epsilon(1e-14));
    const double mean = normal_mean([&](double e) { return score_of_one(model, {z + 0.4 * e}); });
    CHECK(model.smoothed_score(z, 0.4) == Approx(mean).epsilon(1e-11));
    check_slopes(model, {z}, {-1.7});
  }
  const auto radius = [&](double sigma) { return sigma * normal_quantile(model.smoothed_score(0.0, sigma)); };
  CHECK(radius(0.431996) == Approx(0.731855).margin(5e-7));
  CHECK(radius(0.431996) > radius(0.425));
  CHECK(radius(0.431996) > radius(0.439));
}

TEST_CASE("closed-form models refuse inputs of the wrong size and parameters out of range", "[data]") {
  const probit_linear<double> model({1.0, 2.0}, 0.0);
  std::vector<double> out(2), one(1);
  const host_array<double> wide({1, 2, 3}, 3), fits({1, 2}, 2);
  CHECK_THROWS_WITH(model.scores(wide, std::span(out)), "probit_linear: expected rows of 2, got 3");
  CHECK_THROWS_WITH(model.scores(fits, std::span(one)), "probit_linear: expected room for 2 scores, got 1");
  CHECK_THROWS_AS(model.directional_scores(fits, wide, std::span(out), std::span(out)), argument_error);
  CHECK_THROWS_AS(probit_linear<double>({}, 0.0), argument_error);
  CHECK_THROWS_AS(probit_linear<double>({std::nan("")}, 0.0), argument_error);
  CHECK_THROWS_AS(soft_slab<double>(1.0, 0.0), argument_error);
  CHECK_THROWS_AS(soft_slab<double>(-1.0, 1.0), argument_error);
}
