// SPDX-License-Identifier: MIT
#pragma once
// Brief: the data of an experiment: a training and a test set, an attack on them, and the poisoned data.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/measure.hpp"
#include "certssb/attack/poison.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/split.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: an attacker who puts a trigger into a share of the training rows and changes their labels.
/// Requires: the trigger and the label map fit the data (attack/concept.hpp); 0 <= rate <= 1.
template <class Trigger, label_map Map>
struct backdoor_attack {
  Trigger trigger;
  Map labels;
  double rate;
};

template <class Trigger, label_map Map>
backdoor_attack(Trigger, Map, double) -> backdoor_attack<Trigger, Map>;

/// Brief: the data after the attack: the training rows of the defender, and the two sets of test inputs.
template <tensor Tensor>
struct poisoned_split {
  using tensor_type = Tensor;

  poisoned_dataset<Tensor> train;
  dataset<Tensor> clean;                   ///< the test set
  dataset<Tensor> triggered;               ///< those of its samples that the attack wants relabelled, with the trigger
  std::vector<label_type> wanted;          ///< what the attacker wants each triggered sample called
  std::optional<dataset<Tensor>> trusted;  ///< rows known clean, set aside for a selector of noise scales
  std::vector<std::int64_t> classes;       ///< the data set's own labels, in the order of ours; 0 .. K - 1 at first
  double largest_trigger = 0.0;            ///< L2, of the triggered test inputs
  bool by_settings = false;                ///< loaded and poisoned as settings say, not the caller's own
  std::vector<std::string> class_names = {};   ///< in the order of classes; none where the data set does not name them
  std::vector<std::string> column_names = {};  ///< of a table with names

  /// Brief: 0 the clean, 1 the triggered test inputs.
  [[nodiscard]] const dataset<Tensor>& inputs(std::size_t which) const { return which == 0 ? clean : triggered; }
};

/// Brief: names of the two sets of test inputs, in the order of `poisoned_split::inputs`.
inline constexpr const char* input_names[] = {"clean", "triggered"};

/// Brief: carries the attack out. The last `trusted_rows` training rows are set aside first, unpoisoned.
/// Throws: argument_error if fewer training rows than that are left, and as `poison` and `trigger_test_set`.
/// Cost: one copy of the data.
/// Determinism: the poisoned rows depend on the labels and on the key alone.
template <tensor Tensor, class Trigger, label_map Map>
[[nodiscard]] poisoned_split<Tensor> poison_split(const train_and_test<Tensor>& split,
                                                  const backdoor_attack<Trigger, Map>& attack, const random_key& key,
                                                  std::size_t trusted_rows = 0) {
  expect(trusted_rows < split.train.size(), "trusted_rows: expected fewer than the ", split.train.size(),
         " training rows, got ", trusted_rows);
  std::optional<dataset<Tensor>> trusted;
  std::optional<dataset<Tensor>> left;
  if (trusted_rows > 0) {
    const std::size_t first = split.train.size() - trusted_rows;
    trusted = rows_between(split.train, first, split.train.size());
    left = rows_between(split.train, 0, first);
  }
  auto poisoned = poison(left ? *left : split.train, attack.trigger, attack.labels, attack.rate, key);
  auto triggered = trigger_test_set(split.test, attack.trigger, attack.labels);
  std::vector<label_type> wanted;
  for (const label_type label : triggered.labels()) wanted.push_back(attack.labels(label));
  std::vector<std::int64_t> classes(split.train.classes());
  std::iota(classes.begin(), classes.end(), std::int64_t{0});
  const double largest = largest_change(split.test, triggered);
  return {std::move(poisoned), split.test, std::move(triggered), std::move(wanted), std::move(trusted),
          std::move(classes),  largest};
}

}  // namespace v1
}  // namespace certssb
