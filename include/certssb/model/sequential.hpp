// SPDX-License-Identifier: MIT
#pragma once
// Brief: a network of layers, one behind the other, with softmax at the end.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/model/detail/scratch.hpp"
#include "certssb/model/initialiser.hpp"
#include "certssb/model/layer/concept.hpp"
#include "certssb/model/loss.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace certssb::inline v1 {

/// Brief: softmax(layer_n(... layer_1(x))): a classifier with directional derivatives that can be trained, for any host
/// tensor of `Scalar`s.
/// Cost: inputs of any length are worked off in pieces of `piece_rows` rows; working memory is made at the first use,
/// kept, and not copied: a copy costs its parameters.
/// Determinism: a row's scores depend, to the bit, on that row and the parameters, not on the rows beside it.
/// Requires: one thread at a time an object.
template <std::floating_point Scalar, layer... Layers>
class sequential {
public:
  static constexpr std::size_t piece_rows = 64;

  /// Brief: the untrained network (all parameters 0) for rows of that shape; the last layer's outputs are the classes.
  /// Throws: argument_error when a layer does not fit what comes before it, or there are fewer than 2 classes.
  explicit sequential(std::span<const std::size_t> row_shape, Layers... layers) : layers_(std::move(layers)...) {
    image_shape shape = image_shape_of(row_shape);
    sizes_[0] = shape.size();
    [&]<std::size_t... L>(std::index_sequence<L...>) { (bind<L>(shape), ...); }
    (every_layer);
    expect(sizes_[0] > 0, "sequential: the row shape holds no scalars");
    expect(classes() >= 2, "sequential: needs at least 2 classes, got ", classes());
    parameters_.resize(parameters_at_[depth]);
  }

  [[nodiscard]] std::size_t classes() const noexcept { return sizes_[depth]; }
  [[nodiscard]] std::size_t row_size() const noexcept { return sizes_[0]; }
  [[nodiscard]] std::span<Scalar> parameters() noexcept { return parameters_; }
  [[nodiscard]] std::span<const Scalar> parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::span<const Scalar> gradient() { return {gradient_.grow(parameters_.size()), parameters_.size()}; }

  /// Brief: draws the parameters, layer l's from the stream of sample l at stage::initialise.
  void initialise(const random_key& key) {
    [&]<std::size_t... L>(std::index_sequence<L...>) { (initialise_layer<L>(key), ...); }
    (every_layer);
  }

  /// Throws: argument_error when the extents of x or the length of out do not fit.
  template <host_tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void scores(const Tensor& x, std::span<Scalar> out) {
    const std::size_t n = expect_rows(x);
    expect_length("out", out.size(), n);
    for_each_piece(n, [&](std::size_t first, std::size_t rows) {
      forward(rows, stage_rows(input_, tensor_traits<Tensor>::data(x) + first * row_size(), rows));
      softmax(copy_out(activation(depth - 1), out, first, rows), classes());
    });
  }

  /// Throws: argument_error when the extents of x, direction, out or slopes do not fit.
  template <host_tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<Scalar> out, std::span<Scalar> slopes) {
    const std::size_t n = expect_rows(x);
    expect(expect_rows(direction) == n, "sequential: ", n, " rows but ", tensor_traits<Tensor>::rows(direction),
           " directions");
    expect_length("out", out.size(), n);
    expect_length("slopes", slopes.size(), n);
    for_each_piece(n, [&](std::size_t first, std::size_t rows) {
      const Scalar* values = stage_rows(input_, tensor_traits<Tensor>::data(x) + first * row_size(), rows);
      forward(rows, values);
      const auto probabilities = copy_out(activation(depth - 1), out, first, rows);
      softmax(probabilities, classes());
      const Scalar* logit_slopes = tangent<0>(
          rows, values, stage_rows(directions_, tensor_traits<Tensor>::data(direction) + first * row_size(), rows));
      softmax_tangent(std::span<const Scalar>(probabilities), copy_out(logit_slopes, slopes, first, rows), classes());
    });
  }

  /// Throws: argument_error when the extents of x or the labels do not fit, or there are no rows.
  template <host_tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  double loss_and_gradient(const Tensor& x, std::span<const label_type> labels) {
    const std::size_t n = expect_rows(x);
    expect(n > 0 && labels.size() == n, "sequential: loss of ", n, " rows and ", labels.size(), " labels");
    std::fill_n(gradient_.grow(parameters_.size()), parameters_.size(), Scalar{0});
    const auto weight = static_cast<Scalar>(1.0 / static_cast<double>(n));
    double loss = 0.0;
    for_each_piece(n, [&](std::size_t first, std::size_t rows) {
      const Scalar* values = stage_rows(input_, tensor_traits<Tensor>::data(x) + first * row_size(), rows);
      forward(rows, values);
      const std::span<Scalar> logits(passing(depth), rows * classes());
      std::copy_n(activation(depth - 1), logits.size(), logits.begin());
      loss += softmax_cross_entropy(logits, labels.subspan(first, rows), classes(), weight);
      backward<depth - 1>(rows, values, logits.data());
    });
    return loss;
  }

private:
  static constexpr std::size_t depth = sizeof...(Layers);
  static constexpr auto every_layer = std::make_index_sequence<depth>{};
  static_assert(depth > 0 && piece_rows % row_group == 0);

  template <std::size_t L>
  void bind(image_shape& shape) {
    auto& here = std::get<L>(layers_);
    shape = here.bind(shape);
    sizes_[L + 1] = shape.size();
    activations_at_[L + 1] = activations_at_[L] + shape.size();
    parameters_at_[L + 1] = parameters_at_[L] + here.parameter_count();
    work_size_ = std::max(work_size_, here.scratch_size());
    widest_ = std::max(widest_, std::max(sizes_[L], sizes_[L + 1]));
  }

  template <std::size_t L>
  void initialise_layer(const random_key& key) {
    const auto& here = std::get<L>(layers_);
    if (here.parameter_count() == 0) return;
    random_stream stream(key.at(stage::initialise).for_sample(static_cast<std::uint32_t>(L)));
    initialise_uniform(parameters().subspan(parameters_at_[L], here.parameter_count()), here.fan_in(), stream);
  }

  template <class Tensor>
  std::size_t expect_rows(const Tensor& x) const {
    const std::size_t size = tensor_traits<Tensor>::row_size(x);
    expect(size == row_size(), "sequential: expected rows of ", row_size(), " scalars, got ", size);
    return tensor_traits<Tensor>::rows(x);
  }

  void expect_length(const char* name, std::size_t length, std::size_t rows) const {
    expect(length == rows * classes(), "sequential: ", name, " must hold ", rows, " rows of ", classes(),
           " classes, got ", length, " scalars");
  }

  template <class Body>
  static void for_each_piece(std::size_t n, Body body) {
    for (std::size_t first = 0; first < n; first += piece_rows) body(first, std::min(piece_rows, n - first));
  }

  /// Brief: rows of a tensor where layers may read whole groups of them.
  const Scalar* stage_rows(detail::scratch<Scalar>& buffer, const Scalar* from, std::size_t rows) const {
    Scalar* to = buffer.grow(whole_groups(rows) * row_size());
    std::copy_n(from, rows * row_size(), to);
    return to;
  }

  std::span<Scalar> copy_out(const Scalar* from, std::span<Scalar> to, std::size_t first, std::size_t rows) const {
    const std::span<Scalar> part = to.subspan(first * classes(), rows * classes());
    std::copy_n(from, part.size(), part.begin());
    return part;
  }

  /// Brief: layer l's output, kept until the next piece.
  Scalar* activation(std::size_t l) noexcept { return activations_.data() + activations_at_[l] * laid_out_rows_; }

  /// Brief: two buffers in turn for what passes between layers and is not kept.
  Scalar* passing(std::size_t l) noexcept { return passing_.data() + (l % 2) * widest_ * laid_out_rows_; }

  void forward(std::size_t rows, const Scalar* x) {
    laid_out_rows_ = whole_groups(rows);
    activations_.grow(activations_at_[depth] * laid_out_rows_);
    passing_.grow(2 * widest_ * laid_out_rows_);
    work_.grow(work_size_);
    [&]<std::size_t... L>(std::index_sequence<L...>) {
      ((std::get<L>(layers_).forward(rows, parameters_of(L), x, activation(L), work_.data()), x = activation(L)), ...);
    }
    (every_layer);
  }

  template <std::size_t L>
  const Scalar* tangent(std::size_t rows, const Scalar* x, const Scalar* dx) {
    std::get<L>(layers_).tangent(rows, parameters_of(L), x, activation(L), dx, passing(L), work_.data());
    if constexpr (L + 1 < depth) {
      return tangent<L + 1>(rows, activation(L), passing(L));
    } else {
      return passing(L);
    }
  }

  template <std::size_t L>
  void backward(std::size_t rows, const Scalar* x, const Scalar* gradient_y) {
    const auto& here = std::get<L>(layers_);
    Scalar* gradient = gradient_.data() + parameters_at_[L];
    if constexpr (L > 0) {
      here.backward(rows, parameters_of(L), activation(L - 1), activation(L), gradient_y, gradient, passing(L),
                    work_.data());
      backward<L - 1>(rows, x, passing(L));
    } else {
      Scalar* unwanted = nullptr;
      here.backward(rows, parameters_of(L), x, activation(L), gradient_y, gradient, unwanted, work_.data());
    }
  }

  [[nodiscard]] const Scalar* parameters_of(std::size_t l) const noexcept {
    return parameters_.data() + parameters_at_[l];
  }

  std::tuple<Layers...> layers_;
  std::array<std::size_t, depth + 1> sizes_{};           ///< scalars a row before layer l
  std::array<std::size_t, depth + 1> activations_at_{};  ///< first scalar of layer l's output, a row
  std::array<std::size_t, depth + 1> parameters_at_{};   ///< first parameter of layer l
  std::size_t widest_ = 0;
  std::size_t work_size_ = 0;
  std::size_t laid_out_rows_ = 0;  ///< rows the buffers hold of each activation
  std::vector<Scalar> parameters_;
  detail::scratch<Scalar> gradient_;
  detail::scratch<Scalar> input_;
  detail::scratch<Scalar> directions_;
  detail::scratch<Scalar> activations_;
  detail::scratch<Scalar> passing_;
  detail::scratch<Scalar> work_;
};

}  // namespace certssb::inline v1
