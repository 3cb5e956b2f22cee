// SPDX-License-Identifier: MIT
// The invariants of storage-update on random streams. Seeds are fixed; nothing here is statistical.
#include "certssb/core/random.hpp"
#include "certssb/storage/update_rule.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

using namespace certssb;

namespace {

struct request {
  std::vector<double> centre;
  region asked;
};

double distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

std::vector<request> random_requests(std::size_t dimension, std::uint32_t number) {
  random_stream draws(random_key{.seed = 20240731, .where = stage::audit, .sample = number});
  std::vector<request> requests;
  for (int i = 0; i < 60; ++i) {
    request next;
    for (std::size_t j = 0; j < dimension; ++j) next.centre.push_back(4.0 * draws.uniform() - 2.0);
    const auto kind = draws.below(10);
    if (kind == 0 && !requests.empty()) next.centre = requests[draws.below(static_cast<std::uint32_t>(i))].centre;
    next.asked = {static_cast<label_type>(draws.below(3)), draws.uniform()};
    if (kind == 1) next.asked = {abstain, 0.0};
    if (kind == 2) next.asked.radius = 0.0;
    requests.push_back(next);
  }
  return requests;
}

/// The least d - R over stored regions whose label is not this one, before region `last`.
double room(const region_store<double>& store, std::size_t last, std::span<const double> centre, label_type label) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < last; ++k) {
    if (store[k].label != label) least = std::min(least, distance(centre, store.centre(k)) - store[k].radius);
  }
  return least;
}

template <class Check>
void on_every_stream(Check&& check) {
  for (const auto policy : {storage_policy::min, storage_policy::slack}) {
    for (std::size_t dimension = 1; dimension <= 5; ++dimension) {
      for (std::uint32_t number = 0; number < 30; ++number) {
        region_store<double> store(dimension);
        for (const request& next : random_requests(dimension, number)) {
          const std::size_t before = store.size();
          const auto answer = process(store, std::span<const double>(next.centre), next.asked, policy);
          check(policy, store, before, next, answer);
        }
      }
    }
  }
}

constexpr double tangent = 1e-12;

}  // namespace

TEST_CASE("I1: balls of different labels are disjoint, and no trim could be larger (I6)", "[storage][property]") {
  on_every_stream([](storage_policy, const auto& store, std::size_t before, const request& next, const auto& answer) {
    const double space = room(store, before, next.centre, answer.label);
    if (answer.stored) CHECK(answer.radius <= space + tangent);
    if (answer.event == storage_event::trim) CHECK(answer.radius + 1e-6 > space);
    if (answer.event == storage_event::keep) {
      CHECK(answer.radius <= next.asked.radius);
      CHECK(answer.radius >= next.asked.radius * (1.0 - tangent));
    }
  });
}

TEST_CASE("I2: under policy min no radius grows", "[storage][property]") {
  on_every_stream([](storage_policy policy, const auto&, std::size_t, const request& next, const auto& answer) {
    if (policy == storage_policy::min) CHECK(answer.radius <= next.asked.radius);
  });
}

TEST_CASE("I3: what is stored never changes, and only positive radii are stored", "[storage][property]") {
  for (std::uint32_t number = 0; number < 30; ++number) {
    region_store<double> store(2);
    std::vector<region> seen;
    std::vector<std::vector<double>> centres;
    for (const request& next : random_requests(2, number)) {
      const auto answer = process(store, std::span<const double>(next.centre), next.asked, storage_policy::slack);
      CHECK(answer.stored == (answer.radius > 0.0));
      if (answer.stored) {
        seen.push_back({answer.label, answer.radius});
        centres.push_back(next.centre);
      }
      REQUIRE(store.size() == seen.size());
      for (std::size_t k = 0; k < seen.size(); ++k) {
        CHECK(store[k].label == seen[k].label);
        CHECK(store[k].radius == seen[k].radius);
        CHECK(std::ranges::equal(store.centre(k), centres[k]));
      }
    }
  }
}

TEST_CASE("I4: the label changes exactly when the centre lies in a region of another label", "[storage][property]") {
  on_every_stream([](storage_policy, const auto& store, std::size_t before, const request& next, const auto& answer) {
    bool inside = false;
    for (std::size_t k = 0; k < before; ++k) {
      inside |= store[k].label != next.asked.label && distance(next.centre, store.centre(k)) < store[k].radius;
    }
    CHECK((answer.label != next.asked.label) == inside);
    CHECK((answer.event == storage_event::adopt) == inside);
  });
}

TEST_CASE("I5: asking again for what was stored returns it unchanged", "[storage][property]") {
  for (const auto policy : {storage_policy::min, storage_policy::slack}) {
    for (std::size_t dimension = 1; dimension <= 5; ++dimension) {
      for (std::uint32_t number = 0; number < 30; ++number) {
        region_store<double> store(dimension);
        for (const request& next : random_requests(dimension, number)) {
          process(store, std::span<const double>(next.centre), next.asked, policy);
        }
        const std::size_t stored = store.size();
        for (std::size_t k = 0; k < stored; ++k) {
          const std::vector<double> centre(store.centre(k).begin(), store.centre(k).end());
          const auto answer = process(store, std::span<const double>(centre), store[k], policy);
          CHECK(answer.label == store[k].label);
          CHECK(answer.radius == Approx(store[k].radius).epsilon(tangent));
        }
      }
    }
  }
}

TEST_CASE("I7: points of a new ball lie in no ball of another label", "[storage][property]") {
  random_stream draws(random_key{.seed = 7, .where = stage::audit});
  on_every_stream([&](storage_policy, const auto& store, std::size_t before, const request& next, const auto& answer) {
    if (!answer.stored) return;
    for (int i = 0; i < 4; ++i) {
      std::vector<double> direction(next.centre.size());
      double norm = 0.0;
      for (double& x : direction) {
        x = 2.0 * draws.uniform() - 1.0;
        norm += x * x;
      }
      std::vector<double> point(next.centre);
      for (std::size_t j = 0; j < point.size(); ++j) {
        point[j] += direction[j] / std::sqrt(norm) * answer.radius * draws.uniform() * (1.0 - 1e-9);
      }
      CHECK(room(store, before, point, answer.label) > -tangent);
    }
  });
}
