// SPDX-License-Identifier: MIT
#pragma once
// Brief: a network of layers in a row, with softmax at the end.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/model/detail/scratch.hpp"
#include "certssb/model/detail/step.hpp"
#include "certssb/model/initialiser.hpp"
#include "certssb/model/layer/concept.hpp"
#include "certssb/model/loss.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: softmax(layer_n(... layer_1(x))): a classifier with directional derivatives that can be trained, for any host
/// tensor of `Scalar`s.
/// A convolution followed by 2x2 max-pool and rectifier is computed in one pass; the function is the same.
/// Requires: one object serves one thread at a time.
/// Cost: inputs are processed in pieces of `piece_rows` rows. Working memory is allocated at the first use and kept. It
/// is not copied: a copy costs its parameters.
/// Determinism: a row's scores depend, to the bit, on that row and the parameters, not on the rows beside it.
template <std::floating_point Scalar, layer... Layers>
class sequential {
public:
  static constexpr std::size_t piece_rows = 128;

  /// Brief: the untrained network (all parameters 0) for rows of that shape; the last layer's outputs are the classes.
  /// Throws: argument_error when a layer does not fit what comes before it, or there are fewer than 2 classes.
  explicit sequential(std::span<const std::size_t> row_shape, Layers... layers)
      : steps_(make_steps(std::tuple<Layers...>(std::move(layers)...), every_step)) {
    image_shape shape = image_shape_of(row_shape);
    sizes_[0] = shape.size();
    [&]<std::size_t... L>(std::index_sequence<L...>) { (bind<L>(shape), ...); }
    (every_step);
    expect(sizes_[0] > 0, "sequential: the row shape holds no scalars");
    expect(classes() >= 2, "sequential: needs at least 2 classes, got ", classes());
    parameters_.resize(parameters_at_[depth]);
  }

  [[nodiscard]] std::size_t classes() const noexcept { return sizes_[depth]; }
  [[nodiscard]] std::size_t row_size() const noexcept { return sizes_[0]; }
  [[nodiscard]] std::span<Scalar> parameters() noexcept { return parameters_; }
  [[nodiscard]] std::span<const Scalar> parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::span<const Scalar> gradient() { return {gradient_.grow(parameters_.size()), parameters_.size()}; }

  /// Brief: the parameters by layers that have some, from 1: `layer_1.weight` [outputs, inputs per output] (of a
  /// convolution: kernel rows, columns, channels) and `layer_1.bias` [outputs], or `layer_1.parameters`.
  [[nodiscard]] std::vector<saved_tensor> tensors() const {
    std::vector<saved_tensor> all;
    detail::visit_arrays(steps_, [&](auto name, auto shape, std::size_t first, std::size_t count) {
      all.push_back(save_tensor(name, shape, parameters().subspan(first, count)));
    });
    return all;
  }
  /// Throws: data_error unless these are such arrays.
  void load(std::span<const saved_tensor> saved) {
    detail::visit_arrays(steps_, [&](auto name, auto, std::size_t first, std::size_t count) {
      load_tensor(saved, name, parameters().subspan(first, count));
    });
  }

  /// Brief: draws the parameters, layer l's from the stream of sample l at stage::initialise.
  void initialise(const random_key& key) {
    [&]<std::size_t... L>(std::index_sequence<L...>) { (initialise_step<L>(key), ...); }
    (every_step);
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

  /// Brief: the gradient of each row's own cross-entropy in that row. It overwrites gradient().
  /// Shapes: out [n, row size].
  /// Throws: argument_error when the extents of x, the labels or out do not fit.
  template <host_tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void input_gradients(const Tensor& x, std::span<const label_type> labels, std::span<Scalar> out) {
    const std::size_t n = expect_rows(x);
    expect(labels.size() == n && out.size() == n * row_size(), "sequential: gradients of ", n, " rows of ", row_size(),
           " scalars, but ", labels.size(), " labels and room for ", out.size(), " scalars");
    std::fill_n(gradient_.grow(parameters_.size()), parameters_.size(), Scalar{0});
    for_each_piece(n, [&](std::size_t first, std::size_t rows) {
      const Scalar* values = stage_rows(input_, tensor_traits<Tensor>::data(x) + first * row_size(), rows);
      forward(rows, values);
      const std::span<Scalar> logits(passing(depth), rows * classes());
      std::copy_n(activation(depth - 1), logits.size(), logits.begin());
      static_cast<void>(softmax_cross_entropy(logits, labels.subspan(first, rows), classes(), Scalar{1}));
      backward<depth - 1, true>(rows, values, logits.data());
      std::copy_n(passing(0), rows * row_size(), out.begin() + static_cast<std::ptrdiff_t>(first * row_size()));
    });
  }

private:
  using steps = detail::steps<Layers...>;
  static constexpr std::size_t depth = std::tuple_size_v<steps>;
  static constexpr auto every_step = std::make_index_sequence<depth>{};
  static_assert(depth > 0 && piece_rows % row_group == 0);

  /// Brief: the number, among the layers, of the first layer of step `step`.
  template <std::size_t Step>
  static constexpr std::size_t first_layer() {
    if constexpr (Step == 0) {
      return 0;
    } else {
      return first_layer<Step - 1>() + std::tuple_element_t<Step - 1, steps>::layers;
    }
  }

  template <std::size_t... L>
  static steps make_steps(const std::tuple<Layers...>& layers, std::index_sequence<L...>) {
    return steps(std::tuple_element_t<L, steps>(std::get<first_layer<L>()>(layers))...);
  }

  template <std::size_t L>
  void bind(image_shape& shape) {
    auto& here = std::get<L>(steps_);
    shape = here.bind(shape);
    sizes_[L + 1] = shape.size();
    activations_at_[L + 1] = activations_at_[L] + shape.size();
    parameters_at_[L + 1] = parameters_at_[L] + here.parameter_count();
    kept_at_[L + 1] = kept_at_[L] + here.kept_size();
    work_size_ = std::max(work_size_, here.scratch_size());
    outputs_size_ = std::max(outputs_size_, here.outputs_size());
    widest_ = std::max(widest_, std::max(sizes_[L], sizes_[L + 1]));
  }

  template <std::size_t L>
  void initialise_step(const random_key& key) {
    const auto& here = std::get<L>(steps_);
    if (here.parameter_count() == 0) return;
    random_stream stream(key.at(stage::initialise).for_sample(static_cast<std::uint32_t>(first_layer<L>())));
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

  /// Brief: rows of a tensor, copied to memory of whole groups where needed.
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

  /// Brief: step l's output, kept until the next piece.
  Scalar* activation(std::size_t l) noexcept { return activations_.data() + activations_at_[l] * laid_out_rows_; }

  /// Brief: two buffers, used in turn for what passes between layers and is not kept.
  Scalar* passing(std::size_t l) noexcept { return passing_.data() + (l % 2) * widest_ * laid_out_rows_; }

  /// Brief: codes that step l keeps for its derivatives, until the next piece.
  detail::window_code* kept(std::size_t l) noexcept { return kept_.data() + kept_at_[l] * laid_out_rows_; }

  void forward(std::size_t rows, const Scalar* x) {
    laid_out_rows_ = whole_groups(rows);
    activations_.grow(activations_at_[depth] * laid_out_rows_);
    passing_.grow(2 * widest_ * laid_out_rows_);
    kept_.grow(kept_at_[depth] * laid_out_rows_);
    work_.grow(work_size_);
    outputs_.grow(outputs_size_);
    [&]<std::size_t... L>(std::index_sequence<L...>) {
      ((std::get<L>(steps_).forward(rows, parameters_of(L), x, activation(L), kept(L), work()), x = activation(L)),
       ...);
    }
    (every_step);
  }

  template <std::size_t L>
  const Scalar* tangent(std::size_t rows, const Scalar* x, const Scalar* dx) {
    std::get<L>(steps_).tangent(rows, parameters_of(L), x, activation(L), kept(L), dx, passing(L), work());
    if constexpr (L + 1 < depth) {
      return tangent<L + 1>(rows, activation(L), passing(L));
    } else {
      return passing(L);
    }
  }

  /// Brief: gradients of the steps up to L. The gradient of an input is left out if no parameters lie before it, unless
  /// that of the network's input is wanted, which is then in passing(0).
  template <std::size_t L, bool ToInput = false>
  void backward(std::size_t rows, const Scalar* x, const Scalar* gradient_y) {
    if (!ToInput && parameters_at_[L + 1] == 0) return;
    Scalar* gradient_x = ToInput || parameters_at_[L] > 0 ? passing(L) : nullptr;
    const Scalar* input = x;
    if constexpr (L > 0) input = activation(L - 1);
    std::get<L>(steps_).backward(rows, parameters_of(L), input, activation(L), kept(L), gradient_y,
                                 gradient_.data() + parameters_at_[L], gradient_x, work());
    if constexpr (L > 0) backward<L - 1, ToInput>(rows, x, gradient_x);
  }

  detail::working_memory<Scalar> work() noexcept { return {work_.data(), outputs_.data()}; }

  [[nodiscard]] const Scalar* parameters_of(std::size_t l) const noexcept {
    return parameters_.data() + parameters_at_[l];
  }

  steps steps_;
  std::array<std::size_t, depth + 1> sizes_{};           ///< scalars per row before step l
  std::array<std::size_t, depth + 1> activations_at_{};  ///< first scalar of step l's output, per row
  std::array<std::size_t, depth + 1> parameters_at_{};   ///< first parameter of step l
  std::array<std::size_t, depth + 1> kept_at_{};         ///< first code that step l keeps, per row
  std::size_t widest_ = 0;
  std::size_t work_size_ = 0;
  std::size_t outputs_size_ = 0;
  std::size_t laid_out_rows_ = 0;  ///< rows the buffers hold of each activation
  std::vector<Scalar, Eigen::aligned_allocator<Scalar>> parameters_;
  detail::scratch<Scalar> gradient_;
  detail::scratch<Scalar> input_;
  detail::scratch<Scalar> directions_;
  detail::scratch<Scalar> activations_;
  detail::scratch<Scalar> passing_;
  detail::scratch<Scalar> work_;
  detail::scratch<detail::window_code> kept_;
  detail::scratch<detail::active_output> outputs_;
};

}  // namespace v1
}  // namespace certssb
