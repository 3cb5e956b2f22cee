// SPDX-License-Identifier: MIT
#pragma once
// Brief: rows plus fresh noise at every read. On rows that are already noisy such augmentation costs no certificate.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/noise/scales.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a view that gives x_i + scale_i * eta, eta drawn anew each time row i is read.
/// On raw rows every read is an exposure that counts; on the noisy rows of one member it is post-processing.
/// Determinism: eta is keyed by (key, id of the row, how often it was read before); reads from several threads are
/// safe, but a row that several of them read gets its draws in any order.
template <row_source Rows, noise_distribution<scalar_of<typename Rows::tensor_type>> Noise>
class augmented_rows {
public:
  using tensor_type = typename Rows::tensor_type;
  static constexpr bool ids_are_distinct = true;

  /// Requires: `rows` outlives the view.
  /// Throws: argument_error unless there is one scale per row and no id repeats.
  augmented_rows(const Rows& rows, noise_scales scales, const Noise& noise, const random_key& key)
      : rows_(rows), scales_(std::move(scales)), noise_(noise), key_(key), reads_(rows.size()) {
    expect(scales_.size() == rows.size(), "augmented_rows: ", rows.size(), " rows but ", scales_.size(), " scales");
    expect_distinct_ids("augmented_rows", rows);
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t classes() const { return rows_.classes(); }
  [[nodiscard]] auto labels() const { return rows_.labels(); }
  [[nodiscard]] auto ids() const { return rows_.ids(); }
  [[nodiscard]] auto row_shape() const { return rows_.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return rows_.make(n); }
  [[nodiscard]] double noise_variance(std::size_t i) const {
    return noise_variance_of(rows_, i) + scales_[i] * scales_[i] * stated_variance<Noise>();
  }

  void gather(std::span<const std::size_t> positions, tensor_type& out) const {
    rows_.gather(positions, out);
    std::vector<double> scales(positions.size());
    for (std::size_t j = 0; j < positions.size(); ++j) scales[j] = scales_[positions[j]];
    perturb_rows(out, std::span<const double>(scales), noise_, [&](std::size_t j) {
      const std::uint32_t read = reads_[positions[j]].fetch_add(1, std::memory_order_relaxed);
      return key_.for_sample(rows_.ids()[positions[j]]).for_draw(read);
    });
  }

private:
  const Rows& rows_;
  noise_scales scales_;
  Noise noise_;
  random_key key_;
  mutable std::vector<std::atomic<std::uint32_t>> reads_;
};

}  // namespace v1
}  // namespace certssb
