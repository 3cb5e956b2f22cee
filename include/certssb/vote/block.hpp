// SPDX-License-Identifier: MIT
#pragma once
// Brief: the unit of work of an ensemble: consecutive members, and their answer on every set of test inputs as a value
// that can be added to ballots, saved and loaded.

#include "certssb/core/expect.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: members first .. first + count - 1.
struct member_block {
  std::size_t first = 0;
  std::size_t count = 0;

  [[nodiscard]] bool operator==(const member_block&) const = default;
};

/// Brief: cuts members first .. last - 1 into blocks of `size`; the last may be smaller.
/// Throws: argument_error for size = 0.
[[nodiscard]] inline std::vector<member_block> blocks_between(std::size_t first, std::size_t last, std::size_t size) {
  expect(size > 0, "blocks_between: blocks need at least 1 member");
  std::vector<member_block> blocks;
  for (; first < last; first += size) blocks.push_back({first, size < last - first ? size : last - first});
  return blocks;
}

/// Brief: the scores of one member on one set of test inputs, and the noise scales that it found for them, if it did.
/// Shapes: scores [n,K]; own_scales [n] or empty.
template <std::floating_point Scalar>
struct member_answer {
  std::vector<Scalar> scores;
  std::vector<double> own_scales;
};

/// Brief: the answers of the members of a block on one set of test inputs.
/// Shapes: votes [count,n]; scores [count,n,K] or empty; own_scales [count,n] or empty.
template <std::floating_point Scalar>
struct set_answer {
  hard_votes votes;
  std::vector<Scalar> scores;
  std::vector<double> own_scales;

  [[nodiscard]] bool operator==(const set_answer&) const = default;
};

/// Brief: the answers of the members of a block, one set_answer per set of test inputs.
/// Determinism: depends on the members of the block alone, not on who computed it or when.
template <std::floating_point Scalar>
struct block_answer {
  member_block block;
  std::vector<set_answer<Scalar>> sets;

  [[nodiscard]] bool operator==(const block_answer&) const = default;
};

/// Brief: the number of samples and classes of a set of test inputs.
struct set_shape {
  std::size_t samples;
  std::size_t classes;
};

/// Brief: asks the members of a block one after the other: `answer(m)` gives one member_answer per set.
/// Throws: argument_error if a member gives another number of sets or another length; whatever `answer` throws.
template <std::floating_point Scalar, class Answer>
[[nodiscard]] block_answer<Scalar> answer_block(const member_block& block, const Answer& answer,
                                                std::span<const set_shape> shapes, bool keep_scores) {
  block_answer<Scalar> whole{block, {}};
  for (const set_shape& shape : shapes) whole.sets.push_back({hard_votes(shape.samples, shape.classes), {}, {}});
  for (std::size_t m = block.first; m < block.first + block.count; ++m) {
    const std::vector<member_answer<Scalar>> given = answer(m);
    expect(given.size() == shapes.size(), "answer_block: expected answers on ", shapes.size(), " sets, got ",
           given.size());
    for (std::size_t k = 0; k < given.size(); ++k) {
      set_answer<Scalar>& set = whole.sets[k];
      set.votes.add(std::span<const Scalar>(given[k].scores));
      if (keep_scores) set.scores.insert(set.scores.end(), given[k].scores.begin(), given[k].scores.end());
      const std::vector<double>& own = given[k].own_scales;
      expect(own.empty() || own.size() == shapes[k].samples, "answer_block: expected ", shapes[k].samples,
             " scales or none, got ", own.size());
      set.own_scales.insert(set.own_scales.end(), own.begin(), own.end());
    }
  }
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const std::size_t found = whole.sets[k].own_scales.size();
    expect(found == 0 || found == block.count * shapes[k].samples,
           "answer_block: all members find their own scales, or none does");
  }
  return whole;
}

namespace detail {

static_assert(std::endian::native == std::endian::little, "certssb saves answers on little-endian machines only");

inline constexpr std::string_view answer_mark = "certssb answer 1";

template <class Value>
void append_bytes(std::string& bytes, std::span<const Value> values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

inline void append_number(std::string& bytes, std::uint64_t number) {
  append_bytes(bytes, std::span<const std::uint64_t>(&number, 1));
}

/// Takes values from the front of saved bytes; nothing is allocated that the bytes do not hold.
class saved_bytes {
public:
  explicit saved_bytes(std::string_view bytes) : left_(bytes) {}

  template <class Value>
  [[nodiscard]] std::vector<Value> take(std::size_t count) {
    expect<data_error>(count <= left_.size() / sizeof(Value), "saved answer: ", count, " values of ", sizeof(Value),
                       " bytes are announced, ", left_.size(), " bytes are left");
    std::vector<Value> values(count);
    if (count > 0) std::memcpy(values.data(), left_.data(), count * sizeof(Value));
    left_.remove_prefix(count * sizeof(Value));
    return values;
  }
  [[nodiscard]] std::size_t number() { return static_cast<std::size_t>(take<std::uint64_t>(1).front()); }
  [[nodiscard]] std::size_t left() const noexcept { return left_.size(); }

private:
  std::string_view left_;
};

/// Throws: data_error if the product exceeds what any file holds.
[[nodiscard]] inline std::size_t announced(std::size_t a, std::size_t b) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 16;
  expect<data_error>(a == 0 || b <= most / a, "saved answer: its extents ", a, " and ", b, " are too large");
  return a * b;
}

template <std::floating_point Scalar>
[[nodiscard]] set_answer<Scalar> take_set(saved_bytes& bytes, std::size_t members) {
  const std::size_t samples = bytes.number();
  const std::size_t classes = bytes.number();
  const std::size_t kept = bytes.number();
  expect<data_error>(kept < 4, "saved answer: expected 0 to 3 for what was kept, got ", kept);
  set_answer<Scalar> set;
  const std::size_t votes = announced(members, samples);
  try {
    const std::size_t width = hard_votes(samples, classes).bytes_per_vote();
    set.votes = hard_votes(bytes.take<std::uint8_t>(announced(votes, width)), samples, classes);
  } catch (const argument_error& problem) {
    throw data_error(concatenate("saved answer: ", problem.what()));
  }
  if ((kept & 1U) != 0) {
    set.scores = bytes.take<Scalar>(announced(votes, classes));
    hard_votes named(samples, classes);
    for (std::size_t m = 0; m < members; ++m) {
      named.add(std::span<const Scalar>(set.scores).subspan(m * samples * classes, samples * classes));
    }
    expect<data_error>(named == set.votes, "saved answer: its votes are not those of its scores");
  }
  if ((kept & 2U) != 0) set.own_scales = bytes.take<double>(votes);
  for (const double scale : set.own_scales) {
    expect<data_error>(std::isfinite(scale) && scale > 0.0,
                       "saved answer: expected finite and positive noise scales, got ", scale);
  }
  return set;
}

}  // namespace detail

/// Brief: an answer as bytes, the same on every machine that certssb supports.
template <std::floating_point Scalar>
[[nodiscard]] std::string save_answer(const block_answer<Scalar>& answer) {
  std::string bytes(detail::answer_mark);
  for (const std::size_t number : {sizeof(Scalar), answer.block.first, answer.block.count, answer.sets.size()}) {
    detail::append_number(bytes, number);
  }
  for (const set_answer<Scalar>& set : answer.sets) {
    detail::append_number(bytes, set.votes.samples());
    detail::append_number(bytes, set.votes.classes());
    detail::append_number(bytes, (set.scores.empty() ? 0U : 1U) | (set.own_scales.empty() ? 0U : 2U));
    detail::append_bytes(bytes, set.votes.bytes());
    detail::append_bytes(bytes, std::span<const Scalar>(set.scores));
    detail::append_bytes(bytes, std::span<const double>(set.own_scales));
  }
  return bytes;
}

/// Brief: the answer in bytes that `save_answer` made.
/// Throws: data_error unless the bytes are exactly one such answer of this scalar: marked, complete, with votes in
/// range that agree with the scores, and positive scales.
/// Cost: allocates no more than the bytes hold.
template <std::floating_point Scalar>
[[nodiscard]] block_answer<Scalar> load_answer(std::string_view bytes) {
  expect<data_error>(bytes.starts_with(detail::answer_mark), "saved answer: expected the mark ", detail::answer_mark,
                     ", got something else");
  detail::saved_bytes left(bytes.substr(detail::answer_mark.size()));
  const std::size_t width = left.number();
  expect<data_error>(width == sizeof(Scalar), "saved answer: expected scores of ", sizeof(Scalar), " bytes, got ",
                     width);
  block_answer<Scalar> answer;
  answer.block.first = left.number();
  answer.block.count = left.number();
  constexpr std::size_t most = std::size_t{1} << 24U;
  expect<data_error>(answer.block.count > 0 && answer.block.count <= most && answer.block.first <= most,
                     "saved answer: its members ", answer.block.first, " + ", answer.block.count,
                     " are none or beyond 2^24");
  const std::size_t sets = left.number();
  expect<data_error>(sets <= left.left(), "saved answer: ", sets, " sets are announced, ", left.left(),
                     " bytes are left");
  for (std::size_t k = 0; k < sets; ++k) answer.sets.push_back(detail::take_set<Scalar>(left, answer.block.count));
  expect<data_error>(left.left() == 0, "saved answer: ", left.left(), " bytes follow its end");
  return answer;
}

}  // namespace v1
}  // namespace certssb
