// SPDX-License-Identifier: MIT
#pragma once
// Brief: from a defence's votes to certificates, in every mode the defence has.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/report/metrics.hpp"
#include "defend.hpp"
#include "run_options.hpp"
#include "workload.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace certssb::cli {

struct evaluation_times {
  double certify_s = 0.0;
  double storage_s = 0.0;
};

/// Brief: one mode's certificates on one set of test inputs.
struct issued {
  std::string mode;
  bool certified;
  std::string norm;
  std::vector<std::string> assumptions;
  std::vector<std::string> conditional_on;
  std::vector<certificate> certificates;
  std::function<double(std::span<const certificate>, std::size_t)> per_pattern;
  std::function<ratio(std::span<const certificate>, std::span<const label_type>, const attack_extent&)> against;
  std::map<std::string, std::size_t> storage_events;  ///< empty without storage-update

  [[nodiscard]] bool after_storage() const { return !storage_events.empty(); }
  [[nodiscard]] bool uses_store() const { return after_storage() || mode == "memory"; }
};

/// Brief: certifies one set of test inputs in every mode the defence has.
[[nodiscard]] std::vector<issued> issue_all(const defence_work& work, std::size_t which, const workload& data,
                                            const run_options& options, evaluation_times& times);

}  // namespace certssb::cli
