// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads CIFAR-10 and CIFAR-100 in their binary version.

#include "certssb/core/expect.hpp"
#include "certssb/data/idx_reader.hpp"
#include "certssb/io/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the two data sets of 32 x 32 colour images; CIFAR-100 has a coarse label before the fine one, which is read.
enum class cifar_version { ten, hundred };

/// Brief: adds the images of one file: a row is the label (or two), then 3072 pixels, all of red before green and blue.
/// Throws: data_error unless the file is whole rows, at least one, with labels below 10 (100).
/// Cost: memory for the content, taken once its size is known to be whole rows of at most 1 GiB.
inline void read_cifar(const std::filesystem::path& path, cifar_version version, image_set& images) {
  constexpr std::size_t pixels = 3072;
  const std::size_t labels = version == cifar_version::ten ? 1 : 2;
  const std::size_t row = labels + pixels;
  const std::uintmax_t size = size_of_file(path);
  expect<data_error>(size > 0 && size % row == 0, path.string(), ": expected rows of ", row, " bytes, got ", size,
                     " bytes");
  const std::string bytes = read_file(path, std::uintmax_t{1} << 30U);
  const std::uint8_t most = version == cifar_version::ten ? 10 : 100;
  for (std::size_t at = 0; at < bytes.size(); at += row) {
    const auto label = static_cast<std::uint8_t>(bytes[at + labels - 1]);
    expect<data_error>(label < most, path.string(), ": row ", at / row, ": expected a label below ", most, ", got ",
                       label);
    images.labels.push_back(label);
    for (std::size_t p = 0; p < pixels; ++p) {
      images.pixels.push_back(static_cast<std::uint8_t>(bytes[at + labels + p]));
    }
  }
}

/// Brief: reads data_batch_1.bin .. data_batch_5.bin or test_batch.bin (CIFAR-100: train.bin, test.bin) of a folder.
/// Throws: data_error naming the first file that is missing or bad.
[[nodiscard]] inline image_set read_cifar_folder(const std::filesystem::path& folder, cifar_version version,
                                                 idx_split split) {
  image_set images{{}, {3, 32, 32}, {}};
  if (version == cifar_version::hundred) {
    read_cifar(folder / (split == idx_split::train ? "train.bin" : "test.bin"), version, images);
  } else if (split == idx_split::test) {
    read_cifar(folder / "test_batch.bin", version, images);
  } else {
    for (const char* number : {"1", "2", "3", "4", "5"}) {
      read_cifar(folder / (std::string("data_batch_") + number + ".bin"), version, images);
    }
  }
  return images;
}

}  // namespace v1
}  // namespace certssb
