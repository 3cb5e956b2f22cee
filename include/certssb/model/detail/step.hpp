// SPDX-License-Identifier: MIT
#pragma once
// Brief: the steps of a network: its layers, where consecutive layers that one kernel computes together are one step.

#include "certssb/core/expect.hpp"
#include "certssb/model/detail/kernel/pooled_convolution.hpp"
#include "certssb/model/detail/kernel/working_memory.hpp"
#include "certssb/model/layer/concept.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/max_pool.hpp"
#include "certssb/model/layer/relu.hpp"

#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: a layer by itself.
template <layer Layer>
class plain_step : public Layer {
public:
  static constexpr std::size_t layers = 1;

  explicit plain_step(Layer what) : Layer(std::move(what)) {}

  [[nodiscard]] static constexpr std::size_t outputs_size() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t kept_size() noexcept { return 0; }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar* parameters, const Scalar* x, Scalar* y, window_code*,
               const working_memory<Scalar>& work) const {
    Layer::forward(rows, parameters, x, y, work.scratch);
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar* parameters, const Scalar* x, const Scalar* y, const window_code*,
               const Scalar* dx, Scalar* dy, const working_memory<Scalar>& work) const {
    Layer::tangent(rows, parameters, x, y, dx, dy, work.scratch);
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar* parameters, const Scalar* x, const Scalar* y, const window_code*,
                const Scalar* gradient_y, Scalar* gradient, Scalar* gradient_x,
                const working_memory<Scalar>& work) const {
    Layer::backward(rows, parameters, x, y, gradient_y, gradient, gradient_x, work.scratch);
  }
};

/// Brief: the steps of layers, as a tuple type: a convolution with 2x2 max-pool and rectifier behind it is one step,
/// any other layer is its own.
template <class Done, class... Layers>
struct steps_of;
template <class... Done>
struct steps_of<std::tuple<Done...>> {
  using type = std::tuple<Done...>;
};
template <class... Done, class First, class... Rest>
struct steps_of<std::tuple<Done...>, First, Rest...> : steps_of<std::tuple<Done..., plain_step<First>>, Rest...> {};
template <class... Done, class... Rest>
struct steps_of<std::tuple<Done...>, conv2d, max_pool<2>, relu, Rest...>
    : steps_of<std::tuple<Done..., pooled_convolution>, Rest...> {};

template <class... Layers>
using steps = typename steps_of<std::tuple<>, Layers...>::type;

/// Brief: calls visit(name, shape, first, count) for every array of the parameters of a network: weights and biases of
/// the layers that have some, numbered from 1, or all parameters of a layer of another form.
template <class Steps, class Visit>
void visit_arrays(const Steps& all, const Visit& visit) {
  std::size_t number = 0;
  std::size_t first = 0;
  const auto of_step = [&](const auto& step) {
    const std::size_t count = step.parameter_count();
    if (count == 0) return;
    const std::string name = concatenate("layer_", ++number);
    const std::size_t inputs = step.fan_in();
    const std::size_t outputs = count / (inputs + 1);
    if (outputs * (inputs + 1) == count) {
      visit(name + ".weight", std::vector<std::size_t>{outputs, inputs}, first, outputs * inputs);
      visit(name + ".bias", std::vector<std::size_t>{outputs}, first + outputs * inputs, outputs);
    } else {
      visit(name + ".parameters", std::vector<std::size_t>{count}, first, count);
    }
    first += count;
  };
  std::apply([&](const auto&... step) { (of_step(step), ...); }, all);
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
