// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of what a run says of its pictures. What they show is not looked at.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/identities.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: checks that the pictures are of the first triggered samples, noisy by each defence.
inline void check_examples(findings& f, const run_results& run, const known_samples& known) {
  f.at("examples");
  if (!known.contains("triggered")) return;
  const std::vector<identity>& samples = known.at("triggered");
  const std::vector<std::size_t>& shape = run.data.row_shape;
  const bool pictured = run.data.of_images() && (shape.empty() || shape[0] == 1 || shape[0] == 3);
  const std::size_t wanted = pictured ? std::min<std::size_t>(5, samples.size()) : 0;
  f.check(run.examples.size() == wanted, concatenate("expected ", wanted, " samples, got ", run.examples.size()));
  for (std::size_t i = 0; i < std::min(wanted, run.examples.size()); ++i) {
    const example_result& example = run.examples[i];
    const auto& [id, label] = samples[i];
    const std::string place = concatenate("sample ", example.id, ": ");
    f.check(std::cmp_equal(example.id, id), concatenate(place, "expected sample ", id));
    const bool of_class = label >= 0 && std::cmp_less(label, run.data.classes.size());
    f.check(of_class && example.label == run.data.classes[static_cast<std::size_t>(label)],
            place + "its label is not that of the table of samples");
    std::size_t noised = 0;  // that see noise
    bool of_defences = true;
    for (const defence_result& d : run.defences) {
      const option_value* const sigma = find_option(d.settings, "sigma");
      const bool no_noise = sigma != nullptr && std::holds_alternative<std::monostate>(*sigma);
      if (d.bound == "none" || no_noise) continue;
      ++noised;
      of_defences = of_defences && example.noisy.contains(d.name) && example.sigma.contains(d.name);
    }
    of_defences = of_defences && example.noisy.size() == noised && example.sigma.size() == noised;
    f.check(of_defences, place + "its noisy pictures are not one by each defence");
  }
}

/// Brief: checks that the scales of the noisy pictures are those of the defence's triggered samples, where it has one for
/// all members.
inline void check_pictured_scales(findings& f, const run_results& run, const defence_result& d,
                                  const ballot_evidence& triggered) {
  if (!triggered.own_scales.values.empty()) return;
  for (std::size_t i = 0; i < std::min(run.examples.size(), triggered.size()); ++i) {
    const auto found = run.examples[i].sigma.find(d.name);
    f.check(found == run.examples[i].sigma.end() || found->second == triggered.sigma_test[i],
            concatenate("the scale of the picture of sample ", run.examples[i].id, " is not that of the array"));
  }
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
