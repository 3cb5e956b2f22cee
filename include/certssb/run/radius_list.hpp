// SPDX-License-Identifier: MIT
#pragma once
// Brief: lists in text: words cut at commas, and radii with steps.

#include "certssb/core/expect.hpp"
#include "certssb/core/number_text.hpp"

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the words of a list, cut at commas.
[[nodiscard]] inline std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t comma = list.find(',');
    words.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return words;
    list.remove_prefix(comma + 1);
  }
}

/// Brief: radii such as `0,0.1,0.5`; `a,b,...,c` stands for steps of b - a, rounded to 12 decimals.
/// Throws: argument_error unless the radii are finite, at least 0 and ascending, for `...` at another place, and for
/// 100,000 steps or more.
[[nodiscard]] inline std::vector<double> parse_radii(const std::string& list) {
  const auto parse = [](const std::string& text) {
    const std::optional<double> radius = to_real(text);
    expect(radius && *radius >= 0.0, "radii: expected numbers >= 0, got ", text);
    return *radius;
  };
  const std::vector<std::string> words = split_list(list);
  std::vector<double> radii;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "...") {
      radii.push_back(parse(words[i]));
      continue;
    }
    expect(i >= 2 && i + 1 < words.size(), "radii: ... stands between two numbers and a last one, got ", list);
    const double start = radii[radii.size() - 2];
    const double step = radii.back() - start;
    const double last = parse(words[i + 1]);
    expect(step > 0.0 && (last - start) / step < 100'000.0, "radii: ... needs a step above 0, got ", list);
    for (int k = 2; start + step * k < last - 0.5 * step; ++k) {
      radii.push_back(std::round((start + step * k) * 1e12) / 1e12);
    }
  }
  for (std::size_t i = 1; i < radii.size(); ++i) {
    expect(radii[i] > radii[i - 1], "radii: expected ascending numbers, got ", list);
  }
  return radii;
}

}  // namespace v1
}  // namespace certssb
