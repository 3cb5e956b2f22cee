// SPDX-License-Identifier: MIT
#pragma once
// Brief: derivatives of a pooled convolution. Of a window's four outputs one at most passes a derivative, so the work
// is a quarter of the convolution's, less what the rectifier cuts off.

#include "certssb/model/detail/kernel/convolution_shape.hpp"
#include "certssb/model/detail/kernel/simd.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: an output that passes a derivative: offset of the pixels under its kernel, and its place among the outputs.
struct active_output {
  std::uint32_t pixels;
  std::uint32_t place;
};

/// Brief: body(f, outputs, n) filter by filter, with the n outputs of the images that pass a derivative.
/// Shapes: codes [rows, windows, filters]; outputs [rows * windows].
template <class Body>
void for_each_filter(const convolution_shape& shape, std::size_t rows, const window_code* codes, active_output* outputs,
                     Body&& body) {
  const std::size_t filters = shape.filters;
  const std::array<std::size_t, 5> steps{shape.step(0), shape.step(1), shape.step(2), shape.step(3), 0};
  for (std::size_t f = 0; f < filters; ++f) {
    std::size_t n = 0;
    std::size_t place = f;
    for (std::size_t r = 0; r < rows; ++r) {
      shape.for_each_corner([&](std::size_t corner) CERTSSB_INLINE {
        const auto code = static_cast<std::size_t>(codes[place]);
        const std::size_t pixels = r * shape.in.size() + corner + steps[code];
        outputs[n] = {static_cast<std::uint32_t>(pixels), static_cast<std::uint32_t>(place)};
        n += code < cut_off ? 1 : 0;
        place += filters;
      });
    }
    body(f, static_cast<const active_output*>(outputs), n);
  }
}

/// Brief: body(rows, vectors, k, t) covers [kernel] x [run] with blocks as large as the registers allow, then with
/// single vectors, and with what is less than one (vectors = 0).
template <class Scalar, class Body>
inline CERTSSB_INLINE void for_each_patch_block(const convolution_shape& shape, Body&& body) {
  constexpr std::size_t high = vector_registers == 32 ? 5 : 2;
  const auto line_up = [&](auto r, std::size_t k) CERTSSB_INLINE {
    std::size_t t = 0;
    for (; t + 5 * lanes<Scalar> <= shape.run(); t += 5 * lanes<Scalar>) {
      body(r, std::integral_constant<std::size_t, 5>{}, k, t);
    }
    for (; t + lanes<Scalar> <= shape.run(); t += lanes<Scalar>) {
      body(r, std::integral_constant<std::size_t, 1>{}, k, t);
    }
  };
  std::size_t k = 0;
  for (; k + high <= shape.kernel; k += high) line_up(std::integral_constant<std::size_t, high>{}, k);
  for (; k < shape.kernel; ++k) line_up(std::integral_constant<std::size_t, 1>{}, k);
  const std::size_t rest = shape.run() % lanes<Scalar>;
  if (rest == 0) return;
  for (k = 0; k < shape.kernel; ++k) {
    body(std::integral_constant<std::size_t, 1>{}, std::integral_constant<std::size_t, 0>{}, k, shape.run() - rest);
  }
}

/// Brief: a block of a filter's weights and of the pixels under it: Rows lines of Vectors vectors each, or of `rest`
/// scalars, where Vectors is 0.
template <std::size_t Rows, std::size_t Vectors, class Scalar>
struct patch_block {
  static constexpr std::size_t size = Rows * Vectors;
  using sums = std::array<simd<Scalar>, size>;

  std::size_t weight_line;
  std::size_t pixel_line;
  std::size_t rest;

  /// Brief: body(i, place of vector i) of the block at `at`.
  template <class T, class Body>
  static CERTSSB_INLINE void for_each_vector(T* at, std::size_t line, Body&& body) {
    unrolled<Rows>([&](std::size_t r) CERTSSB_INLINE {
      unrolled<Vectors>([&](std::size_t v)
                            CERTSSB_INLINE { body(r * Vectors + v, at + v * lanes<std::remove_const_t<T>>); });
      at += line;
      asm("" : "+r"(at));  // one address per line, not one per vector
    });
  }

  /// Brief: body(offset among the weights, offset among the pixels) of the scalars.
  template <class Body>
  void for_each_scalar(Body&& body) const {
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t t = 0; t < rest; ++t) body(r * weight_line + t, r * pixel_line + t);
    }
  }

  /// Brief: gradient += sum over outputs of slope * pixels.
  void add_pixels(const active_output* outputs, std::size_t n, const Scalar* slopes, const Scalar* x,
                  Scalar* gradient) const {
    if constexpr (Vectors == 0) {
      for (const active_output* o = outputs; o != outputs + n; ++o) {
        for_each_scalar([&](std::size_t w, std::size_t p)
                            CERTSSB_INLINE { gradient[w] += slopes[o->place] * x[o->pixels + p]; });
      }
    } else {
      sums sum;
      for_each_vector(gradient, weight_line, [&](std::size_t i, Scalar* at) CERTSSB_INLINE { sum[i] = load(at); });
      for (const active_output* o = outputs; o != outputs + n; ++o) {
        const Scalar slope = slopes[o->place];
        for_each_vector(x + o->pixels, pixel_line,
                        [&](std::size_t i, const Scalar* at) CERTSSB_INLINE { sum[i] += slope * load(at); });
      }
      for_each_vector(gradient, weight_line, [&](std::size_t i, Scalar* at) CERTSSB_INLINE { store(at, sum[i]); });
    }
  }

  /// Brief: pixels of gradient_x += slope * weights, output by output.
  void add_weights(const active_output* outputs, std::size_t n, const Scalar* slopes, const Scalar* weights,
                   Scalar* gradient_x) const {
    if constexpr (Vectors == 0) {
      for (const active_output* o = outputs; o != outputs + n; ++o) {
        for_each_scalar([&](std::size_t w, std::size_t p)
                            CERTSSB_INLINE { gradient_x[o->pixels + p] += slopes[o->place] * weights[w]; });
      }
    } else {
      sums w;
      for_each_vector(weights, weight_line, [&](std::size_t i, const Scalar* at) CERTSSB_INLINE { w[i] = load(at); });
      for (const active_output* o = outputs; o != outputs + n; ++o) {
        const Scalar slope = slopes[o->place];
        for_each_vector(gradient_x + o->pixels, pixel_line,
                        [&](std::size_t i, Scalar* at) CERTSSB_INLINE { store(at, load(at) + slope * w[i]); });
      }
    }
  }

  /// Brief: dy += weights times pixels of dx, output by output.
  void add_products(const active_output* outputs, std::size_t n, const Scalar* weights, const Scalar* dx,
                    Scalar* dy) const {
    if constexpr (Vectors == 0) {
      for (const active_output* o = outputs; o != outputs + n; ++o) {
        for_each_scalar([&](std::size_t w, std::size_t p)
                            CERTSSB_INLINE { dy[o->place] += weights[w] * dx[o->pixels + p]; });
      }
    } else {
      sums w;
      for_each_vector(weights, weight_line, [&](std::size_t i, const Scalar* at) CERTSSB_INLINE { w[i] = load(at); });
      for (const active_output* o = outputs; o != outputs + n; ++o) {
        constexpr std::size_t chains = size < 5 ? size : 5;  // sums side by side: they hide the latency
        std::array<simd<Scalar>, chains> sum{};
        for_each_vector(dx + o->pixels, pixel_line,
                        [&](std::size_t i, const Scalar* at) CERTSSB_INLINE { sum[i % chains] += w[i] * load(at); });
        unrolled<chains - 1>([&](std::size_t i) CERTSSB_INLINE { sum[0] += sum[i + 1]; });
        dy[o->place] += total<Scalar>(sum[0]);
      }
    }
  }
};

/// Brief: body(block, offset among the weights, offset among the pixels) for the blocks of a filter.
template <class Scalar, class Body>
void for_each_block_of_filter(const convolution_shape& shape, Body&& body) {
  for_each_patch_block<Scalar>(shape, [&](auto r, auto v, std::size_t k, std::size_t t) CERTSSB_INLINE {
    body(patch_block<r(), v(), Scalar>{shape.run(), shape.line(), shape.run() - t}, k * shape.run() + t,
         k * shape.line() + t);
  });
}

/// Brief: gradient += the derivative in the biases.
/// Shapes: codes and slopes [n, filters]; gradient [filters].
template <class Scalar>
void add_bias_gradient(std::size_t n, std::size_t filters, const window_code* codes, const Scalar* slopes,
                       Scalar* gradient) {
  for (std::size_t f = 0; f < filters; f += lanes<Scalar>) {
    const std::size_t count = std::min(lanes<Scalar>, filters - f);
    simd<Scalar> sum = load_first<simd<Scalar>>(gradient + f, count);
    for (std::size_t at = f; at < n * filters; at += filters) {
      const auto code = widen<Scalar>(load_first<simd_bytes<Scalar>>(codes + at, count));
      sum += code == cut_off ? simd<Scalar>{} : load_first<simd<Scalar>>(slopes + at, count);
    }
    store_first(gradient + f, sum, count);
  }
}

/// Brief: gradient += the derivative in the weights.
/// Shapes: x, codes and slopes of `rows` images; gradient [filters, fan_in]; outputs [rows * windows].
template <class Scalar>
void add_filter_gradient(const convolution_shape& shape, std::size_t rows, const Scalar* x, const window_code* codes,
                         const Scalar* slopes, Scalar* gradient, active_output* outputs) {
  for_each_filter(
      shape, rows, codes, outputs, [&](std::size_t f, const active_output* list, std::size_t n) CERTSSB_INLINE {
        for_each_block_of_filter<Scalar>(shape, [&](const auto& block, std::size_t w, std::size_t p) CERTSSB_INLINE {
          block.add_pixels(list, n, slopes, x + p, gradient + f * shape.fan_in() + w);
        });
      });
}

/// Brief: gradient_x = the derivative in the images.
template <class Scalar>
void input_gradient(const convolution_shape& shape, std::size_t rows, const Scalar* weights, const window_code* codes,
                    const Scalar* slopes, Scalar* gradient_x, active_output* outputs) {
  std::fill_n(gradient_x, rows * shape.in.size(), Scalar{0});
  for_each_filter(
      shape, rows, codes, outputs, [&](std::size_t f, const active_output* list, std::size_t n) CERTSSB_INLINE {
        for_each_block_of_filter<Scalar>(shape, [&](const auto& block, std::size_t w, std::size_t p) CERTSSB_INLINE {
          block.add_weights(list, n, slopes, weights + f * shape.fan_in() + w, gradient_x + p);
        });
      });
}

/// Brief: dy = the derivative of the outputs along dx.
template <class Scalar>
void output_tangent(const convolution_shape& shape, std::size_t rows, const Scalar* weights, const window_code* codes,
                    const Scalar* dx, Scalar* dy, active_output* outputs) {
  std::fill_n(dy, rows * shape.pooled().size(), Scalar{0});
  for_each_filter(
      shape, rows, codes, outputs, [&](std::size_t f, const active_output* list, std::size_t n) CERTSSB_INLINE {
        for_each_block_of_filter<Scalar>(shape, [&](const auto& block, std::size_t w, std::size_t p) CERTSSB_INLINE {
          block.add_products(list, n, weights + f * shape.fan_in() + w, dx + p, dy);
        });
      });
}

/// Brief: sum[r, t] += slope * x[place + r * line + t] over all outputs of the images, for a vector of filters; what a
/// pixel gives to neighbouring outputs is worked off together where there is one channel.
template <std::size_t Rows, std::size_t Taps, bool OneChannel, class Scalar>
void add_products_of_slopes(const convolution_shape& shape, std::size_t rows, const Scalar* x, const window_code* codes,
                            const Scalar* slopes, std::size_t count, std::array<simd<Scalar>, Rows * Taps>& sums) {
  const std::size_t line = shape.line();
  const std::size_t next = OneChannel ? 1 : shape.in.channels;
  std::array<simd<Scalar>, Rows* Taps> sum = sums;
  for (std::size_t r = 0; r < rows; ++r, x += shape.in.size()) {
    shape.for_each_corner([&](std::size_t corner) CERTSSB_INLINE {
      const simd<Scalar> slope = load_first<simd<Scalar>>(slopes, count);
      const auto code = widen<Scalar>(load_first<simd_bytes<Scalar>>(codes, count));
      std::array<simd<Scalar>, 4> here;
      unrolled<4>([&](std::size_t d)
                      CERTSSB_INLINE { here[d] = code == static_cast<int>(d) ? slope : simd<Scalar>{}; });
      const Scalar* at = x + corner;
      unrolled<Rows + 1>([&](std::size_t a) CERTSSB_INLINE {
        unrolled<Taps + (OneChannel ? 1 : 0)>([&](std::size_t b) CERTSSB_INLINE {
          unrolled<4>([&](std::size_t d) CERTSSB_INLINE {
            const std::size_t down = d / 2;
            const std::size_t along = OneChannel ? d % 2 : 0;
            if (a >= down && a - down < Rows && b >= along && b - along < Taps) {
              sum[(a - down) * Taps + b - along] += at[b + (OneChannel ? 0 : d % 2 * next)] * here[d];
            }
          });
        });
        at += line;
        asm("" : "+r"(at));
      });
      codes += shape.filters;
      slopes += shape.filters;
    });
  }
  sums = sum;
}

/// Brief: the same as add_filter_gradient, for kernel rows that do not fill a vector: filters side by side instead.
template <class Scalar>
void add_filter_gradient_of_few_channels(const convolution_shape& shape, std::size_t rows, const Scalar* x,
                                         const window_code* codes, const Scalar* slopes, Scalar* gradient) {
  constexpr std::size_t high = vector_registers == 32 ? 5 : 2;
  const std::size_t fan_in = shape.fan_in();
  for (std::size_t f = 0; f < shape.filters; f += lanes<Scalar>) {
    const std::size_t count = std::min(lanes<Scalar>, shape.filters - f);
    const auto block = [&](auto r, auto t, std::size_t k, std::size_t first) CERTSSB_INLINE {
      std::array<simd<Scalar>, r() * t()> sums{};
      const Scalar* from = x + k * shape.line() + first;
      if (shape.in.channels == 1) {
        add_products_of_slopes<r(), t(), true>(shape, rows, from, codes + f, slopes + f, count, sums);
      } else {
        add_products_of_slopes<r(), t(), false>(shape, rows, from, codes + f, slopes + f, count, sums);
      }
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::size_t to = f * fan_in + (k + i / t()) * shape.run() + first + i % t();
        for (std::size_t l = 0; l < count; ++l) gradient[to + l * fan_in] += sums[i][l];
      }
    };
    const auto line_up = [&](auto r, std::size_t k) CERTSSB_INLINE {
      std::size_t t = 0;
      for (; t + 5 <= shape.run(); t += 5) block(r, std::integral_constant<std::size_t, 5>{}, k, t);
      for (; t < shape.run(); ++t) block(r, std::integral_constant<std::size_t, 1>{}, k, t);
    };
    std::size_t k = 0;
    for (; k + high <= shape.kernel; k += high) line_up(std::integral_constant<std::size_t, high>{}, k);
    for (; k < shape.kernel; ++k) line_up(std::integral_constant<std::size_t, 1>{}, k);
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
