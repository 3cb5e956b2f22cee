// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of one or several runs in words and tables, the same for the terminal and the web page.

#include "certssb/report/results.hpp"
#include "certssb/report/text_table.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace certssb::inline v1 {

/// Brief: a run and the name it is shown under (its folder).
struct named_run {
  std::string name;
  run_results results;
};

/// Brief: a length in input units and, for images in [0,1], in grey levels of 255.
[[nodiscard]] inline std::string length_text(double length) {
  return decimal(length, 4) + " (" + decimal(255.0 * length, 1) + "/255)";
}

/// Brief: what an evaluation's mode is to be called in front of a reader.
[[nodiscard]] inline std::string mode_text(const evaluation_result& e) {
  return e.mode + (e.storage_update ? " + storage-update" : "") + (e.certified ? "" : " (not certified)");
}

/// Brief: what a mode states, and what that rests on, in one sentence.
[[nodiscard]] inline std::string mode_meaning(std::string_view mode) {
  if (const std::size_t flag = mode.rfind('+'); flag != std::string_view::npos) {
    const bool joint = mode.substr(flag) == "+joint";
    return mode_meaning(mode.substr(0, flag)) +
           (joint ? " Moves of the test input are covered too, together with those of the training features. Rests on: "
                    "test noise of a scale fixed beforehand."
                  : " A stated number of changed labels is covered too. Rests on: every member flipped each label with "
                    "the stated probability.");
  }
  if (mode == "uniform") {
    return "The prediction is what it would have been had the patterns not been in the training features, as long as "
           "all patterns together are shorter than the radius. Rests on: one common noise scale, one noise draw a row "
           "and model, raw rows never read.";
  }
  if (mode == "given_scales") {
    return "The same statement for rows with noise scales of their own, with these scales held fixed: it says what "
           "would have happened without the patterns had the same scales been used, and leaves open that a clean "
           "training set would have led to other scales.";
  }
  if (mode == "frozen") {
    return "The same statement as uniform, for scales that differ from row to row. Rests on: no scale was computed "
           "from "
           "the training features.";
  }
  if (mode == "floor") {
    return "The same statement as uniform, at the scale of the one noisy release of each row to each member; scales of "
           "its own each member found afterwards, on its released rows.";
  }
  if (mode == "ledger") {
    return "The same statement for scales chosen adaptively. Rests on: training read each row only through noisy "
           "releases whose precisions, added up, stay below a cap fixed beforehand; the cap sets the radius.";
  }
  if (mode == "quantised") {
    return "The same statement for scales that a selector found from the rows. Rests on: the selector was fixed "
           "independently of the data, and gives the same scale within a stated distance of each row, which bounds the "
           "radius too.";
  }
  if (mode == "semi_elastic") {
    return "The same statement for scales that a selector found from the rows. Rests on: the selector was fixed "
           "independently of the data, and its scales change slowly, by a stated slope, for which the radius pays.";
  }
  if (mode == "uniform_l1" || mode == "laplace_l1") {
    return std::string(
               "The same statement as uniform, for the sum of the absolute changes of all entries (L1), under ") +
           (mode == "uniform_l1" ? "uniform" : "Laplace") + " noise.";
  }
  if (mode == "knn1_exact") {
    return "The same statement for the nearest-neighbour learner on noisy rows, whose class probabilities are enclosed "
           "by arithmetic: no models, no chance of error.";
  }
  if (mode == "memory") {
    return "Another statement altogether: the one predictor that answered these inputs in this order gives every later "
           "input within the radius the same label. It says nothing of the training set.";
  }
  if (mode == "published") {
    return "Not certified. The radius as published, the test sample's own scale times the margin of the votes; shown "
           "for comparison. The noise on the training rows, not on the test sample, decides what holds.";
  }
  return "See the guarantee page of the documentation.";
}

/// Brief: an option's value as it would be typed.
[[nodiscard]] inline std::string option_text(const option_value& value) {
  return std::visit(
      [](const auto& content) -> std::string {
        using content_type = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<content_type, bool>) {
          return content ? "yes" : "no";
        } else if constexpr (std::is_same_v<content_type, std::vector<double>> ||
                             std::is_same_v<content_type, std::vector<std::string>>) {
          std::string line;
          for (const auto& entry : content) {
            if (!line.empty()) line += ',';
            line += concatenate(entry);
          }
          return line;
        } else {
          return concatenate(content);
        }
      },
      value);
}

/// Brief: the value of a curve at the largest radius not above `radius`; 0 for an empty curve.
[[nodiscard]] inline double share_at(std::span<const radius_share> curve, double radius) {
  double value = 0.0;
  for (const radius_share& point : curve) {
    if (point.radius <= radius + 1e-12) value = point.value;
  }
  return value;
}

/// Brief: one row an evaluation: how often right, how often certified right at a few radii, how far on average.
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
  for (const char* name : {"abstain", "mean radius", "a pattern", "this attack"}) heading.emplace_back(name);

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
          row.push_back(e.certified ? decimal(e.delta_r.per_pattern, 4) : "-");
          row.push_back(e.certified ? percent(e.certified_against_this_attack) : "-");
          table.add(row);
        }
      }
    }
  }
  return table;
}

/// Brief: how to read that table.
[[nodiscard]] inline std::string evaluation_legend() {
  return "right: the ensemble's prediction is the true label. right, r>R: right, and with a radius above R; shares are "
         "of\n"
         "all samples. mean radius: over all samples, 0 where wrong or abstained. a pattern: the median over samples "
         "of\n"
         "the largest norm a pattern may have when every poisoned row carries one. this attack: samples whose\n"
         "certificate covers the very patterns of this run. Radii are L2 norms over the whole training set, in input\n"
         "units. Modes marked \"not certified\" are shown for comparison only.\n";
}

/// Brief: what the attack was and what it did to a model that nobody defended.
[[nodiscard]] inline std::string attack_text(const run_results& r) {
  std::string text = concatenate("Data: ", r.data.train, " training rows, ", r.data.test, " test samples, ",
                                 r.data.classes.size(), " classes.\n");
  text += concatenate("Attack: ", r.data.poisoned_rows, " rows poisoned; largest pattern ",
                      length_text(r.data.pattern_l2_max), ", all patterns together ",
                      length_text(r.data.pattern_l2_frobenius), ".\n");
  text += "Undefended model: " + percent(r.undefended.clean_accuracy) + " of clean samples right; " +
          percent(r.undefended.attack_success_rate) + " of triggered samples taken for the target.\n";
  if (!r.complete) text += "The run was interrupted: only the defences below were completed.\n";
  return text;
}

/// Brief: noise scales and ensemble of each defence.
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
      for (const std::string& cell :
           {d.name, concatenate(d.models), concatenate(d.alpha), d.bound, length_text(d.sigma_train.min),
            length_text(d.sigma_train.mean), length_text(d.sigma_train.max)}) {
        row.push_back(cell);
      }
      table.add(row);
    }
  }
  return table;
}

}  // namespace certssb::inline v1
