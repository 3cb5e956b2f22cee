// SPDX-License-Identifier: MIT
#pragma once
// Brief: the pixels of PNG and JPEG files, which anybody may have made: sizes are checked before memory is taken, and a
// file that is broken anywhere is refused.

#include "certssb/core/expect.hpp"

#include <png.h>

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <jpeglib.h>

namespace certssb {
inline namespace v1 {

/// Brief: the most pixels that an image may announce (8192 x 4096), and the longest side.
inline constexpr std::size_t image_pixel_limit = std::size_t{1} << 25U;
inline constexpr std::size_t image_side_limit = (std::size_t{1} << 16U) - 1;

/// Brief: rows, columns, and 1 channel (grey) or 3 (red, green, blue).
struct image_extents {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 1;

  [[nodiscard]] std::size_t size() const noexcept { return height * width * channels; }
  bool operator==(const image_extents&) const = default;
};

/// Brief: an image as it is stored.
/// Shapes: pixels [height, width, channels].
/// Units: 0 .. 255.
struct decoded_image {
  image_extents extents;
  std::vector<std::uint8_t> pixels;
};

namespace detail {

inline void expect_extents(const image_extents& extents, const std::string& name) {
  const bool fits = extents.height > 0 && extents.width > 0 && extents.height <= image_side_limit &&
                    extents.width <= image_side_limit && extents.height * extents.width <= image_pixel_limit;
  expect<data_error>(fits, name, ": announces ", extents.height, "x", extents.width, " pixels; at most ",
                     image_pixel_limit, " are read, and ", image_side_limit, " a side");
}

/// Brief: a PNG file. Palettes become colours; grey of 1, 2 and 4 bits is spread over 0 .. 255; a gamma other than sRGB's
/// is converted to it. 16 bits and transparent pixels are refused.
class png_decoder {
public:
  /// Throws: data_error; `name` begins the message.
  png_decoder(std::string_view bytes, const std::string& name) : name_(name) {
    expect_done(png_image_begin_read_from_memory(&file_, bytes.data(), bytes.size()));
    expect<data_error>((file_.format & PNG_FORMAT_FLAG_LINEAR) == 0, name,
                       ": expected a PNG of at most 8 bits per channel, got 16");
    expect_extents(extents(), name);
  }

  [[nodiscard]] image_extents extents() const noexcept {
    return {file_.height, file_.width, (file_.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3U : 1U};
  }

  [[nodiscard]] decoded_image decode() {
    decoded_image image{extents(), {}};
    const bool alpha = (file_.format & PNG_FORMAT_FLAG_ALPHA) != 0;
    const std::size_t channels = image.extents.channels;
    file_.format = channels == 3 ? (alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB) : alpha ? PNG_FORMAT_GA : PNG_FORMAT_GRAY;
    image.pixels.resize(image.extents.height * image.extents.width * (channels + (alpha ? 1 : 0)));
    expect_done(png_image_finish_read(&file_, nullptr, image.pixels.data(), 0, nullptr));
    if (!alpha) return image;
    std::size_t to = 0;
    for (std::size_t from = 0; from < image.pixels.size(); from += channels + 1) {
      expect<data_error>(image.pixels[from + channels] == 255, name_,
                         ": has transparent pixels, whose colour is not said");
      for (std::size_t c = 0; c < channels; ++c) image.pixels[to++] = image.pixels[from + c];
    }
    image.pixels.resize(to);
    return image;
  }

private:
  struct owned_image : png_image {
    owned_image() : png_image{} { version = PNG_IMAGE_VERSION; }
    owned_image(const owned_image&) = delete;
    owned_image& operator=(const owned_image&) = delete;
    ~owned_image() { png_image_free(this); }
  };

  void expect_done(int done) const {
    expect<data_error>(done != 0, name_, ": a broken PNG: ", std::string_view(file_.message));
  }

  const std::string& name_;
  owned_image file_;
};

/// Brief: a JPEG file, grey or in colour. What libjpeg only warns of (missing or damaged data) is an error here.
class jpeg_decoder {
public:
  /// Throws: data_error; `name` begins the message.
  jpeg_decoder(std::string_view bytes, const std::string& name) : name_(name) {
    attempt([&] {
      jpeg_create_decompress(&file_.info);
      file_.info.progress = &file_.progress;
      jpeg_mem_src(&file_.info, reinterpret_cast<const unsigned char*>(bytes.data()),
                   static_cast<unsigned long>(bytes.size()));
      jpeg_read_header(&file_.info, TRUE);
    });
    const int channels = file_.info.num_components;
    expect<data_error>(channels == 1 || channels == 3, name, ": expected a JPEG of 1 or 3 channels, got ", channels);
    expect_extents(extents(), name);
  }

  [[nodiscard]] image_extents extents() const noexcept {
    return {file_.info.image_height, file_.info.image_width, file_.info.num_components == 3 ? 3U : 1U};
  }

  [[nodiscard]] decoded_image decode() {
    decoded_image image{extents(), {}};
    image.pixels.resize(image.extents.size());
    const std::size_t row = image.extents.width * image.extents.channels;
    attempt([&] {
      file_.info.out_color_space = image.extents.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
      jpeg_start_decompress(&file_.info);
      while (file_.info.output_scanline < file_.info.output_height) {
        JSAMPROW to = image.pixels.data() + file_.info.output_scanline * row;
        jpeg_read_scanlines(&file_.info, &to, 1);
      }
      jpeg_finish_decompress(&file_.info);
    });
    return image;
  }

private:
  struct error_state : jpeg_error_mgr {
    std::jmp_buf back;
    char text[JMSG_LENGTH_MAX];
  };

  struct owned_file {
    owned_file() {
      info.err = jpeg_std_error(&errors);
      errors.error_exit = [](j_common_ptr file) { fail(file); };
      errors.emit_message = [](j_common_ptr file, int level) {
        if (level < 0) fail(file);
      };
      progress.progress_monitor = [](j_common_ptr file) {
        // A progressive file of a few bytes a scan could ask for hours of work.
        constexpr int most_scans = 500;
        if (reinterpret_cast<j_decompress_ptr>(file)->input_scan_number <= most_scans) return;
        auto* const state = static_cast<error_state*>(file->err);
        std::snprintf(state->text, sizeof state->text, "more than %d scans", most_scans);
        std::longjmp(state->back, 1);
      };
    }
    owned_file(const owned_file&) = delete;
    owned_file& operator=(const owned_file&) = delete;
    ~owned_file() { jpeg_destroy_decompress(&info); }

    [[noreturn]] static void fail(j_common_ptr file) {
      auto* const state = static_cast<error_state*>(file->err);
      file->err->format_message(file, state->text);
      std::longjmp(state->back, 1);
    }

    error_state errors{};
    jpeg_progress_mgr progress{};
    jpeg_decompress_struct info{};
  };

  /// Requires: nothing in `step` has a destructor: libjpeg's errors jump out of it.
  template <class Step>
  void attempt(const Step& step) {
    if (setjmp(file_.errors.back) == 0) {
      step();
      return;
    }
    throw data_error(concatenate(name_, ": a broken JPEG: ", std::string_view(file_.errors.text)));
  }

  const std::string& name_;
  owned_file file_;
};

/// Brief: calls use(decoder) with the decoder of the file, by its first bytes.
template <class Use>
auto with_decoder(std::string_view bytes, const std::string& name, const Use& use) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) {
    png_decoder png(bytes, name);
    return use(png);
  }
  expect<data_error>(bytes.starts_with("\xff\xd8\xff"), name, ": neither PNG nor JPEG");
  jpeg_decoder jpeg(bytes, name);
  return use(jpeg);
}

}  // namespace detail

/// Brief: what the header of a PNG or JPEG file announces.
/// Throws: data_error, `name` first, for another format, a broken header, more pixels than the limits, a PNG of 16
/// bits, and a JPEG of other than 1 or 3 channels.
[[nodiscard]] inline image_extents read_image_extents(std::string_view bytes, const std::string& name) {
  return detail::with_decoder(bytes, name, [](const auto& decoder) { return decoder.extents(); });
}

/// Brief: the pixels of a PNG or JPEG file.
/// Throws: as read_image_extents; data_error also for data that are truncated or damaged, and for transparent pixels.
/// Cost: memory for the pixels, and for a progressive JPEG twice as much again.
/// Determinism: a function of the bytes and the version of libjpeg.
[[nodiscard]] inline decoded_image decode_image(std::string_view bytes, const std::string& name) {
  return detail::with_decoder(bytes, name, [](auto& decoder) { return decoder.decode(); });
}

}  // namespace v1
}  // namespace certssb
