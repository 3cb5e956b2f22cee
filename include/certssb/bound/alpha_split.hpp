// SPDX-License-Identifier: MIT
#pragma once
// Brief: how alpha is divided: over the test set, then over the bounds of one sample.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/concept.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a probability of failure, and the number of test samples that share it.
class alpha_split {
public:
  /// Brief: each sample's certificate fails with probability at most alpha; of n certificates, at most alpha n are
  /// expected to fail.
  [[nodiscard]] static alpha_split per_sample(double alpha) { return {alpha, 1}; }

  /// Brief: all `samples` certificates hold together with probability 1 - alpha (a union: alpha / samples each).
  /// Throws: argument_error, as per_sample, unless 0 < alpha < 1; and for no samples.
  [[nodiscard]] static alpha_split whole_set(double alpha, std::size_t samples) { return {alpha, samples}; }

  [[nodiscard]] double total() const noexcept { return total_; }
  [[nodiscard]] std::size_t samples() const noexcept { return samples_; }

  /// Brief: the share of one sample: the alpha to pass to certify.
  [[nodiscard]] double alpha() const noexcept { return total_ / static_cast<double>(samples_); }

  /// Brief: one part of the split: its name, and its alpha or its number of equal shares.
  struct part {
    std::string_view name;
    double value;
  };

  /// Brief: the parts of certify(votes of this table, any bound, this selection, any mode, alpha()).
  template <class Table, class Selection>
  [[nodiscard]] std::vector<part> parts(const Table& votes, const Selection& /*selection*/) const {
    using statistic = std::remove_cvref_t<decltype(votes[0])>;
    const double shares = Selection::template parts<statistic>(votes.classes());
    return {{"total", total_},
            {"samples", static_cast<double>(samples_)},
            {"alpha of a sample", alpha()},
            {"shares of a sample", shares},
            {"alpha of a bound", alpha() / shares}};
  }

private:
  alpha_split(double alpha, std::size_t samples) : total_(alpha), samples_(samples) {
    expect(alpha > 0.0 && alpha < 1.0, "alpha_split: alpha must lie in (0,1), got ", alpha);
    expect(samples > 0, "alpha_split: needs at least 1 sample");
  }

  double total_;
  std::size_t samples_;
};

}  // namespace v1
}  // namespace certssb
