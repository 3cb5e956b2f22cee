// SPDX-License-Identifier: MIT
#pragma once
// Brief: the hard votes of single members, in as few bytes as the classes need.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the votes of M members on n samples with K classes, member after member.
/// Shapes: [M,n].
/// Cost: 1 byte per vote for up to 256 classes, 2 for up to 65,536, 4 above.
class hard_votes {
public:
  /// Brief: votes of no samples, for use where votes are not kept.
  hard_votes() = default;

  /// Brief: no members yet.
  /// Throws: argument_error for no samples, fewer than 2 classes or more than 2^32.
  hard_votes(std::size_t samples, std::size_t classes) : samples_(samples), classes_(classes) {
    expect(samples > 0, "hard_votes: needs at least 1 sample");
    expect(classes >= 2 && classes <= std::uint64_t{1} << 32U, "hard_votes: classes must lie in [2, 2^32], got ",
           classes);
    width_ = classes <= 256 ? 1 : classes <= 65536 ? 2 : 4;
  }

  /// Brief: votes that were made elsewhere, in the form of `bytes()`.
  /// Throws: argument_error as above, for a length that does not make whole members, and for a vote outside [0, K).
  hard_votes(std::vector<std::uint8_t> bytes, std::size_t samples, std::size_t classes) : hard_votes(samples, classes) {
    bytes_ = std::move(bytes);
    expect(bytes_.size() % width_ == 0 && bytes_.size() / width_ % samples == 0, "hard_votes: ", bytes_.size(),
           " bytes do not make whole members of ", samples, " votes of ", width_, " bytes");
    for (std::size_t i = 0; i < members() * samples_; ++i) {
      expect(std::cmp_less(at(i), classes), "hard_votes: a vote must lie in [0, ", classes, "), got ", at(i));
    }
  }

  [[nodiscard]] std::size_t members() const noexcept { return samples_ == 0 ? 0 : bytes_.size() / width_ / samples_; }
  [[nodiscard]] std::size_t samples() const noexcept { return samples_; }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::size_t bytes_per_vote() const noexcept { return width_; }

  /// Brief: all votes, each with its lowest byte first.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }

  /// Brief: the class that a member names on a sample.
  /// Requires: member below members(), sample below samples().
  [[nodiscard]] label_type operator()(std::size_t member, std::size_t sample) const noexcept {
    return at(member * samples_ + sample);
  }

  /// Brief: the votes of one member on all samples.
  /// Throws: argument_error for a member that does not exist.
  [[nodiscard]] std::vector<label_type> of_member(std::size_t member) const {
    expect(member < members(), "hard_votes: expected a member below ", members(), ", got ", member);
    std::vector<label_type> labels(samples_);
    for (std::size_t i = 0; i < samples_; ++i) labels[i] = (*this)(member, i);
    return labels;
  }

  /// Brief: adds the next member, by its scores.
  /// Shapes: scores [n,K].
  /// Throws: argument_error for another length.
  template <std::floating_point Scalar>
  void add(std::span<const Scalar> scores) {
    expect(scores.size() == samples_ * classes_, "hard_votes::add: expected ", samples_, " x ", classes_,
           " scores, got ", scores.size());
    for (std::size_t i = 0; i < samples_; ++i) append(hard_vote(scores.subspan(i * classes_, classes_)));
  }

  /// Brief: adds one member's votes on all samples.
  /// Shapes: votes [n].
  /// Throws: argument_error for another length or a vote outside [0, K).
  void add_votes(std::span<const label_type> votes) {
    expect(votes.size() == samples_, "hard_votes::add_votes: expected ", samples_, " votes, got ", votes.size());
    for (const label_type vote : votes) {
      expect(vote >= 0 && std::cmp_less(vote, classes_), "hard_votes::add_votes: a vote must lie in [0, ", classes_,
             "), got ", vote);
    }
    for (const label_type vote : votes) append(static_cast<std::size_t>(vote));
  }

  /// Brief: makes the first `count` members of `other` the members from `first` on. Missing members before `first` have
  /// votes for class 0 until they are placed.
  /// Throws: argument_error if samples or classes differ, or `other` has fewer members.
  void place(std::size_t first, const hard_votes& other, std::size_t count) {
    expect(other.samples_ == samples_ && other.classes_ == classes_, "hard_votes::place: expected ", samples_,
           " samples and ", classes_, " classes, got ", other.samples_, " and ", other.classes_);
    expect(count <= other.members(), "hard_votes::place: expected at most ", other.members(), " members, got ", count);
    const std::size_t row = samples_ * width_;
    bytes_.resize(std::max(bytes_.size(), (first + count) * row));
    std::copy_n(other.bytes_.begin(), count * row, bytes_.begin() + static_cast<std::ptrdiff_t>(first * row));
  }

  [[nodiscard]] bool operator==(const hard_votes&) const = default;

private:
  void append(std::size_t vote) {
    for (std::size_t byte = 0; byte < width_; ++byte, vote >>= 8U) {
      bytes_.push_back(static_cast<std::uint8_t>(vote & 255U));
    }
  }
  [[nodiscard]] label_type at(std::size_t index) const noexcept {
    label_type vote = 0;
    for (std::size_t byte = width_; byte-- > 0;) vote = vote * 256 + bytes_[index * width_ + byte];
    return vote;
  }

  std::size_t samples_ = 0;
  std::size_t classes_ = 0;
  std::size_t width_ = 1;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace v1
}  // namespace certssb
