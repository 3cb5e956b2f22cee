// SPDX-License-Identifier: MIT
#pragma once
// Brief: cuts a training set into parts, each of which is defended by members of its own.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/split.hpp"
#include "certssb/tensor/concept.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what decides the part of a row.
enum class part_by {
  position,  ///< its place, by a keyed permutation: parts of equal size
  id,        ///< its id, by a keyed hash
  content    ///< its values, by a keyed hash
};

inline constexpr auto part_by_names = std::to_array<std::string_view>({"position", "id", "content"});

[[nodiscard]] constexpr std::string_view part_by_name(part_by by) noexcept {
  return part_by_names[static_cast<std::size_t>(by)];
}

/// Brief: the rule of this name.
/// Throws: argument_error for another name.
[[nodiscard]] inline part_by part_by_of(std::string_view name) {
  for (std::size_t i = 0; i < part_by_names.size(); ++i) {
    if (part_by_names[i] == name) return static_cast<part_by>(i);
  }
  throw argument_error(concatenate("part_by: expected position, id or content, got ", name));
}

/// Brief: the part of every row of a training set, fixed by a key before anybody sees the data.
///
/// What one attacked row costs, in parts touched: a row changed in place (features, label or both) one, by position or
/// by id; a row put in or taken out one, by id or content, and every part, by position; a row changed under `content`
/// two, since that is one row taken out and another put in.
/// Requires: the attacker does not know the key when the data are fixed, or accepts that it does not help: the
/// certificates hold for every fixed key.
/// Reference: Levine and Feizi, Deep Partition Aggregation (ICLR 2021).
class row_parts {
public:
  /// Brief: parts whose sizes differ by at most one row.
  /// Throws: argument_error unless 1 <= parts <= rows.
  /// Determinism: a function of rows, parts and stream (key, stage::parts).
  [[nodiscard]] static row_parts by_position(std::size_t rows, std::size_t parts, const random_key& key) {
    expect_parts(rows, parts);
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    random_stream stream(key.at(stage::parts));
    shuffle(std::span(order), stream);
    row_parts made(parts, part_by::position);
    made.part_of_.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) made.part_of_[order[i]] = static_cast<std::uint32_t>(i % parts);
    return made;
  }

  /// Brief: the part of an id does not depend on which other rows there are. A part may be left without rows.
  /// Throws: argument_error unless 1 <= parts <= the number of ids.
  /// Determinism: a function of ids, parts and stream (key, stage::parts) of each id.
  [[nodiscard]] static row_parts by_id(std::span<const std::uint32_t> ids, std::size_t parts, const random_key& key) {
    expect_parts(ids.size(), parts);
    row_parts made(parts, part_by::id);
    for (const std::uint32_t id : ids) made.add(random_block(key.at(stage::parts).for_sample(id), 0));
    return made;
  }

  /// Brief: the part of a row follows from its values, as doubles, and from nothing else.
  /// Throws: argument_error unless 1 <= parts <= the number of rows.
  /// Cost: reads every row once.
  template <tensor Tensor>
  [[nodiscard]] static row_parts by_content(const dataset<Tensor>& data, std::size_t parts, const random_key& key) {
    expect_parts(data.size(), parts);
    row_parts made(parts, part_by::content);
    std::vector<scalar_of<Tensor>> row(data.row_size());
    for (std::size_t i = 0; i < data.size(); ++i) {
      tensor_traits<Tensor>::read(data.inputs(), i, row);
      std::array<std::uint32_t, 4> state = random_block(key.at(stage::parts), 0);
      for (const scalar_of<Tensor> value : row) {
        const auto bits = std::bit_cast<std::uint64_t>(static_cast<double>(value) + 0.0);  // -0 is 0
        const std::uint64_t seed = bits ^ ((std::uint64_t{state[1]} << 32U) | state[0]);
        state = random_block({seed, stage::parts, 0, state[2], state[3]}, 0);
      }
      made.add(state);
    }
    return made;
  }

  template <tensor Tensor>
  [[nodiscard]] static row_parts of(const dataset<Tensor>& data, std::size_t parts, part_by by, const random_key& key) {
    if (by == part_by::id) return by_id(data.ids(), parts, key);
    return by == part_by::content ? by_content(data, parts, key) : by_position(data.size(), parts, key);
  }

  /// Brief: parts that one of these once made: `part_of` are its values.
  /// Throws: argument_error for a part that does not exist.
  [[nodiscard]] static row_parts given(std::span<const std::int64_t> part_of, std::size_t parts, part_by by) {
    row_parts made(parts, by);
    for (const std::int64_t part : part_of) {
      expect(part >= 0 && std::cmp_less(part, parts), "parts: expected a part below ", parts, ", got ", part);
      made.part_of_.push_back(static_cast<std::uint32_t>(part));
    }
    return made;
  }

  [[nodiscard]] std::size_t parts() const noexcept { return parts_; }
  [[nodiscard]] std::size_t rows() const noexcept { return part_of_.size(); }
  [[nodiscard]] part_by by() const noexcept { return by_; }
  /// Brief: how many parts a row touches that is changed.
  [[nodiscard]] std::size_t parts_per_row() const noexcept { return by_ == part_by::content ? 2 : 1; }
  [[nodiscard]] std::uint32_t operator[](std::size_t row) const { return part_of_[row]; }
  [[nodiscard]] std::span<const std::uint32_t> values() const noexcept { return part_of_; }

  /// Brief: the rows of every part, ascending.
  /// Shapes: result [parts], of which some may be empty.
  [[nodiscard]] std::vector<std::vector<std::size_t>> positions() const {
    std::vector<std::vector<std::size_t>> all(parts_);
    for (std::size_t i = 0; i < part_of_.size(); ++i) all[part_of_[i]].push_back(i);
    return all;
  }

private:
  row_parts(std::size_t parts, part_by by) : parts_(parts), by_(by) {}

  static void expect_parts(std::size_t rows, std::size_t parts) {
    expect(parts >= 1 && parts <= rows, "parts: expected a number from 1 to the ", rows, " training rows, got ", parts);
  }
  /// The top 64 bits of hash * parts / 2^64: uniform up to parts / 2^64.
  void add(const std::array<std::uint32_t, 4>& words) {
    const std::uint64_t hash = (std::uint64_t{words[1]} << 32U) | words[0];
    const auto wide = static_cast<std::uint64_t>(parts_);
    const std::uint64_t low = (hash & 0xffffffffU) * wide;
    part_of_.push_back(static_cast<std::uint32_t>(((hash >> 32U) * wide + (low >> 32U)) >> 32U));
  }

  std::size_t parts_;
  part_by by_;
  std::vector<std::uint32_t> part_of_;
};

}  // namespace v1
}  // namespace certssb
