// SPDX-License-Identifier: MIT
// Brief: a bundled model by its name has the bits of the model that it is.
#include "certssb/model/bundled_network.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace certssb;

static_assert(trainable<bundled_network<float>, host_array<float>>);
static_assert(directional_classifier<bundled_network<float>, host_array<float>>);
static_assert(!classifier<bundled_network<float>, host_array<double>>);

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

template <class One, class Other>
void same_parameters(One one, Other other) {
  CHECK(std::ranges::equal(one.parameters(), other.parameters()));
}

}  // namespace

TEST_CASE("a bundled model by its name has the bits of the model that it is", "[model]") {
  const fit_options options{.epochs = 1, .batch = 4};
  const random_key key{5};
  const auto table = bright_rows({3}, 12);
  same_parameters(bundled_learner<float>("logistic", options).fit(table, key),
                  logistic_learner<float>(options).fit(table, key));
  const auto images = bright_rows({3, 16, 16}, 8);
  const auto network = bundled_learner<float>("small-cnn", options).fit(images, key);
  same_parameters(network, cnn_learner<float>(options).fit(images, key));
  CHECK(network.classes() == 2);
}

TEST_CASE("what a bundled model cannot take is refused by name", "[model]") {
  const random_key key{5};
  CHECK_THROWS_WITH(bundled_learner<float>("small-cnn").fit(bright_rows({3}, 4), key),
                    Catch::Contains("small_cnn: expected rows {channels, height, width}"));
  CHECK_THROWS_WITH(bundled_learner<float>("small-cnn").fit(bright_rows({1, 8, 8}, 4), key),
                    Catch::Contains("needs images of at least 16x16, got 8x8"));
  CHECK_THROWS_WITH(bundled_learner<float>("magic").fit(bright_rows({3}, 4), key),
                    Catch::Contains("model: expected small-cnn or logistic, got magic"));
}
