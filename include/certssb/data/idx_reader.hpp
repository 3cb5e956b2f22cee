// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads IDX files, the format of MNIST, plain or gzipped. All sizes in them are checked.

#include "certssb/core/expect.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the largest content an IDX file may announce, in bytes.
inline constexpr std::uint64_t idx_size_limit = std::uint64_t{1} << 32U;

/// Brief: where Debian's package dataset-fashion-mnist puts Fashion-MNIST.
inline constexpr std::string_view fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

/// Brief: an array of bytes as an IDX file holds it, row-major.
struct idx_array {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> values;
};

/// Brief: labelled images in the order of their file.
/// Shapes: pixels [labels.size(), row_shape...], row_shape {channels, height, width}.
/// Units: pixels 0 .. 255.
struct image_set {
  std::vector<std::uint8_t> pixels;
  std::vector<std::size_t> row_shape;
  std::vector<std::uint8_t> labels;

  [[nodiscard]] std::size_t size() const noexcept { return labels.size(); }
};

namespace detail {

/// Brief: the bytes of a file, unpacked if it is gzipped.
class byte_source {
public:
  explicit byte_source(const std::filesystem::path& path) : name_(path.string()) {
    std::error_code failed;
    file_size_ = std::filesystem::file_size(path, failed);
    expect<data_error>(!failed, name_, ": ", failed.message());
    file_.reset(gzopen(name_.c_str(), "rb"));
    expect<data_error>(file_ != nullptr, name_, ": cannot be opened");
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Brief: no gzip file unpacks to more than 1032 times its size.
  [[nodiscard]] bool can_hold(std::uint64_t bytes) const noexcept { return bytes / 1032 <= file_size_; }

  void read(std::span<std::uint8_t> out) {
    std::size_t done = 0;
    while (done < out.size()) {
      const std::size_t got = read_some(out.subspan(done));
      expect<data_error>(got > 0, name_, ": truncated: expected ", out.size(), " more bytes, got ", done);
      done += got;
    }
  }

  /// Brief: also makes zlib check the checksum at the end of a gzip file.
  void expect_end() {
    std::array<std::uint8_t, 1> extra{};
    expect<data_error>(read_some(extra) == 0, name_, ": has bytes after the announced content");
  }

private:
  struct close {
    void operator()(gzFile file) const noexcept { gzclose(file); }
  };

  std::size_t read_some(std::span<std::uint8_t> out) {
    constexpr std::size_t at_once = std::size_t{1} << 24U;
    const int got = gzread(file_.get(), out.data(), static_cast<unsigned>(std::min(out.size(), at_once)));
    int status = Z_OK;
    const char* reason = gzerror(file_.get(), &status);
    expect<data_error>(got >= 0 && (status == Z_OK || status == Z_STREAM_END), name_, ": cannot be unpacked: ", reason);
    return static_cast<std::size_t>(got);
  }

  std::string name_;
  std::uintmax_t file_size_ = 0;
  std::unique_ptr<gzFile_s, close> file_;
};

}  // namespace detail

/// Brief: reads one IDX file of unsigned bytes with `lowest` to `highest` dimensions.
/// Throws: data_error when the file is missing, is not such an IDX file, has an empty dimension, announces more than
/// idx_size_limit or than a file of its size can hold, is truncated, or has bytes left over.
/// Cost: memory for the content, taken only once the sizes have been checked.
[[nodiscard]] inline idx_array read_idx(const std::filesystem::path& path, std::size_t lowest, std::size_t highest) {
  detail::byte_source file(path);
  std::array<std::uint8_t, 4> magic{};
  file.read(magic);
  expect<data_error>(magic[0] == 0 && magic[1] == 0 && magic[2] == 0x08, file.name(),
                     ": not an IDX file of unsigned bytes: expected it to begin 0 0 8, got ", magic[0], " ", magic[1],
                     " ", magic[2]);
  expect<data_error>(magic[3] >= lowest && magic[3] <= highest, file.name(), ": expected ", lowest, " to ", highest,
                     " dimensions, got ", magic[3]);
  idx_array array;
  std::uint64_t bytes = 1;
  for (std::size_t axis = 0; axis < magic[3]; ++axis) {
    std::array<std::uint8_t, 4> field{};
    file.read(field);
    const std::uint64_t extent = (std::uint64_t{field[0]} << 24U) | (std::uint64_t{field[1]} << 16U) |
                                 (std::uint64_t{field[2]} << 8U) | field[3];
    expect<data_error>(extent > 0, file.name(), ": dimension ", axis, " is empty");
    expect<data_error>(extent <= idx_size_limit / bytes, file.name(), ": announces more than ", idx_size_limit,
                       " bytes");
    bytes *= extent;
    array.shape.push_back(static_cast<std::size_t>(extent));
  }
  expect<data_error>(file.can_hold(bytes), file.name(), ": announces ", bytes, " bytes, more than the file can hold");
  array.values.resize(static_cast<std::size_t>(bytes));
  file.read(array.values);
  file.expect_end();
  return array;
}

/// Brief: reads images ([N, height, width] or [N, channels, height, width]) and their labels ([N]).
/// Throws: data_error from `read_idx`, or when the counts differ.
[[nodiscard]] inline image_set read_idx_images(const std::filesystem::path& images,
                                               const std::filesystem::path& labels) {
  idx_array pixels = read_idx(images, 3, 4);
  idx_array names = read_idx(labels, 1, 1);
  expect<data_error>(pixels.shape[0] == names.shape[0], labels.string(), ": expected ", pixels.shape[0],
                     " labels, one per image of ", images.string(), ", got ", names.shape[0]);
  std::vector<std::size_t> row_shape(pixels.shape.begin() + 1, pixels.shape.end());
  if (row_shape.size() == 2) row_shape.insert(row_shape.begin(), 1);
  return {std::move(pixels.values), std::move(row_shape), std::move(names.values)};
}

/// Brief: the two halves of a data set in MNIST's format.
enum class idx_split { train, test };

/// Brief: reads {train,t10k}-images-idx{3,4}-ubyte and -labels-idx1-ubyte of a folder, each plain or with .gz. Some
/// unpackers write train-images.idx3-ubyte instead.
/// Throws: data_error naming the first file that is missing or bad, or the folder or empty file in its place.
[[nodiscard]] inline image_set read_idx_folder(const std::filesystem::path& folder, idx_split split) {
  const std::string prefix = split == idx_split::train ? "train" : "t10k";
  const bool fashion = folder.lexically_normal() / "" == std::filesystem::path(fashion_mnist_folder) / "";
  const char* const hint = fashion ? " (Debian package dataset-fashion-mnist)" : "";
  const auto find = [&](const std::string& what, std::initializer_list<const char*> kinds) {
    std::error_code ignored;
    std::string in_the_way;
    for (const char* kind : kinds) {
      for (const std::string& name : {prefix + what + "-" + kind, prefix + what + "." + kind}) {
        for (const char* ending : {"", ".gz"}) {
          const auto path = folder / (name + ending);
          if (!std::filesystem::exists(path, ignored)) continue;
          const bool file = std::filesystem::is_regular_file(path, ignored);
          if (file && std::filesystem::file_size(path, ignored) > 0) return path;
          if (in_the_way.empty()) in_the_way = path.string() + (file ? ": is empty" : ": is a folder, not a file");
        }
      }
    }
    const std::string missing = (folder / (prefix + what + "-" + *kinds.begin())).string();
    throw data_error(in_the_way.empty() ? missing + ": no such file, nor with .gz" + hint : in_the_way);
  };
  std::error_code unreadable;
  expect<data_error>(std::filesystem::is_directory(folder, unreadable), folder.string(), ": no such folder", hint);
  const auto images = find("-images", {"idx3-ubyte", "idx4-ubyte"});
  return read_idx_images(images, find("-labels", {"idx1-ubyte"}));
}

}  // namespace v1
}  // namespace certssb
