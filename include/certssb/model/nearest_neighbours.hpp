// SPDX-License-Identifier: MIT
#pragma once
// Brief: the learner of nearest neighbours, whose model is its rows.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/detail/matrix_map.hpp"
#include "certssb/model/detail/scratch.hpp"
#include "certssb/model/layer/concept.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: scores are the shares of the classes among the nearest rows; ties in distance go to the row of lower position.
/// Maths: |x - r_i|^2 - d v_i orders the rows, with v_i the variance of the noise on row i as it is stated: the noise
/// adds d v_i to |x - r_i|^2, a constant of the scales. Computed as |r_i|^2 - d v_i - 2 x.r_i.
/// Requires: one object serves one thread at a time.
/// Cost: one matrix product, and a selection among the rows for each input.
/// Determinism: an input's scores depend, to the bit, on that input and the rows, not on the inputs beside it.
template <std::floating_point Scalar>
class neighbour_vote {
public:
  static constexpr std::size_t piece_rows = 128;

  /// Shapes: rows [n, d], offsets [n], labels [n].
  /// Requires: labels in [0, K), 1 <= neighbours <= n.
  neighbour_vote(std::span<const Scalar> rows, std::vector<Scalar> offsets, std::vector<label_type> labels,
                 std::size_t classes, std::size_t neighbours)
      : rows_(rows.begin(), rows.end()),
        offsets_(std::move(offsets)),
        labels_(std::move(labels)),
        classes_(classes),
        neighbours_(neighbours) {}

  /// Brief: the rows, their offsets and labels, and the number that vote, as arrays.
  [[nodiscard]] std::vector<saved_tensor> tensors() const {
    const std::size_t n = labels_.size();
    const std::vector<std::int64_t> labels(labels_.begin(), labels_.end());
    const std::vector<std::int64_t> voting{static_cast<std::int64_t>(neighbours_)};
    return {save_tensor("rows", {n, row_size()}, std::span<const Scalar>(rows_)),
            save_tensor("offsets", {n}, std::span<const Scalar>(offsets_)),
            save_tensor("labels", {n}, std::span<const std::int64_t>(labels)),
            save_tensor("neighbours", {1}, std::span<const std::int64_t>(voting))};
  }
  /// Throws: data_error unless the arrays are those of such a model.
  [[nodiscard]] static neighbour_vote restore(std::size_t classes, std::span<const saved_tensor> saved) {
    const std::vector<Scalar> rows = load_tensor<Scalar>(saved, "rows");
    std::vector<Scalar> offsets = load_tensor<Scalar>(saved, "offsets");
    const std::vector<std::int64_t> found = load_tensor<std::int64_t>(saved, "labels");
    const std::vector<std::int64_t> voting = load_tensor<std::int64_t>(saved, "neighbours");
    const std::size_t n = found.size();
    const bool fits = n > 0 && offsets.size() == n && rows.size() % n == 0 && voting.size() == 1 && voting[0] > 0 &&
                      std::cmp_less_equal(voting[0], n);
    expect<data_error>(fits,
                       "saved model: expected rows, offsets and labels of the same number, and neighbours up to it");
    for (const std::int64_t label : found) {
      expect<data_error>(label >= 0 && std::cmp_less(label, classes), "saved model: label ", label, " is outside [0, ",
                         classes, ")");
    }
    return neighbour_vote(std::span<const Scalar>(rows), std::move(offsets), {found.begin(), found.end()}, classes,
                          static_cast<std::size_t>(voting[0]));
  }

  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::size_t row_size() const noexcept { return rows_.size() / labels_.size(); }

  /// Throws: argument_error when the extents of x or the length of out do not fit.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void scores(const Tensor& x, std::span<Scalar> out) {
    using traits = tensor_traits<Tensor>;
    const std::size_t d = row_size();
    const std::size_t n = traits::rows(x);
    expect(traits::row_size(x) == d, "nearest_neighbours: expected rows of ", d, " scalars, got ", traits::row_size(x));
    expect(out.size() == n * classes_, "nearest_neighbours: out must hold ", n, " rows of ", classes_, " classes, got ",
           out.size(), " scalars");
    for (std::size_t first = 0; first < n; first += piece_rows) {
      const std::size_t count = std::min(piece_rows, n - first);
      const std::size_t whole = whole_groups(count);
      Scalar* const inputs = inputs_.grow(whole * d);
      traits::read(x, first, std::span(inputs, count * d));
      Scalar* const products = products_.grow(whole * labels_.size());
      detail::as_matrix(products, whole, labels_.size()).noalias() =
          detail::as_matrix(std::as_const(inputs), whole, d) *
          detail::as_matrix(rows_.data(), labels_.size(), d).transpose();
      for (std::size_t j = 0; j < count; ++j) {
        vote(std::span(products + j * labels_.size(), labels_.size()), out.subspan((first + j) * classes_, classes_));
      }
    }
  }

private:
  void vote(std::span<const Scalar> products, std::span<Scalar> out) {
    order_.resize(labels_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = {offsets_[i] - 2 * products[i], i};
    std::ranges::nth_element(order_, order_.begin() + static_cast<std::ptrdiff_t>(neighbours_ - 1));
    std::ranges::fill(out, Scalar{0});
    for (std::size_t k = 0; k < neighbours_; ++k) out[static_cast<std::size_t>(labels_[order_[k].second])] += 1;
    for (Scalar& share : out) share /= static_cast<Scalar>(neighbours_);
  }

  std::vector<Scalar, Eigen::aligned_allocator<Scalar>> rows_;
  std::vector<Scalar> offsets_;
  std::vector<label_type> labels_;
  std::size_t classes_;
  std::size_t neighbours_;
  detail::scratch<Scalar> inputs_;
  detail::scratch<Scalar> products_;
  std::vector<std::pair<Scalar, std::size_t>> order_;
};

/// Brief: keeps its rows; they vote when an input comes.
class nearest_neighbours {
public:
  /// Brief: the number of rows that vote; all, where there are fewer. An even number is as good as an odd one: a tie
  /// goes to the lower label, as everywhere.
  /// Throws: argument_error for 0.
  explicit nearest_neighbours(std::size_t neighbours) : neighbours_(neighbours) {
    expect(neighbours > 0, "nearest_neighbours: needs at least 1 neighbour, got 0");
  }

  /// Throws: argument_error for no rows.
  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& /*key*/) const {
    using tensor_type = typename Rows::tensor_type;
    using traits = tensor_traits<tensor_type>;
    using scalar = scalar_of<tensor_type>;
    const std::size_t n = rows.size();
    expect(n > 0, "nearest_neighbours: needs at least 1 row");
    std::vector<std::size_t> positions(n);
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    tensor_type all = rows.make(n);
    rows.gather(positions, all);
    const std::size_t d = traits::row_size(all);
    std::vector<scalar> values(n * d);
    traits::read(all, 0, values);
    std::vector<scalar> offsets(n);
    for (std::size_t i = 0; i < n; ++i) {
      double square = -static_cast<double>(d) * noise_variance_of(rows, i);
      for (std::size_t p = 0; p < d; ++p) {
        const auto value = static_cast<double>(values[i * d + p]);
        square += value * value;
      }
      offsets[i] = static_cast<scalar>(square);
    }
    const std::span<const label_type> labels = rows.labels();
    return neighbour_vote<scalar>(std::span<const scalar>(values), std::move(offsets), {labels.begin(), labels.end()},
                                  rows.classes(), std::min(neighbours_, n));
  }

private:
  std::size_t neighbours_;
};

}  // namespace v1
}  // namespace certssb
