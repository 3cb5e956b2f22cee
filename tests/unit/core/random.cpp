// SPDX-License-Identifier: MIT
#include "certssb/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

using namespace certssb;

using block = std::array<std::uint32_t, 4>;

TEST_CASE("blocks agree with the published known answers of Philox4x32-10", "[core]") {
  // Random123, kat_vectors: counter (index, draw, sample, stage and model), key (seed low, seed high).
  CHECK(random_block({0, stage{0}, 0, 0, 0}, 0) == block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(random_block({0xffffffffffffffff, stage{0xff}, 0xffffff, 0xffffffff, 0xffffffff}, 0xffffffff) ==
        block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(random_block({0x299f31d0a4093822, stage{0x03}, 0x707344, 0x13198a2e, 0x85a308d3}, 0x243f6a88) ==
        block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("sixteen blocks at once are the same words, across the end of the counter too", "[core]") {
  const random_key key{0x0123456789abcdef, stage::train_noise, 77, 12345, 6};
  for (const std::uint32_t first : {0U, 16U, 1000003U, 0xfffffff8U}) {
    const random_words words = random_blocks(key, first);
    for (std::uint32_t i = 0; i < blocks_at_once; ++i) {
      const block expected = random_block(key, first + i);
      for (std::size_t j = 0; j < 4; ++j) REQUIRE(words[j][i] == expected[j]);
    }
  }
}

TEST_CASE("every part of a key names another stream", "[core]") {
  const random_key key{5, stage::audit, 1, 2, 3};
  std::set<block> blocks;
  for (const random_key& other :
       {key, key.at(stage::shuffle), key.for_model(9), key.for_sample(9), key.for_draw(9),
        random_key{6, stage::audit, 1, 2, 3}, random_key{5 + (1ULL << 32), stage::audit, 1, 2, 3}, key.derive(0),
        key.derive(1), key.for_model(9).derive(0)}) {
    blocks.insert(random_block(other, 0));
  }
  CHECK(blocks.size() == 10);
  CHECK_THROWS_WITH(random_stream(key.for_model(1U << 24U)),
                    "random_stream: model index must be below 2^24, got 16777216");
}

TEST_CASE("keys that differ in any field derive different keys, one for each purpose", "[core]") {
  std::set<std::uint64_t> seeds;
  std::size_t keys = 0;
  for (const std::uint64_t seed : {0ULL, 5ULL, 5ULL << 32U}) {
    for (const stage where : {stage::derive, stage::train_noise, stage::audit}) {
      for (const std::uint32_t model : {0U, 1U, (1U << 24U) - 1U}) {
        for (const std::uint32_t sample : {0U, 1U, 7U}) {
          for (const std::uint32_t draw : {0U, 1U, 7U}) {
            for (const std::uint32_t purpose : {0U, 1U, 7U}) {
              seeds.insert(random_key{seed, where, model, sample, draw}.derive(purpose).seed);
              ++keys;
            }
          }
        }
      }
    }
  }
  CHECK(seeds.size() == keys);
  CHECK_THROWS_WITH(random_key{}.for_model(1U << 24U).derive(0),
                    "random_key::derive: model index must be below 2^24, got 16777216");
}

TEST_CASE("a key of stage derive and draw 0 derives the first words of its stream for that purpose", "[core]") {
  const random_key key{5, stage::derive, 3, 9, 0};
  const block words = random_block(key.for_draw(4), 0);
  const random_key derived = key.derive(4);
  CHECK(derived.seed == (static_cast<std::uint64_t>(words[1]) << 32U | words[0]));
  CHECK((derived.where == stage::derive && derived.model == 0 && derived.sample == 0 && derived.draw == 0));
}

TEST_CASE("a stream gives the words of its blocks in order, and equal keys give equal streams", "[core]") {
  const random_key key{11, stage::shuffle, 0, 4, 0};
  random_stream one(key), two(key);
  for (std::uint32_t b = 0; b < 3; ++b) {
    for (const std::uint32_t word : random_block(key, b)) {
      REQUIRE(one.word() == word);
      REQUIRE(two.word() == word);
    }
  }
}

TEST_CASE("uniform numbers stay inside (0,1) and fill it evenly", "[core]") {
  // Chi-square on 64 cells of 64,000 draws; 63 degrees of freedom exceed 131.4 with probability 1e-6.
  random_stream stream({21, stage::audit, 0, 0, 0});
  std::array<int, 64> cells{};
  for (int i = 0; i < 64000; ++i) {
    const double u = stream.uniform();
    REQUIRE((u > 0.0 && u < 1.0));
    ++cells[static_cast<std::size_t>(u * 64.0)];
  }
  double chi2 = 0.0;
  for (const int count : cells) chi2 += (count - 1000.0) * (count - 1000.0) / 1000.0;
  CHECK(chi2 < 131.4);
}

TEST_CASE("below(bound) is unbiased, even where the bound leaves a third of the words over", "[core]") {
  // A plain remainder of 2^32 by 3 * 2^30 would put half of all draws below 2^30; unbiased, a third.
  // 30,000 draws: |share - 1/3| > .0134 has probability 1e-6.
  random_stream stream({22, stage::audit, 0, 0, 0});
  int low = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::uint32_t draw = stream.below(3U << 30U);
    REQUIRE(draw < (3U << 30U));
    low += draw < (1U << 30U);
  }
  CHECK(std::abs(low / 30000.0 - 1.0 / 3.0) < 0.0134);
  CHECK(stream.below(1) == 0);
  CHECK_THROWS_AS(stream.below(0), argument_error);
}

TEST_CASE("shuffle makes every order of four items equally often", "[core]") {
  // Chi-square on 24 orders of 24,000 shuffles; 23 degrees of freedom exceed 70.6 with probability 1e-6.
  std::vector<int> counts(256);
  random_stream stream({23, stage::audit, 0, 0, 0});
  for (int i = 0; i < 24000; ++i) {
    std::array<int, 4> items{0, 1, 2, 3};
    shuffle(std::span<int>(items), stream);
    ++counts[static_cast<std::size_t>(items[0] + 4 * items[1] + 16 * items[2] + 64 * items[3])];
  }
  double chi2 = 0.0;
  int orders = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++orders;
    chi2 += (count - 1000.0) * (count - 1000.0) / 1000.0;
  }
  CHECK(orders == 24);
  CHECK(chi2 < 70.6);
}
