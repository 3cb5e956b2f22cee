// SPDX-License-Identifier: MIT
#pragma once
// Brief: small pictures as PNG files in memory, and as data for a web page.

#include "certssb/core/expect.hpp"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: 8-bit pixels, row by row; one channel is grey, three are red, green and blue.
/// Shapes: pixels [height, width, channels].
struct picture {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 1;
  std::vector<std::uint8_t> pixels;
};

/// Brief: an input as a picture; values outside [low, high] are clipped.
/// Shapes: values [channels, height, width], the order of data sets.
/// Throws: argument_error unless there are 1 or 3 channels and as many values as the shape says.
template <class Scalar>
[[nodiscard]] picture make_picture(std::span<const Scalar> values, std::size_t channels, std::size_t height,
                                   std::size_t width, double low = 0.0, double high = 1.0) {
  expect(channels == 1 || channels == 3, "make_picture: expected 1 or 3 channels, got ", channels);
  expect(values.size() == channels * height * width, "make_picture: expected ", channels * height * width,
         " values, got ", values.size());
  picture image{height, width, channels, std::vector<std::uint8_t>(values.size())};
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t p = 0; p < height * width; ++p) {
      const double share = (static_cast<double>(values[c * height * width + p]) - low) / (high - low);
      image.pixels[p * channels + c] = static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(share, 0.0, 1.0)));
    }
  }
  return image;
}

/// Brief: the bytes of a PNG file.
/// Throws: argument_error if shape and pixels disagree.
[[nodiscard]] inline std::string png_bytes(const picture& image) {
  constexpr std::size_t most = 1U << 16U;
  expect(image.height > 0 && image.width > 0 && image.height <= most && image.width <= most,
         "png_bytes: expected 1 to ", most, " pixels per side, got ", image.height, " x ", image.width);
  expect(image.channels == 1 || image.channels == 3, "png_bytes: expected 1 or 3 channels, got ", image.channels);
  expect(image.pixels.size() == image.height * image.width * image.channels, "png_bytes: expected ",
         image.height * image.width * image.channels, " values, got ", image.pixels.size());
  png_image file{};
  file.version = PNG_IMAGE_VERSION;
  file.height = static_cast<png_uint_32>(image.height);
  file.width = static_cast<png_uint_32>(image.width);
  file.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(file), '\0');
  png_alloc_size_t size = bytes.size();
  const bool written = png_image_write_to_memory(&file, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) != 0;
  expect<error>(written, "png_bytes: libpng could not write the picture: ", std::string_view(file.message));
  bytes.resize(size);
  return bytes;
}

/// Brief: bytes in base64.
/// Reference: RFC 4648, section 4.
[[nodiscard]] inline std::string base64(std::string_view bytes) {
  constexpr std::string_view symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      group = group << 8U | (b < count ? static_cast<unsigned char>(bytes[i + b]) : 0U);
    }
    for (std::size_t s = 0; s < 4; ++s) text += s <= count ? symbols[group >> (18U - 6U * s) & 63U] : '=';
  }
  return text;
}

/// Brief: a picture as a data URI, for the `src` of an HTML image.
[[nodiscard]] inline std::string png_data_uri(const picture& image) {
  return "data:image/png;base64," + base64(png_bytes(image));
}

}  // namespace v1
}  // namespace certssb
