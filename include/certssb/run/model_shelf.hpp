// SPDX-License-Identifier: MIT
#pragma once
// Brief: where models go as they are trained: into files, if they are kept.

#include "certssb/io/safetensors_stack.hpp"
#include "certssb/model/saved_model.hpp"

#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: takes the models of an ensemble, or those of one part; without files it lets them go.
/// Requires: the files outlive it.
class model_shelf {
public:
  model_shelf() = default;
  model_shelf(safetensors_stack_writer& members, safetensors_stack_writer& bases)
      : members_(&members), bases_(&bases) {}

  /// Brief: the shelf of part `j`, which has `members` members and one base model.
  [[nodiscard]] model_shelf of_part(std::size_t j, std::size_t members) const {
    model_shelf part(*this);
    part.first_ = j * members;
    part.base_ = j;
    return part;
  }

  /// Throws: argument_error for a model that cannot be saved; data_error if it cannot be written.
  template <class Model>
  void keep(std::size_t m, const Model& model) const {
    if (members_ != nullptr) members_->put(first_ + m, tensors_of(model));
  }
  template <class Model>
  void keep_base(const Model& model) const {
    if (bases_ != nullptr) bases_->put(base_, tensors_of(model));
  }

private:
  safetensors_stack_writer* members_ = nullptr;
  safetensors_stack_writer* bases_ = nullptr;
  std::size_t first_ = 0;
  std::size_t base_ = 0;
};

}  // namespace v1
}  // namespace certssb
