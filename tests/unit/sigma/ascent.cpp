// SPDX-License-Identifier: MIT
#include "certssb/sigma/ascent.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/synthetic_models.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace certssb;

namespace {

using array = host_array<double>;

// `n` copies of the origin of the line, labelled 1.
dataset<array> origins(std::size_t n) {
  return {array(std::vector<double>(n, 0.0), 1), std::vector<label_type>(n, 1), 2, {1}, {-1.0, 1.0}};
}

ascent_options slab_options() {
  return {.initial = 0.2, .floor = 0.05, .ceiling = 3.0, .steps = 60, .draws = 512, .rate = 1.0, .clamp = 1e-3};
}

silent_observer silent;

}  // namespace

TEST_CASE("pathwise ascent climbs to the best scale of the soft slab and stays there", "[sigma]") {
  // sigma* of c = 1, tau = .25 and c = .5, tau = .2 (golden sigma_gradient).
  const auto [c, tau, best] =
      GENERATE(std::tuple{1.0, 0.25, 0.43199596312662364}, std::tuple{0.5, 0.2, 0.2586703085377167});
  const auto rows = origins(32);
  const auto found = ascend(pathwise_estimator{}, soft_slab<double>{c, tau}, rows, rows.labels(), slab_options(),
                            gaussian_noise{}, random_key{11}, serial_executor{}, silent);
  double mean = 0.0;
  for (const double sigma : found.scales.values()) mean += sigma / 32.0;
  CHECK(mean == Approx(best).epsilon(0.03));
}

TEST_CASE("regression: the detached rule runs past the best scale", "[sigma]") {
  const auto rows = origins(4);
  auto options = slab_options();
  options.steps = 200;
  const auto found = ascend(detached_estimator{}, soft_slab<double>{1.0, 0.25}, rows, rows.labels(), options,
                            gaussian_noise{}, random_key{11}, serial_executor{}, silent);
  CHECK(found.scales.smallest() > 2.0 * 0.43199596312662364);
}

TEST_CASE("a sample whose anchor class does not lead shrinks to the floor", "[sigma]") {
  const auto rows = origins(2);
  const std::vector<label_type> wrong(2, 0);
  const auto found = ascend(pathwise_estimator{}, soft_slab<double>{1.0, 0.25}, rows, wrong, slab_options(),
                            gaussian_noise{}, random_key{11}, serial_executor{}, silent);
  CHECK(found.scales.largest() == 0.05);
}

TEST_CASE("scales keep to floor and ceiling, and no steps leave them where they began", "[sigma]") {
  const auto rows = origins(3);
  auto options = slab_options();
  options.ceiling = 0.3;
  const auto capped = ascend(pathwise_estimator{}, soft_slab<double>{1.0, 0.25}, rows, rows.labels(), options,
                             gaussian_noise{}, random_key{11}, serial_executor{}, silent);
  CHECK(capped.scales.smallest() == 0.3);
  CHECK(capped.trace.front().mean_scale == Approx(0.2));
  CHECK(capped.trace.size() == options.steps);
  options.steps = 0;
  const auto still = ascend(pathwise_estimator{}, soft_slab<double>{1.0, 0.25}, rows, rows.labels(), options,
                            gaussian_noise{}, random_key{11}, serial_executor{}, silent);
  CHECK(still.scales[0] == 0.2);
  CHECK(still.trace.empty());
}

TEST_CASE("the gradient over 100,000 draws agrees with the closed form within 5e-3", "[sigma]") {
  // One row, one step of tiny rate: log(sigma_1/sigma_0) / (rate * sigma_0) is the gradient. Its standard error is
  // below 2e-3 here, so a miss has probability below 2 percent over seeds; the seed is fixed.
  const double sigma = GENERATE(0.1, 1.0);
  const double a = 0.7;
  const auto rows = origins(1);
  const ascent_options once{
      .initial = sigma, .floor = 1e-3, .ceiling = 10.0, .steps = 1, .draws = 100000, .rate = 1e-3, .clamp = 1e-6};
  const auto found = ascend(pathwise_estimator{}, probit_linear<double>({1.0}, a), rows, rows.labels(), once,
                            gaussian_noise{}, random_key{5}, serial_executor{}, silent);
  const double gradient = std::log(found.scales[0] / sigma) / (once.rate * sigma);
  CHECK(gradient == Approx(a / std::pow(1.0 + sigma * sigma, 1.5)).margin(5e-3));
}

TEST_CASE("ascent gives the same bits on any number of threads", "[sigma]") {
  const auto rows = origins(100);
  const auto scales = [&](const auto& run) {
    auto options = slab_options();
    options.steps = 5;
    options.draws = 8;
    const auto found = ascend(pathwise_estimator{}, soft_slab<double>{1.0, 0.25}, rows, rows.labels(), options,
                              gaussian_noise{}, random_key{3}, run, silent);
    return std::vector<double>(found.scales.values().begin(), found.scales.values().end());
  };
  const auto serial = scales(serial_executor{});
  CHECK(serial == scales(tbb_executor(1)));
  CHECK(serial == scales(tbb_executor(2)));
}

TEST_CASE("the anchor of an unlabelled sample is its class at the floor", "[sigma]") {
  const dataset<array> rows(array({-0.9, 0.0, 0.9}, 1), {0, 0, 0}, 2, {1}, {-1.0, 1.0});
  const auto labels = predict_smoothed(soft_slab<double>{0.5, 0.05}, rows, slab_options(), gaussian_noise{},
                                       random_key{1}, serial_executor{});
  CHECK(labels == std::vector<label_type>{0, 1, 0});
}

TEST_CASE("ascent refuses settings out of range and stops when asked", "[sigma]") {
  const auto rows = origins(2);
  const auto run = [&](ascent_options options, auto& watch) {
    return ascend(pathwise_estimator{}, soft_slab<double>{1.0, 0.25}, rows, rows.labels(), options, gaussian_noise{},
                  random_key{1}, serial_executor{}, watch);
  };
  for (auto spoil : {+[](ascent_options& o) { o.floor = 0.0; }, +[](ascent_options& o) { o.initial = 9.0; },
                     +[](ascent_options& o) { o.draws = 0; }, +[](ascent_options& o) { o.rate = -1.0; },
                     +[](ascent_options& o) { o.clamp = 0.5; }, +[](ascent_options& o) { o.ceiling = NAN; }}) {
    auto options = slab_options();
    spoil(options);
    CHECK_THROWS_AS(run(options, silent), argument_error);
  }
  auto stop = [](const progress&) { return false; };
  CHECK_THROWS_AS(run(slab_options(), stop), cancelled);
  const std::vector<label_type> unknown(2, 7);
  CHECK_THROWS_AS(ascend(pathwise_estimator{}, soft_slab<double>{1.0, 0.25}, rows, unknown, slab_options(),
                         gaussian_noise{}, random_key{1}, serial_executor{}, silent),
                  argument_error);
}
