// SPDX-License-Identifier: MIT
#pragma once
// Brief: keyed randomness. Every draw is a function of (seed, stage, model, sample, draw) and of its place in that
// stream. It does not depend on the thread, the order or the time in which it is made.

#include "certssb/core/expect.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: what a stream of draws is for; streams of different stages never meet.
enum class stage : std::uint8_t {
  derive = 0,      ///< new seeds from a seed
  synthetic,       ///< synthetic data sets
  poison,          ///< which rows are poisoned
  trigger,         ///< random trigger patterns
  initialise,      ///< initial weights
  shuffle,         ///< order of rows in an epoch
  train_noise,     ///< noise on training rows, one stream per model and row
  test_noise,      ///< noise on test inputs, one stream per model and row
  ascent_noise,    ///< noise of the sigma ascent, one stream per row and step
  audit,           ///< random instances of audits and tests
  split,           ///< which rows are set aside for the test
  parts,           ///< which part of the training set a row belongs to
  gradient_noise,  ///< noise on the gradients of a training step
};

/// Brief: the name of one stream of draws: 64 bits of seed and 88 bits of place.
struct random_key {
  std::uint64_t seed = 0;
  stage where = stage::derive;
  std::uint32_t model = 0;  ///< below 2^24
  std::uint32_t sample = 0;
  std::uint32_t draw = 0;

  [[nodiscard]] constexpr random_key at(stage place) const noexcept { return {seed, place, model, sample, draw}; }
  [[nodiscard]] constexpr random_key for_model(std::uint32_t m) const noexcept {
    return {seed, where, m, sample, draw};
  }
  [[nodiscard]] constexpr random_key for_sample(std::uint32_t i) const noexcept {
    return {seed, where, model, i, draw};
  }
  [[nodiscard]] constexpr random_key for_draw(std::uint32_t d) const noexcept {
    return {seed, where, model, sample, d};
  }

  /// Brief: a key with a new seed, independent of this one, of those for other purposes, and of those that keys derive
  /// which differ from this one in any field.
  /// Throws: argument_error for a key whose model is not below 2^24.
  [[nodiscard]] random_key derive(std::uint32_t purpose) const;
};

namespace detail {

/// Brief: [word][block]: word j of block i.
template <std::size_t Blocks>
using philox_words = std::array<std::array<std::uint32_t, Blocks>, 4>;

/// Brief: Philox4x32-10 of consecutive blocks, in a form that compilers turn into vector instructions.
/// Reference: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
// Declared inline because GCC 12 otherwise calls it, and normal draws then take 2.7 times as long.
template <std::size_t Blocks>
[[nodiscard]] inline philox_words<Blocks> philox(const random_key& key, std::uint32_t first) {
  philox_words<Blocks> words;
  for (std::size_t i = 0; i < Blocks; ++i) words[0][i] = first + static_cast<std::uint32_t>(i);
  words[1].fill(key.draw);
  words[2].fill(key.sample);
  words[3].fill((static_cast<std::uint32_t>(key.where) << 24U) | key.model);
  auto low = static_cast<std::uint32_t>(key.seed);
  auto high = static_cast<std::uint32_t>(key.seed >> 32U);
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < Blocks; ++i) {
      const std::uint64_t a = std::uint64_t{0xD2511F53U} * words[0][i];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * words[2][i];
      words[0][i] = static_cast<std::uint32_t>(b >> 32U) ^ words[1][i] ^ low;
      words[1][i] = static_cast<std::uint32_t>(b);
      words[2][i] = static_cast<std::uint32_t>(a >> 32U) ^ words[3][i] ^ high;
      words[3][i] = static_cast<std::uint32_t>(a);
    }
    low += 0x9E3779B9U;
    high += 0xBB67AE85U;
  }
  return words;
}

}  // namespace detail

/// Brief: block `index` of a stream: four independent 32-bit words.
/// Requires: model below 2^24.
[[nodiscard]] inline std::array<std::uint32_t, 4> random_block(const random_key& key, std::uint32_t index) {
  const auto words = detail::philox<1>(key, index);
  return {words[0][0], words[1][0], words[2][0], words[3][0]};
}

/// Brief: how many blocks `random_blocks` makes.
inline constexpr std::size_t blocks_at_once = 16;

using random_words = detail::philox_words<blocks_at_once>;

/// Brief: blocks first .. first + 15 of a stream, the same words as `random_block` gives.
/// Requires: model below 2^24.
[[nodiscard]] inline random_words random_blocks(const random_key& key, std::uint32_t first) {
  return detail::philox<blocks_at_once>(key, first);
}

inline random_key random_key::derive(std::uint32_t purpose) const {
  expect(model < (1U << 24U), "random_key::derive: model index must be below 2^24, got ", model);
  std::uint64_t from = seed;
  if (where != stage::derive || draw != 0) {
    const auto last = random_block(*this, ~std::uint32_t{0});  // streams never get that far
    from = (static_cast<std::uint64_t>(last[1]) << 32U) | last[0];
  }
  const auto words = random_block({from, stage::derive, model, sample, purpose}, 0);
  return {(static_cast<std::uint64_t>(words[1]) << 32U) | words[0], stage::derive, 0, 0, 0};
}

/// Brief: the draws of one key, one after the other.
/// Determinism: equal keys give equal sequences, on every machine.
class random_stream {
public:
  explicit random_stream(const random_key& key) : key_(key) {
    expect(key.model < (1U << 24U), "random_stream: model index must be below 2^24, got ", key.model);
  }

  /// Brief: 32 independent bits.
  [[nodiscard]] std::uint32_t word() {
    if (used_ == words_.size()) {
      words_ = random_block(key_, next_++);
      used_ = 0;
    }
    return words_[used_++];
  }

  /// Brief: uniform on the open interval (0,1), 52 bits.
  [[nodiscard]] double uniform() {
    const std::uint64_t high = word();
    const std::uint64_t low = word();
    return (static_cast<double>(((high << 32U) | low) >> 12U) + 0.5) * 0x1p-52;
  }

  /// Brief: uniform on 0 .. bound - 1, without bias.
  /// Requires: bound > 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) {
    expect(bound > 0, "random_stream::below: bound must be positive");
    const std::uint32_t reject = (0U - bound) % bound;
    std::uint32_t bits = word();
    while (bits < reject) bits = word();
    return bits % bound;
  }

private:
  random_key key_;
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;
  std::uint32_t next_ = 0;
};

/// Brief: puts the items in a uniformly random order (Fisher-Yates).
template <class T>
void shuffle(std::span<T> items, random_stream& stream) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[stream.below(static_cast<std::uint32_t>(left))]);
  }
}

}  // namespace v1
}  // namespace certssb
