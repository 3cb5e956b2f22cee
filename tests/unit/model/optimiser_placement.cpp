// SPDX-License-Identifier: MIT
#include "certssb/core/random.hpp"
#include "certssb/model/optimiser.hpp"

#include <catch2/catch.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

using namespace certssb;

TEMPLATE_TEST_CASE("an Adam step gives the same bits wherever the parameters and the gradient lie", "[model]", float,
                   double) {
  constexpr std::size_t size = 1500;
  constexpr std::size_t places = 16;
  std::vector<TestType> start(size);
  std::vector<TestType> slope(size);
  random_stream stream(random_key{3, stage::audit});
  for (std::size_t i = 0; i < size; ++i) {
    start[i] = static_cast<TestType>(stream.uniform());
    slope[i] = static_cast<TestType>(stream.uniform() - 0.5);
  }

  std::vector<TestType> first;
  for (std::size_t place = 0; place < places; ++place) {
    CAPTURE(place);
    std::vector<TestType, Eigen::aligned_allocator<TestType>> room(2 * (size + places));
    const std::span<TestType> parameters(room.data() + place, size);
    const std::span<TestType> gradient(room.data() + size + places + (7 * place) % places, size);
    std::ranges::copy(start, parameters.begin());
    std::ranges::copy(slope, gradient.begin());
    adam<TestType> optimiser;
    for (int step = 0; step < 3; ++step) optimiser.step(parameters, gradient, 0.01);
    if (place == 0) first.assign(parameters.begin(), parameters.end());
    CHECK(std::ranges::equal(first, parameters));
  }
}
