// SPDX-License-Identifier: MIT
#pragma once
// Brief: a trigger that bends an image a little.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/detail/row_extents.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the weights of the four points around a place that lies `t` behind the second.
/// Maths: Keys' cubic convolution with a = -3/4.
[[nodiscard]] inline std::array<double, 4> cubic_weights(double t) {
  constexpr double a = -0.75;
  const auto near = [](double x) { return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0; };
  const auto far = [](double x) { return ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a; };
  return {far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)};
}

}  // namespace detail

/// Brief: moves the pixels of an image by a smooth field, the same for every image.
/// Maths: the field is a 4 x 4 grid of U(-1,1) in x and y, divided by the mean of its absolute values, brought to the
/// size of the image by cubic convolution. With places from -1 to 1 across the image, pixel p of the result is the
/// image at clamp(p + strength g(p) / height, -1, 1), bilinear between pixels.
/// A cover row is moved by U(-1,1) / height more at each pixel, from the row's own stream.
/// Shapes: rows {channels, height, width} or {height, width}, at least 2 x 2.
/// Determinism: the field is drawn from stream (key, stage::trigger).
/// Reference: Nguyen and Tran, WaNet: imperceptible warping-based backdoor attack (ICLR 2021).
class warp_trigger {
public:
  /// Throws: argument_error when the strength is not finite.
  warp_trigger(double strength, const random_key& key) : strength_(strength) {
    expect(std::isfinite(strength), "warp_trigger: the strength must be finite, got ", strength);
    random_stream stream(key.at(stage::trigger));
    double total = 0.0;
    for (double& value : grid_) {
      value = 2.0 * stream.uniform() - 1.0;
      total += std::abs(value);
    }
    for (double& value : grid_) value *= static_cast<double>(grid_.size()) / total;
  }

  /// Throws: argument_error when the row is no image, or smaller than 2 x 2.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape, const trigger_context& context) const {
    const detail::row_extents in = detail::extents_of("warp_trigger", row_shape, row.size());
    expect(in.image, "warp_trigger: a warp needs images, got rows of ", in.width, " columns");
    expect(in.height >= 2 && in.width >= 2, "warp_trigger: a warp needs images of at least 2 x 2, got ", in.height,
           " x ", in.width);
    const std::vector<Scalar> before(row.begin(), row.end());
    const auto last_x = static_cast<double>(in.width - 1);
    const auto last_y = static_cast<double>(in.height - 1);
    const auto height = static_cast<double>(in.height);
    random_stream jitter(context.key);
    const bool cover = context.use == trigger_use::cover_row;
    const auto moved = [&](std::size_t axis, std::size_t y, std::size_t x, double extent) {
      const double here = 2.0 * static_cast<double>(axis == 0 ? x : y) / extent - 1.0;
      const double field = at(axis, static_cast<double>(y) / last_y, static_cast<double>(x) / last_x);
      double place = std::clamp(here + strength_ * field / height, -1.0, 1.0);
      if (cover) place = std::clamp(place + (2.0 * jitter.uniform() - 1.0) / height, -1.0, 1.0);
      return 0.5 * (place + 1.0) * extent;
    };
    for (std::size_t y = 0; y < in.height; ++y) {
      for (std::size_t x = 0; x < in.width; ++x) {
        const double from_x = moved(0, y, x, last_x);
        const double from_y = moved(1, y, x, last_y);
        for (std::size_t channel = 0; channel < in.channels; ++channel) {
          row[in.at(channel, y, x)] =
              static_cast<Scalar>(between(std::span<const Scalar>(before), in, channel, from_y, from_x));
        }
      }
    }
  }

private:
  static constexpr std::size_t side = 4;
  static constexpr double last = side - 1;

  /// Brief: the field in direction `axis` (0: x, 1: y) at a place from 0 to 1 down and across the image.
  [[nodiscard]] double at(std::size_t axis, double down, double across) const {
    const double first_y = std::floor(down * last);
    const double first_x = std::floor(across * last);
    const auto weights_y = detail::cubic_weights(down * last - first_y);
    const auto weights_x = detail::cubic_weights(across * last - first_x);
    const auto point = [](double first, std::size_t k) {
      return static_cast<std::size_t>(std::clamp(first - 1.0 + static_cast<double>(k), 0.0, last));
    };
    double sum = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        sum += weights_y[i] * weights_x[j] * grid_[(axis * side + point(first_y, i)) * side + point(first_x, j)];
      }
    }
    return sum;
  }

  /// Brief: the image between its pixels.
  template <class Scalar>
  [[nodiscard]] static double between(std::span<const Scalar> image, const detail::row_extents& in, std::size_t channel,
                                      double y, double x) {
    const auto top = static_cast<std::size_t>(y);
    const auto left = static_cast<std::size_t>(x);
    const std::size_t bottom = std::min(top + 1, in.height - 1);
    const std::size_t right = std::min(left + 1, in.width - 1);
    const double down = y - static_cast<double>(top);
    const double across = x - static_cast<double>(left);
    const auto pixel = [&](std::size_t i, std::size_t j) { return static_cast<double>(image[in.at(channel, i, j)]); };
    return (1.0 - down) * ((1.0 - across) * pixel(top, left) + across * pixel(top, right)) +
           down * ((1.0 - across) * pixel(bottom, left) + across * pixel(bottom, right));
  }

  double strength_;
  std::array<double, 2 * side * side> grid_{};
};

static_assert(contextual_trigger<warp_trigger, float> && contextual_trigger<warp_trigger, double>);

}  // namespace v1
}  // namespace certssb
