// SPDX-License-Identifier: MIT
#include "certssb/model/named.hpp"

#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/vote_count.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

using namespace certssb;

namespace {

/// Images of 6 x 6 pixels in three classes: each class is bright in a band of its own.
dataset<host_array<float>> bands(std::size_t n, std::uint64_t seed) {
  random_stream draws(random_key{seed});
  std::vector<float> pixels;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < n; ++i) {
    labels.push_back(static_cast<label_type>(draws.below(3)));
    for (std::size_t at = 0; at < 36; ++at) {
      const bool bright = static_cast<label_type>(at / 12) == labels.back();
      pixels.push_back(static_cast<float>((bright ? 0.4 : 0.0) + 0.5 * draws.uniform()));
    }
  }
  return {host_array<float>(pixels, 36), labels, 3, {1, 6, 6}, {0.0, 1.0}};
}

double accuracy(named_classifier<float> model, const dataset<host_array<float>>& rows) {
  std::vector<float> scores(rows.size() * 3);
  model.scores(rows.inputs(), std::span<float>(scores));
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    right += hard_vote(std::span<const float>(scores).subspan(3 * i, 3)) == static_cast<std::size_t>(rows.labels()[i]);
  }
  return static_cast<double>(right) / static_cast<double>(rows.size());
}

}  // namespace

TEST_CASE("maps of rows are what they are called", "[model]") {
  const std::vector<std::size_t> shape{1, 3, 4};
  host_array<float> batch({0.25F, 0.0F, -0.04F, 1.0F, 1, 1, 0, 0, 2, 4, 8, 16}, 12);
  host_array<float> rooted = batch;
  apply_map(input_map::square_root, rooted, shape);
  CHECK(rooted.values[0] == 0.5F);
  CHECK(rooted.values[2] == Approx(-0.2F));
  host_array<float> meaned = batch;
  apply_map(input_map::mean_2, meaned, shape);
  // Squares of 2 x 2, cut at the bottom: means .5625 and .24 above, 3 and 12 below.
  const std::vector<float> expected{.5625F, .5625F, .24F, .24F, .5625F, .5625F, .24F, .24F, 3, 3, 12, 12};
  for (std::size_t at = 0; at < 12; ++at) CHECK(meaned.values[at] == Approx(expected[at]));
  CHECK_THROWS_WITH(apply_map(input_map::mean_4, batch, std::span(shape).first(1)),
                    "map: means over squares are of images, but rows have 1 axes");
  CHECK_THROWS_WITH(input_map_of("blur"), "map: expected none, square-root, mean-2 or mean-4, got blur");
}

TEST_CASE("linear models vote together as they do alone, through every map", "[model]") {
  const auto train = bands(90, 1);
  const auto test = bands(300, 2);
  for (std::size_t m = 0; m < input_map_names.size(); ++m) {
    const auto map = static_cast<input_map>(m);
    CAPTURE(std::string(input_map_names[m]));
    std::vector<named_classifier<float>> models;
    for (const char* name : {"nearest-mean", "logistic", "nearest-mean"}) {
      models.push_back(named_learner<float>(name, {.epochs = 30, .batch = 16, .learning_rate = 0.02}, map)
                           .fit(train, random_key{3}));
    }
    const auto together = named_classifier<float>::linear_votes(std::span<const named_classifier<float>>(models), test);
    REQUIRE(together.has_value());
    REQUIRE(together->size() == 3 * test.size());
    std::size_t different = 0;
    for (std::size_t j = 0; j < models.size(); ++j) {
      CHECK(accuracy(models[j], test) > (map == input_map::mean_4 ? 0.5 : 0.9));  // squares of 4 are wider than a band
      std::vector<float> scores(test.size() * 3);
      models[j].scores(test.inputs(), std::span<float>(scores));
      for (std::size_t i = 0; i < test.size(); ++i) {
        const auto alone = static_cast<label_type>(hard_vote(std::span<const float>(scores).subspan(3 * i, 3)));
        different += (*together)[j * test.size() + i] == alone ? 0U : 1U;
      }
    }
    CHECK(different <= 1);  // but for ties to the last bit
  }
}

TEST_CASE("means over squares state a smaller variance of the noise", "[model]") {
  const auto rows = bands(4, 5);
  const auto scales = training_scales::constant(4, 0.6);
  const noisy_rows noisy(rows, scales, gaussian_noise{}, random_key{6}.at(stage::train_noise));
  CHECK(noise_variance_of(mapped_rows(noisy, input_map::none), 0) == Approx(0.36));
  CHECK(noise_variance_of(mapped_rows(noisy, input_map::mean_2), 0) == Approx(0.09));
  CHECK(noise_variance_of(mapped_rows(noisy, input_map::mean_4), 0) == Approx(0.0225));
}

TEST_CASE("a learner that does not exist is refused", "[model]") {
  CHECK_THROWS_WITH(named_learner<float>("resnet", {}),
                    "model: expected small-cnn, logistic or nearest-mean, got resnet");
}
