// SPDX-License-Identifier: MIT
#pragma once
// Brief: 5 x 5 convolution of one pooling window at a time with 36 products for 100.
// Maths: an output window of 2 x 2 needs 6 x 6 pixels. Along each axis the two outputs are coefficients of a polynomial
// product, found from its values at 0, 1, -1, 2, -2 and infinity: y = A'[(G g G') * (B' d B)]A with * entry by entry,
// g the weights and d the pixels.
// Accuracy: a few times the rounding error of the plain sum.
// Reference: Winograd, Arithmetic complexity of computations (1980); Lavin and Gray, Fast algorithms for convolutional
// neural networks (CVPR 2016).

#include "certssb/model/detail/kernel/convolution_forward.hpp"
#include "certssb/model/detail/kernel/convolution_shape.hpp"
#include "certssb/model/detail/kernel/simd.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace certssb {
inline namespace v1 {
namespace detail {

inline constexpr std::size_t winograd_kernel = 5;
inline constexpr std::size_t winograd_side = 6;
inline constexpr std::size_t winograd_points = 36;
inline constexpr std::size_t winograd_windows = 8;  ///< worked off together

/// Brief: scalars of working memory: values of the filters, of the pixels of some windows, and of their outputs.
[[nodiscard]] constexpr std::size_t winograd_size(const convolution_shape& shape) noexcept {
  constexpr std::size_t widest = vector_bytes / sizeof(float);
  return winograd_points *
         (shape.in.channels * (shape.filters + widest) + winograd_windows * (shape.in.channels + widest_tile * widest));
}

/// Brief: values at the six points of a polynomial with five coefficients, each over the product of the point's
/// distances to the others.
template <class V>
[[nodiscard]] inline CERTSSB_INLINE std::array<V, 6> filter_values(const std::array<V, 5>& g) {
  const V even = g[0] + g[2] + g[4];
  const V odd = g[1] + g[3];
  const V even_2 = g[0] + 4 * g[2] + 16 * g[4];
  const V odd_2 = 2 * g[1] + 8 * g[3];
  return {g[0] / 4, (even + odd) / -6, (even - odd) / -6, (even_2 + odd_2) / 24, (even_2 - odd_2) / 24, g[4]};
}

/// Brief: the transposed interpolation, of six pixels.
template <class V>
[[nodiscard]] inline CERTSSB_INLINE std::array<V, 6> pixel_values(const std::array<V, 6>& d) {
  const V even = d[4] - 4 * d[2];
  const V odd = d[3] - 4 * d[1];
  const V even_2 = d[4] - d[2];
  const V odd_2 = d[3] - d[1];
  return {4 * d[0] + (d[4] - 5 * d[2]), even + odd,         even - odd,
          even_2 + 2 * odd_2,           even_2 - 2 * odd_2, 4 * d[1] + (d[5] - 5 * d[3])};
}

/// Brief: the two outputs from six products.
template <class V>
[[nodiscard]] inline CERTSSB_INLINE std::array<V, 2> outputs_of(const std::array<V, 6>& m) {
  const V one = m[1] - m[2];
  const V two = m[3] - m[4];
  return {m[0] + (m[1] + m[2]) + (m[3] + m[4]), m[5] + (one + 2 * two)};
}

/// Brief: values of packed filters (pack_filters): block by block, [point, channel, filter].
template <class Scalar>
void transform_filters(const convolution_shape& shape, const Scalar* packed, Scalar* to) {
  using vector = simd<Scalar>;
  const std::size_t channels = shape.in.channels;
  for_each_filter_block<Scalar>(shape, [&](auto vectors, std::size_t first) CERTSSB_INLINE {
    constexpr std::size_t width = vectors() * lanes<Scalar>;
    for (std::size_t at = 0; at < channels * width; at += lanes<Scalar>) {
      const Scalar* weights = packed + first * shape.fan_in() + at;
      Scalar* values = to + first * winograd_points * channels + at;
      std::array<std::array<vector, 6>, 5> down;
      for (std::size_t l = 0; l < 5; ++l) {
        std::array<vector, 5> column;
        for (std::size_t k = 0; k < 5; ++k) column[k] = load(weights + (k * 5 + l) * channels * width);
        down[l] = filter_values(column);
      }
      for (std::size_t i = 0; i < 6; ++i) {
        const auto across = filter_values<vector>({down[0][i], down[1][i], down[2][i], down[3][i], down[4][i]});
        for (std::size_t j = 0; j < 6; ++j) store(values + (i * 6 + j) * channels * width, across[j]);
      }
    }
  });
}

/// Brief: values of the pixels under one window, [point, window, channel].
template <class Scalar>
void transform_pixels(const convolution_shape& shape, const Scalar* x, std::size_t window, Scalar* to) {
  using vector = simd<Scalar>;
  const std::size_t channels = shape.in.channels;
  for (std::size_t c = 0; c < channels; c += lanes<Scalar>) {
    std::array<std::array<vector, 6>, 6> down;
    unrolled<6>([&](std::size_t j) CERTSSB_INLINE {
      std::array<vector, 6> column;
      unrolled<6>([&](std::size_t i) CERTSSB_INLINE { column[i] = load(x + i * shape.line() + j * channels + c); });
      down[j] = pixel_values(column);
    });
    unrolled<6>([&](std::size_t i) CERTSSB_INLINE {
      const auto across =
          pixel_values<vector>({down[0][i], down[1][i], down[2][i], down[3][i], down[4][i], down[5][i]});
      unrolled<6>([&](std::size_t j) CERTSSB_INLINE {
        store(to + ((i * 6 + j) * winograd_windows + window) * channels + c, across[j]);
      });
    });
  }
}

/// Brief: products summed over the channels, [point, window, filter of the block].
template <std::size_t Vectors, class Scalar>
void multiply_values(std::size_t channels, const Scalar* pixels, const Scalar* filters, Scalar* to) {
  constexpr std::size_t width = Vectors * lanes<Scalar>;
  constexpr std::size_t tall = winograd_windows * Vectors <= vector_registers / 2 ? winograd_windows : 4;
  for (std::size_t point = 0; point < winograd_points; ++point, filters += channels * width) {
    for (std::size_t first = 0; first < winograd_windows;
         first += tall, pixels += tall * channels, to += tall * width) {
      std::array<simd<Scalar>, tall * Vectors> sum{};
      for (std::size_t c = 0; c < channels; ++c) {
        std::array<simd<Scalar>, Vectors> w;
        unrolled<Vectors>([&](std::size_t v) CERTSSB_INLINE { w[v] = load(filters + c * width + v * lanes<Scalar>); });
        unrolled<tall>([&](std::size_t i) CERTSSB_INLINE {
          const Scalar pixel = pixels[i * channels + c];
          unrolled<Vectors>([&](std::size_t v) CERTSSB_INLINE { sum[i * Vectors + v] += pixel * w[v]; });
        });
      }
      unrolled<tall * Vectors>([&](std::size_t i) CERTSSB_INLINE { store(to + i * lanes<Scalar>, sum[i]); });
    }
  }
}

/// Brief: convolve_and_pool for whole images at once.
/// Requires: kernels of 5 x 5, channels in whole vectors.
/// Determinism: a window's bits depend on its pixels and the filters alone.
template <class Scalar>
void convolve_and_pool_by_values(const convolution_shape& shape, std::size_t images, const Scalar* packed,
                                 const Scalar* x, Scalar* y, window_code* codes, Scalar* scratch) {
  const std::size_t channels = shape.in.channels;
  const std::size_t padded = whole_vectors<Scalar>(shape.filters);
  const Scalar* bias = packed + padded * shape.fan_in();
  Scalar* filters = scratch;
  Scalar* pixels = filters + winograd_points * channels * padded;
  Scalar* products = pixels + winograd_points * winograd_windows * channels;
  transform_filters(shape, packed, filters);
  const std::size_t windows = images * shape.windows();
  for (std::size_t group = 0; group < windows; group += winograd_windows) {
    const std::size_t n = std::min(winograd_windows, windows - group);
    for (std::size_t w = 0; w < n; ++w) {
      const std::size_t image = (group + w) / shape.windows();
      transform_pixels(shape, x + image * shape.in.size() + shape.corner((group + w) % shape.windows()), w, pixels);
    }
    for_each_filter_block<Scalar>(shape, [&](auto vectors, std::size_t first) CERTSSB_INLINE {
      constexpr std::size_t width = vectors() * lanes<Scalar>;
      multiply_values<vectors()>(channels, pixels, filters + first * winograd_points * channels, products);
      for (std::size_t w = 0; w < n; ++w) {
        unrolled<vectors()>([&](std::size_t v) CERTSSB_INLINE {
          const Scalar* at = products + w * width + v * lanes<Scalar>;
          std::array<std::array<simd<Scalar>, 2>, 6> down;
          unrolled<6>([&](std::size_t j) CERTSSB_INLINE {
            std::array<simd<Scalar>, 6> column;
            unrolled<6>([&](std::size_t i)
                            CERTSSB_INLINE { column[i] = load(at + (i * 6 + j) * winograd_windows * width); });
            down[j] = outputs_of(column);
          });
          const std::size_t filter = first + v * lanes<Scalar>;
          const simd<Scalar> start = load(bias + filter);
          const auto upper =
              outputs_of<simd<Scalar>>({down[0][0], down[1][0], down[2][0], down[3][0], down[4][0], down[5][0]});
          const auto lower =
              outputs_of<simd<Scalar>>({down[0][1], down[1][1], down[2][1], down[3][1], down[4][1], down[5][1]});
          store_window(shape, group + w, filter, start + upper[0], start + upper[1], start + lower[0], start + lower[1],
                       y, codes);
        });
      }
    });
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
