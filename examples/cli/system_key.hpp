// SPDX-License-Identifier: MIT
#pragma once
// Brief: a key of all randomness that nobody could know beforehand.

#include <cstdint>

namespace certssb::cli {

/// Throws: error when the operating system gives none.
[[nodiscard]] std::uint64_t key_from_system();

}  // namespace certssb::cli
