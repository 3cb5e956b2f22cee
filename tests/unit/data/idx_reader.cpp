// SPDX-License-Identifier: MIT
#include "certssb/data/idx_reader.hpp"

#include <zlib.h>
#include <catch2/catch.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace certssb;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;
using bytes = std::vector<std::uint8_t>;

namespace {

/// Brief: a folder of this test's own, gone when the test ends.
struct scratch_folder {
  fs::path path = fs::temp_directory_path() / ("certssb_idx_" + std::to_string(::getpid()));

  scratch_folder() { fs::create_directories(path); }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }

  fs::path plain(const std::string& name, const bytes& content) const {
    std::ofstream(path / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return path / name;
  }

  fs::path zipped(const std::string& name, const bytes& content) const {
    const auto file = gzopen((path / name).c_str(), "wb");
    REQUIRE(file != nullptr);
    REQUIRE(gzwrite(file, content.data(), static_cast<unsigned>(content.size())) == static_cast<int>(content.size()));
    REQUIRE(gzclose(file) == Z_OK);
    return path / name;
  }
};

bytes idx(std::initializer_list<std::uint32_t> shape, const bytes& content, std::uint8_t type = 8) {
  bytes file{0, 0, type, static_cast<std::uint8_t>(shape.size())};
  for (const std::uint32_t extent : shape) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) file.push_back(static_cast<std::uint8_t>(extent >> shift));
  }
  file.insert(file.end(), content.begin(), content.end());
  return file;
}

bytes ramp(std::size_t size) {
  bytes content(size);
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<std::uint8_t>(i);
  return content;
}

}  // namespace

TEST_CASE("an IDX file reads the same plain and gzipped", "[data]") {
  const scratch_folder folder;
  const bytes file = idx({2, 3, 4}, ramp(24));
  for (const auto& path : {folder.plain("a", file), folder.zipped("a.gz", file)}) {
    const idx_array array = read_idx(path, 3, 4);
    CHECK(array.shape == std::vector<std::size_t>{2, 3, 4});
    CHECK(array.values == ramp(24));
  }
}

TEST_CASE("images come as channels, height, width, whether or not the file has channels", "[data]") {
  const scratch_folder folder;
  const auto labels = folder.plain("labels", idx({2}, {7, 9}));
  const image_set grey = read_idx_images(folder.plain("grey", idx({2, 3, 4}, ramp(24))), labels);
  CHECK(grey.row_shape == std::vector<std::size_t>{1, 3, 4});
  CHECK(grey.labels == bytes{7, 9});
  const image_set colour = read_idx_images(folder.plain("colour", idx({2, 3, 2, 2}, ramp(24))), labels);
  CHECK(colour.row_shape == std::vector<std::size_t>{3, 2, 2});
  CHECK(colour.size() == 2);
}

TEST_CASE("files that lie are refused, each in one line that says expected and got", "[data]") {
  const scratch_folder folder;
  const auto refuses = [](const fs::path& path, const std::string& reason) {
    try {
      (void)read_idx(path, 3, 4);
      FAIL("accepted: " << reason);
    } catch (const data_error& e) {
      CHECK_THAT(e.what(), Contains(path.string()) && Contains(reason));
      CHECK(std::string(e.what()).find('\n') == std::string::npos);
    }
  };
  const bytes good = idx({2, 3, 4}, ramp(24));

  refuses(folder.path / "absent", "No such file");
  refuses(folder.plain("empty", {}), "truncated: expected 4 more bytes, got 0");
  refuses(folder.plain("magic", {1, 2, 8, 3, 0, 0, 0, 2}), "expected it to begin 0 0 8, got 1 2 8");
  refuses(folder.plain("floats", idx({2, 3, 4}, ramp(96), 0x0D)), "got 0 0 13");
  refuses(folder.plain("labels", idx({24}, ramp(24))), "expected 3 to 4 dimensions, got 1");
  refuses(folder.plain("no_shape", {0, 0, 8, 3, 0, 0}), "truncated");
  refuses(folder.plain("zero", idx({2, 0, 4}, {})), "dimension 1 is empty");
  refuses(folder.plain("short", bytes(good.begin(), good.end() - 5)), "truncated: expected 24 more bytes, got 19");
  bytes longer(good);
  longer.push_back(0);
  refuses(folder.plain("longer", longer), "has bytes after the announced content");
  refuses(folder.zipped("longer.gz", longer), "has bytes after the announced content");
  refuses(folder.plain("huge", idx({0xffffffff, 0xffffffff, 0xffffffff}, ramp(24))), "announces more than 4294967296");
  refuses(folder.plain("lying", idx({60000, 28, 28}, ramp(24))), "more than the file can hold");
  refuses(folder.zipped("lying.gz", idx({60000, 28, 28}, ramp(24))), "more than the file can hold");
  refuses(folder.zipped("lying_a_little.gz", idx({3, 3, 4}, ramp(24))), "truncated: expected 36 more bytes, got 24");
}

TEST_CASE("a damaged gzip file is refused", "[data]") {
  const scratch_folder folder;
  const auto whole = folder.zipped("a.gz", idx({2, 3, 4}, ramp(24)));
  bytes content(fs::file_size(whole));
  std::ifstream(whole, std::ios::binary)
      .read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
  for (std::size_t size = 3; size < content.size(); ++size) {
    CAPTURE(size);
    const auto cut =
        folder.plain("cut.gz", bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size)));
    CHECK_THROWS_AS(read_idx(cut, 3, 4), data_error);
  }
  content[content.size() - 6] ^= 1U;  // in the checksum
  CHECK_THROWS_AS(read_idx(folder.plain("sum.gz", content), 3, 4), data_error);
}

TEST_CASE("images and labels must be as many", "[data]") {
  const scratch_folder folder;
  const auto images = folder.plain("images", idx({2, 3, 4}, ramp(24)));
  CHECK_THROWS_WITH(read_idx_images(images, folder.plain("labels", idx({3}, {1, 2, 3}))),
                    Contains("expected 2 labels") && Contains("got 3"));
}

TEST_CASE("a folder is read by MNIST's names, and what is missing is named", "[data]") {
  const scratch_folder folder;
  folder.zipped("train-images-idx3-ubyte.gz", idx({2, 3, 4}, ramp(24)));
  CHECK_THROWS_WITH(read_idx_folder(folder.path, idx_split::train),
                    Contains("train-labels-idx1-ubyte: no such file, nor with .gz"));
  folder.plain("train-labels-idx1-ubyte", idx({2}, {0, 1}));
  CHECK(read_idx_folder(folder.path, idx_split::train).size() == 2);
  CHECK_THROWS_WITH(read_idx_folder(folder.path, idx_split::test), Contains("t10k-images-idx3-ubyte: no such file"));
  CHECK_THROWS_WITH(read_idx_folder(folder.path / "absent", idx_split::test), Contains("absent: no such folder"));

  fs::create_directory(folder.path / "t10k-images-idx3-ubyte");
  CHECK_THROWS_WITH(read_idx_folder(folder.path, idx_split::test),
                    Contains("t10k-images-idx3-ubyte: is a folder, not a file"));
  folder.plain("t10k-images.idx3-ubyte", idx({1, 3, 4}, ramp(12)));
  folder.plain("t10k-labels-idx1-ubyte", {});
  CHECK_THROWS_WITH(read_idx_folder(folder.path, idx_split::test), Contains("t10k-labels-idx1-ubyte: is empty"));
  folder.zipped("t10k-labels.idx1-ubyte.gz", idx({1}, {1}));
  CHECK(read_idx_folder(folder.path, idx_split::test).labels == bytes{1});
  CHECK_THROWS_AS(read_idx_folder(folder.path / "absent", idx_split::test), data_error);
}

TEST_CASE("Fashion-MNIST is 60,000 + 10,000 images, each class as often", "[data]") {
  for (const auto& [split, size] : {std::pair{idx_split::train, 60000U}, std::pair{idx_split::test, 10000U}}) {
    const image_set images = read_idx_folder(fashion_mnist_folder, split);
    REQUIRE(images.size() == size);
    CHECK(images.row_shape == std::vector<std::size_t>{1, 28, 28});
    CHECK(images.pixels.size() == size * 784U);
    for (std::uint8_t label = 0; label < 10; ++label) {
      CHECK(std::ranges::count(images.labels, label) == static_cast<std::ptrdiff_t>(size / 10));
    }
  }
}
