// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads folders of images, PNG or JPEG: one folder per class.

#include "certssb/core/expect.hpp"
#include "certssb/data/decode_image.hpp"
#include "certssb/data/image_folders.hpp"
#include "certssb/data/labelled_rows.hpp"
#include "certssb/data/resize.hpp"
#include "certssb/data/subset.hpp"
#include "certssb/io/files.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how images become rows of one shape.
struct image_options {
  std::optional<image_size> resize = {};     ///< else all must have the size of the first
  std::optional<std::size_t> channels = {};  ///< 1 (grey) or 3 (colour); else all must be as the first
};

/// Brief: makes rows of images, all of the shape that the options or the first image say.
/// Maths: grey from colour is (299 R + 587 G + 114 B) / 1000; colour from grey repeats it.
/// Units: pixels / 255.
class image_reader {
public:
  /// Throws: argument_error for other than 1 or 3 channels.
  explicit image_reader(const image_options& options) : options_(options) {
    const std::size_t channels = options.channels.value_or(1);
    expect(channels == 1 || channels == 3, "channels: expected 1 (grey) or 3 (red, green, blue), got ", channels);
  }

  /// Brief: the first `most` images of the classes in the order of `spread_classes`. Labels are places in `classes`.
  /// Throws: data_error, naming the file, for one that is broken or does not fit the others, and for more than 2^32
  /// scalars in all.
  /// Cost: memory for the rows, taken once the first image has told how large they are, and for one image.
  [[nodiscard]] labelled_rows read(std::span<const image_class> classes, std::size_t most = all_rows) {
    const std::vector<image_place> places = spread_classes(classes);
    labelled_rows rows;
    for (std::size_t i = 0; i < std::min(most, places.size()); ++i) {
      const auto& [label, number] = places[i];
      const std::filesystem::path& path = classes[label].files[number];
      const std::string bytes = read_file(path);
      fit(read_image_extents(bytes, path.string()), path);
      if (i == 0) {
        const std::size_t count = std::min(most, places.size());
        constexpr std::size_t limit = std::size_t{1} << 32U;
        expect<data_error>(count <= limit / wanted_->size(), path.parent_path().parent_path().string(), ": ", count,
                           " images of ", wanted_->size(), " scalars are more than ", limit,
                           "; make them smaller with `resize` HxW");
        rows.values.reserve(count * wanted_->size());
      }
      append(decode_image(bytes, path.string()), rows.values);
      rows.labels.push_back(static_cast<std::uint8_t>(label));
    }
    rows.row_shape = {wanted_->channels, wanted_->height, wanted_->width};
    return rows;
  }

private:
  /// The shape of the rows, by the options and the first image; every other image must be able to have it.
  void fit(const image_extents& found, const std::filesystem::path& path) {
    if (!wanted_) {
      const image_size size = options_.resize.value_or(image_size{found.height, found.width});
      wanted_ = {size.height, size.width, options_.channels.value_or(found.channels)};
      first_ = path.string();
    }
    expect<data_error>(options_.resize || (found.height == wanted_->height && found.width == wanted_->width),
                       path.string(), ": has ", found.height, "x", found.width, " pixels, but ", first_, " has ",
                       wanted_->height, "x", wanted_->width, "; make them of one size with `resize` HxW");
    expect<data_error>(options_.channels || found.channels == wanted_->channels, path.string(), ": is ",
                       colours(found.channels), ", but ", first_, " is ", colours(wanted_->channels),
                       "; make them alike with `channels` 1 or 3");
  }

  [[nodiscard]] static std::string_view colours(std::size_t channels) { return channels == 1 ? "grey" : "in colour"; }

  void append(const decoded_image& image, std::vector<float>& values) const {
    const std::size_t channels = image.extents.channels;
    const std::size_t pixels = image.extents.height * image.extents.width;
    const bool grey_of_colour = channels == 3 && wanted_->channels == 1;
    std::vector<std::uint32_t> plane(pixels);
    for (std::size_t c = 0; c < wanted_->channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) {
        const std::uint8_t* const at = image.pixels.data() + p * channels;
        plane[p] = grey_of_colour ? 299U * at[0] + 587U * at[1] + 114U * at[2] : at[channels == 1 ? 0 : c];
      }
      append_resized(plane, {image.extents.height, image.extents.width}, {wanted_->height, wanted_->width},
                     grey_of_colour ? 255'000 : 255, values);
    }
  }

  image_options options_;
  std::optional<image_extents> wanted_;
  std::string first_;  ///< the file that said what the options do not
};

/// Brief: a data set of images with its classes, in the order of labels 0 .. K - 1.
struct image_data {
  labelled_rows train;
  std::optional<labelled_rows> test;
  std::vector<std::int64_t> classes;  ///< places among the folders of all classes
  std::vector<std::string> names;     ///< their names
};

/// Brief: reads a folder as find_image_folders finds it, and of its classes those that select_image_classes selects.
/// Throws: as these, and as image_reader; data_error for a class of the test folder that the training folder has not.
/// Cost: files of other classes and rows beyond the limits are not read.
[[nodiscard]] inline image_data read_image_data(const std::filesystem::path& folder, const std::string& selection,
                                                const image_options& options, std::size_t train_rows = all_rows,
                                                std::size_t test_rows = all_rows) {
  const image_folders folders = find_image_folders(folder);
  const std::vector<std::string> names = image_class_names(folders.train);
  expect<data_error>(names.size() >= 2, folders.train.string(), ": holds one folder, ", names.front(),
                     "; expected one per class, 2 at least");
  image_data data;
  std::vector<image_class> train;
  for (const std::size_t place : select_image_classes(selection, names)) {
    data.classes.push_back(static_cast<std::int64_t>(place));
    data.names.push_back(names[place]);
    train.push_back(list_image_class(folders.train, names[place]));
  }
  image_reader reader(options);
  if (!folders.test) {
    data.train = reader.read(train);
    return data;
  }
  std::vector<image_class> test;
  const std::vector<std::string> in_test = image_class_names(*folders.test);
  for (const std::string& name : in_test) {
    expect<data_error>(std::ranges::find(names, name) != names.end(), (*folders.test / name).string(),
                       ": a class that ", folders.train.string(), " has not");
  }
  for (const image_class& known : train) {
    const bool there = std::ranges::find(in_test, known.name) != in_test.end();
    test.push_back(there ? list_image_class(*folders.test, known.name) : image_class{known.name, {}});
  }
  data.train = reader.read(train, train_rows);
  data.test = reader.read(test, test_rows);
  expect<data_error>(data.test->size() > 0, folders.test->string(), ": holds no image of the selected classes");
  return data;
}

}  // namespace v1
}  // namespace certssb
