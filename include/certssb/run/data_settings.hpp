// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of the data and of the attack on them.

#include "certssb/attack/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/data/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace certssb {
inline namespace v1 {

/// Brief: where the data come from, and how they are poisoned.
struct data_settings {
  std::string dataset = "idx:/usr/share/datasets/fashion-mnist";  ///< FORMAT:PLACE
  std::string classes = "1,0";            ///< labels of the data set, or all; of two the first is the positive class
  std::optional<std::size_t> train_rows;  ///< only the first so many
  std::optional<std::size_t> test_rows;
  std::string attack = "one-pixel";  ///< a name of trigger_table, or given:FILE, ids of rows that are poisoned
  std::optional<double> delta;       ///< strength of the trigger, as trigger_table says; by default the usual one
  double rate = 0.1;                 ///< share of the training rows that is poisoned
  label_type target = 0;
  std::optional<std::string> label_map;      ///< by default the usual one of the attack
  std::optional<std::string> label_column;   ///< csv: the name or number (from 1) of the column of labels
  std::string header = "yes";                ///< csv: whether the first line holds names, yes or no
  std::optional<std::string> column_ranges;  ///< csv, npy: a file with each column's range
  std::optional<std::string> categories;     ///< csv: a file with the number of each text of a column
  std::optional<std::string> resize;         ///< images: height x width of every row
  std::optional<std::size_t> channels;       ///< images: 1 (grey) or 3 (colour) of every row
  std::optional<double> test_share;          ///< of rows kept for testing, where the data have no test set
  std::optional<std::uint64_t> data_seed;    ///< key of what is poisoned; by default the seed of the noise, where given
  std::optional<double> cover_rate = {};  ///< share that gets the trigger and keeps its label; by default the usual one
  std::optional<std::string> picture = {};  ///< badnets, blended: a .npy file of one input, not a patch or noise

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(train_rows != 0U, "train_rows: expected a number of rows of at least 1, got 0");
    expect(test_rows != 0U, "test_rows: expected a number of rows of at least 1, got 0");
    expect(!delta || (std::isfinite(*delta) && *delta > 0.0), "delta: expected a finite number above 0, got ",
           delta.value_or(0.0));
    expect(header == "yes" || header == "no", "header: expected yes or no, got ", header);
    expect(!channels || *channels == 1 || *channels == 3, "channels: expected 1 (grey) or 3 (red, green, blue), got ",
           channels.value_or(0));
    if (resize) static_cast<void>(parse_image_size(*resize));
    expect(!test_share || (*test_share > 0.0 && *test_share < 1.0), "test_share: expected a number in (0,1), got ",
           test_share.value_or(0.0));
    expect(rate > 0.0 && rate <= 1.0, "rate: expected a number in (0,1], got ", rate);
    expect(!cover_rate || (*cover_rate >= 0.0 && *cover_rate <= 1.0), "cover_rate: expected a number in [0,1], got ",
           cover_rate.value_or(0.0));
    const trigger_facts* const facts = find_trigger(attack);
    expect(facts != nullptr, "attack: expected ", known_triggers(), ", got ", attack);
    expect(!label_map || named_label_map::knows(*label_map), "label_map: expected ", known_label_maps(), ", got ",
           label_map.value_or(""));
    expect(!facts->keeps_labels || map_name() == "clean-label", "label_map: with attack ", attack,
           " rows keep their label, which is clean-label, got ", map_name());
    expect(target >= 0 && target < 1'000'000, "target: expected a label from 0 to 999999, got ", target);
  }

  /// Brief: what is chosen where nothing is given, for an attack that exists.
  [[nodiscard]] double strength() const { return delta.value_or(facts_of_trigger(attack).usual_strength); }
  [[nodiscard]] double covers() const {
    return cover_rate.value_or(std::min(facts_of_trigger(attack).usual_covers * rate, 1.0 - rate));
  }
  [[nodiscard]] std::string map_name() const {
    return label_map.value_or(std::string(facts_of_trigger(attack).usual_map));
  }
  /// Brief: whether the data are poisoned already, and it is known which rows.
  [[nodiscard]] bool given() const { return attack.starts_with(given_prefix); }

  /// Brief: the same settings with every choice written out.
  [[nodiscard]] data_settings settled() const {
    data_settings all = *this;
    all.delta = strength();
    all.cover_rate = covers();
    all.label_map = map_name();
    return all;
  }
};

}  // namespace v1
}  // namespace certssb
