// SPDX-License-Identifier: MIT
#pragma once
// Brief: the library's version, as numbers for the preprocessor and as a string.

#include <string_view>

#define CERTSSB_VERSION_MAJOR 0
#define CERTSSB_VERSION_MINOR 2
#define CERTSSB_VERSION_PATCH 0
#define CERTSSB_VERSION (CERTSSB_VERSION_MAJOR * 10000 + CERTSSB_VERSION_MINOR * 100 + CERTSSB_VERSION_PATCH)

namespace certssb {
inline namespace v1 {

[[nodiscard]] constexpr std::string_view version_string() noexcept { return "0.2.0"; }

}  // namespace v1
}  // namespace certssb
