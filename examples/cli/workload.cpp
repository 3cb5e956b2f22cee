// SPDX-License-Identifier: MIT
#include "workload.hpp"

#include "arrays.hpp"
#include "certssb/attack/blend_trigger.hpp"
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/measure.hpp"
#include "certssb/attack/no_trigger.hpp"
#include "certssb/attack/pixel_trigger.hpp"
#include "certssb/data/idx_reader.hpp"
#include "certssb/data/split.hpp"
#include "certssb/data/subset.hpp"

#include <charconv>
#include <span>
#include <utility>

namespace certssb::cli {

namespace {

class_selection select_classes(const std::string& list, const image_set& train) {
  if (list == "all") return class_selection::all(train);
  std::vector<label_type> labels;
  for (const std::string& part : split(list)) {
    label_type label = 0;
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), label);
    expect(failure == std::errc{} && end == part.data() + part.size(),
           "--classes: expected labels such as 1,0, or all, got ", list);
    labels.push_back(label);
  }
  return class_selection::of(labels, train);
}

template <class Trigger>
workload attack(const image_rows& train, image_rows test, const Trigger& trigger, double rate, label_type target,
                const random_key& key) {
  const all_to_one map{target};
  auto poisoned = poison(train, trigger, map, rate, key);
  auto triggered = trigger_test_set(test, trigger, map);
  return {std::move(poisoned), std::move(test), std::move(triggered), {}, {}, 0.0};
}

workload attack(const run_options& o, const image_rows& train, image_rows test, const random_key& key) {
  const auto with = [&](const auto& trigger, double rate) {
    return attack(train, std::move(test), trigger, rate, o.target, key);
  };
  if (o.attack == "one-pixel") return with(one_pixel_trigger(o.delta), o.rate);
  if (o.attack == "four-pixel") return with(four_pixel_trigger(o.delta), o.rate);
  if (o.attack == "blending") return with(blend_trigger(o.delta, key, train.row_size()), o.rate);
  return with(no_trigger{}, 0.0);
}

}  // namespace

workload load(const run_options& o, const random_key& key) {
  const std::string folder = o.dataset.substr(4);
  const image_set train_images = read_idx_folder(folder, idx_split::train);
  const image_set test_images = read_idx_folder(folder, idx_split::test);
  expect<data_error>(train_images.row_shape == test_images.row_shape, folder,
                     ": training and test images differ in shape");
  const class_selection classes = select_classes(o.classes, train_images);
  const auto& shape = train_images.row_shape;
  const images like = images::from_shape({0, shape[0], shape[1], shape[2]});
  image_rows train = make_dataset(train_images, classes, o.train_rows.value_or(all_rows), like);
  std::optional<image_rows> trusted;
  if (o.has_defence("certified") && o.requested().uses_selector()) {
    expect(o.trusted_rows < train.size(), "--trusted-rows: expected fewer than the ", train.size(),
           " training rows, got ", o.trusted_rows);
    const std::size_t left = train.size() - o.trusted_rows;
    trusted = rows_between(train, left, train.size());
    train = rows_between(train, 0, left);
  }
  image_rows test = make_dataset(test_images, classes, o.test_rows.value_or(all_rows), like);
  workload loaded = attack(o, train, std::move(test), key);
  loaded.largest_trigger = largest_change(loaded.clean, loaded.triggered);
  loaded.trusted = std::move(trusted);
  loaded.classes.assign(classes.classes().begin(), classes.classes().end());
  return loaded;
}

}  // namespace certssb::cli
