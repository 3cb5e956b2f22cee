// SPDX-License-Identifier: MIT
#pragma once
// Brief: the learners of a run, chosen for each defence by its settings: the bundled ones, and those that a program adds.

#include "certssb/core/expect.hpp"
#include "certssb/model/any_learner.hpp"
#include "certssb/model/any_rows_learner.hpp"
#include "certssb/model/bundled_network.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/named.hpp"
#include "certssb/model/names.hpp"
#include "certssb/run/settings.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: the learner of an ensemble: a bundled one, or another, which is of rows in host arrays.
class run_learner {
public:
  using bundled = any_rows_learner<bundled_learner<float>>;
  using other = any_learner<host_array<float>>;

  explicit run_learner(bundled learner) : bundled_(std::move(learner)) {}
  explicit run_learner(other learner) : other_(std::move(learner)) {}

  /// Throws: as the learner; argument_error where another learner than a bundled one gets rows of another tensor type.
  template <row_source Rows>
  [[nodiscard]] any_classifier<typename Rows::tensor_type> fit(const Rows& rows, const random_key& key) const {
    using tensor_type = typename Rows::tensor_type;
    if (bundled_) return any_classifier<tensor_type>(bundled_->fit(rows, key));
    if constexpr (std::same_as<tensor_type, host_array<float>>) {
      return other_->fit(rows, key);
    } else {
      throw argument_error("model: a model that is not bundled takes rows in host arrays of floats only");
    }
  }

  /// Brief: a model that a bundled learner fitted, from its arrays.
  /// Throws: argument_error for another learner; data_error for arrays of another model.
  [[nodiscard]] bundled_classifier<float> restore(std::span<const std::size_t> row_shape, std::size_t classes,
                                                  std::span<const saved_tensor> saved) const {
    expect(bundled_.has_value(), "keep_models: only the models of bundled learners can be read back");
    return bundled_->restore(row_shape, classes, saved);
  }

private:
  std::optional<bundled> bundled_;
  std::optional<other> other_;
};

/// Brief: the method of run_experiment that trains what the settings name, in single precision.
struct bundled_models {
  std::stop_token stop = {};  ///< asked before each step
  /// Makes the learners of the models of PyTorch; without it they are refused.
  std::function<run_learner::other(const defence_settings&, const fit_options&)> torch = {};

  [[nodiscard]] fit_options options(const defence_settings& d) const {
    return {.epochs = d.epochs,
            .batch = d.batch,
            .learning_rate = d.learning_rate,
            .averaged_tail = d.averaged_tail,
            .dp = d.dp,
            .stop = stop};
  }
  /// Brief: the learner of an ensemble.
  /// Throws: argument_error for a model of PyTorch where there is none.
  [[nodiscard]] run_learner operator()(const defence_settings& d) const {
    if (model_facts_of(d.model).torch) {
      expect(static_cast<bool>(torch), "model: ", d.model, " is trained by PyTorch, which this program was built ",
             "without: install libtorch-dev, and build it with -DCERTSSB_WITH_TORCH=ON");
      return run_learner(torch(d, options(d)));
    }
    return run_learner(
        run_learner::bundled(bundled_learner<float>(d.model, options(d), std::max<std::size_t>(1, d.neighbours))));
  }
  /// Brief: the learner of the members of parts and of bags.
  [[nodiscard]] auto of_parts(const defence_settings& d) const {
    return named_learner<float>(d.model, options(d), d.map);
  }
};

}  // namespace v1
}  // namespace certssb
