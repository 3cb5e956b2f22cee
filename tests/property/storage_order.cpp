// SPDX-License-Identifier: MIT
#include "certssb/core/random.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

using namespace certssb;

namespace {

struct stream_of_queries {
  std::vector<double> centres;
  std::vector<label_type> labels;
  std::vector<double> radii;

  [[nodiscard]] std::vector<stored_answer> run(storage_policy policy) const {
    return storage_update(host_array<double>(centres, centres.size() / labels.size()),
                          std::span<const label_type>(labels), std::span<const double>(radii), policy);
  }
  [[nodiscard]] stream_of_queries in_order(const std::vector<std::size_t>& order) const {
    const std::size_t d = centres.size() / labels.size();
    stream_of_queries other;
    for (const std::size_t i : order) {
      for (std::size_t k = 0; k < d; ++k) other.centres.push_back(centres[i * d + k]);
      other.labels.push_back(labels[i]);
      other.radii.push_back(radii[i]);
    }
    return other;
  }
};

stream_of_queries random_queries(std::size_t n, std::size_t d, std::uint64_t seed) {
  random_stream stream(random_key{seed, stage::synthetic});
  stream_of_queries q;
  for (std::size_t i = 0; i < n * d; ++i) q.centres.push_back(4.0 * stream.uniform());
  for (std::size_t i = 0; i < n; ++i) {
    q.labels.push_back(static_cast<label_type>(stream.below(3)));
    q.radii.push_back(0.2 + stream.uniform());
  }
  return q;
}

}  // namespace

TEST_CASE("who asks first keeps its radius: golden order_b, and the same two queries turned round",
          "[storage][property]") {
  const auto& cases = golden::part("storage_update");
  const auto& b = *std::ranges::find_if(cases, [](const auto& c) { return c["name"] == "order_b"; });
  stream_of_queries queries;
  for (std::size_t i = 0; i < 2; ++i) {
    for (const double value : b["centers"][i].get<std::vector<double>>()) queries.centres.push_back(value);
    queries.labels.push_back(b["labels"][i].get<label_type>());
    queries.radii.push_back(b["radii"][i].get<double>());
  }
  const auto first = queries.run(storage_policy::min);
  const auto turned = queries.in_order({1, 0}).run(storage_policy::min);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(first[i].radius == Approx(b["expected"][i]["radius"].get<double>()).epsilon(golden::relative));
    // Centres 1.5 apart and radius 1 each: the second to come is trimmed to .5, whichever it is.
    CHECK(turned[i].radius == Approx(i == 0 ? 1.0 : 0.5).epsilon(1e-12));
    CHECK(turned[i].label == queries.labels[1 - i]);
  }
}

TEST_CASE("in any order stored regions of other labels stay apart, and an identical query is answered alike",
          "[storage][property]") {
  std::size_t orders_that_differ = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::size_t n = 12;
    const std::size_t d = 1 + seed % 3;
    const stream_of_queries queries = random_queries(n, d, seed);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    random_stream stream(random_key{seed, stage::synthetic, 0, 0, 1});
    shuffle(std::span(order), stream);
    for (const auto policy : {storage_policy::min, storage_policy::slack}) {
      const auto first = queries.run(policy);
      const stream_of_queries permuted = queries.in_order(order);
      const auto second = permuted.run(policy);
      bool differ = false;
      for (std::size_t i = 0; i < n; ++i) {
        differ = differ || second[i].label != first[order[i]].label;
        for (std::size_t j = 0; j < i; ++j) {
          if (!second[i].stored || !second[j].stored || second[i].label == second[j].label) continue;
          double square = 0.0;
          for (std::size_t k = 0; k < d; ++k) {
            const double gap = permuted.centres[i * d + k] - permuted.centres[j * d + k];
            square += gap * gap;
          }
          CHECK(std::sqrt(square) >= (second[i].radius + second[j].radius) * (1 - 1e-12));
        }
      }
      orders_that_differ += differ ? 1U : 0U;
      // The whole stream asked twice: each sample that was stored is answered as it was.
      stream_of_queries twice = queries;
      twice.centres.insert(twice.centres.end(), queries.centres.begin(), queries.centres.end());
      for (const stored_answer& answer : first) {
        twice.labels.push_back(answer.label);
        twice.radii.push_back(answer.radius);
      }
      const auto again = twice.run(policy);
      for (std::size_t i = 0; i < n; ++i) {
        if (!first[i].stored) continue;
        CHECK(again[n + i].label == first[i].label);
        CHECK(again[n + i].radius == Approx(first[i].radius).epsilon(1e-12));
      }
    }
  }
  CHECK(orders_that_differ > 20);
}

TEST_CASE("regression: abstentions stored as a class", "[storage][property]") {
  // An abstention leaves no region behind: the answers to the others are those without it, wherever it is asked.
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    const stream_of_queries queries = random_queries(8, 2, seed);
    const auto without = queries.run(storage_policy::min);
    stream_of_queries with;
    std::vector<std::size_t> kept;
    random_stream stream(random_key{seed, stage::synthetic, 0, 0, 1});
    for (std::size_t i = 0; i < 8; ++i) {
      with.centres.insert(with.centres.end(), {4.0 * stream.uniform(), 4.0 * stream.uniform()});
      with.labels.push_back(abstain);
      with.radii.push_back(0.0);
      kept.push_back(with.labels.size());
      with.centres.insert(with.centres.end(), {queries.centres[2 * i], queries.centres[2 * i + 1]});
      with.labels.push_back(queries.labels[i]);
      with.radii.push_back(queries.radii[i]);
    }
    const auto answers = with.run(storage_policy::min);
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(answers[kept[i]].label == without[i].label);
      CHECK(answers[kept[i]].radius == without[i].radius);
      CHECK_FALSE(answers[kept[i] - 1].stored);
    }
  }
}
