// SPDX-License-Identifier: MIT
#pragma once
// Brief: makes data from settings: the table of data formats, and the attack by name.

#include "certssb/attack/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/array_reader.hpp"
#include "certssb/data/cifar_reader.hpp"
#include "certssb/data/csv_reader.hpp"
#include "certssb/data/idx_reader.hpp"
#include "certssb/data/image_reader.hpp"
#include "certssb/data/labelled_rows.hpp"
#include "certssb/data/split.hpp"
#include "certssb/data/subset.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/io/files.hpp"
#include "certssb/report/json_field.hpp"
#include "certssb/report/json_parse.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/settings.hpp"
#include "certssb/tensor/host_array.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a data set as it was loaded: rows of floats, and the labels in the file in the order of labels 0 .. K - 1.
struct loaded_data {
  train_and_test<host_array<float>> split;
  std::vector<std::int64_t> classes;
  std::vector<std::string> class_names = {};   ///< where the data set names them
  std::vector<std::string> column_names = {};  ///< of a table with names
};

namespace detail {

/// Brief: which labels are kept: `all`, or a list such as 1,0; or of their names, where labels have names.
[[nodiscard]] inline class_selection select_classes(const std::string& list, const image_set& train,
                                                    const std::vector<std::string>& names = {}) {
  if (list == "all") return class_selection::all(train);
  std::vector<label_type> labels;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    label_type label = 0;
    if (!names.empty()) {
      const auto found = std::ranges::find(names, std::string_view(list).substr(from, end - from));
      expect(found != names.end(), "classes: expected names of labels, such as ", names.front(), ", or all, got ",
             list);
      labels.push_back(found - names.begin());
      from = end + 1;
      continue;
    }
    const char* const last = list.data() + end;
    const auto [read, failure] = std::from_chars(list.data() + from, last, label);
    expect(failure == std::errc{} && read == last, "classes: expected labels such as 1,0, or all, got ", list);
    labels.push_back(label);
    from = end + 1;
  }
  return class_selection::of(labels, train);
}

[[nodiscard]] inline loaded_data load_images(const image_set& train, const image_set& test, const std::string& folder,
                                             const data_settings& s) {
  expect(!s.test_share, "test_share: is for data without a test set of their own");
  expect(!s.column_ranges && !s.label_column, "column_ranges, label_column: are for tables, not for ", s.dataset);
  expect<data_error>(train.row_shape == test.row_shape, folder, ": training and test images differ in shape");
  const class_selection classes = select_classes(s.classes, train);
  const host_array<float> like({}, train.pixels.size() / train.size());
  return {{make_dataset(train, classes, s.train_rows.value_or(all_rows), like),
           make_dataset(test, classes, s.test_rows.value_or(all_rows), like)},
          {classes.classes().begin(), classes.classes().end()}};
}

[[nodiscard]] inline loaded_data load_idx(const std::string& folder, const data_settings& s, const random_key&) {
  return load_images(read_idx_folder(folder, idx_split::train), read_idx_folder(folder, idx_split::test), folder, s);
}

template <cifar_version Version>
[[nodiscard]] loaded_data load_cifar(const std::string& folder, const data_settings& s, const random_key&) {
  return load_images(read_cifar_folder(folder, Version, idx_split::train),
                     read_cifar_folder(folder, Version, idx_split::test), folder, s);
}

/// Brief: rows in two parts, by the key.
[[nodiscard]] inline loaded_data split_rows(const labelled_rows& rows, const class_selection& classes,
                                            const data_settings& s, const random_key& key) {
  expect(s.test_share.has_value(), "test_share: expected the share of the rows that is kept for testing, since ",
         s.dataset, " has no test set");
  auto split = train_test_split(select_rows(rows, classes), *s.test_share, key);
  const auto limited = [](dataset<host_array<float>> data, std::size_t most) {
    return most < data.size() ? first_rows(data, most) : std::move(data);
  };
  return {{limited(std::move(split.train), s.train_rows.value_or(all_rows)),
           limited(std::move(split.test), s.test_rows.value_or(all_rows))},
          {classes.classes().begin(), classes.classes().end()}};
}

/// Brief: reads {"column": {"text": number}}.
/// Throws: data_error for anything else.
[[nodiscard]] inline std::map<std::string, category_map> read_categories(const std::string& file) {
  const json whole = parse_json(read_file(file, std::uintmax_t{1} << 24U), file);
  std::map<std::string, category_map> categories;
  json_field(whole, file).each_key([&](const std::string& column, const json_field& map) {
    map.each_key([&](const std::string& text, const json_field& number) { categories[column][text] = number.real(); });
    map.check(!categories[column].empty(), "at least 1 category");
  });
  return categories;
}

[[nodiscard]] inline loaded_data load_csv(const std::string& file, const data_settings& s, const random_key& key) {
  table_options options{s.label_column.value_or(""), s.header == "yes", s.column_ranges.value_or("")};
  if (s.categories) options.categories = read_categories(*s.categories);
  const labelled_rows rows = read_labelled_csv(file, options);
  loaded_data loaded = split_rows(rows, select_classes(s.classes, rows.labels_alone(), rows.label_names), s, key);
  for (const std::int64_t label : loaded.classes) {
    if (!rows.label_names.empty()) loaded.class_names.push_back(rows.label_names[static_cast<std::size_t>(label)]);
  }
  loaded.column_names = rows.columns;
  return loaded;
}

[[nodiscard]] inline loaded_data load_npy(const std::string& place, const data_settings& s, const random_key& key) {
  expect(!s.label_column, "label_column: is for csv, not for ", s.dataset);
  const std::filesystem::path folder(place);
  const std::string ranges = s.column_ranges.value_or("");
  const labelled_rows rows = read_labelled_arrays(folder / "inputs.npy", folder / "labels.npy", ranges);
  const class_selection classes = select_classes(s.classes, rows.labels_alone());
  if (!std::filesystem::exists(folder / "test_inputs.npy")) return split_rows(rows, classes, s, key);
  expect(!s.test_share, "test_share: ", place, " has a test set of its own, test_inputs.npy");
  const labelled_rows test = read_labelled_arrays(folder / "test_inputs.npy", folder / "test_labels.npy", ranges);
  expect<data_error>(rows.row_shape == test.row_shape, place, ": training and test inputs differ in shape");
  return {{select_rows(rows, classes, s.train_rows.value_or(all_rows)),
           select_rows(test, classes, s.test_rows.value_or(all_rows))},
          {classes.classes().begin(), classes.classes().end()}};
}

[[nodiscard]] inline loaded_data load_image_folders(const std::string& place, const data_settings& s,
                                                    const random_key& key) {
  expect(!s.column_ranges && !s.label_column, "column_ranges, label_column: are for tables, not for ", s.dataset);
  image_options options{.channels = s.channels};
  if (s.resize) options.resize = parse_image_size(*s.resize);
  const image_data images =
      read_image_data(place, s.classes, options, s.train_rows.value_or(all_rows), s.test_rows.value_or(all_rows));
  image_set labels;  // of images that are read: 0 .. K - 1
  for (std::size_t c = 0; c < images.classes.size(); ++c) labels.labels.push_back(static_cast<std::uint8_t>(c));
  const class_selection classes = class_selection::all(labels);
  expect(!images.test || !s.test_share, "test_share: ", place, " has a test set of its own");
  loaded_data loaded = images.test
                           ? loaded_data{{select_rows(images.train, classes), select_rows(*images.test, classes)}, {}}
                           : split_rows(images.train, classes, s, key);
  loaded.classes = images.classes;
  loaded.class_names = images.names;
  return loaded;
}

}  // namespace detail

/// Brief: a data format: the word before the colon of `dataset`, and the function that reads what follows it.
struct data_format {
  std::string_view name;
  std::string_view place;  ///< what stands behind the colon
  loaded_data (*load)(const std::string& place, const data_settings& settings, const random_key& key);
};
inline constexpr auto data_formats =
    std::to_array<data_format>({{"idx", "FOLDER", &detail::load_idx},
                                {"cifar10", "FOLDER", &detail::load_cifar<cifar_version::ten>},
                                {"cifar100", "FOLDER", &detail::load_cifar<cifar_version::hundred>},
                                {"images", "FOLDER", &detail::load_image_folders},
                                {"npy", "FOLDER", &detail::load_npy},
                                {"csv", "FILE", &detail::load_csv}});

/// Brief: loads the data set that the settings name. The key splits data that have no test set.
/// Throws: argument_error for an unknown format or missing classes; data_error for files that break the rules of their
/// format.
[[nodiscard]] inline loaded_data load_data(const data_settings& s, const random_key& key) {
  const std::size_t colon = s.dataset.find(':');
  const auto format = std::ranges::find(data_formats, std::string_view(s.dataset).substr(0, colon), &data_format::name);
  if (format == data_formats.end() || colon == std::string::npos || colon + 1 == s.dataset.size()) {
    std::string expected;
    for (const data_format& known : data_formats) {
      expected += concatenate(expected.empty() ? "" : " or ", known.name, ":", known.place);
    }
    throw argument_error(concatenate("dataset: expected ", expected, ", got ", s.dataset));
  }
  expect(format->name == "csv" || !s.categories, "categories: are for csv, not for ", s.dataset);
  expect(format->name == "images" || (!s.resize && !s.channels), "`resize` and `channels` are for images, not for ",
         s.dataset);
  return format->load(s.dataset.substr(colon + 1), s, key);
}

/// Brief: makes the slope of the loss of a model that is trained on clean rows; attacks that move rows climb it.
using slope_maker = std::function<loss_slope(const dataset<host_array<float>>& clean, const random_key& key)>;

namespace detail {

/// Brief: the ids of a .npy file of whole numbers.
[[nodiscard]] inline std::vector<std::uint32_t> read_ids(const std::string& file) {
  const npy_array<std::int64_t> array = read_any_integers(file);
  expect<data_error>(array.shape.size() == 1, file, ": expected ids of shape [n], got ", array.shape.size(), " axes");
  std::vector<std::uint32_t> ids;
  for (const std::int64_t id : array.values) {
    expect<data_error>(std::in_range<std::uint32_t>(id), file, ": expected ids from 0 to 2^32 - 1, got ", id);
    ids.push_back(static_cast<std::uint32_t>(id));
  }
  return ids;
}

/// Brief: a picture from a .npy file, in input units.
[[nodiscard]] inline std::vector<double> read_picture(const std::string& file, std::size_t row_size) {
  npy_array<double> array = read_any_reals(file);
  expect<data_error>(array.values.size() == row_size, file, ": expected a picture of ", row_size, " numbers, got ",
                     array.values.size());
  for (const double value : array.values) expect<data_error>(std::isfinite(value), file, ": holds ", value);
  return std::move(array.values);
}

}  // namespace detail

/// Brief: poisons loaded data as the settings say. `make_slope` is asked for attacks that move rows.
/// Throws: argument_error for an unknown attack or label map, an attack that needs a slope where none can be made, and
/// as poison_split and given_split; data_error for files that do not fit.
[[nodiscard]] inline poisoned_split<host_array<float>> poison_by_name(const loaded_data& loaded, const data_settings& s,
                                                                      const random_key& key, std::size_t trusted_rows,
                                                                      const slope_maker& make_slope = {}) {
  const auto& train = loaded.split.train;
  const named_label_map labels(s.map_name(), train.classes(), s.target);
  const auto carry_out = [&] {
    if (s.given()) {
      const std::vector<std::uint32_t> ids = detail::read_ids(s.attack.substr(given_prefix.size()));
      return given_split(loaded.split, std::span<const std::uint32_t>(ids), labels, trusted_rows);
    }
    trigger_parts parts{.strength = s.strength(), .key = key, .row_size = train.row_size(), .ranges = train.ranges()};
    if (s.picture) parts.picture = detail::read_picture(*s.picture, train.row_size());
    if (facts_of_trigger(s.attack).keeps_labels) {
      expect(make_slope != nullptr, "attack: ", s.attack, " needs a model that nobody defends, and there is none");
      parts.slope = make_slope(detail::set_aside(train, trusted_rows).first, key);
    }
    const bool none = s.attack == "none";
    const backdoor_attack chosen{named_trigger(s.attack, parts), labels, none ? 0.0 : s.rate, none ? 0.0 : s.covers()};
    return poison_split(loaded.split, chosen, key, trusted_rows);
  };
  auto poisoned = carry_out();
  poisoned.classes = loaded.classes;
  poisoned.class_names = loaded.class_names;
  poisoned.column_names = loaded.column_names;
  poisoned.by_settings = true;
  return poisoned;
}

}  // namespace v1
}  // namespace certssb
