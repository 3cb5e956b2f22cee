// SPDX-License-Identifier: MIT
#pragma once
// Brief: a learner for any network of PyTorch, on torch tensors and on tensors on the host.

#include "certssb/backend/torch/classifier.hpp"
#include "certssb/backend/torch/network.hpp"
#include "certssb/backend/torch/runtime.hpp"
#include "certssb/backend/torch/tensor.hpp"
#include "certssb/backend/torch/training.hpp"
#include "certssb/core/error.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/concept.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: minibatch training of a network of PyTorch, in the order in which the bundled networks see their rows:
///
///     const torch_learner method([](std::span<const std::size_t> row_shape, std::size_t classes) {
///       return std::make_shared<my_module>(row_shape, classes);
///     });
///
/// The module gives one score per class before any softmax, `forward(x)` of [n, row...] giving [n, K]. The loss is the
/// mean cross-entropy of a batch. Rows that live on a device are trained on there.
/// Determinism: a function of (rows, key, options), for any number of threads, on machines of one kind: initial weights
/// by key.at(stage::initialise), the order of epoch e by key.at(stage::shuffle).for_draw(e). A network that draws random
/// numbers of its own while it is trained is refused.
class torch_learner {
public:
  /// Brief: `factory(row_shape, classes)` makes a module (a holder or a std::shared_ptr), or, as a torch_network_maker,
  /// a network.
  /// Throws: argument_error for options outside their ranges.
  template <class Factory>
  explicit torch_learner(Factory factory, torch_training options = {}) : options_(std::move(options)) {
    if constexpr (std::convertible_to<Factory, torch_network_maker>) {
      make_ = std::move(factory);
    } else {
      make_ = keyed_modules(std::move(factory));
    }
    options_.validate();
  }

  /// Throws: argument_error without rows, and in PyTorch's words where the network does not take them; cancelled once
  /// options.stop is set; whatever the rows throw.
  /// Cost: memory for one batch and for the order of the rows, besides the network and its gradients.
  template <row_source Rows>
  [[nodiscard]] torch_classifier fit(const Rows& rows, const random_key& key) const {
    using tensor_type = typename Rows::tensor_type;
    static_assert(torch_readable<tensor_type>, "torch_learner: the tensor is neither PyTorch's nor floats on the host");
    const std::size_t size = rows.size();
    expect(size > 0, "torch: no rows to train on");
    expect(size <= std::numeric_limits<std::uint32_t>::max(), "torch: at most 2^32 - 1 rows, got ", size);
    use_one_torch_thread();
    const torch::AutoGradMode with_gradients(true);

    const std::size_t batch = std::min(options_.batch, size);
    tensor_type full = rows.make(batch);
    tensor_type rest = rows.make(size % batch);
    const std::span<const std::size_t> row_shape(rows.row_shape());
    const std::vector<std::int64_t> shape(row_shape.begin(), row_shape.end());
    const torch::Device device = detail::batch_of(full, shape).device();
    const auto network = made(row_shape, rows.classes(), key, device);
    torch_classifier model(network, row_shape, rows.classes());

    const std::size_t steps_an_epoch = (size + batch - 1) / batch;
    detail::torch_steps steps(*network, options_, options_.epochs * steps_an_epoch);
    std::vector<label_type> labels(batch);
    std::vector<std::size_t> order(size);
    for (std::size_t epoch = 0; epoch < options_.epochs; ++epoch) {
      std::iota(order.begin(), order.end(), std::size_t{0});
      random_stream stream(key.at(stage::shuffle).for_draw(static_cast<std::uint32_t>(epoch)));
      shuffle(std::span(order), stream);
      for (std::size_t first = 0; first < size; first += batch) {
        if (options_.stop.stop_requested()) throw cancelled();
        const auto positions = std::span<const std::size_t>(order).subspan(first, std::min(batch, size - first));
        tensor_type& inputs = positions.size() == batch ? full : rest;
        rows.gather(positions, inputs);
        if constexpr (adaptive_rows<Rows, torch_classifier>) {
          network->train(false);
          rows.adapt(model, positions, inputs);
        }
        const std::span<const label_type> all = rows.labels();
        std::ranges::transform(positions, labels.begin(), [&](std::size_t position) { return all[position]; });
        steps.take(detail::batch_of(inputs, shape),
                   detail::integers_on(std::span<const label_type>(labels).first(positions.size()), device),
                   rows.classes());
      }
    }
    steps.finish();
    return model;
  }

private:
  [[nodiscard]] std::shared_ptr<torch_network> made(std::span<const std::size_t> row_shape, std::size_t classes,
                                                    const random_key& key, const torch::Device& device) const {
    return detail::in_one_line("torch", [&] {
      torch_network network = make_(row_shape, classes, key.at(stage::initialise));
      expect(!network.parameters.empty(), "torch: the network has no parameters to train");
      network.move_to(device);
      return std::make_shared<torch_network>(std::move(network));
    });
  }

  torch_network_maker make_;
  torch_training options_;
};

}  // namespace v1
}  // namespace certssb
