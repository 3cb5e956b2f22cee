// SPDX-License-Identifier: MIT
// Brief: a bundled model by its name has the bits of the model that it is.
#include "certssb/model/bundled_network.hpp"

#include "certssb/data/any_rows.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <vector>

using namespace certssb;

static_assert(trainable<bundled_network<float>, host_array<float>>);
static_assert(directional_classifier<bundled_network<float>, host_array<float>>);
static_assert(!classifier<bundled_network<float>, host_array<double>>);
static_assert(directional_classifier<bundled_classifier<float>, host_array<float>>);

namespace {

/// Rows that are bright at the start or at the end.
dataset<host_array<float>> bright_rows(const std::vector<std::size_t>& shape, std::size_t n) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  std::vector<float> values;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < n; ++i) {
    labels.push_back(static_cast<label_type>(i % 2));
    for (std::size_t c = 0; c < size; ++c) values.push_back((c < size / 2) == (i % 2 == 0) ? 0.9F : 0.1F);
  }
  return {host_array<float>(std::move(values), size), std::move(labels), 2, shape};
}

template <class Rows, class One, class Other>
void same_scores(One one, Other other, const Rows& rows) {
  std::vector<float> of_one(rows.size() * rows.classes());
  std::vector<float> of_other(of_one.size());
  one.scores(rows.inputs(), std::span(of_one));
  other.scores(rows.inputs(), std::span(of_other));
  CHECK(of_one == of_other);
  CHECK(one.classes() == 2);
}

}  // namespace

TEST_CASE("a bundled model by its name has the bits of the model that it is", "[model]") {
  const fit_options options{.epochs = 1, .batch = 4};
  const random_key key{5};
  const auto table = bright_rows({3}, 12);
  const auto named = [&](const char* name) { return bundled_learner<float>(name, options, 3).fit(table, key); };
  same_scores(named("logistic"), logistic_learner<float>(options).fit(table, key), table);
  same_scores(named("nearest-mean"), nearest_mean{}.fit(table, key), table);
  same_scores(named("nearest-neighbours"), nearest_neighbours(3).fit(table, key), table);
  const auto images = bright_rows({3, 16, 16}, 8);
  same_scores(bundled_learner<float>("small-cnn", options).fit(images, key),
              cnn_learner<float>(options).fit(images, key), images);
}

TEST_CASE("noise that rows state is corrected for, by name too", "[model]") {
  const auto rows = bright_rows({40}, 30);
  // The second class has fifty times the noise: uncorrected, everything is nearer to the first.
  std::vector<double> sigmas;
  for (const label_type label : rows.labels()) sigmas.push_back(label == 0 ? 0.02 : 1.0);
  const training_scales scales(sigmas);
  const noisy_rows noisy(rows, scales, gaussian_noise{}, random_key{6}.at(stage::train_noise));
  for (const char* name : {"nearest-mean", "nearest-neighbours"}) {
    CAPTURE(name);
    auto model = bundled_learner<float>(name, {}, 9).fit(any_rows<host_array<float>>(noisy), random_key{5});
    std::vector<float> scores(60);
    model.scores(rows.inputs(), std::span(scores));
    std::size_t right = 0;
    for (std::size_t i = 0; i < 30; ++i)
      right += (scores[2 * i + 1] > scores[2 * i]) == (rows.labels()[i] == 1) ? 1U : 0U;
    CHECK(right >= 27);
  }
}

TEST_CASE("what a bundled model cannot do is refused by name", "[model]") {
  const random_key key{5};
  CHECK_THROWS_WITH(bundled_learner<float>("small-cnn").fit(bright_rows({3}, 4), key),
                    Catch::Contains("small_cnn: expected rows {channels, height, width}"));
  CHECK_THROWS_WITH(bundled_learner<float>("magic"),
                    "model: expected small-cnn, logistic, mlp, nearest-mean or nearest-neighbours, got magic");
  const auto rows = bright_rows({3}, 4);
  std::vector<float> scores(8);
  std::vector<float> slopes(8);
  auto neighbours = bundled_learner<float>("nearest-neighbours").fit(rows, key);
  CHECK_THROWS_WITH(neighbours.directional_scores(rows.inputs(), rows.inputs(), std::span(scores), std::span(slopes)),
                    Catch::Contains("the scores of nearest-neighbours are steps"));
  auto means = bundled_learner<float>("nearest-mean").fit(rows, key);
  means.directional_scores(rows.inputs(), rows.inputs(), std::span(scores), std::span(slopes));
  CHECK(slopes[0] != 0.0F);
}

TEST_CASE("images of 8 x 8 are learned by the network of the papers, and the margin of zeros carries nothing",
          "[model]") {
  const auto train = bright_rows({1, 8, 8}, 64);
  auto model = bundled_learner<float>("small-cnn", {.epochs = 10, .batch = 8}).fit(train, random_key{5});
  std::vector<float> scores(128);
  model.scores(train.inputs(), std::span(scores));
  for (std::size_t i = 0; i < 64; ++i) CHECK((scores[2 * i + 1] > scores[2 * i]) == (train.labels()[i] == 1));

  // The same numbers come out of the network for 16 x 16 whose images have the 8 x 8 in the middle.
  const std::vector<std::size_t> small{2, 8, 7};
  const std::vector<std::size_t> whole{2, 16, 16};
  auto padded = make_small_cnn<float>(small, 2);
  auto plain = make_small_cnn<float>(whole, 2);
  padded.initialise(random_key{4});
  plain.initialise(random_key{4});
  std::vector<float> values(2 * 8 * 7);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 13) / 13.0F;
  std::vector<float> around(2 * 16 * 16);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < 8; ++i) {
      for (std::size_t j = 0; j < 7; ++j) around[(c * 16 + i + 4) * 16 + j + 4] = values[(c * 8 + i) * 7 + j];
    }
  }
  std::vector<float> of_padded(2);
  std::vector<float> of_plain(2);
  padded.scores(host_array<float>(values, values.size()), std::span(of_padded));
  plain.scores(host_array<float>(around, around.size()), std::span(of_plain));
  CHECK(of_padded == of_plain);
}
