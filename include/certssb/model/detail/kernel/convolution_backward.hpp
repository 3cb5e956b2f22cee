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

/// Brief: body(r * Vectors + v, place of vector v of line r), written out.
template <std::size_t Rows, std::size_t Vectors, class T, class Body>
inline __attribute__((always_inline)) void for_each_vector(T* at, std::size_t line, Body&& body) {
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
      body(std::integral_constant<std::size_t, r() * Vectors + v()>{}, at + v() * lanes<std::remove_const_t<T>>);
    });
    at += line;
    asm("" : "+r"(at));  // one address a line, not one a vector
  });
}

/// Brief: to[r, t] += sum over n slopes of slope * from[place + r * from_line + t], r < Rows, t < Vectors * lanes (or
/// t < rest, where Vectors is 0).
template <std::size_t Rows, std::size_t Vectors, class Scalar>
[[gnu::flatten]] void add_placed(const placed_slope<Scalar>* slopes, std::size_t n, const Scalar* from,
                                 std::size_t from_line, Scalar* to, std::size_t to_line, std::size_t rest) {
  if constexpr (Vectors == 0) {
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t e = 0; e < n; ++e) {
        const Scalar* row = from + slopes[e].place + r * from_line;
        for (std::size_t t = 0; t < rest; ++t) to[r * to_line + t] += slopes[e].slope * row[t];
      }
    }
  } else {
    std::array<simd<Scalar>, Rows * Vectors> sum;
    for_each_vector<Rows, Vectors>(to, to_line, [&](auto i, Scalar* at) { sum[i] = load(at); });
    for (std::size_t e = 0; e < n; ++e) {
      const Scalar slope = slopes[e].slope;
      for_each_vector<Rows, Vectors>(from + slopes[e].place, from_line,
                                     [&](auto i, const Scalar* at) { sum[i] += slope * load(at); });
    }
    for_each_vector<Rows, Vectors>(to, to_line, [&](auto i, Scalar* at) { store(at, sum[i]); });
  }
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
      const auto code = __builtin_convertvector(load_first<simd_bytes<Scalar>>(codes + at, count), simd_mask<Scalar>);
      sum += code == cut_off ? simd<Scalar>{} : load_first<simd<Scalar>>(slopes + at, count);
    }
    store_first(gradient + f, sum, count);
  }
}

/// Brief: gradient += the derivative in the weights, filter by filter.
/// Shapes: x, codes and slopes of `rows` images; gradient [filters, fan_in]; list [rows * windows].
template <class Scalar>
void add_filter_gradient(const convolution_shape& shape, std::size_t rows, const Scalar* x, const window_code* codes,
                         const Scalar* slopes, Scalar* gradient, placed_slope<Scalar>* list) {
  const std::size_t filters = shape.filters;
  const std::array<std::size_t, 5> steps{shape.step(0), shape.step(1), shape.step(2), shape.step(3), 0};
  const std::size_t fan_in = shape.fan_in();
  for (std::size_t f = 0; f < filters; ++f) {
    std::size_t n = 0;
    std::size_t from = f;
    for (std::size_t r = 0; r < rows; ++r) {
      shape.for_each_corner([&](std::size_t, std::size_t corner) {
        const auto code = static_cast<std::size_t>(codes[from]);
        list[n] = {static_cast<std::uint32_t>(r * shape.in.size() + corner + steps[code]), slopes[from]};
        n += code < cut_off ? 1 : 0;
        from += filters;
      });
    }
    for_each_patch_block<Scalar>(shape.kernel, shape.run(), [&](auto r, auto v, std::size_t k, std::size_t t) {
      add_placed<r(), v()>(list, n, x + k * shape.line() + t, shape.line(), gradient + f * fan_in + k * shape.run() + t,
                           shape.run(), shape.run() - t);
    });
  }
}

/// Brief: sum[r, t] += slope * x[place + r * line + t] over all outputs of the images, for a vector of filters; what a
/// pixel gives to neighbouring outputs is worked off together where there is one channel.
template <std::size_t Rows, std::size_t Taps, bool OneChannel, class Scalar>
[[gnu::flatten]] void add_products_of_slopes(const convolution_shape& shape, std::size_t rows, const Scalar* x,
                                             const window_code* codes, const Scalar* slopes, std::size_t count,
                                             std::array<simd<Scalar>, Rows * Taps>& sums) {
  const std::size_t line = shape.line();
  const std::size_t next = OneChannel ? 1 : shape.in.channels;
  std::array<simd<Scalar>, Rows* Taps> sum = sums;
  for (std::size_t r = 0; r < rows; ++r, x += shape.in.size()) {
    shape.for_each_corner([&](std::size_t, std::size_t corner) {
      const simd<Scalar> slope = load_first<simd<Scalar>>(slopes, count);
      const auto code = __builtin_convertvector(load_first<simd_bytes<Scalar>>(codes, count), simd_mask<Scalar>);
      std::array<simd<Scalar>, 4> here;
      unrolled<4>([&](auto d) { here[d] = code == static_cast<int>(d()) ? slope : simd<Scalar>{}; });
      const Scalar* at = x + corner;
      unrolled<Rows + 1>([&](auto a) {
        unrolled<Taps + (OneChannel ? 1 : 0)>([&](auto b) {
          unrolled<4>([&](auto d) {
            constexpr std::size_t down = d() / 2;
            constexpr std::size_t along = OneChannel ? d() % 2 : 0;
            if constexpr (a() >= down && a() - down < Rows && b() >= along && b() - along < Taps) {
              sum[(a() - down) * Taps + b() - along] += at[b() + (OneChannel ? 0 : d() % 2 * next)] * here[d];
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
void add_filter_gradient_of_short_runs(const convolution_shape& shape, std::size_t rows, const Scalar* x,
                                       const window_code* codes, const Scalar* slopes, Scalar* gradient) {
  constexpr std::size_t high = vector_registers == 32 ? 5 : 2;
  const std::size_t fan_in = shape.fan_in();
  for (std::size_t f = 0; f < shape.filters; f += lanes<Scalar>) {
    const std::size_t count = std::min(lanes<Scalar>, shape.filters - f);
    const auto block = [&](auto r, auto t, std::size_t k, std::size_t first) {
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
    const auto line_up = [&](auto r, std::size_t k) {
      std::size_t t = 0;
      for (; t + 5 <= shape.run(); t += 5) block(r, std::integral_constant<std::size_t, 5>{}, k, t);
      for (; t < shape.run(); ++t) block(r, std::integral_constant<std::size_t, 1>{}, k, t);
    };
    std::size_t k = 0;
    for (; k + high <= shape.kernel; k += high) line_up(std::integral_constant<std::size_t, high>{}, k);
    for (; k < shape.kernel; ++k) line_up(std::integral_constant<std::size_t, 1>{}, k);
  }
}

/// Brief: gradient_x = the derivative in one image, window by window.
/// Shapes: codes and slopes [windows, filters]; gradient_x [in]; list [5 * filters].
template <class Scalar>
void input_gradient(const convolution_shape& shape, const Scalar* weights, const window_code* codes,
                    const Scalar* slopes, Scalar* gradient_x, placed_slope<Scalar>* list) {
  const std::size_t filters = shape.filters;
  const auto fan_in = static_cast<std::uint32_t>(shape.fan_in());
  std::fill_n(gradient_x, shape.in.size(), Scalar{0});
  shape.for_each_corner([&](std::size_t, std::size_t corner) {
    std::array<std::size_t, 5> n{};
    for (std::uint32_t f = 0; f < filters; ++f) {
      const auto code = static_cast<std::size_t>(codes[f]);
      list[code * filters + n[code]] = {f * fan_in, slopes[f]};
      ++n[code];
    }
    codes += filters;
    slopes += filters;
    for (std::size_t d = 0; d < 4; ++d) {
      if (n[d] == 0) continue;
      Scalar* to = gradient_x + corner + shape.step(d);
      for_each_patch_block<Scalar>(shape.kernel, shape.run(), [&](auto r, auto v, std::size_t k, std::size_t t) {
        add_placed<r(), v()>(list + d * filters, n[d], weights + k * shape.run() + t, shape.run(),
                             to + k * shape.line() + t, shape.line(), shape.run() - t);
      });
    }
  });
}

}  // namespace certssb::inline v1::detail
