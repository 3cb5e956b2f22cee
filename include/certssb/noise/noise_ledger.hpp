// SPDX-License-Identifier: MIT
#pragma once
// Brief: the only access to the raw training rows: noisy releases, each charged to the row that it shows, up to the cap
// of that row. In the words of differential privacy this is a privacy filter with one odometer per row and member.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/noise/exposure.hpp"
#include "certssb/noise/flipped_labels.hpp"
#include "certssb/noise/perturb.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

template <row_source Rows, noise_distribution<scalar_of<typename Rows::tensor_type>> Noise>
class ledger_account;

/// Brief: owns the raw rows, the caps P_i and the noise; members see rows only through an account of their own.
/// Maths: whatever adaptive training does with its releases, its output distinguishes data sets x and x' no better than
/// one look at every row under noise of scale 1/sqrt(P_i) does. The weighted size of a change is sqrt(sum_i P_i |x_i -
/// x'_i|^2) for Gaussian noise, and sum_i P_i |x_i - x'_i|_1 for Laplace and uniform noise.
/// The ledger gives nobody a raw row: the rows are moved in and never out. The caller asserts that no copy of them is
/// read elsewhere.
/// Reference: Smith and Thakurta, Fully adaptive composition for Gaussian differential privacy (2022).
template <row_source Rows, noise_distribution<scalar_of<typename Rows::tensor_type>> Noise>
class noise_ledger {
public:
  using rows_type = Rows;
  using tensor_type = typename Rows::tensor_type;
  using noise_type = Noise;
  using norm = typename Noise::certified_norm;
  using caps_type = exposure_caps<norm>;
  using account_type = ledger_account<Rows, Noise>;

  /// Throws: argument_error unless there is one cap per row and no id repeats.
  noise_ledger(Rows&& rows, caps_type caps, Noise noise, const random_key& key)
      : rows_(std::move(rows)), caps_(std::move(caps)), noise_(std::move(noise)), key_(key.at(stage::train_noise)) {
    expect(caps_.size() == rows_.size(), "noise_ledger: ", rows_.size(), " rows but ", caps_.size(), " caps");
    expect_distinct_ids("noise_ledger", rows_);
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t classes() const { return rows_.classes(); }
  [[nodiscard]] std::span<const label_type> labels() const { return rows_.labels(); }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return rows_.ids(); }
  [[nodiscard]] std::span<const std::size_t> row_shape() const { return rows_.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return rows_.make(n); }
  [[nodiscard]] const caps_type& caps() const noexcept { return caps_; }

  /// Brief: the account of member m, with nothing spent. Several threads may open accounts at once, each of another m.
  /// Requires: the ledger outlives the account.
  /// Throws: argument_error when m was opened before (its noise would be shown twice) or is not below 2^24.
  [[nodiscard]] account_type open(std::size_t m) {
    expect(m < (std::size_t{1} << 24U), "noise_ledger: member index must be below 2^24, got ", m);
    const std::lock_guard hold(opening_);
    expect(opened_.insert(m).second, "noise_ledger: the account of member ", m, " was opened before");
    return account_type(*this, key_.for_model(static_cast<std::uint32_t>(m)));
  }

private:
  friend account_type;

  Rows rows_;
  caps_type caps_;
  Noise noise_;
  random_key key_;
  std::mutex opening_;
  std::set<std::size_t> opened_;
};

/// Brief: one member's view of the rows: what has been spent on each, and releases until the cap is reached.
/// Requires: an account serves one thread at a time. It can be moved but not copied: a copy would spend the same cap
/// twice.
template <row_source Rows, noise_distribution<scalar_of<typename Rows::tensor_type>> Noise>
class ledger_account {
public:
  using ledger_type = noise_ledger<Rows, Noise>;
  using tensor_type = typename Rows::tensor_type;
  using noise_type = Noise;
  using norm = typename Noise::certified_norm;

  ledger_account(ledger_account&&) noexcept = default;
  ledger_account& operator=(ledger_account&&) noexcept = default;

  [[nodiscard]] std::size_t size() const { return ledger_->size(); }
  [[nodiscard]] std::size_t classes() const { return ledger_->classes(); }
  [[nodiscard]] std::span<const label_type> labels() const {
    return labels_.empty() ? ledger_->labels() : std::span<const label_type>(labels_);
  }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return ledger_->ids(); }
  [[nodiscard]] std::span<const std::size_t> row_shape() const { return ledger_->row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return ledger_->make(n); }

  [[nodiscard]] double cap(std::size_t row) const { return ledger_->caps_[row]; }
  [[nodiscard]] double spent(std::size_t row) const { return spent_[row]; }
  [[nodiscard]] std::uint32_t releases(std::size_t row) const { return releases_[row]; }

  /// Brief: from here on, each label that the account gives is flipped with probability q.
  /// Throws: as flip_labels; argument_error if they have been flipped before.
  void flip(double q, const random_key& key) {
    expect(labels_.empty(), "ledger_account: labels are flipped once");
    labels_ = flip_labels(labels(), ids(), classes(), q, key);
  }

  /// Brief: the smallest scale at which this row can be shown once more; infinite if its cap is used up.
  [[nodiscard]] double smallest_scale(std::size_t row) const {
    double left = cap(row) - spent_[row];
    while (left > 0.0 && detail::add_up(spent_[row], left) > cap(row)) left = std::nextafter(left, 0.0);
    return affordable_scale<norm>(left);
  }

  /// Brief: out[j] = x_i + scale_j * eps with i = positions[j] and eps fresh, rounded to the noise's grid; scale_j is
  /// charged to row i first.
  /// Shapes: positions [n], scales [n], out [n, ...]. Only the sum is given out, never the noise.
  /// Throws: argument_error for lengths, positions or scales out of range, and for a release beyond the cap, naming the
  /// row, what it has spent and its cap. Nothing is then released or charged. Whatever the
  /// noise throws; then rows are charged, and none is released.
  /// Determinism: eps is keyed by (ledger's key, member, id of the row, how often the row was released before).
  void release(std::span<const std::size_t> positions, std::span<const double> scales, tensor_type& out) {
    expect(scales.size() == positions.size(), "ledger_account: ", positions.size(), " rows but ", scales.size(),
           " scales");
    charge(positions, scales);
    std::vector<std::uint32_t> draws(positions.size());
    for (std::size_t j = 0; j < positions.size(); ++j) draws[j] = releases_[positions[j]]++;
    tensor_type fresh = make(positions.size());
    ledger_->rows_.gather(positions, fresh);
    perturb_rows(fresh, scales, ledger_->noise_,
                 [&](std::size_t j) { return key_.for_sample(ids()[positions[j]]).for_draw(draws[j]); });
    out = std::move(fresh);
  }

private:
  friend ledger_type;

  ledger_account(const ledger_type& ledger, const random_key& key)
      : ledger_(&ledger), key_(key), spent_(ledger.size()), releases_(ledger.size()) {}

  /// Brief: charges all of the rows or none.
  void charge(std::span<const std::size_t> positions, std::span<const double> scales) {
    std::vector<double> before(positions.size());
    std::size_t j = 0;
    try {
      for (; j < positions.size(); ++j) {
        const std::size_t i = positions[j];
        expect(i < size(), "ledger_account: there is no row ", i, " among ", size());
        expect(std::isfinite(scales[j]) && scales[j] > 0.0, "ledger_account: a scale must be finite and positive, got ",
               scales[j]);
        const double total = detail::add_up(spent_[i], exposure_cost<norm>(scales[j]));
        expect(total <= cap(i), "ledger_account: row ", i, " has spent ", spent_[i], " of its cap ", cap(i),
               "; a release at scale ", scales[j], " would bring it to ", total);
        before[j] = std::exchange(spent_[i], total);
      }
    } catch (...) {
      while (j-- > 0) spent_[positions[j]] = before[j];
      throw;
    }
  }

  const ledger_type* ledger_;
  random_key key_;
  std::vector<double> spent_;
  std::vector<std::uint32_t> releases_;
  std::vector<label_type> labels_;  ///< where they were flipped
};

}  // namespace v1
}  // namespace certssb
