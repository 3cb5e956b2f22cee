// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a label is, and the value that means no label.

#include <cstdint>

namespace certssb {
inline namespace v1 {

/// Brief: a class number, 0 to K - 1.
using label_type = std::int64_t;

/// Brief: the predictor declines to name a class.
inline constexpr label_type abstain = -1;

}  // namespace v1
}  // namespace certssb
