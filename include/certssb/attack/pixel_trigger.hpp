// SPDX-License-Identifier: MIT
#pragma once
// Brief: triggers that brighten a few pixels near the bottom-right corner.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/detail/row_extents.hpp"
#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: adds the same amount to a few pixels, in every channel, so that the pattern's L2 norm is delta.
/// Maths: each of p pixels gets delta / sqrt(p * channels) in each channel.
/// Shapes: rows {channels, height, width} or {height, width}. Pixels are placed by their distance from the bottom and
/// right edges, so that the places of the papers, given for 28 x 28 images, keep their distance from the corner in
/// images of any size. Of rows {columns} the last p columns are raised.
/// Units: delta in those of the inputs, before clipping; a negative delta darkens.
class pixel_trigger {
public:
  /// Brief: a pixel, 1 for the last row or column, 2 for the one before it.
  struct place {
    std::size_t from_bottom;
    std::size_t from_right;
  };

  /// Throws: argument_error when delta is not finite, no place is given, or one is 0.
  pixel_trigger(double delta, std::vector<place> places) : delta_(delta), places_(std::move(places)) {
    expect(std::isfinite(delta), "pixel_trigger: delta must be finite, got ", delta);
    expect(!places_.empty(), "pixel_trigger: needs at least 1 pixel");
    for (const place& pixel : places_) {
      expect(pixel.from_bottom > 0 && pixel.from_right > 0, "pixel_trigger: places count from 1");
      height_ = std::max(height_, pixel.from_bottom);
      width_ = std::max(width_, pixel.from_right);
    }
  }

  /// Throws: argument_error when the row is too small for the pattern, or of another size than its shape.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape) const {
    const detail::row_extents in = detail::extents_of("pixel_trigger", row_shape, row.size());
    const auto amount = static_cast<Scalar>(delta_ / std::sqrt(static_cast<double>(places_.size() * in.channels)));
    if (!in.image) {
      expect(in.width >= places_.size(), "pixel_trigger: the pattern needs at least ", places_.size(), " columns, got ",
             in.width);
      for (Scalar& value : row.last(places_.size())) value += amount;
      return;
    }
    expect(in.height >= height_ && in.width >= width_, "pixel_trigger: the pattern needs images of at least ", height_,
           " x ", width_, ", got ", in.height, " x ", in.width);
    for (std::size_t channel = 0; channel < in.channels; ++channel) {
      for (const place& pixel : places_) {
        row[in.at(channel, in.height - pixel.from_bottom, in.width - pixel.from_right)] += amount;
      }
    }
  }

private:
  double delta_;
  std::vector<place> places_;
  std::size_t height_ = 0;
  std::size_t width_ = 0;
};

/// Brief: the one-pixel trigger of the papers: (23,23) of a 28 x 28 image. The image must be at least 5 x 5.
/// Reference: RAB and Cert-SSB, one-pixel pattern.
[[nodiscard]] inline pixel_trigger one_pixel_trigger(double delta) { return {delta, {{5, 5}}}; }

/// Brief: the four-pixel trigger of the papers: (18,20), (19,19), (20,18) and (20,20) of a 28 x 28 image, delta / 2
/// each. The image must be at least 10 x 10.
/// Reference: RAB and Cert-SSB, four-pixel pattern.
[[nodiscard]] inline pixel_trigger four_pixel_trigger(double delta) {
  return {delta, {{10, 8}, {9, 9}, {8, 10}, {8, 8}}};
}

}  // namespace v1
}  // namespace certssb
