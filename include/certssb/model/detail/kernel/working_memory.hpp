// SPDX-License-Identifier: MIT
#pragma once
// Brief: the working memory that a network lends to the step it runs.

#include "certssb/model/detail/kernel/convolution_backward.hpp"

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: as many scalars and outputs as the step asked for, any content.
template <class Scalar>
struct working_memory {
  Scalar* scratch;
  active_output* outputs;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
