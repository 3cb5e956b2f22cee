// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a learner may read: labelled rows that can be gathered into batches.

#include "certssb/core/label.hpp"
#include "certssb/tensor/concept.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: N labelled rows of tensor type `Rows::tensor_type`: a data set, a noisy view that makes its batches when they
/// are read, or anything else that can fill a batch.
/// Members: size() = N; classes() = K; labels() and ids() of length N, labels in [0,K), ids stable and distinct;
/// row_shape(), the extents of one row, for instance {1,28,28}; make(n), a batch of n rows with any content;
/// gather(positions, out) fills `out` with the rows at those positions (0 .. N - 1). Optional: noise_variance(i), the
/// variance of the noise on each entry of row i.
/// Requires: const members may be called from several threads at once.
template <class Rows>
concept row_source = tensor<typename Rows::tensor_type> &&
    requires(const Rows& r, std::span<const std::size_t> positions, typename Rows::tensor_type& out) {
  { r.size() } -> std::convertible_to<std::size_t>;
  { r.classes() } -> std::convertible_to<std::size_t>;
  { r.labels() } -> std::convertible_to<std::span<const label_type>>;
  { r.ids() } -> std::convertible_to<std::span<const std::uint32_t>>;
  { r.row_shape() } -> std::convertible_to<std::span<const std::size_t>>;
  { r.make(std::size_t{}) } -> std::same_as<typename Rows::tensor_type>;
  r.gather(positions, out);
};

/// Brief: the variance of the noise on each entry of row i, as the rows state it; 0 where they state none. Learners that
/// compare distances correct for it.
/// Units: squared, those of the inputs.
template <class Rows>
[[nodiscard]] double noise_variance_of(const Rows& rows, std::size_t i) {
  if constexpr (requires {
                  { rows.noise_variance(i) } -> std::convertible_to<double>;
                }) {
    return rows.noise_variance(i);
  } else {
    return 0.0;
  }
}

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no row source; else true.
template <class Rows>
constexpr bool require_row_source() {
  static_assert(
      requires { typename Rows::tensor_type; }, "certssb: your rows have no type `tensor_type`, that of a batch");
  if constexpr (requires { typename Rows::tensor_type; }) {
    using batch = typename Rows::tensor_type;
    using number = std::size_t;
    static_assert(require_tensor<batch>());
    static_assert(
        requires(const Rows& r) {
          { r.size() } -> std::convertible_to<number>;
        },
        "certssb: your rows have no const size() that gives their number");
    static_assert(
        requires(const Rows& r) {
          { r.classes() } -> std::convertible_to<number>;
        },
        "certssb: your rows have no const classes() that gives the number of classes");
    static_assert(
        requires(const Rows& r) {
          { r.labels() } -> std::convertible_to<std::span<const label_type>>;
        },
        "certssb: your rows have no const labels() that gives a span of label_type (64-bit integers)");
    static_assert(
        requires(const Rows& r) {
          { r.ids() } -> std::convertible_to<std::span<const std::uint32_t>>;
        },
        "certssb: your rows have no const ids() that gives a span of std::uint32_t");
    static_assert(
        requires(const Rows& r) {
          { r.row_shape() } -> std::convertible_to<std::span<const std::size_t>>;
        },
        "certssb: your rows have no const row_shape() that gives a span of std::size_t");
    static_assert(
        requires(const Rows& r) {
          { r.make(number{}) } -> std::same_as<batch>;
        },
        "certssb: your rows have no const make(n) that gives a batch (tensor_type) of n rows");
    static_assert(
        requires(const Rows& r, std::span<const std::size_t> p, batch& out) { r.gather(p, out); },
        "certssb: your rows have no const gather(span<const size_t> positions, tensor_type& out)");
  }
  return true;
}

}  // namespace v1
}  // namespace certssb
