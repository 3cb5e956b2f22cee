// SPDX-License-Identifier: MIT
#pragma once
// Brief: the expected time and memory of a run in words and as JSON.

#include "certssb/core/expect.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/estimate.hpp"

namespace certssb {
inline namespace v1 {

/// Brief: an estimate as an object and as a table of its stages.
[[nodiscard]] inline report_answer describe_estimate(const run_estimate& expected) {
  json stages = json::object();
  text_table table({"stage", "expected seconds"});
  for (const stage_estimate& stage : expected.stages) {
    stages[stage.name + "_s"] = stage.seconds;
    table.add({stage.name, decimal(stage.seconds, 1)});
  }
  table.add({expected.at_most ? "in all, at most" : "in all", decimal(expected.total_s(), 1)});
  return {{{"expected", {{"total_s", expected.total_s()}, {"memory_bytes", expected.memory_bytes}, {"stages", stages}}},
           {"at_most", expected.at_most},
           {"threads", expected.threads},
           {"calibration_s", expected.calibration_s}},
          table.text() + "\n" + decimal(expected.memory_bytes / (1024.0 * 1024.0), 0) +
              concatenate(" MiB of memory; ", expected.threads, " threads; from a calibration of ") +
              decimal(expected.calibration_s, 1) +
              " s. Certificates and report are not counted. Nothing was trained in full or written.\n"};
}

}  // namespace v1
}  // namespace certssb
