// SPDX-License-Identifier: MIT
#pragma once
// Brief: how a data set of images lies on the disk: training and test folders, a folder per class, and their order.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a class of images: the name of its folder, and its files in the order of their names.
struct image_class {
  std::string name;
  std::vector<std::filesystem::path> files;
};

/// Brief: where training and test images lie.
struct image_folders {
  std::filesystem::path train;
  std::optional<std::filesystem::path> test;
};

/// Brief: `train` and `test` of a folder, or `train` and `val`; where there is no `train`, the folder itself holds the
/// classes, and has no test set.
/// Throws: data_error where there is no such folder, or `train` alone.
[[nodiscard]] inline image_folders find_image_folders(const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto is_folder = [&](const std::filesystem::path& path) {
    return std::filesystem::is_directory(path, ignored);
  };
  expect<data_error>(is_folder(folder), folder.string(), ": no such folder");
  if (!is_folder(folder / "train")) return {folder, std::nullopt};
  for (const char* name : {"test", "val"}) {
    if (is_folder(folder / name)) return {folder / "train", folder / name};
  }
  throw data_error(concatenate(folder.string(), ": has a folder train, but neither test nor val; without a test set, ",
                               "name ", (folder / "train").string(), " and test_share"));
}

namespace detail {

/// Brief: what is in a folder, in the order of names. Hidden entries are left out.
/// Throws: data_error if it cannot be read.
[[nodiscard]] inline std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code failure;
  for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (!at->path().filename().string().starts_with('.')) entries.push_back(at->path());
  }
  expect<data_error>(!failure, folder.string(), ": cannot be read: ", failure.message());
  std::ranges::sort(entries, {}, [](const std::filesystem::path& path) { return path.filename().string(); });
  return entries;
}

[[nodiscard]] inline bool names_image(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

/// Brief: the number that a name is, without leading zeros; shorter ones are smaller. Nothing for another name.
[[nodiscard]] inline std::optional<std::pair<std::size_t, std::string>> number_of(const std::string& name) {
  if (name.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  std::string digits = name.substr(std::min(name.find_first_not_of('0'), name.size()));
  const std::size_t length = digits.size();
  return std::pair(length, std::move(digits));
}

}  // namespace detail

/// Brief: the names of the folders in a folder, in the order of their labels: by name, or by number if all are numbers.
/// Throws: data_error for a folder that holds none, and for one with files beside them.
[[nodiscard]] inline std::vector<std::string> image_class_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const std::filesystem::path& entry : detail::entries_of(folder)) {
    if (std::filesystem::is_directory(entry, ignored)) {
      names.push_back(entry.filename().string());
    } else {
      expect<data_error>(!detail::names_image(entry), entry.string(), ": an image outside the folders of the classes");
    }
  }
  expect<data_error>(!names.empty(), folder.string(), ": holds no folders; expected one per class");
  if (std::ranges::all_of(names, [](const std::string& name) { return detail::number_of(name).has_value(); })) {
    std::ranges::stable_sort(names, {}, [](const std::string& name) { return *detail::number_of(name); });
  }
  return names;
}

/// Brief: the images of one class.
/// Throws: data_error for a folder that is missing, or holds no image or something else.
[[nodiscard]] inline image_class list_image_class(const std::filesystem::path& folder, const std::string& name) {
  image_class found{name, detail::entries_of(folder / name)};
  std::error_code ignored;
  for (const std::filesystem::path& file : found.files) {
    expect<data_error>(detail::names_image(file) && std::filesystem::is_regular_file(file, ignored), file.string(),
                       ": expected a file .png, .jpg or .jpeg");
  }
  expect<data_error>(!found.files.empty(), (folder / name).string(), ": holds no image");
  return found;
}

/// Brief: the classes that a list such as cat,dog names, as places in `names`, in the order of labels 0 .. K - 1. Of two
/// the first is the positive class, label 1; more are in the order of `names`; so are `all`.
/// Throws: argument_error for fewer than two or more than 256, an unknown name, and one given twice.
[[nodiscard]] inline std::vector<std::size_t> select_image_classes(const std::string& list,
                                                                   std::span<const std::string> names) {
  std::vector<std::size_t> chosen;
  for (std::size_t from = 0; from <= list.size() && list != "all";) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    const std::string_view name = std::string_view(list).substr(from, end - from);
    const auto place = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    expect(place<names.size(), "classes: there is no folder ", name, "; expected names of folders, such as ",
                 names.front(), names.size()> 1
               ? "," + names[1]
               : std::string(),
           ", or all");
    expect(std::ranges::find(chosen, place) == chosen.end(), "classes: ", name, " is given twice");
    chosen.push_back(place);
    from = end + 1;
  }
  for (std::size_t place = 0; place < names.size() && list == "all"; ++place) chosen.push_back(place);
  expect(chosen.size() >= 2 && chosen.size() <= 256, "classes: expected 2 to 256, got ", chosen.size());
  if (list == "all") return chosen;
  if (chosen.size() == 2) {
    std::swap(chosen[0], chosen[1]);
  } else {
    std::ranges::sort(chosen);
  }
  return chosen;
}

/// Brief: an image: its class, and which of its files.
struct image_place {
  std::size_t label;
  std::size_t number;
};

/// Brief: all images, the classes mixed so that any first rows hold about the same share of each: image j of the n of a
/// class comes at (j + 1/2) / n, ties in the order of the classes.
[[nodiscard]] inline std::vector<image_place> spread_classes(std::span<const image_class> classes) {
  std::vector<image_place> places;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    for (std::size_t number = 0; number < classes[label].files.size(); ++number) places.push_back({label, number});
  }
  std::ranges::stable_sort(places, [&](const image_place& a, const image_place& b) {
    return (2 * a.number + 1) * classes[b.label].files.size() < (2 * b.number + 1) * classes[a.label].files.size();
  });
  return places;
}

}  // namespace v1
}  // namespace certssb
