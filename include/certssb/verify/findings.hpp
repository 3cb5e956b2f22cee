// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of checks: how many were made, and what they found wrong.

#include "certssb/core/expect.hpp"

#include <cmath>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how many statements of a run were checked, and what is wrong with those that do not hold, one line each.
struct verify_report {
  std::size_t checked = 0;
  std::vector<std::string> violations;
};

namespace plain {

/// Brief: counts checks; a violation is one line that begins with the place it is in.
class findings {
public:
  void check(bool holds, const std::string& otherwise) {
    ++report_.checked;
    if (!holds) report_.violations.push_back(place_ + otherwise);
  }

  /// Brief: checks that a stated number equals the found one up to rounding, and does not exceed it. A value that is
  /// not a number is a violation.
  void check_number(const std::string& what, double stated, double found) {
    const double size = std::abs(found) + 1.0;
    check(stated <= found + 1e-12 * size && stated >= found - 1e-9 * std::abs(found) - 1e-10,
          concatenate(what, " is stated as ", stated, ", recomputed as ", found));
  }

  /// Brief: calls part(); an exception is a violation.
  template <class Part>
  void guard(const Part& part) {
    try {
      part();
    } catch (const std::exception& e) {
      check(false, e.what());
    }
  }

  void at(const std::string& place) { place_ = place.empty() ? "" : place + ": "; }
  [[nodiscard]] verify_report take() { return std::exchange(report_, {}); }

private:
  verify_report report_;
  std::string place_;
};

}  // namespace plain

}  // namespace v1
}  // namespace certssb
