// SPDX-License-Identifier: MIT
#pragma once
// Brief: finished runs, one or several side by side, as tables and words, and as JSON.

#include "certssb/report/conditions.hpp"
#include "certssb/report/json_write.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/report/summary.hpp"

#include <span>
#include <string>

namespace certssb {
inline namespace v1 {

/// Brief: the data, the attack, every evaluation and what it rests on.
[[nodiscard]] inline std::string runs_text(std::span<const named_run> runs) {
  const bool several = runs.size() > 1;
  std::string text;
  for (const named_run& run : runs) text += (several ? run.name + "\n" : "") + attack_text(run.results) + "\n";
  text += evaluation_table(runs).text() + "\n" + evaluation_legend() + "\n" + defence_table(runs).text();
  for (const named_run& run : runs) {
    text += "\n" + (several ? run.name + ": " : "") + conditions_text(run.results) + stopping_text(run.results) +
            storage_text(run.results);
  }
  return text;
}

/// Brief: the same, and each run's results under its name.
[[nodiscard]] inline report_answer describe_runs(std::span<const named_run> runs) {
  report_answer answer{{{"runs", json::array()}}, runs_text(runs)};
  for (const named_run& run : runs) {
    answer.object["runs"].push_back({{"folder", run.name}, {"results", results_to_json(run.results)}});
  }
  return answer;
}

}  // namespace v1
}  // namespace certssb
