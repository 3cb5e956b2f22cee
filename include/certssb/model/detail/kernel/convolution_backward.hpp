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

namespace certssb::inline v1::detail {

/// Brief: one slope, and where it applies.
template <class Scalar>
struct placed_slope {
  std::uint32_t place;
  Scalar slope;
};

/// Brief: body(block, k, t) covers [rows] x [run] with blocks of R rows x V vectors, as large as the registers allow,
/// then with single vectors and single scalars.
template <class Scalar, class Body>
inline __attribute__((always_inline)) void for_each_patch_block(std::size_t rows, std::size_t run, Body&& body) {
  constexpr std::size_t high = vector_registers == 32 ? 5 : 2;
  const auto line_up = [&](auto r, std::size_t k) {
    std::size_t t = 0;
    for (; t + 5 * lanes<Scalar> <= run; t += 5 * lanes<Scalar>) {
      body(r, std::integral_constant<std::size_t, 5>{}, k, t);
    }
    for (; t + lanes<Scalar> <= run; t += lanes<Scalar>) body(r, std::integral_constant<std::size_t, 1>{}, k, t);
    if (t < run) body(r, std::integral_constant<std::size_t, 0>{}, k, t);
  };
  std::size_t k = 0;
  for (; k + high <= rows; k += high) line_up(std::integral_constant<std::size_t, high>{}, k);
  for (; k < rows; ++k) line_up(std::integral_constant<std::size_t, 1>{}, k);
}

/// Brief: to[r, t] += sum over n slopes of slope * from[place + r * from_line + t], r < Rows, t < Vectors * lanes (or
/// t < rest, where Vectors is 0).
template <std::size_t Rows, std::size_t Vectors, class Scalar>
void add_placed(const placed_slope<Scalar>* slopes, std::size_t n, const Scalar* from, std::size_t from_line,
                Scalar* to, std::size_t to_line, std::size_t rest) {
  if constexpr (Vectors == 0) {
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t e = 0; e < n; ++e) {
        const Scalar* row = from + slopes[e].place + r * from_line;
        for (std::size_t t = 0; t < rest; ++t) to[r * to_line + t] += slopes[e].slope * row[t];
      }
    }
  } else {
    std::array<simd<Scalar>, Rows * Vectors> sum;
    unrolled<Rows * Vectors>([&](auto i) { sum[i] = load(to + i / Vectors * to_line + i % Vectors * lanes<Scalar>); });
    for (std::size_t e = 0; e < n; ++e) {
      const Scalar* row = from + slopes[e].place;
      const Scalar slope = slopes[e].slope;
      unrolled<Rows * Vectors>(
          [&](auto i) { sum[i] += slope * load(row + i / Vectors * from_line + i % Vectors * lanes<Scalar>); });
    }
    unrolled<Rows * Vectors>([&](auto i) { store(to + i / Vectors * to_line + i % Vectors * lanes<Scalar>, sum[i]); });
  }
}

/// Brief: gradient += the derivative in the weights and biases, filter by filter.
/// Shapes: x, codes and slopes of `rows` images; gradient [filters * fan_in + filters]; list [rows * windows].
template <class Scalar>
void add_filter_gradient(const convolution_shape& shape, std::size_t rows, const Scalar* x, const window_code* codes,
                         const Scalar* slopes, Scalar* gradient, placed_slope<Scalar>* list) {
  const std::size_t windows = shape.windows();
  const std::array<std::size_t, 5> steps{shape.step(0), shape.step(1), shape.step(2), shape.step(3), 0};
  const std::size_t fan_in = shape.fan_in();
  for (std::size_t f = 0; f < shape.filters; ++f) {
    std::size_t n = 0;
    Scalar total{0};
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t w = 0; w < windows; ++w) {
        const std::size_t from = (r * windows + w) * shape.filters + f;
        const auto code = static_cast<std::size_t>(codes[from]);
        list[n] = {static_cast<std::uint32_t>(r * shape.in.size() + shape.corner(w) + steps[code]), slopes[from]};
        total += code < cut_off ? slopes[from] : Scalar{0};
        n += code < cut_off ? 1 : 0;
      }
    }
    gradient[shape.filters * fan_in + f] += total;
    for_each_patch_block<Scalar>(shape.kernel, shape.run(), [&](auto r, auto v, std::size_t k, std::size_t t) {
      add_placed<r(), v()>(list, n, x + k * shape.line() + t, shape.line(), gradient + f * fan_in + k * shape.run() + t,
                           shape.run(), shape.run() - t);
    });
  }
}

/// Brief: sums of Rows x Taps weights of a vector of filters over all outputs of the images: sum[r, t] +=
/// slope * x[place + r * line + t].
template <std::size_t Rows, std::size_t Taps, class Scalar>
void add_products_of_slopes(const convolution_shape& shape, std::size_t rows, const Scalar* x, const window_code* codes,
                            const Scalar* slopes, std::size_t count, std::array<simd<Scalar>, Rows * Taps>& sums) {
  const std::size_t line = shape.line();
  std::array<simd<Scalar>, Rows* Taps> sum = sums;
  for (std::size_t r = 0; r < rows; ++r, x += shape.in.size()) {
    for (std::size_t w = 0; w < shape.windows(); ++w, codes += shape.filters, slopes += shape.filters) {
      const simd<Scalar> slope = load_first<simd<Scalar>>(slopes, count);
      const auto code = __builtin_convertvector(load_first<simd_bytes<Scalar>>(codes, count), simd_mask<Scalar>);
      unrolled<4>([&](auto d) {
        const simd<Scalar> here = code == simd_mask<Scalar>{} + static_cast<int>(d()) ? slope : simd<Scalar>{};
        const Scalar* at = x + shape.corner(w) + shape.step(d);
        unrolled<Rows * Taps>([&](auto i) { sum[i] += at[i / Taps * line + i % Taps] * here; });
      });
    }
  }
  sums = sum;
}

/// Brief: the same as add_filter_gradient, for kernel rows that do not fill a vector: filters side by side instead.
template <class Scalar>
void add_filter_gradient_of_short_runs(const convolution_shape& shape, std::size_t rows, const Scalar* x,
                                       const window_code* codes, const Scalar* slopes, Scalar* gradient) {
  constexpr std::size_t high = vector_registers == 32 ? 5 : 2;
  const std::size_t fan_in = shape.fan_in();
  for (std::size_t f = 0; f < shape.filters; f += lanes<Scalar>) {
    const std::size_t count = std::min(lanes<Scalar>, shape.filters - f);
    const auto block = [&](auto r, auto t, std::size_t k, std::size_t first) {
      std::array<simd<Scalar>, r() * t()> sums{};
      add_products_of_slopes<r(), t()>(shape, rows, x + k * shape.line() + first, codes + f, slopes + f, count, sums);
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::size_t to = f * fan_in + (k + i / t()) * shape.run() + first + i % t();
        for (std::size_t l = 0; l < count; ++l) gradient[to + l * fan_in] += sums[i][l];
      }
    };
    const auto line_up = [&](auto r, std::size_t k) {
      std::size_t t = 0;
      for (; t + 5 <= shape.run(); t += 5) block(r, std::integral_constant<std::size_t, 5>{}, k, t);
      for (; t < shape.run(); ++t) block(r, std::integral_constant<std::size_t, 1>{}, k, t);
    };
    std::size_t k = 0;
    for (; k + high <= shape.kernel; k += high) line_up(std::integral_constant<std::size_t, high>{}, k);
    for (; k < shape.kernel; ++k) line_up(std::integral_constant<std::size_t, 1>{}, k);
  }
  for (std::size_t w = 0; w < rows * shape.windows(); ++w) {
    for (std::size_t f = 0; f < shape.filters; ++f) {
      const std::size_t place = w * shape.filters + f;
      gradient[shape.filters * fan_in + f] += codes[place] < cut_off ? slopes[place] : Scalar{0};
    }
  }
}

/// Brief: gradient_x = the derivative in one image, window by window, for as many filters at a time as the first-level
/// cache holds weights of.
/// Shapes: codes and slopes [windows, filters]; gradient_x [in]; list [5 * filters].
template <class Scalar>
void input_gradient(const convolution_shape& shape, const Scalar* weights, const window_code* codes,
                    const Scalar* slopes, Scalar* gradient_x, placed_slope<Scalar>* list) {
  const std::size_t fan_in = shape.fan_in();
  const std::size_t at_once = std::max<std::size_t>(4, 24576 / (fan_in * sizeof(Scalar)));
  std::fill_n(gradient_x, shape.in.size(), Scalar{0});
  for (std::size_t first = 0; first < shape.filters; first += at_once) {
    const std::size_t last = std::min(shape.filters, first + at_once);
    for (std::size_t w = 0; w < shape.windows(); ++w) {
      std::array<std::size_t, 5> n{};
      for (std::size_t f = first; f < last; ++f) {
        const auto code = static_cast<std::size_t>(codes[w * shape.filters + f]);
        list[code * shape.filters + n[code]] = {static_cast<std::uint32_t>(f * fan_in), slopes[w * shape.filters + f]};
        ++n[code];
      }
      for (std::size_t d = 0; d < 4; ++d) {
        if (n[d] == 0) continue;
        Scalar* to = gradient_x + shape.corner(w) + shape.step(d);
        for_each_patch_block<Scalar>(shape.kernel, shape.run(), [&](auto r, auto v, std::size_t k, std::size_t t) {
          add_placed<r(), v()>(list + d * shape.filters, n[d], weights + k * shape.run() + t, shape.run(),
                               to + k * shape.line() + t, shape.line(), shape.run() - t);
        });
      }
    }
  }
}

}  // namespace certssb::inline v1::detail
