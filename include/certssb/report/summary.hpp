// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of one or several runs in words and tables, for the terminal and the web page.

#include "certssb/report/results.hpp"
#include "certssb/report/text_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

namespace detail {

/// Brief: a row of evaluation_table: the mode, and what follows it.
struct mode_row {
  std::string mode;
  std::vector<std::string> numbers;
};

/// Brief: adds an evaluation; one after storage-update that says the same as the row before it is named there.
inline void add_mode_row(std::vector<mode_row>& rows, const evaluation_result& e, std::span<const double> radii) {
  const auto share_if = [](bool known, double share) { return known ? percent(share) : "-"; };
  const bool of_attack = e.certified && e.attacked;
  std::vector<std::string> numbers{share_if(e.labelled, e.empirical_accuracy)};
  const std::vector<rows_share>& by_rows = e.rows.certified_accuracy;  // none in older results
  const double right_and_certified = by_rows.empty() ? share_at(e.certified_accuracy, 0.0) : by_rows.front().value;
  numbers.push_back(share_if(e.certified && e.labelled, right_and_certified));
  const bool of_radii = e.norm != "rows" && e.labelled;
  for (const double radius : radii) {
    numbers.push_back(share_if(of_radii, share_at(e.certified_accuracy, radius)));
  }
  numbers.push_back(percent(e.abstain_rate));
  numbers.push_back(of_radii ? decimal(e.average_certified_radius, 4) : "-");
  numbers.push_back(e.certified ? decimal(e.rows.median, 0) : "-");
  numbers.push_back(of_attack ? decimal(e.delta_r.per_pattern, 4) : "-");
  numbers.push_back(share_if(of_attack, e.attack_covered_and_right.labels_as_observed));
  numbers.push_back(share_if(of_attack, e.attack_covered_and_right.labels_covered));
  if (e.storage_update && !rows.empty() && rows.back().numbers == numbers) {
    rows.back().mode = e.mode + " [+ storage-update]" + (e.certified ? "" : " (not certified)");
    return;
  }
  rows.push_back({mode_text(e), std::move(numbers)});
}

}  // namespace detail

/// Brief: one row per evaluation: accuracy, certified accuracy, the same at a few radii, and what is survived.
[[nodiscard]] inline text_table evaluation_table(std::span<const named_run> runs) {
  std::vector<double> radii;
  for (const named_run& run : runs) {
    for (const defence_result& defence : run.results.defences) {
      for (const evaluation_result& e : defence.evaluations) {
        const std::size_t points = e.certified_accuracy.size();
        if (points == 0 || !radii.empty()) continue;
        for (const std::size_t index : points <= 3 ? std::array{std::size_t{0}, points / 2, points - 1}
                                                   : std::array{std::size_t{0}, points / 5, 2 * points / 5}) {
          radii.push_back(e.certified_accuracy[index].radius);
        }
        std::erase(radii, 0.0);
        radii.erase(std::unique(radii.begin(), radii.end()), radii.end());
      }
    }
  }
  std::vector<std::string> heading;
  if (runs.size() > 1) heading.emplace_back("run");
  for (const char* name : {"inputs", "defence", "mode", "right", "certified"}) heading.emplace_back(name);
  for (const double radius : radii) heading.push_back("r>" + concatenate(radius));
  for (const char* name : {"abstain", "mean radius", "rows", "a pattern", "this attack", "+ labels"})
    heading.emplace_back(name);

  text_table table(heading);
  for (const std::string_view inputs : {"triggered", "clean", "given"}) {
    for (const named_run& run : runs) {
      for (const defence_result& defence : run.results.defences) {
        std::vector<detail::mode_row> rows;
        for (const evaluation_result& e : defence.evaluations) {
          if (e.inputs == inputs) detail::add_mode_row(rows, e, radii);
        }
        for (const detail::mode_row& one : rows) {
          std::vector<std::string> row;
          if (runs.size() > 1) row.push_back(run.name);
          for (const std::string& cell : {std::string(inputs), defence.name, one.mode}) row.push_back(cell);
          row.insert(row.end(), one.numbers.begin(), one.numbers.end());
          table.add(row);
        }
      }
    }
  }
  return table;
}

/// Brief: the legend of evaluation_table.
[[nodiscard]] inline std::string evaluation_legend() {
  return "right: the prediction is the true label. certified: right, and certified. r>R: right, and certified with a "
         "radius\n"
         "above R. Shares are of all samples. mean radius: over all samples, 0 where wrong or abstained. rows: the "
         "median\n"
         "number of rows that may be changed at will. a pattern: the median of the largest norm that a pattern may "
         "have\n"
         "when every poisoned row carries one. this attack: right, and certified against the very patterns of this "
         "run,\n"
         "the labels staying as they are observed; + labels: against its changed labels too. Radii are L2 norms over "
         "the\n"
         "whole training set, in input units; - where a mode speaks of rows alone. Modes marked \"not certified\" are "
         "shown\n"
         "for comparison only. [+ storage-update]: with it or without, all of these numbers are the same.\n";
}

/// Brief: what storage-update did in a run, and how near regions of different labels came; empty where there was none.
[[nodiscard]] inline std::string storage_text(const run_results& r) {
  std::string text;
  for (const defence_result& d : r.defences) {
    for (const evaluation_result& e : d.evaluations) {
      if (!e.storage_update || e.storage_events.empty()) continue;
      const auto count = [&](const char* event) {
        const auto found = e.storage_events.find(event);
        return found == e.storage_events.end() ? std::size_t{0} : found->second;
      };
      text += concatenate("Storage-update of ", d.name, ", ", e.inputs, " inputs: ", count("trim"),
                          " regions trimmed, ", count("adopt"), " labels adopted, ", count("keep"), " regions kept.");
      if (e.storage_gap) {
        text += *e.storage_gap < 0.0 ? " Regions of different labels overlap by up to "
                                     : " Regions of different labels come no nearer to each other than ";
        text += length_text(std::abs(*e.storage_gap), r.data.of_images()) + ".";
      }
      text += "\n";
    }
  }
  return text;
}

/// Brief: the real value of an option; 0 where there is none.
[[nodiscard]] inline double number_of(const option_list& options, std::string_view name) {
  const option_value* const found = find_option(options, name);
  const auto* const value = found == nullptr ? nullptr : std::get_if<double>(found);
  return value == nullptr ? 0.0 : *value;
}

/// Brief: the attack, and its effect on a model without a defence.
[[nodiscard]] inline std::string attack_text(const run_results& r) {
  if (!r.data.attacked) {
    return concatenate("Votes from elsewhere, on ", r.data.test, " test samples of ", r.data.classes.size(),
                       " classes. Neither data nor attack nor training are known.\n");
  }
  std::string text = concatenate("Data: ", r.data.train, " training rows, ", r.data.test, " test samples, ",
                                 r.data.classes.size(), " classes");
  constexpr std::size_t most_named = 10;
  if (r.data.class_names.size() <= most_named) {
    for (std::size_t c = 0; c < r.data.class_names.size(); ++c) {
      text += concatenate(c == 0 ? ": " : ", ", c, " ", r.data.class_names[c]);
    }
  }
  text += ".\n";
  text += concatenate("Attack: ", r.data.poisoned_rows, " rows poisoned");
  if (r.data.relabelled_rows < r.data.poisoned_rows) {
    text += concatenate(", ", r.data.poisoned_rows - r.data.relabelled_rows, " of which keep their label");
  }
  if (std::isfinite(r.data.pattern_l2_frobenius)) {
    text += concatenate("; largest pattern ", length_text(r.data.pattern_l2_max, r.data.of_images()), " (L1 ",
                        decimal(r.data.pattern_l1_max, 1), "), all patterns together ",
                        length_text(r.data.pattern_l2_frobenius, r.data.of_images()), ".\n");
  } else {
    text += "; by how much is not known, since their clean versions are not.\n";
  }
  text += "Undefended model: " + percent(r.undefended.clean_accuracy) + " of clean samples right; " +
          percent(r.undefended.attack_success_rate) + " of triggered samples taken for the target.\n";
  if (const double clip = number_of(r.config, "dp_clip"); clip > 0.0) {
    text += concatenate("Members of rab, cert-ssb and certified are trained by DP-SGD, gradients clipped at ", clip,
                        " with noise ", number_of(r.config, "dp_noise"), ": this adds nothing to any radius.\n");
  }
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
      const bool no_noise = d.bound == "none" || d.sigma_train.max == 0.0 ||
                            (scale != nullptr && std::holds_alternative<std::monostate>(*scale));
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
