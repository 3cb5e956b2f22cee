// SPDX-License-Identifier: MIT
#pragma once
// Brief: compares values of a run with those that were made once more, and says what builds made them.

#include "certssb/core/expect.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/replay_report.hpp"
#include "certssb/version.hpp"

#include <cstddef>
#include <string>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: a build in words.
[[nodiscard]] inline std::string build_text(const std::string& version, const build_result& build) {
  return concatenate("certssb ", version, ", ", build.compiler.empty() ? "unknown compiler" : build.compiler, ", ",
                     build.instruction_set.empty() ? "unknown machine" : build.instruction_set);
}

/// Brief: compares what was trained again with what the run recorded. What differs is a violation if this build made the
/// run; if another one did, it may be due to that.
class replay_comparison {
public:
  replay_comparison(replay_report& report, const run_results& run)
      : report_(report), here_{std::string(compiler()), std::string(instruction_set())} {
    same_build_ = run.version == version_string() && run.build.compiler == here_.compiler &&
                  run.build.instruction_set == here_.instruction_set;
    builds_ = concatenate("the run was made by another build (", build_text(run.version, run.build),
                          ") than this one (", build_text(std::string(version_string()), here_), ")");
  }

  /// Brief: compares `stated`, values of the run, with `found`; each value counts as checked.
  template <class Stated, class Found>
  void compare(const std::string& what, const Stated& stated, const Found& found) {
    if (stated.size() != found.size()) {
      report_.check(false,
                    concatenate(what, ": the run holds ", stated.size(), " values, training gives ", found.size()));
      return;
    }
    std::size_t differing = 0;
    for (std::size_t i = 0; i < stated.size(); ++i) {
      differing += static_cast<double>(stated[i]) == static_cast<double>(found[i]) ? 0U : 1U;
    }
    const std::string line =
        concatenate(what, ": ", differing, " of ", stated.size(), " values are not those of its training");
    if (differing > 0 && !same_build_) {
      report_.not_checked.push_back(line + ", but " + builds_);
      return;
    }
    report_.checked += stated.size() > 0 ? stated.size() - 1 : 0;
    report_.check(differing == 0, line);
  }

  [[nodiscard]] bool same_build() const noexcept { return same_build_; }

private:
  replay_report& report_;
  build_result here_;
  bool same_build_ = false;
  std::string builds_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
