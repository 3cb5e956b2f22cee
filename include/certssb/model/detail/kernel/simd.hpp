// SPDX-License-Identifier: MIT
#pragma once
// Brief: the widest vectors of the instruction set that the program is compiled for, by the vector extension that GCC
// and Clang share.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

/// Brief: for functions and lambdas whose arrays are meant for registers, and loops that are to be written out; nothing
/// in instrumented builds, which would take minutes over them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define CERTSSB_INLINE
#define CERTSSB_UNROLL
#elif defined(__clang__)
#define CERTSSB_INLINE __attribute__((always_inline))
#define CERTSSB_UNROLL _Pragma("unroll")
#else
#define CERTSSB_INLINE __attribute__((always_inline))
#define CERTSSB_UNROLL _Pragma("GCC unroll 32")
#endif

namespace certssb {
inline namespace v1 {
namespace detail {

#if defined(__AVX512F__)
inline constexpr std::size_t vector_bytes = 64;
inline constexpr std::size_t vector_registers = 32;
#elif defined(__AVX__)
inline constexpr std::size_t vector_bytes = 32;
inline constexpr std::size_t vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr std::size_t vector_bytes = 16;
inline constexpr std::size_t vector_registers = 32;
#else
inline constexpr std::size_t vector_bytes = 16;
inline constexpr std::size_t vector_registers = 16;
#endif

template <class Scalar>
inline constexpr std::size_t lanes = vector_bytes / sizeof(Scalar);

template <class T, std::size_t Count>
struct vector_of {
  typedef T type __attribute__((vector_size(Count * sizeof(T))));
};
template <class T>
struct vector_of<T, 1> {
  using type = T;
};

/// Brief: `lanes` numbers at once, integers as wide, and as many bytes.
template <class Scalar>
using simd = typename vector_of<Scalar, lanes<Scalar>>::type;
template <class Scalar>
using simd_mask =
    typename vector_of<std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>, lanes<Scalar>>::type;
template <class Scalar>
using simd_bytes = typename vector_of<std::int8_t, lanes<Scalar>>::type;

/// Brief: count rounded up to whole vectors.
template <class Scalar>
[[nodiscard]] constexpr std::size_t whole_vectors(std::size_t count) noexcept {
  return (count + lanes<Scalar> - 1) / lanes<Scalar> * lanes<Scalar>;
}

template <class Vector, class T>
[[nodiscard]] inline Vector load_as(const T* from) noexcept {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class Scalar>
[[nodiscard]] inline simd<Scalar> load(const Scalar* from) noexcept {
  return load_as<simd<Scalar>>(from);
}

template <class Vector, class T>
inline void store(T* to, const Vector& v) noexcept {
  std::memcpy(to, &v, sizeof v);
}

/// Brief: the first `count` entries of v.
template <class Vector, class T>
inline void store_first(T* to, const Vector& v, std::size_t count) noexcept {
  if (count * sizeof(T) >= sizeof v) return store(to, v);
  std::memcpy(to, &v, count * sizeof(T));
}

/// Brief: a vector of the first `count` entries, then zeros.
template <class Vector, class T>
[[nodiscard]] inline Vector load_first(const T* from, std::size_t count) noexcept {
  Vector v{};
  if (count * sizeof(T) >= sizeof v) return load_as<Vector>(from);
  std::memcpy(&v, from, count * sizeof(T));
  return v;
}

/// Brief: bytes as integers of the scalar's width, and back. GCC 12 does __builtin_convertvector entry by entry.
template <class Scalar>
[[nodiscard]] inline simd_mask<Scalar> widen(const simd_bytes<Scalar>& bytes) noexcept {
#if defined(__AVX512F__)
  if constexpr (sizeof(Scalar) == 4) {
    return (simd_mask<Scalar>)_mm512_maskz_cvtepi8_epi32(0xFFFF, (__m128i)bytes);
  }
#endif
  return __builtin_convertvector(bytes, simd_mask<Scalar>);
}

template <class Scalar>
[[nodiscard]] inline simd_bytes<Scalar> narrow(const simd_mask<Scalar>& integers) noexcept {
#if defined(__AVX512F__)
  if constexpr (sizeof(Scalar) == 4) {
    return (simd_bytes<Scalar>)_mm512_maskz_cvtepi32_epi8(0xFFFF, (__m512i)integers);
  }
#endif
  return __builtin_convertvector(integers, simd_bytes<Scalar>);
}

/// Brief: the sum of the entries, halves added to halves.
template <class Scalar, std::size_t Count = lanes<Scalar>>
[[nodiscard]] inline Scalar total(const typename vector_of<Scalar, Count>::type& v) noexcept {
  if constexpr (Count == 1) {
    return v;
  } else {
    std::array<typename vector_of<Scalar, Count / 2>::type, 2> halves;
    std::memcpy(&halves, &v, sizeof v);
    return total<Scalar, Count / 2>(halves[0] + halves[1]);
  }
}

/// Brief: body(0), ..., body(Count - 1), written out where the compiler optimises, so that arrays become registers.
template <std::size_t Count, class Body>
inline CERTSSB_INLINE void unrolled(Body&& body) {
  CERTSSB_UNROLL
  for (std::size_t i = 0; i < Count; ++i) body(i);
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
