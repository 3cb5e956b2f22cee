// SPDX-License-Identifier: MIT
#pragma once
// Brief: storage-update of many rows: in each block, the searches on any threads, then the rule in order.

#include "certssb/core/executor.hpp"
#include "certssb/core/label.hpp"
#include "certssb/storage/detail/distance.hpp"
#include "certssb/storage/detail/nearby_regions.hpp"
#include "certssb/storage/region_store.hpp"
#include "certssb/storage/update_rule.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: storage-update of n rows, a block at a time. First, on any threads, the stored regions near each row and the
/// rough distances between the rows of the block; then, in order, the rule.
template <tensor Tensor>
class storage_batch {
public:
  using scalar = scalar_of<Tensor>;
  using traits = tensor_traits<Tensor>;

  storage_batch(const Tensor& centres, std::span<const label_type> labels, std::span<const double> radii,
                storage_policy policy)
      : centres_(centres),
        labels_(labels),
        radii_(radii),
        policy_(policy),
        store_(traits::row_size(centres), pivots_of(centres)),
        rough_(store_.row_size()),
        largest_radius_(*std::ranges::max_element(radii)),
        rows_(std::min(labels.size(), block) * store_.row_size()),
        squares_(std::min(labels.size(), block) * std::min(labels.size(), block)) {
    store_.reserve(labels.size());
  }

  template <executor Executor>
  [[nodiscard]] std::vector<stored_answer> answer_all(const Executor& workers) {
    const std::size_t n = labels_.size();
    answers_.reserve(n);
    for (first_ = 0; first_ < n; first_ += block) {
      count_ = std::min(n - first_, block);
      read();
      for_each_block(workers, count_, piece, [&](std::size_t from, std::size_t to) { look_around(from, to); });
      stored_.clear();
      for (std::size_t i = 0; i < count_; ++i) answer(i);
    }
    return std::move(answers_);
  }

private:
  static constexpr std::size_t block = 512;
  static constexpr std::size_t piece = 128;

  /// Brief: every sqrt(n)-th row.
  static std::vector<scalar> pivots_of(const Tensor& centres) {
    const std::size_t n = traits::rows(centres);
    const std::size_t d = traits::row_size(centres);
    const auto count = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(n))));
    std::vector<scalar> pivots(count * d);
    for (std::size_t g = 0; g < count; ++g) traits::read(centres, g * n / count, std::span(pivots).subspan(g * d, d));
    return pivots;
  }

  void read() {
    around_.clear();
    for (std::size_t i = 0; i < count_; ++i) {
      expect_region(asked(i));
      traits::read(centres_, first_ + i, std::span(rows_).subspan(i * store_.row_size(), store_.row_size()));
      store_.expect_centre(row(i));
      around_.push_back({.reach = reach_of(asked(i), largest_radius_, policy_)});
    }
  }

  void look_around(std::size_t from, std::size_t to) {
    const std::size_t d = store_.row_size();
    store_.search(std::span<const scalar>(rows_).subspan(from * d, (to - from) * d),
                  std::span(around_).subspan(from, to - from));
    for (std::size_t i = from; i < to; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        // A region is never larger than what its row may reach.
        const scalar enough = rough_.enough((around_[i].reach + around_[j].reach) * (1.0 + 1e-6));
        squares_[i * count_ + j] = rough_squared_distance(row(i), row(j), enough);
      }
    }
  }

  void answer(std::size_t i) {
    for (const auto& [j, k] : stored_) store_.offer(around_[i], row(i), k, squares_[i * count_ + j]);
    stored_answer made = decide(around_[i], asked(i), policy_, store_.distance_error());
    if (made.by) made.by = row_of_region_[*made.by];
    if (made.stored) {
      stored_.push_back({i, store_.size()});
      store_.add(row(i), {made.label, made.radius}, around_[i].pivot);
      row_of_region_.push_back(first_ + i);
    }
    answers_.push_back(made);
  }

  [[nodiscard]] region asked(std::size_t i) const { return {labels_[first_ + i], radii_[first_ + i]}; }
  [[nodiscard]] std::span<const scalar> row(std::size_t i) const {
    return std::span<const scalar>(rows_).subspan(i * store_.row_size(), store_.row_size());
  }

  const Tensor& centres_;
  std::span<const label_type> labels_;
  std::span<const double> radii_;
  storage_policy policy_;
  region_store<scalar> store_;
  rough_distance<scalar> rough_;
  double largest_radius_;
  std::vector<std::size_t> row_of_region_;
  std::vector<stored_answer> answers_;
  // Of the block at hand: its place, rows, the regions near them, their squared distances, and those stored (row,
  // region).
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<scalar> rows_;
  std::vector<nearby_regions> around_;
  std::vector<scalar> squares_;
  std::vector<std::pair<std::size_t, std::size_t>> stored_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
