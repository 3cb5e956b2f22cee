// SPDX-License-Identifier: MIT
// Storage-update against the rule written out: every distance in full, no filter. Coordinates and radii are multiples
// of 1/8, so that all sums of squares are exact and ties, touching balls and centres on an edge are what they seem.
#include "certssb/backend/tbb.hpp"
#include "certssb/core/random.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

using namespace certssb;

namespace {

struct queries {
  std::size_t dimension;
  std::vector<double> centres;
  std::vector<label_type> labels;
  std::vector<double> radii;

  template <class Scalar>
  [[nodiscard]] host_array<Scalar> tensor() const {
    return host_array<Scalar>({centres.begin(), centres.end()}, dimension);
  }
};

std::vector<stored_answer> rule_written_out(const queries& q, storage_policy policy) {
  struct ball {
    std::size_t row;
    label_type label;
    double radius;
  };
  const double g = (static_cast<double>(q.dimension) + 8.0) * 0x1p-53;
  std::vector<ball> stored;
  std::vector<stored_answer> answers;
  for (std::size_t i = 0; i < q.labels.size(); ++i) {
    std::vector<double> distances;
    const ball* home = nullptr;
    double home_distance = 0.0;
    for (const ball& b : stored) {
      double sum = 0.0;
      for (std::size_t j = 0; j < q.dimension; ++j) {
        const double step = q.centres[i * q.dimension + j] - q.centres[b.row * q.dimension + j];
        sum += step * step;
      }
      distances.push_back(std::sqrt(sum));
      if (distances.back() < b.radius &&
          (home == nullptr || b.radius - distances.back() > home->radius - home_distance)) {
        home = &b;
        home_distance = distances.back();
      }
    }
    stored_answer made{q.labels[i], q.radii[i], storage_event::keep, std::nullopt, false};
    if (home != nullptr && home->label != made.label) {
      const double slack = std::max(0.0, std::nextafter(std::fma(-home_distance, 1.0 + g, home->radius), 0.0));
      made = {home->label, policy == storage_policy::slack ? slack : std::min(slack, made.radius), storage_event::adopt,
              home->row, false};
    }
    if (made.label == abstain) {
      answers.push_back({abstain, 0.0, storage_event::abstained, std::nullopt, false});
      continue;
    }
    double room = std::numeric_limits<double>::infinity();
    double proved = room;
    std::size_t nearest = 0;
    for (std::size_t k = 0; k < stored.size(); ++k) {
      if (stored[k].label == made.label) continue;
      if (distances[k] - stored[k].radius < room) {
        room = distances[k] - stored[k].radius;
        nearest = stored[k].row;
      }
      proved = std::min(proved, std::nextafter(std::fma(distances[k], 1.0 - 3.0 * g, -stored[k].radius), 0.0));
    }
    if (made.event == storage_event::keep && room < made.radius * (1.0 - 1e-12)) {
      made.event = storage_event::trim;
      made.by = nearest;
    }
    made.radius = std::min(made.radius, std::max(0.0, proved));
    if (made.radius > 0.0) {
      stored.push_back({i, made.label, made.radius});
      made.stored = true;
    }
    answers.push_back(made);
  }
  return answers;
}

void check_equal(const std::vector<stored_answer>& found, const std::vector<stored_answer>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    REQUIRE(found[i].label == expected[i].label);
    REQUIRE(found[i].radius == expected[i].radius);
    REQUIRE(found[i].event == expected[i].event);
    REQUIRE(found[i].by == expected[i].by);
    REQUIRE(found[i].stored == expected[i].stored);
  }
}

/// Brief: n balls around a few places, `offset` from the origin in every coordinate; one in five repeats an earlier
/// centre, one in eight has no radius, one in sixteen abstains.
queries adversarial(std::size_t n, std::size_t dimension, double offset, double largest, std::uint32_t number) {
  random_stream draws(random_key{.seed = 77, .where = stage::audit, .sample = number});
  const auto eighths = [&](double bound) { return draws.below(static_cast<std::uint32_t>(8.0 * bound) + 1U) / 8.0; };
  queries q{dimension, {}, {}, {}};
  std::vector<double> places;
  for (std::size_t i = 0; i < 6 * dimension; ++i) places.push_back(offset + eighths(8.0));
  for (std::size_t i = 0; i < n; ++i) {
    const bool again = i > 0 && draws.below(5) == 0;
    const std::size_t from = again ? draws.below(static_cast<std::uint32_t>(i)) : draws.below(6);
    for (std::size_t j = 0; j < dimension; ++j) {
      q.centres.push_back(again ? q.centres[from * dimension + j] : places[from * dimension + j] + eighths(2.0));
    }
    const bool abstains = draws.below(16) == 0;
    q.labels.push_back(abstains ? abstain : static_cast<label_type>(draws.below(3)));
    q.radii.push_back(abstains || draws.below(8) == 0 ? 0.0 : eighths(largest));
  }
  return q;
}

template <class Scalar>
void check_all_ways(const queries& q) {
  const auto tensor = q.tensor<Scalar>();
  const std::span<const label_type> labels(q.labels);
  const std::span<const double> radii(q.radii);
  for (const auto policy : {storage_policy::min, storage_policy::slack}) {
    const auto expected = rule_written_out(q, policy);
    check_equal(storage_update(tensor, labels, radii, policy), expected);
    check_equal(storage_update(tensor, labels, radii, policy, tbb_executor(3)), expected);
    // One by one, from a store without pivots; `by` counts regions there.
    region_store<Scalar> store(q.dimension);
    std::vector<std::size_t> rows;
    std::vector<stored_answer> one_by_one;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto centre = std::span<const Scalar>(tensor.values).subspan(i * q.dimension, q.dimension);
      one_by_one.push_back(process(store, centre, {labels[i], radii[i]}, policy));
      if (one_by_one.back().by) one_by_one.back().by = rows[*one_by_one.back().by];
      if (one_by_one.back().stored) rows.push_back(i);
    }
    check_equal(one_by_one, expected);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("storage-update answers as the rule written out, on ties, duplicates and touching balls",
                   "[storage][property]", float, double) {
  std::uint32_t number = 0;
  for (const std::size_t dimension : {1U, 2U, 3U, 17U, 70U, 300U}) {
    for (const double largest : {0.5, 3.0, 12.0}) {
      CAPTURE(dimension, largest);
      check_all_ways<TestType>(adversarial(250, dimension, 0.0, largest, number++));
    }
  }
}

TEMPLATE_TEST_CASE("and where norms are so large that a filter by products would see nothing", "[storage][property]",
                   float, double) {
  // 2^20 + a few eighths has 24 bits: the squares of norms, about 2^47, would be wrong by far more than a radius.
  std::uint32_t number = 100;
  for (const std::size_t dimension : {2U, 40U, 300U}) {
    CAPTURE(dimension);
    check_all_ways<TestType>(adversarial(250, dimension, 0x1p20 - 16.0, 3.0, number++));
  }
}

TEST_CASE("and over several blocks of rows, for any executor", "[storage][property]") {
  check_all_ways<float>(adversarial(1500, 3, 0.0, 1.0, 200));
  check_all_ways<float>(adversarial(1100, 40, 0.0, 6.0, 201));
}

TEMPLATE_TEST_CASE("a rough distance never proves too far what is not", "[storage][property]", float, double) {
  // Differences of all sizes, from those whose squares underflow to those whose squares overflow.
  random_stream draws(random_key{.seed = 78, .where = stage::audit});
  const int widest = std::numeric_limits<TestType>::max_exponent - 2;
  for (int trial = 0; trial < 3000; ++trial) {
    const std::size_t d = 1 + draws.below(600);
    const int exponent = static_cast<int>(draws.below(static_cast<std::uint32_t>(2 * widest))) - widest;
    std::vector<TestType> x(d), c(d);
    long double square = 0.0L;
    for (std::size_t j = 0; j < d; ++j) {
      const double near = draws.uniform();
      x[j] = static_cast<TestType>(std::ldexp(near, exponent));
      c[j] = static_cast<TestType>(std::ldexp(draws.below(2) == 0 ? near * (1.0 + 1e-6) : draws.uniform(), exponent));
      const long double step = static_cast<long double>(x[j]) - static_cast<long double>(c[j]);
      square += step * step;
    }
    const double distance = std::nextafter(static_cast<double>(std::sqrt(square)), std::numeric_limits<double>::max());
    const detail::rough_distance<TestType> rough(d);
    const TestType enough = rough.enough(distance);
    const std::span<const TestType> left(x);
    const std::span<const TestType> right(c);
    REQUIRE_FALSE(detail::rough_squared_distance(left, right, enough) > enough);
    // Nor does it let everything pass: twice as near is proved too near, where squares are normal numbers.
    if (std::abs(exponent) < widest / 4 && square > 0.0L) {
      const TestType half = rough.enough(distance / 2);
      REQUIRE(detail::rough_squared_distance(left, right, half) > half);
    }
  }
}
