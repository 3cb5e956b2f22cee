// SPDX-License-Identifier: MIT
#pragma once
// Brief: rows whose binary labels are flipped for one member, each with a fixed probability, so that votes also cover
// changed labels.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/distinct_ids.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: binary labels, each flipped with probability q, drawn once; for q = 0 the labels themselves, of any classes.
/// Shapes: labels, ids and result [N].
/// Throws: argument_error unless 0 <= q < 1/2, and there are two classes or q = 0.
/// Determinism: whether row i is flipped depends on (key, ids[i]) alone.
[[nodiscard]] inline std::vector<label_type> flip_labels(std::span<const label_type> labels,
                                                         std::span<const std::uint32_t> ids, std::size_t classes,
                                                         double q, const random_key& key) {
  expect(classes == 2 || q == 0.0, "flip_labels: needs 2 classes, got ", classes);
  expect(q >= 0.0 && q < 0.5, "flip_labels: the probability of a flip must lie in [0, 0.5), got ", q);
  std::vector<label_type> flipped(labels.begin(), labels.end());
  if (q == 0.0) return flipped;
  for (std::size_t i = 0; i < flipped.size(); ++i) {
    if (random_stream(key.for_sample(ids[i])).uniform() < q) flipped[i] = 1 - flipped[i];
  }
  return flipped;
}

/// Brief: the rows of a source under flipped labels.
/// Maths: with q < 1/2 the votes also certify against changed labels. This is proved for two classes only.
/// Reference: Rosenfeld et al., Certified robustness to label-flipping attacks via randomized smoothing (ICML 2020).
template <row_source Rows>
class flipped_labels {
public:
  using tensor_type = typename Rows::tensor_type;
  static constexpr bool ids_are_distinct = true;

  /// Requires: `rows` outlives the view.
  /// Throws: as flip_labels; argument_error where ids repeat.
  /// Determinism: as flip_labels.
  flipped_labels(const Rows& rows, double q, const random_key& key)
      : rows_(rows), labels_(flip_labels(rows.labels(), rows.ids(), rows.classes(), q, key)) {
    expect_distinct_ids("flipped_labels", rows);
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t classes() const { return rows_.classes(); }
  [[nodiscard]] std::span<const label_type> labels() const noexcept { return labels_; }
  [[nodiscard]] auto ids() const { return rows_.ids(); }
  [[nodiscard]] auto row_shape() const { return rows_.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return rows_.make(n); }
  [[nodiscard]] double noise_variance(std::size_t i) const { return noise_variance_of(rows_, i); }
  void gather(std::span<const std::size_t> positions, tensor_type& out) const { rows_.gather(positions, out); }

private:
  const Rows& rows_;
  std::vector<label_type> labels_;
};

}  // namespace v1
}  // namespace certssb
