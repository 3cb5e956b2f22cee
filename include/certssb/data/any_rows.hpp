// SPDX-License-Identifier: MIT
#pragma once
// Brief: rows of any source, with its type erased, so that code that reads them is compiled once for all sources.

#include "certssb/data/concept.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: a view of any row source, in one type.
/// Cost: one indirect call per batch.
template <tensor Tensor>
class any_rows {
public:
  using tensor_type = Tensor;

  /// Requires: `rows` outlives the view.
  template <row_source Rows>
  explicit any_rows(const Rows& rows)
      : classes_(rows.classes()),
        labels_(rows.labels()),
        ids_(rows.ids()),
        row_shape_(rows.row_shape()),
        make_([&rows](std::size_t n) { return rows.make(n); }),
        gather_([&rows](std::span<const std::size_t> positions, Tensor& out) { rows.gather(positions, out); }),
        noise_variance_([&rows](std::size_t i) { return noise_variance_of(rows, i); }) {}

  [[nodiscard]] std::size_t size() const noexcept { return labels_.size(); }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::span<const label_type> labels() const noexcept { return labels_; }
  [[nodiscard]] std::span<const std::uint32_t> ids() const noexcept { return ids_; }
  [[nodiscard]] std::span<const std::size_t> row_shape() const noexcept { return row_shape_; }
  [[nodiscard]] Tensor make(std::size_t n) const { return make_(n); }
  void gather(std::span<const std::size_t> positions, Tensor& out) const { gather_(positions, out); }
  [[nodiscard]] double noise_variance(std::size_t i) const { return noise_variance_(i); }

private:
  std::size_t classes_;
  std::span<const label_type> labels_;
  std::span<const std::uint32_t> ids_;
  std::span<const std::size_t> row_shape_;
  std::function<Tensor(std::size_t)> make_;
  std::function<void(std::span<const std::size_t>, Tensor&)> gather_;
  std::function<double(std::size_t)> noise_variance_;
};

}  // namespace v1
}  // namespace certssb
