// SPDX-License-Identifier: MIT
#pragma once
// Brief: the data of an experiment: a training and a test set, an attack on them, and the poisoned data.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/measure.hpp"
#include "certssb/attack/no_trigger.hpp"
#include "certssb/attack/poison.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/split.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
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
  double cover_rate = 0.0;  ///< share of the training rows that get the trigger and keep their label
};

template <class Trigger, label_map Map>
backdoor_attack(Trigger, Map, double) -> backdoor_attack<Trigger, Map>;
template <class Trigger, label_map Map>
backdoor_attack(Trigger, Map, double, double) -> backdoor_attack<Trigger, Map>;

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
  double largest_trigger = 0.0;  ///< L2, of the triggered test inputs; infinite where the trigger is not known
  bool by_settings = false;      ///< loaded and poisoned as settings say, not the caller's own
  std::vector<std::string> class_names = {};   ///< in the order of classes; none where the data set does not name them
  std::vector<std::string> column_names = {};  ///< of a table with names
  double largest_trigger_l1 = 0.0;             ///< L1, the same

  /// Brief: 0 the clean, 1 the triggered test inputs.
  [[nodiscard]] const dataset<Tensor>& inputs(std::size_t which) const { return which == 0 ? clean : triggered; }
};

/// Brief: names of the two sets of test inputs, in the order of `poisoned_split::inputs`.
inline constexpr const char* input_names[] = {"clean", "triggered"};

namespace detail {

/// Brief: the training rows without the last `trusted_rows`, and these, which are set aside unpoisoned.
/// Throws: argument_error if fewer training rows than that are left.
template <tensor Tensor>
[[nodiscard]] std::pair<dataset<Tensor>, std::optional<dataset<Tensor>>> set_aside(const dataset<Tensor>& train,
                                                                                   std::size_t trusted_rows) {
  expect(trusted_rows < train.size(), "trusted_rows: expected fewer than the ", train.size(), " training rows, got ",
         trusted_rows);
  if (trusted_rows == 0) return {train, std::nullopt};
  const std::size_t first = train.size() - trusted_rows;
  return {rows_between(train, 0, first), rows_between(train, first, train.size())};
}

/// Brief: a poisoned training set with the test set, and with the test inputs that carry the trigger.
template <tensor Tensor, class Trigger, label_map Map>
[[nodiscard]] poisoned_split<Tensor> with_test_inputs(poisoned_dataset<Tensor> train,
                                                      std::optional<dataset<Tensor>> trusted,
                                                      const dataset<Tensor>& test, const Trigger& trigger,
                                                      const Map& map, const random_key& key) {
  auto triggered = trigger_test_set(test, trigger, map, key);
  std::vector<label_type> wanted;
  for (const label_type label : triggered.labels()) wanted.push_back(map(label));
  std::vector<std::int64_t> classes(test.classes());
  std::iota(classes.begin(), classes.end(), std::int64_t{0});
  const largest_norms largest = largest_changes(test, triggered);
  return {.train = std::move(train),
          .clean = test,
          .triggered = std::move(triggered),
          .wanted = std::move(wanted),
          .trusted = std::move(trusted),
          .classes = std::move(classes),
          .largest_trigger = largest.l2,
          .largest_trigger_l1 = largest.l1};
}

}  // namespace detail

/// Brief: carries the attack out. The last `trusted_rows` training rows are set aside first, unpoisoned.
/// Throws: argument_error if fewer training rows than that are left, and as `poison` and `trigger_test_set`.
/// Cost: two copies of the data.
/// Determinism: the poisoned rows depend on the labels and on the key alone.
template <tensor Tensor, class Trigger, label_map Map>
[[nodiscard]] poisoned_split<Tensor> poison_split(const train_and_test<Tensor>& split,
                                                  const backdoor_attack<Trigger, Map>& attack, const random_key& key,
                                                  std::size_t trusted_rows = 0) {
  auto [left, trusted] = detail::set_aside(split.train, trusted_rows);
  return detail::with_test_inputs(poison(left, attack.trigger, attack.labels, attack.rate, key, attack.cover_rate),
                                  std::move(trusted), split.test, attack.trigger, attack.labels, key);
}

/// Brief: data that somebody else poisoned, as they are: which training rows are poisoned is known, their clean versions
/// and the trigger are not. The test inputs of `triggered` are those that the map changes, without a trigger.
/// Throws: argument_error as known_poisoned and trigger_test_set, or if too few training rows are left.
template <tensor Tensor, label_map Map>
[[nodiscard]] poisoned_split<Tensor> given_split(const train_and_test<Tensor>& split,
                                                 std::span<const std::uint32_t> poisoned_ids, const Map& map,
                                                 std::size_t trusted_rows = 0) {
  auto [left, trusted] = detail::set_aside(split.train, trusted_rows);
  auto given = detail::with_test_inputs(known_poisoned(std::move(left), poisoned_ids), std::move(trusted), split.test,
                                        no_trigger{}, map, {});
  given.largest_trigger = std::numeric_limits<double>::infinity();
  given.largest_trigger_l1 = given.largest_trigger;
  return given;
}

}  // namespace v1
}  // namespace certssb
