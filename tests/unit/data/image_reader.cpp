// SPDX-License-Identifier: MIT
// Brief: images as files of anybody's making, in other sizes, and in folders per class.
#include "certssb/data/image_reader.hpp"

#include "certssb/io/files.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/png.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace certssb;

namespace {

std::string big_endian(std::size_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 255U);
  return text;
}

std::string png_chunk(const std::string& type, const std::string& content) {
  const std::string checked = type + content;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(content.size()) + checked + big_endian(sum);
}

struct png_header {
  std::size_t width;
  std::size_t height;
  int depth;
  int colour;  ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
};

/// A PNG written out by hand; each of the rows begins with filter 0.
std::string made_png(const png_header& header, const std::string& rows, const std::string& before = "") {
  std::string packed(rows.size() + 1000, '\0');
  uLongf size = packed.size();
  REQUIRE(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
                   static_cast<uLong>(rows.size())) == Z_OK);
  packed.resize(size);
  const std::string first = big_endian(header.width) + big_endian(header.height) + static_cast<char>(header.depth) +
                            static_cast<char>(header.colour) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", first) + before + png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

/// A JPEG of best quality; with `scans`, a progressive one of a scan for each coefficient and bit.
std::string made_jpeg(const decoded_image& image, J_COLOR_SPACE colours, bool scans = false) {
  jpeg_error_mgr errors{};
  jpeg_compress_struct file{};
  file.err = jpeg_std_error(&errors);
  jpeg_create_compress(&file);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&file, &bytes, &size);
  file.image_width = static_cast<JDIMENSION>(image.extents.width);
  file.image_height = static_cast<JDIMENSION>(image.extents.height);
  file.input_components = static_cast<int>(image.extents.channels);
  file.in_color_space = colours;
  jpeg_set_defaults(&file);
  jpeg_set_quality(&file, 100, TRUE);
  std::vector<jpeg_scan_info> script;
  for (int coefficient = 0; scans && coefficient < 64; ++coefficient) {
    for (int bit = 10; bit >= 0; --bit) {
      script.push_back({1, {0, 0, 0, 0}, coefficient, coefficient, bit == 10 ? 0 : bit + 1, bit});
    }
  }
  if (scans) {
    file.scan_info = script.data();
    file.num_scans = static_cast<int>(script.size());
  }
  jpeg_start_compress(&file, TRUE);
  while (file.next_scanline < file.image_height) {
    std::vector<std::uint8_t> row(
        image.pixels.begin() +
            static_cast<std::ptrdiff_t>(file.next_scanline * image.extents.width * image.extents.channels),
        image.pixels.end());
    JSAMPROW at = row.data();
    jpeg_write_scanlines(&file, &at, 1);
  }
  jpeg_finish_compress(&file);
  std::string text(reinterpret_cast<const char*>(bytes), size);
  jpeg_destroy_compress(&file);
  std::free(bytes);
  return text;
}

/// One colour all over.
decoded_image plain_image(std::size_t height, std::size_t width, const std::vector<std::uint8_t>& colour) {
  decoded_image image{{height, width, colour.size()}, {}};
  for (std::size_t p = 0; p < height * width; ++p) {
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  }
  return image;
}

std::string plain_png(std::size_t height, std::size_t width, const std::vector<std::uint8_t>& colour) {
  const decoded_image image = plain_image(height, width, colour);
  return png_bytes({height, width, colour.size(), image.pixels});
}

void refuses_image(const std::string& bytes, const std::string& why) {
  CHECK_THROWS_AS(decode_image(bytes, "x.png"), data_error);
  CHECK_THROWS_WITH(decode_image(bytes, "x.png"), Catch::StartsWith("x.png: ") && Catch::Contains(why));
}

/// A folder of images that goes away.
class image_files {
public:
  std::filesystem::path put(const std::string& name, const std::string& content) {
    const auto path = folder_.path() / name;
    make_folder(path.parent_path());
    write_file(path, content);
    return path;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

private:
  detail::temporary_folder folder_;
};

}  // namespace

TEST_CASE("PNG files of every kind that is read give the pixels that were written", "[data]") {
  const std::vector<std::uint8_t> grey{0, 51, 255, 7, 8, 9};
  const decoded_image back = decode_image(png_bytes({2, 3, 1, grey}), "x.png");
  CHECK(back.extents == image_extents{2, 3, 1});
  CHECK(back.pixels == grey);
  const std::vector<std::uint8_t> colour{1, 2, 3, 250, 0, 9};
  CHECK(decode_image(png_bytes({1, 2, 3, colour}), "x.png").pixels == colour);
  CHECK(read_image_extents(png_bytes({1, 2, 3, colour}), "x.png") == image_extents{1, 2, 3});

  using namespace std::string_literals;
  const auto bits = decode_image(made_png({4, 1, 1, 0}, "\0\xa0"s), "x.png");  // 1 0 1 0
  CHECK(bits.pixels == std::vector<std::uint8_t>{255, 0, 255, 0});
  const auto palette =
      decode_image(made_png({2, 1, 8, 3}, "\0\1\0"s, png_chunk("PLTE", "\x10\x20\x30\x40\x50\x60"s)), "x");
  CHECK(palette.extents.channels == 3);
  CHECK(palette.pixels == std::vector<std::uint8_t>{0x40, 0x50, 0x60, 0x10, 0x20, 0x30});
  const auto opaque = decode_image(made_png({2, 1, 8, 4}, "\0\x11\xff\x22\xff"s), "x.png");
  CHECK(opaque.extents == image_extents{1, 2, 1});
  CHECK(opaque.pixels == std::vector<std::uint8_t>{0x11, 0x22});
  CHECK(decode_image(made_png({1, 1, 8, 6}, "\0\1\2\3\xff"s), "x.png").pixels == std::vector<std::uint8_t>{1, 2, 3});
  refuses_image(made_png({1, 1, 8, 6}, "\0\1\2\3\xfe"s), "has transparent pixels");
  refuses_image(made_png({1, 1, 16, 0}, "\0\1\2"s), "at most 8 bits per channel, got 16");
}

TEST_CASE("images that lie or are broken are refused by name before memory is taken", "[data]") {
  using namespace std::string_literals;
  refuses_image("", "neither PNG nor JPEG");
  refuses_image("GIF89a", "neither PNG nor JPEG");
  refuses_image(made_png({60'000, 60'000, 8, 2}, "\0"s), "announces 60000x60000 pixels; at most 33554432");
  refuses_image(made_png({70'000, 1, 8, 0}, "\0"s), "65535 a side");
  const std::string whole = plain_png(40, 30, {10, 20, 30});
  for (const std::size_t kept : {9U, 20U, 40U, 60U}) refuses_image(whole.substr(0, kept), "a broken PNG: ");
  std::string flipped = whole;
  flipped[whole.find("IDAT") + 6] ^= 1;
  refuses_image(flipped, "a broken PNG: ");
  refuses_image(made_png({2, 2, 8, 0}, "\0\1\2"s), "a broken PNG: ");  // a row is missing

  const std::string jpeg = made_jpeg(plain_image(40, 48, {90, 160, 40}), JCS_RGB);
  for (std::size_t kept = 3; kept < jpeg.size(); ++kept) {
    CAPTURE(kept);
    CHECK_THROWS_WITH(decode_image(jpeg.substr(0, kept), "x.jpg"), Catch::StartsWith("x.jpg: a broken JPEG: "));
  }
  std::string lying = jpeg;
  const std::size_t frame = lying.find("\xff\xc0");
  REQUIRE(frame != std::string::npos);
  lying.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
  CHECK_THROWS_WITH(decode_image(lying, "x.jpg"), Catch::Contains("announces 65500x65500 pixels"));
  lying.replace(frame + 5, 4, "\x01\x00\x01\x00"s);  // 256 x 256: more than there are data for
  CHECK_THROWS_WITH(decode_image(lying, "x.jpg"), Catch::Contains("a broken JPEG"));
  CHECK_THROWS_WITH(decode_image(made_jpeg(plain_image(8, 8, {1, 2, 3, 4}), JCS_CMYK), "x.jpg"),
                    Catch::Contains("expected a JPEG of 1 or 3 channels, got 4"));
  CHECK_THROWS_WITH(decode_image(made_jpeg(plain_image(8, 8, {77}), JCS_GRAYSCALE, true), "x.jpg"),
                    Catch::Contains("more than 500 scans"));
}

TEST_CASE("JPEG files give what was written, but for their rounding", "[data]") {
  for (const std::vector<std::uint8_t>& colour : {std::vector<std::uint8_t>{200}, {90, 160, 40}}) {
    const decoded_image image = plain_image(19, 33, colour);
    const decoded_image back = decode_image(made_jpeg(image, colour.size() == 1 ? JCS_GRAYSCALE : JCS_RGB), "x.jpg");
    REQUIRE(back.extents == image.extents);
    int worst = 0;
    for (std::size_t p = 0; p < back.pixels.size(); ++p)
      worst = std::max(worst, std::abs(back.pixels[p] - image.pixels[p]));
    CHECK(worst <= 2);
  }
}

TEST_CASE("resizing is the mean over areas, or linear between centres", "[data]") {
  const auto resized = [](const std::vector<std::uint32_t>& plane, image_size from, image_size to) {
    std::vector<float> values;
    append_resized(plane, from, to, 100, values);
    return values;
  };
  using floats = std::vector<float>;
  CHECK(resized({0, 40, 80, 100}, {1, 4}, {1, 2}) == floats{0.2F, 0.9F});
  CHECK(resized({0, 40, 80, 100}, {4, 1}, {2, 1}) == floats{0.2F, 0.9F});
  CHECK(resized({0, 30, 90}, {1, 3}, {1, 2}) == floats{0.1F, 0.7F});  // (2 * 0 + 1 * 30) / 3 and (1 * 30 + 2 * 90) / 3
  CHECK(resized({0, 100}, {1, 2}, {1, 4}) == floats{0.0F, 0.25F, 0.75F, 1.0F});
  CHECK(resized({30}, {1, 1}, {2, 3}) == floats(6, 0.3F));
  CHECK(resized({1, 2, 3, 4, 5, 6}, {2, 3}, {2, 3}) == floats{0.01F, 0.02F, 0.03F, 0.04F, 0.05F, 0.06F});
  // Rows shrink and columns grow: means of rows (50, 50), then between.
  CHECK(resized({0, 100, 100, 0}, {2, 2}, {1, 4}) == floats(4, 0.5F));

  std::vector<std::uint32_t> plane(7 * 11);
  std::uint32_t sum = 0;
  for (std::size_t p = 0; p < plane.size(); ++p) sum += plane[p] = static_cast<std::uint32_t>(p * p % 101);
  double total = 0.0;
  for (const float value : resized(plane, {7, 11}, {3, 5})) total += value;
  CHECK(total / 15.0 == Approx(sum / 100.0 / 77.0));  // the mean stays

  CHECK(parse_image_size("64x48").height == 64);
  CHECK(parse_image_size("64x48").width == 48);
  for (const char* wrong : {"", "64", "x", "64x", "x48", "0x4", "4x0", "64X48", "64x48 ", "5000x5", "-1x4", "6x4x3"}) {
    CHECK_THROWS_WITH(parse_image_size(wrong), Catch::StartsWith("resize: expected height x width such as 64x48"));
  }
}

TEST_CASE("classes are folders in the order of names or numbers, and their images are mixed", "[data]") {
  image_files files;
  for (const char* name : {"b", "a10", "a2"}) files.put(std::string("names/") + name + "/x.png", plain_png(2, 2, {0}));
  for (const char* name : {"10", "9", "0"}) files.put(std::string("numbers/") + name + "/x.png", plain_png(2, 2, {0}));
  using texts = std::vector<std::string>;
  CHECK(image_class_names(files.folder() / "names") == texts{"a10", "a2", "b"});
  CHECK(image_class_names(files.folder() / "numbers") == texts{"0", "9", "10"});

  using places = std::vector<std::size_t>;
  const texts names{"ant", "bee", "cat"};
  CHECK(select_image_classes("all", names) == places{0, 1, 2});
  CHECK(select_image_classes("cat,ant", names) == places{0, 2});  // the first is the positive class, label 1
  CHECK(select_image_classes("ant,cat", names) == places{2, 0});
  CHECK(select_image_classes("cat,ant,bee", names) == places{0, 1, 2});
  CHECK_THROWS_WITH(
      select_image_classes("1,0", names),
      Catch::Contains("classes: there is no folder 1; expected names of folders, such as ant,bee, or all"));
  CHECK_THROWS_WITH(select_image_classes("ant,ant", names), "classes: ant is given twice");
  CHECK_THROWS_WITH(select_image_classes("ant", names), "classes: expected 2 to 256, got 1");

  const std::vector<image_class> classes{{"a", {"1", "2", "3", "4"}}, {"b", {"5", "6"}}};
  std::string order;
  for (const image_place& place : spread_classes(classes)) order += classes[place.label].files[place.number].string();
  CHECK(order == "152364");  // at 1/8 3/8 5/8 7/8 and 1/4 3/4
}

TEST_CASE("a folder of images is read whole, in other sizes and colours where that is asked for", "[data]") {
  image_files files;
  files.put("train/dark/1.png", plain_png(2, 2, {51}));
  files.put("train/dark/2.JPEG", made_jpeg(plain_image(2, 2, {0}), JCS_GRAYSCALE));
  files.put("train/light/1.png", plain_png(2, 2, {255}));
  files.put("train/light/.hidden", "not looked at");
  files.put("val/light/1.png", plain_png(2, 2, {102}));
  files.put("val/dark/1.png", plain_png(2, 2, {0}));
  const image_data data = read_image_data(files.folder(), "light,dark", {});
  CHECK(data.names == std::vector<std::string>{"dark", "light"});
  CHECK(data.classes == std::vector<std::int64_t>{0, 1});
  CHECK(data.train.labels == std::vector<std::uint8_t>{0, 1, 0});
  CHECK(data.train.row_shape == std::vector<std::size_t>{1, 2, 2});
  CHECK(data.train.values == std::vector<float>{.2F, .2F, .2F, .2F, 1, 1, 1, 1, 0, 0, 0, 0});
  REQUIRE(data.test.has_value());
  CHECK(data.test->values == std::vector<float>{0, 0, 0, 0, .4F, .4F, .4F, .4F});
  const image_data turned = read_image_data(files.folder(), "dark,light", {}, 1, 1);
  CHECK(turned.names == std::vector<std::string>{"light", "dark"});
  CHECK(turned.classes == std::vector<std::int64_t>{1, 0});
  CHECK(turned.train.size() == 1);
  CHECK(turned.test->size() == 1);

  files.put("train/light/2.png", plain_png(4, 2, {0, 100, 0}));
  const auto refused = [&](const image_options& options, const std::string& why) {
    CHECK_THROWS_AS(read_image_data(files.folder(), "all", options), data_error);
    CHECK_THROWS_WITH(read_image_data(files.folder(), "all", options),
                      Catch::StartsWith((files.folder() / "train/light/2.png").string()) && Catch::Contains(why));
  };
  refused({}, "has 4x2 pixels, but " + (files.folder() / "train/dark/1.png").string() +
                  " has 2x2; make them of one size with `resize` HxW");
  refused({.resize = image_size{1, 1}}, "is in colour, but ");
  const image_data grey = read_image_data(files.folder(), "all", {image_size{1, 1}, 1});
  CHECK(grey.train.row_shape == std::vector<std::size_t>{1, 1, 1});
  CHECK(grey.train.values == std::vector<float>{.2F, 1, 0, static_cast<float>(.587 * 100 / 255)});
  const image_data colour = read_image_data(files.folder(), "all", {image_size{1, 1}, 3});
  CHECK(colour.train.row_shape == std::vector<std::size_t>{3, 1, 1});
  CHECK(colour.train.values ==
        std::vector<float>{.2F, .2F, .2F, 1, 1, 1, 0, 0, 0, 0, static_cast<float>(100.0 / 255.0), 0});
  CHECK_THROWS_WITH(image_reader(image_options{.channels = 2}), Catch::StartsWith("channels: expected 1 (grey) or 3"));
}

TEST_CASE("folders that are no data set of images are refused by name", "[data]") {
  image_files files;
  const auto refused = [&](const std::string& place, const std::string& name, const std::string& why) {
    CAPTURE(place);
    CHECK_THROWS_AS(read_image_data(files.folder() / place, "all", {}), data_error);
    CHECK_THROWS_WITH(read_image_data(files.folder() / place, "all", {}),
                      Catch::StartsWith((files.folder() / name).string() + ": ") && Catch::Contains(why));
  };
  const std::string dot = plain_png(1, 1, {1});
  refused("nowhere", "nowhere", "no such folder");
  refused(files.put("file", "x").filename().string(), "file", "no such folder");
  make_folder(files.folder() / "empty");
  refused("empty", "empty", "holds no folders; expected one per class");
  files.put("one/a/1.png", dot);
  refused("one", "one", "holds one folder, a; expected one per class, 2 at least");
  make_folder(files.folder() / "one/b");
  refused("one", "one/b", "holds no image");
  files.put("one/b/notes.txt", "x");
  refused("one", "one/b/notes.txt", "expected a file .png, .jpg or .jpeg");
  make_folder(files.folder() / "deep/a/1.png");
  files.put("deep/b/1.png", dot);
  refused("deep", "deep/a/1.png", "expected a file .png, .jpg or .jpeg");
  files.put("flat/a/1.png", dot);
  files.put("flat/2.png", dot);
  refused("flat", "flat/2.png", "an image outside the folders of the classes");
  files.put("alone/train/a/1.png", dot);
  refused("alone", "alone", "has a folder train, but neither test nor val");
  for (const char* name : {"a", "b"}) files.put(std::string("more/train/") + name + "/1.png", dot);
  files.put("more/test/c/1.png", dot);
  refused("more", "more/test/c", "a class that ");
  std::filesystem::rename(files.folder() / "more/test/c", files.folder() / "more/test/a");
  CHECK(read_image_data(files.folder() / "more", "all", {}).test->labels == std::vector<std::uint8_t>{0});
  files.put("broken/a/1.png", dot);
  files.put("broken/b/1.png", dot.substr(0, 50));
  refused("broken", "broken/b/1.png", "a broken PNG");
}
