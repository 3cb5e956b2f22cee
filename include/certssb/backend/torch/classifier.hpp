// SPDX-License-Identifier: MIT
#pragma once
// Brief: a trained network of PyTorch as a classifier with slopes, for torch tensors and for tensors on the host.

#include "certssb/backend/torch/network.hpp"
#include "certssb/backend/torch/runtime.hpp"
#include "certssb/backend/torch/tensor.hpp"
#include "certssb/core/error.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/tensor/concept.hpp"

#include <torch/csrc/autograd/forward_grad.h>
#include <torch/torch.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: tensors that PyTorch can read: its own, and those of floats on the host, whose memory is shared.
template <class Tensor>
concept torch_readable = std::same_as<Tensor, torch::Tensor> ||
    (host_tensor<Tensor>&& std::same_as<scalar_of<Tensor>, float>);

namespace detail {

/// Brief: a batch in the shape that networks take, {n, row...}.
template <torch_readable Tensor>
[[nodiscard]] torch::Tensor batch_of(const Tensor& x, std::span<const std::int64_t> row_shape) {
  using traits = tensor_traits<Tensor>;
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(traits::rows(x))};
  std::size_t size = 1;
  for (const std::int64_t extent : row_shape) {
    shape.push_back(extent);
    size *= static_cast<std::size_t>(extent);
  }
  expect(traits::row_size(x) == size, "torch: expected rows of ", size, " scalars, got ", traits::row_size(x));
  if constexpr (std::same_as<Tensor, torch::Tensor>) {
    return x.view(shape);
  } else {
    return over({traits::data(x), traits::rows(x) * size}, shape);
  }
}

/// Brief: the level of forward-mode differentiation. PyTorch has one for the process; it is opened by the first that
/// uses it and closed by the last.
class forward_level {
public:
  forward_level() {
    const std::scoped_lock lock(mutex());
    if (users()++ == 0) index() = torch::autograd::ForwardADLevel::get_next_idx();
    mine_ = static_cast<std::int64_t>(index());
  }
  ~forward_level() {
    const std::scoped_lock lock(mutex());
    if (--users() == 0) torch::autograd::ForwardADLevel::release_idx(index());
  }
  forward_level(const forward_level&) = delete;
  forward_level& operator=(const forward_level&) = delete;

  [[nodiscard]] std::int64_t get() const { return mine_; }

private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static std::size_t& users() {
    static std::size_t count = 0;
    return count;
  }
  static std::uint64_t& index() {
    static std::uint64_t level = 0;
    return level;
  }
  std::int64_t mine_ = 0;
};

}  // namespace detail

/// Brief: the network in evaluation, with the statistics of batch norm that it found in its own training.
/// Requires: nobody trains the network any more. Copies share it.
/// Determinism: equal bits for any number of threads; on machines of one kind.
class torch_classifier {
public:
  torch_classifier(std::shared_ptr<const torch_network> network, std::span<const std::size_t> row_shape,
                   std::size_t classes)
      : network_(std::move(network)), row_shape_(row_shape.begin(), row_shape.end()), classes_(classes) {}

  [[nodiscard]] std::size_t classes() const { return classes_; }

  /// Throws: argument_error in PyTorch's words, and if the network gives something else than one score per class.
  template <torch_readable Tensor>
  void scores(const Tensor& x, std::span<float> out) {
    const torch::NoGradGuard no_gradients;
    ask([&](const torch::Device& device) {
      copy_to(torch::softmax(logits(detail::batch_of(x, row_shape_).to(device)), 1), out);
    });
  }

  /// Maths: p = softmax(z), dp = p (dz - sum p dz), dz the derivative of the logits along the direction: in forward mode,
  /// one pass beside that of the scores; where an operation of the network has no forward mode, by differentiating the
  /// gradient v -> J^T v, which is linear, in v.
  template <torch_readable Tensor>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<float> out, std::span<float> slopes) {
    ask([&](const torch::Device& device) {
      const torch::Tensor input = detail::batch_of(x, row_shape_).to(device);
      const auto [z, dz] = with_slopes(input, detail::batch_of(direction, row_shape_).to(device));
      const torch::NoGradGuard no_gradients;
      const torch::Tensor p = torch::softmax(z, 1);
      copy_to(p, out);
      copy_to(p * (dz - (p * dz).sum(1, true)), slopes);
    });
  }

private:
  template <class Work>
  void ask(const Work& work) const {
    use_one_torch_thread();
    detail::in_one_line("torch", [&] {
      work(network_->parameters.empty() ? torch::Device(torch::kCPU) : network_->parameters.front().device());
    });
  }

  [[nodiscard]] torch::Tensor logits(const torch::Tensor& x) const {
    torch::Tensor z = network_->forward(x);
    detail::expect_scores(z, x.size(0), classes_);
    return z;
  }

  [[nodiscard]] std::pair<torch::Tensor, torch::Tensor> with_slopes(const torch::Tensor& x, const torch::Tensor& dx) {
    if (forward_mode_) {
      try {
        return forward_slopes(x, dx);
      } catch (const certssb::error&) {
        throw;
      } catch (const std::exception&) {
        forward_mode_ = false;
      }
    }
    const torch::AutoGradMode with_gradients(true);
    const torch::Tensor input = x.detach().requires_grad_(true);
    const torch::Tensor z = logits(input);
    const torch::Tensor v = torch::zeros_like(z).requires_grad_(true);
    const torch::Tensor g = torch::autograd::grad({z}, {input}, {v}, true, true).front();
    return {z.detach(), torch::autograd::grad({g}, {v}, {dx}).front()};
  }

  [[nodiscard]] std::pair<torch::Tensor, torch::Tensor> forward_slopes(const torch::Tensor& x,
                                                                       const torch::Tensor& dx) const {
    const torch::NoGradGuard no_gradients;
    const detail::forward_level level;
    auto [z, dz] = at::_unpack_dual(logits(at::_make_dual(x, dx, level.get())), level.get());
    return {z.clone(), dz.defined() ? dz.clone() : torch::zeros_like(z)};
  }

  static void copy_to(const torch::Tensor& values, std::span<float> out) {
    expect(std::cmp_equal(values.numel(), out.size()), "torch: expected room for ", values.numel(), " numbers, got ",
           out.size());
    torch::from_blob(out.data(), values.sizes(), torch::kFloat32).copy_(values);
  }

  std::shared_ptr<const torch_network> network_;
  std::vector<std::int64_t> row_shape_;
  std::size_t classes_;
  bool forward_mode_ = true;
};

}  // namespace v1
}  // namespace certssb
