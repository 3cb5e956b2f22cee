// SPDX-License-Identifier: MIT
#pragma once
// Brief: a learner that is compiled once for all sources of rows.

#include "certssb/data/any_rows.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/model/saved_model.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: trains `Inner` on rows whose type it does not see. A run trains on half a dozen kinds of noisy rows; a network
/// then takes one sixth of the time to compile, and trains to the same bits.
/// Rows that change with the model (adaptive_rows) are handed on as they are.
template <class Inner>
class any_rows_learner {
public:
  explicit any_rows_learner(Inner inner) : inner_(std::move(inner)) {}

  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& key) const {
    using model = fitted<Inner, any_rows<typename Rows::tensor_type>>;
    if constexpr (adaptive_rows<Rows, model>) {
      return inner_.fit(rows, key);
    } else {
      return inner_.fit(any_rows<typename Rows::tensor_type>(rows), key);
    }
  }

  [[nodiscard]] auto restore(std::span<const std::size_t> row_shape, std::size_t classes,
                             std::span<const saved_tensor> saved) const requires restoring_learner<Inner> {
    return inner_.restore(row_shape, classes, saved);
  }

private:
  Inner inner_;
};

}  // namespace v1
}  // namespace certssb
