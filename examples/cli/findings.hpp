// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a check looked at, and what it found wrong.

#include "certssb/core/expect.hpp"

#include <cmath>
#include <cstddef>
#include <exception>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: counts checks; a violation is one line, beginning with the place it is in.
class findings {
public:
  void check(bool holds, const std::string& otherwise) {
    ++checked_;
    if (!holds) violations_.push_back(place_ + otherwise);
  }

  /// Brief: not above what was found, and equal to it but for rounding, which makes what is stated the smaller one.
  void check_number(const std::string& what, double stated, double found) {
    const double size = std::abs(found) + 1.0;
    check(stated <= found + 1e-12 * size && stated >= found - 1e-9 * std::abs(found) - 1e-10,
          concatenate(what, " is stated as ", stated, ", recomputed as ", found));
  }

  /// Brief: calls part(); what it throws is a violation.
  template <class Part>
  void guard(const Part& part) {
    try {
      part();
    } catch (const std::exception& e) {
      check(false, e.what());
    }
  }

  void at(const std::string& place) { place_ = place.empty() ? "" : place + ": "; }
  [[nodiscard]] std::size_t checked() const { return checked_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

private:
  std::size_t checked_ = 0;
  std::string place_;
  std::vector<std::string> violations_;
};

}  // namespace certssb::cli
