// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of checks: how many were made, what they found wrong, and what they cannot know.

#include "certssb/core/expect.hpp"

#include <cmath>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what would settle a question that a recomputation from a run's folder leaves open.
enum class settled_by {
  nothing,
  data,   ///< the attack, carried out again on the data set
  replay  ///< members, trained again from the recorded key
};

/// Brief: a statement that was not checked.
struct open_question {
  std::string what;
  settled_by by = settled_by::nothing;
};

/// Brief: how many statements of a run were checked, what is wrong with those that do not hold, one line each, and what
/// was not checked.
struct verify_report {
  std::size_t checked = 0;
  std::vector<std::string> violations;
  std::vector<open_question> not_checked;
};

namespace plain {

/// Brief: counts checks; a violation is one line that begins with the place it is in.
class findings {
public:
  void check(bool holds, const std::string& otherwise) {
    ++report_.checked;
    if (!holds) report_.violations.push_back(place_ + otherwise);
  }

  /// Brief: the same, of what earlier versions did not record: where it is not `recorded` and does not hold, this is noted
  /// as not checked.
  void check_recorded(bool recorded, bool holds, const std::string& otherwise) {
    if (recorded || holds) {
      check(holds, otherwise);
    } else {
      leave(otherwise + ", which results of schema 1 need not be");
    }
  }

  /// Brief: checks that a stated number equals the found one up to rounding, and does not exceed it. A value that is
  /// not a number is a violation.
  void check_number(const std::string& what, double stated, double found) {
    const double size = std::abs(found) + 1.0;
    check(stated == found || (stated <= found + 1e-12 * size && stated >= found - 1e-9 * std::abs(found) - 1e-10),
          concatenate(what, " is stated as ", stated, ", recomputed as ", found));
  }

  /// Brief: notes what was not checked.
  void leave(const std::string& what, settled_by by = settled_by::nothing) {
    report_.not_checked.push_back({place_ + what, by});
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
