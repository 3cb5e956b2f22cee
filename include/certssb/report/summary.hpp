// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of one or several runs in words and tables, for the terminal and the web page.

#include "certssb/report/results.hpp"
#include "certssb/report/text_table.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a run and its displayed name (its folder).
struct named_run {
  std::string name;
  run_results results;
};

/// Brief: a length in input units and, for images in [0,1], in grey levels of 255.
[[nodiscard]] inline std::string length_text(double length, bool of_images) {
  return of_images ? decimal(length, 4) + " (" + decimal(255.0 * length, 1) + "/255)" : decimal(length, 4);
}

/// Brief: the displayed name of an evaluation's mode.
[[nodiscard]] inline std::string mode_text(const evaluation_result& e) {
  return e.mode + (e.storage_update ? " + storage-update" : "") + (e.certified ? "" : " (not certified)");
}

/// Brief: the value of a curve at the largest radius not above `radius`; 0 for an empty curve.
[[nodiscard]] inline double share_at(std::span<const radius_share> curve, double radius) {
  double value = 0.0;
  for (const radius_share& point : curve) {
    if (point.radius <= radius + 1e-12) value = point.value;
  }
  return value;
}

/// Brief: one row per evaluation: accuracy, certified accuracy at a few radii, and the mean radius.
[[nodiscard]] inline text_table evaluation_table(std::span<const named_run> runs) {
  std::vector<double> radii;
  for (const named_run& run : runs) {
    for (const defence_result& defence : run.results.defences) {
      for (const evaluation_result& e : defence.evaluations) {
        const std::size_t points = e.certified_accuracy.size();
        if (points == 0 || !radii.empty()) continue;
        for (const std::size_t index : {std::size_t{0}, points / 5, 2 * points / 5}) {
          radii.push_back(e.certified_accuracy[index].radius);
        }
        radii.erase(std::unique(radii.begin(), radii.end()), radii.end());
      }
    }
  }
  std::vector<std::string> heading;
  if (runs.size() > 1) heading.emplace_back("run");
  for (const char* name : {"inputs", "defence", "mode", "right"}) heading.emplace_back(name);
  for (const double radius : radii) heading.push_back("right, r>" + concatenate(radius));
  for (const char* name : {"abstain", "mean radius", "rows", "a pattern", "this attack", "+ labels"})
    heading.emplace_back(name);

  text_table table(heading);
  for (const std::string_view inputs : {"triggered", "clean"}) {
    for (const named_run& run : runs) {
      for (const defence_result& defence : run.results.defences) {
        for (const evaluation_result& e : defence.evaluations) {
          if (e.inputs != inputs) continue;
          std::vector<std::string> row;
          if (runs.size() > 1) row.push_back(run.name);
          for (const std::string& cell : {e.inputs, defence.name, mode_text(e), percent(e.empirical_accuracy)}) {
            row.push_back(cell);
          }
          for (const double radius : radii) row.push_back(percent(share_at(e.certified_accuracy, radius)));
          row.push_back(percent(e.abstain_rate));
          row.push_back(decimal(e.average_certified_radius, 4));
          row.push_back(e.certified ? decimal(e.rows.median, 0) : "-");
          row.push_back(e.certified ? decimal(e.delta_r.per_pattern, 4) : "-");
          row.push_back(e.certified ? percent(e.attack_covered_and_right.labels_as_observed) : "-");
          row.push_back(e.certified ? percent(e.attack_covered_and_right.labels_covered) : "-");
          table.add(row);
        }
      }
    }
  }
  return table;
}

/// Brief: the legend of evaluation_table.
[[nodiscard]] inline std::string evaluation_legend() {
  return "right: the prediction is the true label. right, r>R: right, and certified with a radius above R. Shares are\n"
         "of all samples. mean radius: over all samples, 0 where wrong or abstained. rows: the median number of rows "
         "that\n"
         "may be changed at will. a pattern: the median of the largest norm that a pattern may have when every "
         "poisoned\n"
         "row carries one. this attack: right, and certified against the very patterns of this run, the labels "
         "staying\n"
         "as they are observed; + labels: against its changed labels too. Radii are L2 norms over the whole training\n"
         "set, in input units. Modes marked \"not certified\" are shown for comparison only.\n";
}

/// Brief: the attack, and its effect on a model without a defence.
[[nodiscard]] inline std::string attack_text(const run_results& r) {
  std::string text = concatenate("Data: ", r.data.train, " training rows, ", r.data.test, " test samples, ",
                                 r.data.classes.size(), " classes.\n");
  text += concatenate("Attack: ", r.data.poisoned_rows, " rows poisoned; largest pattern ",
                      length_text(r.data.pattern_l2_max, r.data.of_images()), ", all patterns together ",
                      length_text(r.data.pattern_l2_frobenius, r.data.of_images()), ".\n");
  text += "Undefended model: " + percent(r.undefended.clean_accuracy) + " of clean samples right; " +
          percent(r.undefended.attack_success_rate) + " of triggered samples taken for the target.\n";
  if (!r.complete) text += "The run was interrupted: only the defences below were completed.\n";
  return text;
}

/// Brief: the noise scales and the ensemble of each defence.
[[nodiscard]] inline text_table defence_table(std::span<const named_run> runs) {
  std::vector<std::string> heading;
  if (runs.size() > 1) heading.emplace_back("run");
  for (const char* name : {"defence", "models", "alpha", "bound", "sigma min", "sigma mean", "sigma max"}) {
    heading.emplace_back(name);
  }
  text_table table(heading);
  for (const named_run& run : runs) {
    for (const defence_result& d : run.results.defences) {
      std::vector<std::string> row;
      if (runs.size() > 1) row.push_back(run.name);
      const option_value* const scale = find_option(d.settings, "sigma");
      const bool no_noise = d.bound == "none" || (scale != nullptr && std::holds_alternative<std::monostate>(*scale));
      const auto length = [&](double sigma) {
        return no_noise ? "-" : length_text(sigma, run.results.data.of_images());
      };
      for (const std::string& cell :
           {d.name, concatenate(d.models), concatenate(d.alpha), d.bound, length(d.sigma_train.min),
            length(d.sigma_train.mean), length(d.sigma_train.max)}) {
        row.push_back(cell);
      }
      table.add(row);
    }
  }
  return table;
}

}  // namespace v1
}  // namespace certssb
