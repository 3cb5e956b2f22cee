// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of a run as plain data, written to results.json, read from it, and shown as tables and pages.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the value of a share, for instance certified accuracy, at a radius.
struct radius_share {
  double radius = 0.0;
  double value = 0.0;
};

/// Brief: the largest common pattern norm covered for a number of poisoned rows: the median over all n samples, where
/// an abstention counts 0.
struct pattern_cover {
  std::size_t rows = 0;
  double per_pattern = 0.0;
};

/// Brief: the share of samples that are right and stay unchanged when `rows` rows are changed at will.
struct rows_share {
  std::size_t rows = 0;
  double value = 0.0;
};

/// Brief: how many rows may be changed at will: the median over all n samples, where an abstention counts 0, and shares.
struct rows_result {
  double median = 0.0;
  std::vector<rows_share> certified_accuracy;
};

/// Brief: the radius that is left when `rows` rows are changed at will: the median over all n samples.
struct frontier_point {
  std::size_t rows = 0;
  double radius = 0.0;
};

/// Brief: shares of all n samples whose certificate covers the very attack of this run: its patterns with the labels as
/// they are observed, or with its changed labels too.
struct attack_cover {
  double labels_as_observed = 0.0;
  double labels_covered = 0.0;
};

/// Brief: a summary of one mode's certificates on one set of test inputs. All shares are of all n samples.
struct evaluation_result {
  std::string inputs;  ///< clean or triggered; given, where votes came from elsewhere
  std::string mode;
  bool certified = false;                   ///< whether the mode certifies anything
  std::string norm = "l2";                  ///< of the radii
  std::vector<std::string> assumptions;     ///< of the mode
  std::vector<std::string> conditional_on;  ///< what the statement holds fixed
  bool storage_update = false;
  std::size_t n = 0;
  double empirical_accuracy = 0.0;
  std::vector<radius_share> certified_accuracy;
  std::vector<radius_share> certified_ratio;
  double abstain_rate = 0.0;
  double average_certified_radius = 0.0;
  pattern_cover delta_r;                       ///< for the rows that this run poisoned
  std::vector<pattern_cover> delta_r_assumed;  ///< for 1, 10, 100, ... poisoned rows
  rows_result rows = {};
  std::vector<frontier_point> frontier = {};
  attack_cover attack_covered = {};                   ///< certified, right or wrong
  attack_cover attack_covered_and_right = {};         ///< certified and right
  std::map<std::string, std::size_t> storage_events;  ///< how many samples storage-update kept, trimmed, ...
  std::optional<double> storage_gap = {};  ///< before it, the least distance between regions of different labels
  bool labelled = true;  ///< whether true labels are known; where not, what counts right answers is null
  bool attacked = true;  ///< whether an attack is known; where not, what is said of it is null
};

/// Brief: the number of models, and the samples decided by then, of both sets of test inputs.
struct stopping_result {
  std::size_t models = 0;
  std::size_t certified = 0;
  std::size_t futile = 0;
  double decided = 0.0;
};

/// Brief: smallest, mean and largest of some noise scales; null where there are none, and all are 0.
struct scale_summary {
  double min = 0.0;
  double mean = 0.0;
  double max = 0.0;
};

/// Brief: the value of an option; std::monostate where the option has none (null in results.json).
using option_value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                                  std::vector<double>, std::vector<std::string>>;

/// Brief: options by name, in their own order.
using option_list = std::vector<std::pair<std::string, option_value>>;

/// Brief: the option of this name, or nullptr.
[[nodiscard]] inline const option_value* find_option(const option_list& options, std::string_view name) noexcept {
  for (const auto& option : options) {
    if (option.first == name) return &option.second;
  }
  return nullptr;
}

/// Brief: the value of an option, as it is typed on the command line; empty if it has none.
[[nodiscard]] inline std::string option_text(const option_value& value) {
  return std::visit(
      [](const auto& content) -> std::string {
        using content_type = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<content_type, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<content_type, bool>) {
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

/// Brief: one defence.
struct defence_result {
  std::string name;
  std::size_t models = 0;
  double alpha = 0.0;
  std::string bound;
  scale_summary sigma_train;
  option_list settings;  ///< how it was trained and how it voted
  std::vector<evaluation_result> evaluations;
  std::vector<stopping_result> stopping;  ///< with early stopping, one entry per member
};

/// Brief: the data of a run. Of votes from elsewhere, test and classes alone are known, and train where their noise
/// scales are one per row. Changes are infinite where the clean rows, or the trigger, are not known: null in
/// results.json.
struct data_result {
  std::size_t train = 0;  ///< 0: not known
  std::size_t test = 0;
  std::size_t poisoned_rows = 0;
  std::vector<std::int64_t> classes;  ///< the labels in the data set, in the order of labels 0 .. K - 1
  double pattern_l2_max = 0.0;
  double pattern_l2_frobenius = 0.0;
  double trigger_l2_max = 0.0;                ///< the largest change of a triggered test input
  double pattern_l1_sum = 0.0;                ///< of all poisoned rows together
  std::size_t row_size = 0;                   ///< entries of an input
  std::vector<std::size_t> row_shape;         ///< extents of an input; empty where it is not known
  bool attacked = true;                       ///< false for votes from elsewhere: no attack, model or training is known
  std::vector<std::string> class_names = {};  ///< in the order of classes; none where the data set does not name them
  std::size_t relabelled_rows = 0;            ///< poisoned rows whose label changed too, or may have changed
  double pattern_l1_max = 0.0;                ///< of one row
  double trigger_l1_max = 0.0;

  /// Brief: whether inputs are images {channels, height, width}, pixels in [0,1]; version 0.1 knew no others.
  [[nodiscard]] bool of_images() const noexcept { return attacked && (row_shape.empty() || row_shape.size() == 3); }

  /// Brief: a label of the data set as a reader knows it: its name, where it has one.
  [[nodiscard]] std::string class_text(std::int64_t label) const {
    const auto place = static_cast<std::size_t>(std::ranges::find(classes, label) - classes.begin());
    return place < class_names.size() ? class_names[place] : std::to_string(label);
  }

  /// Brief: one of the labels 0 .. K - 1 in a sentence: "class 1", and its name in the data set, where it has one.
  [[nodiscard]] std::string class_words(std::int64_t label) const {
    const auto place = static_cast<std::size_t>(label);
    return "class " + std::to_string(label) + (place < class_names.size() ? " (" + class_names[place] + ")" : "");
  }
};

/// Brief: the model without a defence.
struct undefended_result {
  double clean_accuracy = 0.0;
  double attack_success_rate = 0.0;
};

/// Brief: the build of the program that made a run. Bits are promised to be equal on the same build alone.
struct build_result {
  std::string compiler;         ///< empty where it was not recorded
  std::string instruction_set;  ///< the same
};

/// Brief: the time of each part of a run.
struct timing_result {
  double train_samples_per_s = 0.0;
  double ascent_s = 0.0;
  double certify_s = 0.0;
  double storage_s = 0.0;
  double total_s = 0.0;
  std::size_t threads = 1;
};

/// Brief: what the attack changes in one column of a test sample.
struct column_change {
  std::string column;
  double clean = 0.0;
  double triggered = 0.0;
};

/// Brief: one test sample of a table, and the columns that the attack changes most in it.
struct change_result {
  std::size_t id = 0;
  std::int64_t label = 0;           ///< in the data set
  std::size_t columns = 0;          ///< that are changed
  std::vector<column_change> most;  ///< those that are changed most
};

/// Brief: one test sample in pictures, each the name of a PNG file in the run's folder.
struct example_result {
  std::size_t id = 0;
  std::int64_t label = 0;  ///< the label in the data set
  std::string clean;
  std::string triggered;
  std::map<std::string, std::string> noisy;  ///< of the triggered picture, by defence
  std::map<std::string, double> sigma;       ///< the noise scale of that picture, by defence
};

/// Brief: everything in results.json.
struct run_results {
  std::size_t schema = 2;  ///< of the file that they were read from
  std::string version;
  build_result build;
  bool complete = true;  ///< false if the run was interrupted
  option_list config;
  std::vector<std::string> assumptions;
  std::map<std::string, std::string> arrays;  ///< path in the run's folder -> SHA-256, of all files but results.json
  data_result data;
  undefended_result undefended;
  std::vector<defence_result> defences;
  timing_result timing;
  std::vector<example_result> examples;
  std::vector<change_result> changes;  ///< of rows that are no images
};

}  // namespace v1
}  // namespace certssb
