// SPDX-License-Identifier: MIT
#pragma once
// Brief: a mode as it is asked for on the command line: MODE[+joint][+label-noise].

#include <string>
#include <string_view>

namespace certssb::cli {

struct mode_request {
  std::string base;
  bool joint = false;
  bool label_noise = false;

  /// Throws: argument_error for an unknown mode or flag, or a flag that the mode does not take.
  [[nodiscard]] static mode_request parse(std::string_view text);

  /// Brief: scales come from a selector that looks at trusted rows.
  [[nodiscard]] bool uses_selector() const { return base == "quantised" || base == "semi_elastic"; }
};

}  // namespace certssb::cli
