// SPDX-License-Identifier: MIT
#pragma once
// Brief: rows plus noise, each row with its own scale and stream, without a noisy copy of the data set.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/tensor/concept.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: adds scale_j * noise to row j of `batch`, the noise drawn from the stream `key_of(j)`. A noise that can
/// `release` rows does so, where they are if that is on the host: row j becomes the nearest points of the noise's grid.
/// Other noise is added in the arithmetic of the tensor, its scales rounded up, and no bit is taken away.
/// Shapes: batch [n, ...], scales [n].
/// Throws: argument_error unless there is one scale per row; whatever the noise throws.
template <tensor Tensor, noise_distribution<scalar_of<Tensor>> Noise, class KeyOf>
void perturb_rows(Tensor& batch, std::span<const double> scales, const Noise& noise, KeyOf&& key_of) {
  using traits = tensor_traits<Tensor>;
  using scalar = scalar_of<Tensor>;
  const std::size_t rows = traits::rows(batch);
  const std::size_t size = traits::row_size(batch);
  expect(scales.size() == rows, "perturb: ", rows, " rows but ", scales.size(), " scales");
  if constexpr (!releasing_noise<Noise, scalar>) {
    std::vector<scalar> draws(rows * size);
    std::vector<scalar> applied(rows);
    for (std::size_t j = 0; j < rows; ++j) {
      noise.fill(key_of(j), std::span(draws).subspan(j * size, size));
      applied[j] = applied_scale<scalar>(scales[j]);
    }
    traits::add_scaled(batch, applied, draws);
  } else if constexpr (host_tensor<Tensor>) {
    for (std::size_t j = 0; j < rows; ++j) {
      noise.release(key_of(j), scales[j], std::span<scalar>(traits::data(batch) + j * size, size));
    }
  } else {
    std::vector<scalar> values(rows * size);
    traits::read(batch, 0, values);
    for (std::size_t j = 0; j < rows; ++j) {
      noise.release(key_of(j), scales[j], std::span(values).subspan(j * size, size));
    }
    traits::write(batch, 0, values);
  }
}

/// Brief: the same, the noise of row j drawn from the stream of `key` and row j's id.
/// Shapes: batch [n, ...], ids [n], scales [n].
/// Determinism: row j's noise depends on (key, ids[j]) alone, so any batching gives the same rows.
template <tensor Tensor, noise_distribution<scalar_of<Tensor>> Noise>
void perturb(Tensor& batch, std::span<const std::uint32_t> ids, std::span<const double> scales, const Noise& noise,
             const random_key& key) {
  const std::size_t rows = tensor_traits<Tensor>::rows(batch);
  expect(ids.size() == rows, "perturb: ", rows, " rows but ", ids.size(), " ids");
  perturb_rows(batch, scales, noise, [&](std::size_t j) { return key.for_sample(ids[j]); });
}

/// Brief: a view of rows as one member of the ensemble sees them: x_i + sigma_i * eps_{m,i}.
/// Maths: eps_{m,i} is fixed by (key, id of row i): reading a row again, for instance in a later epoch, gives the same
/// noisy row, so that each row is exposed once per member. The library's noises round the sum to their grid, exactly.
/// Cost: the noise is drawn again at each gather; no noisy copy is kept.
/// Reference: Cert-SSB, training of the smoothed models; RAB, section on the smoothed data set.
template <row_source Rows, noise_distribution<scalar_of<typename Rows::tensor_type>> Noise>
class noisy_rows {
public:
  using tensor_type = typename Rows::tensor_type;
  static constexpr bool ids_are_distinct = true;

  /// Requires: `rows` and `scales` outlive the view.
  /// Throws: argument_error unless there is one scale per row and no id repeats.
  noisy_rows(const Rows& rows, const noise_scales& scales, const Noise& noise, const random_key& key)
      : rows_(rows), scales_(scales), noise_(noise), key_(key) {
    expect(scales.size() == rows.size(), "noisy_rows: ", rows.size(), " rows but ", scales.size(), " scales");
    expect_distinct_ids("noisy_rows", rows);
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
    std::vector<std::uint32_t> ids(positions.size());
    std::vector<double> scales(positions.size());
    for (std::size_t j = 0; j < positions.size(); ++j) {
      ids[j] = rows_.ids()[positions[j]];
      scales[j] = scales_[positions[j]];
    }
    perturb<tensor_type>(out, ids, scales, noise_, key_);
  }

private:
  const Rows& rows_;
  const noise_scales& scales_;
  Noise noise_;
  random_key key_;
};

}  // namespace v1
}  // namespace certssb
