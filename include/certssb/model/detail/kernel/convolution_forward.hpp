// SPDX-License-Identifier: MIT
#pragma once
// Brief: convolution, 2 x 2 max-pool and rectifier of one image in one pass, filters side by side in vectors.

#include "certssb/model/detail/kernel/convolution_shape.hpp"
#include "certssb/model/detail/kernel/simd.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: how many vectors of filters, and how many outputs in a line, a tile of two lines has: as many sums as hide
/// the latency of a multiply-add and fit the registers.
inline constexpr std::size_t widest_tile = 2;
template <std::size_t Vectors>
inline constexpr std::size_t tile_columns = (vector_registers == 32 ? 8 : 4) / Vectors;

/// Brief: scalars of the packed weights and biases, whatever the scalar.
[[nodiscard]] constexpr std::size_t packed_size(const convolution_shape& shape) noexcept {
  return (shape.fan_in() + 1) * (shape.filters + vector_bytes / sizeof(float));
}

/// Brief: body(vectors, first filter) for the blocks of filters that are worked off together.
template <class Scalar, class Body>
inline CERTSSB_INLINE void for_each_filter_block(const convolution_shape& shape, Body&& body) {
  const std::size_t padded = whole_vectors<Scalar>(shape.filters);
  std::size_t first = 0;
  for (; first + widest_tile * lanes<Scalar> <= padded; first += widest_tile * lanes<Scalar>) {
    body(std::integral_constant<std::size_t, widest_tile>{}, first);
  }
  for (; first < padded; first += lanes<Scalar>) body(std::integral_constant<std::size_t, 1>{}, first);
}

/// Brief: weights [filters, fan_in] as the tiles read them: block by block of filters, padded with zeros, the filters
/// of a block innermost; then the biases, padded.
/// Shapes: to [packed_size(shape)].
template <class Scalar>
void pack_filters(const convolution_shape& shape, const Scalar* parameters, Scalar* to) {
  const std::size_t fan_in = shape.fan_in();
  const std::size_t padded = whole_vectors<Scalar>(shape.filters);
  for_each_filter_block<Scalar>(shape, [&](auto vectors, std::size_t first) CERTSSB_INLINE {
    constexpr std::size_t width = vectors() * lanes<Scalar>;
    for (std::size_t f = first; f < first + width; ++f) {
      Scalar* column = to + first * fan_in + (f - first);
      for (std::size_t t = 0; t < fan_in; ++t) {
        column[t * width] = f < shape.filters ? parameters[f * fan_in + t] : Scalar{0};
      }
    }
  });
  std::fill_n(std::copy_n(parameters + shape.filters * fan_in, shape.filters, to + padded * fan_in),
              padded - shape.filters, Scalar{0});
}

/// Brief: sums of 2 lines x Columns outputs x Vectors of filters.
template <class Scalar, std::size_t Columns, std::size_t Vectors>
using tile = std::array<std::array<simd<Scalar>, Vectors>, 2 * Columns>;

/// Brief: sum += the products under the kernel, x at the first pixel of the tile.
template <std::size_t Columns, std::size_t Vectors, class Scalar>
inline CERTSSB_INLINE void add_products(const convolution_shape& shape, const Scalar* x, const Scalar* weights,
                                        tile<Scalar, Columns, Vectors>& sum) {
  const std::size_t line = shape.line();
  const std::size_t run = shape.run();
  const std::size_t channels = shape.in.channels;
  tile<Scalar, Columns, Vectors> local = sum;
  for (std::size_t k = 0; k < shape.kernel; ++k, x += line) {
    const Scalar* at = x;
    for (std::size_t t = 0; t < run; ++t, ++at, weights += Vectors * lanes<Scalar>) {
      std::array<simd<Scalar>, Vectors> w;
      unrolled<Vectors>([&](std::size_t v) CERTSSB_INLINE { w[v] = load(weights + v * lanes<Scalar>); });
      unrolled<2 * Columns>([&](std::size_t p) CERTSSB_INLINE {
        const Scalar pixel = at[p / Columns * line + p % Columns * channels];
        unrolled<Vectors>([&](std::size_t v) CERTSSB_INLINE { local[p][v] += pixel * w[v]; });
      });
    }
  }
  sum = local;
}

/// Brief: the same for a kernel of known size and one vector of filters: each pixel is read once for all the products
/// it takes part in.
template <std::size_t Kernel, std::size_t Columns, class Scalar>
inline CERTSSB_INLINE void add_products_by_pixel(const convolution_shape& shape, const Scalar* x, const Scalar* weights,
                                                 tile<Scalar, Columns, 1>& sum) {
  using kernel_row = std::array<simd<Scalar>, Kernel>;
  const std::size_t channels = shape.in.channels;
  tile<Scalar, Columns, 1> local = sum;
  for (std::size_t c = 0; c < channels; ++c, ++x, weights += lanes<Scalar>) {
    const Scalar* row = x;
    unrolled<Kernel + 1>([&](std::size_t a) CERTSSB_INLINE {
      const auto kernel_row_at = [&](std::size_t k) CERTSSB_INLINE {
        kernel_row w;
        unrolled<Kernel>([&](std::size_t l)
                             CERTSSB_INLINE { w[l] = load(weights + (k * Kernel + l) * channels * lanes<Scalar>); });
        return w;
      };
      const kernel_row upper = a < Kernel ? kernel_row_at(a) : kernel_row{};
      const kernel_row lower = a > 0 ? kernel_row_at(a - 1) : kernel_row{};
      const Scalar* at = row;
      unrolled<Columns + Kernel - 1>([&](std::size_t b) CERTSSB_INLINE {
        const simd<Scalar> pixel = *at - simd<Scalar>{};
        at += channels;
        unrolled<Kernel>([&](std::size_t l) CERTSSB_INLINE {
          if (b >= l && b - l < Columns) {
            if (a < Kernel) local[b - l][0] += pixel * upper[l];
            if (a > 0) local[Columns + b - l][0] += pixel * lower[l];
          }
        });
      });
      row += shape.line();
      asm("" : "+r"(row));
    });
  }
  sum = local;
}

/// Brief: body(first filter, filters in this vector or fewer, values of the four outputs of a window) for the windows
/// of a tile and its vectors of filters.
template <std::size_t Columns, std::size_t Vectors, class Scalar, class Body>
inline CERTSSB_INLINE void tile_of_windows(const convolution_shape& shape, const Scalar* x, const Scalar* packed,
                                           std::size_t first, const Scalar* bias, Body&& body) {
  tile<Scalar, Columns, Vectors> sum;
  unrolled<Vectors>([&](std::size_t v) CERTSSB_INLINE {
    const simd<Scalar> start = bias == nullptr ? simd<Scalar>{} : load(bias + first + v * lanes<Scalar>);
    unrolled<2 * Columns>([&](std::size_t p) CERTSSB_INLINE { sum[p][v] = start; });
  });
  const Scalar* weights = packed + first * shape.fan_in();
  if constexpr (Vectors == 1 && Columns > 2) {
    if (shape.kernel == 5) {
      add_products_by_pixel<5, Columns>(shape, x, weights, sum);
    } else {
      add_products<Columns, Vectors>(shape, x, weights, sum);
    }
  } else {
    add_products<Columns, Vectors>(shape, x, weights, sum);
  }
  unrolled<Columns / 2>([&](std::size_t w) CERTSSB_INLINE {
    unrolled<Vectors>([&](std::size_t v) CERTSSB_INLINE {
      body(w, first + v * lanes<Scalar>, sum[2 * w][v], sum[2 * w + 1][v], sum[Columns + 2 * w][v],
           sum[Columns + 2 * w + 1][v]);
    });
  });
}

/// Brief: body(window, first filter, the window's four outputs of a vector of filters) for all of one image.
template <class Scalar, class Body>
void for_each_window(const convolution_shape& shape, const Scalar* packed, const Scalar* bias, const Scalar* x,
                     Body&& body) {
  const image_shape pooled = shape.pooled();
  for_each_filter_block<Scalar>(shape, [&](auto vectors, std::size_t first) CERTSSB_INLINE {
    constexpr std::size_t Vectors = vectors();
    constexpr std::size_t columns = tile_columns<Vectors>;
    for (std::size_t i = 0; i < pooled.height; ++i) {
      std::size_t j = 0;
      for (; j + columns / 2 <= pooled.width; j += columns / 2) {
        const std::size_t window = i * pooled.width + j;
        tile_of_windows<columns, Vectors>(shape, x + shape.corner(window), packed, first, bias,
                                          [&](std::size_t w, auto... rest)
                                              CERTSSB_INLINE { body(window + w, rest...); });
      }
      for (; j < pooled.width; ++j) {
        const std::size_t window = i * pooled.width + j;
        tile_of_windows<2, Vectors>(shape, x + shape.corner(window), packed, first, bias,
                                    [&](std::size_t, auto... rest) CERTSSB_INLINE { body(window, rest...); });
      }
    }
  });
}

/// Brief: of a window's four outputs, the rectified maximum to y and which it was to codes, unless null.
/// Maths: the maximum is the first in reading order; a not-a-number stands where it is the first output.
template <class Scalar>
inline CERTSSB_INLINE void store_window(const convolution_shape& shape, std::size_t window, std::size_t first,
                                        const simd<Scalar>& a, const simd<Scalar>& b, const simd<Scalar>& c,
                                        const simd<Scalar>& d, Scalar* y, window_code* codes) {
  simd<Scalar> top = a;
  simd_mask<Scalar> code{};
  const auto raise = [&](const simd<Scalar>& other, int number) CERTSSB_INLINE {
    const simd_mask<Scalar> more = other > top;
    top = more ? other : top;
    code = more ? simd_mask<Scalar>{} + number : code;
  };
  raise(b, 1);
  raise(c, 2);
  raise(d, 3);
  code = top > Scalar{0} ? code : simd_mask<Scalar>{} + cut_off;
  top = top < Scalar{0} ? simd<Scalar>{} : top;
  const std::size_t count = shape.filters - first;
  store_first(y + window * shape.filters + first, top, count);
  if (codes != nullptr) store_first(codes + window * shape.filters + first, narrow<Scalar>(code), count);
}

/// Brief: y = the rectified maxima, and which output each is.
/// Shapes: packed as pack_filters leaves it; x one image; y and codes [windows, filters].
template <class Scalar>
void convolve_and_pool(const convolution_shape& shape, const Scalar* packed, const Scalar* x, Scalar* y,
                       window_code* codes) {
  const Scalar* bias = packed + whole_vectors<Scalar>(shape.filters) * shape.fan_in();
  for_each_window(shape, packed, bias, x,
                  [&](std::size_t window, std::size_t first, const simd<Scalar>& a, const simd<Scalar>& b,
                      const simd<Scalar>& c, const simd<Scalar>& d)
                      CERTSSB_INLINE { store_window(shape, window, first, a, b, c, d, y, codes); });
}

/// Brief: dy = the derivative of y along dx: the convolution of dx at the outputs that `codes` names.
template <class Scalar>
void convolve_and_select(const convolution_shape& shape, const Scalar* packed, const Scalar* dx,
                         const window_code* codes, Scalar* dy) {
  for_each_window(shape, packed, static_cast<const Scalar*>(nullptr), dx,
                  [&](std::size_t window, std::size_t first, const simd<Scalar>& a, const simd<Scalar>& b,
                      const simd<Scalar>& c, const simd<Scalar>& d) CERTSSB_INLINE {
                    const std::size_t count = shape.filters - first;
                    const std::size_t place = window * shape.filters + first;
                    const auto code = widen<Scalar>(load_first<simd_bytes<Scalar>>(codes + place, count));
                    simd<Scalar> slope{};
                    const auto pick = [&](const simd<Scalar>& value, int number) CERTSSB_INLINE {
                      slope = code == simd_mask<Scalar>{} + number ? value : slope;
                    };
                    pick(a, 0);
                    pick(b, 1);
                    pick(c, 2);
                    pick(d, 3);
                    store_first(dy + place, slope, count);
                  });
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
