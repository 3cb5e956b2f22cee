// SPDX-License-Identifier: MIT
#include "certssb/model/nearest_neighbours.hpp"

#include "certssb/model/concept.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/perturb.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace certssb;
using model_test::random_numbers;
using neighbour_rows = dataset<host_array<double>>;

namespace {

std::vector<double> neighbour_scores(const auto& rows, std::size_t neighbours, const host_array<double>& x) {
  auto model = nearest_neighbours(neighbours).fit(rows, random_key{});
  static_assert(classifier<decltype(model), host_array<double>>);
  std::vector<double> scores(x.values.size() / x.row_size * rows.classes());
  model.scores(x, std::span(scores));
  return scores;
}

}  // namespace

TEST_CASE("scores are the shares of the nearest rows", "[model]") {
  constexpr std::size_t n = 60;
  constexpr std::size_t d = 5;
  const auto values = random_numbers<double>(n * d, 1);
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < n; ++i) labels.push_back(static_cast<label_type>(i * 7 % 3));
  const neighbour_rows train(host_array<double>(values, d), labels, 3, {d}, {-1.0, 1.0});
  const host_array<double> tests(random_numbers<double>(150 * d, 2), d);
  for (const std::size_t k : {1U, 2U, 9U, 60U, 1000U}) {
    const auto scores = neighbour_scores(train, k, tests);
    const std::size_t voting = std::min(k, n);
    for (std::size_t t = 0; t < 150; ++t) {
      std::vector<std::pair<double, std::size_t>> order;
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (std::size_t p = 0; p < d; ++p) {
          const double step = tests.values[t * d + p] - values[i * d + p];
          sum += step * step;
        }
        order.emplace_back(sum, i);
      }
      std::ranges::sort(order);
      std::vector<double> expected(3);
      for (std::size_t j = 0; j < voting; ++j) expected[static_cast<std::size_t>(labels[order[j].second])] += 1.0;
      for (std::size_t c = 0; c < 3; ++c) {
        CHECK(scores[t * 3 + c] == Approx(expected[c] / static_cast<double>(voting)).margin(1e-15));
      }
    }
    const auto alone = neighbour_scores(
        train, k, host_array<double>({tests.values.begin() + 77 * d, tests.values.begin() + 78 * d}, d));
    CHECK(std::ranges::equal(alone, std::span(scores).subspan(77 * 3, 3)));
  }
}

TEST_CASE("ties in distance go to the row of lower position", "[model]") {
  const neighbour_rows train(host_array<double>({0.5, 0.0, 1.0, 0.5}, 1), {2, 0, 1, 0}, 3);
  const host_array<double> x({0.5}, 1);
  CHECK(neighbour_scores(train, 1, x) == std::vector<double>{0.0, 0.0, 1.0});
  CHECK(neighbour_scores(train, 3, x) == std::vector<double>{2.0 / 3.0, 0.0, 1.0 / 3.0});
}

TEST_CASE("the noise's part of a distance is taken off", "[model][noise]") {
  // Row 0 lies at the input but has noise of scale 2 on 400 entries, row 1 lies 20 away with noise of scale 1: what the
  // noise adds, 1600 and 400, decides unless it is taken off.
  constexpr std::size_t d = 400;
  std::vector<double> values(2 * d);
  values[d] = 20.0;
  const neighbour_rows rows(host_array<double>(values, d), {0, 1}, 2, {d}, {-50.0, 50.0});
  const noise_scales scales({2.0, 1.0});
  int first = 0;
  for (std::uint32_t m = 0; m < 50; ++m) {
    const noisy_rows<neighbour_rows, gaussian_noise> noisy(rows, scales, gaussian_noise{}, random_key{6}.for_model(m));
    first += neighbour_scores(noisy, 1, host_array<double>(std::vector<double>(d), d))[0] == 1.0 ? 1 : 0;
  }
  // The difference of the corrected squares has mean -400 and standard deviation 124.
  CHECK(first > 40);
}

TEST_CASE("neighbours that are none are refused, by name", "[model]") {
  CHECK_THROWS_WITH(nearest_neighbours(0), Catch::Contains("at least 1 neighbour, got 0"));
  const neighbour_rows train(host_array<double>({0.0, 1.0}, 1), {0, 1}, 2);
  auto model = nearest_neighbours(1).fit(train, random_key{});
  std::vector<double> scores(2);
  CHECK_THROWS_WITH(model.scores(host_array<double>({0.0, 1.0}, 2), std::span(scores)),
                    Catch::Contains("expected rows of 1 scalars, got 2"));
  CHECK_THROWS_WITH(model.scores(host_array<double>({0.0, 1.0}, 1), std::span(scores)),
                    Catch::Contains("2 rows of 2 classes, got 2 scalars"));
}
