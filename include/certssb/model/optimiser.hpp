// SPDX-License-Identifier: MIT
#pragma once
// Brief: optimisers: how a gradient changes the parameters.

#include "certssb/core/expect.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: changes parameters against a gradient, step by step, and keeps the state that it needs between steps.
/// Requires: a copy made before the first step has no state; every step has as many parameters as the first.
template <class Optimiser, class Scalar>
concept optimiser = std::copy_constructible<Optimiser> &&
    requires(Optimiser& o, std::span<Scalar> parameters, std::span<const Scalar> gradient) {
  o.step(parameters, gradient, double{});
};

namespace detail {

/// Brief: a block of scalars that stays in the first-level cache through several vector loops.
inline constexpr std::size_t cached_block = 1024;

/// Brief: calls body(first, count) on blocks of this size.
template <class Body>
void for_each_cached_block(std::size_t size, Body body) {
  for (std::size_t first = 0; first < size; first += cached_block) body(first, std::min(cached_block, size - first));
}

template <class Scalar>
[[nodiscard]] auto as_array(Scalar* data, std::size_t size) {
  using array = Eigen::Array<std::remove_const_t<Scalar>, Eigen::Dynamic, 1>;
  return Eigen::Map<std::conditional_t<std::is_const_v<Scalar>, const array, array>>(data,
                                                                                     static_cast<Eigen::Index>(size));
}

inline void expect_lengths(const char* name, std::size_t parameters, std::size_t gradient, std::size_t state) {
  expect(gradient == parameters && state == parameters, name, ": ", parameters, " parameters but ", gradient,
         " entries of the gradient and ", state, " of state");
}

}  // namespace detail

/// Brief: Adam's constants.
struct adam_options {
  double mean_decay = 0.9;      ///< beta_1, in [0, 1)
  double square_decay = 0.999;  ///< beta_2, in [0, 1)
  double epsilon = 1e-8;        ///< positive
};

/// Brief: Adam.
/// Maths: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// p -= rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
/// Determinism: Eigen's vector square root rounds otherwise than the scalar one, and the address of an array decides
/// which entries get which. Every array written here is therefore aligned, and the bits do not depend on the address of
/// the parameters.
/// Reference: Kingma and Ba, Adam: a method for stochastic optimization (ICLR 2015).
template <std::floating_point Scalar>
class adam {
public:
  /// Throws: argument_error for a constant outside its range.
  explicit adam(adam_options options = {}) : options_(options) {
    expect(options.mean_decay >= 0.0 && options.mean_decay < 1.0, "adam: mean_decay must be in [0,1), got ",
           options.mean_decay);
    expect(options.square_decay >= 0.0 && options.square_decay < 1.0, "adam: square_decay must be in [0,1), got ",
           options.square_decay);
    expect(options.epsilon > 0.0, "adam: epsilon must be positive, got ", options.epsilon);
  }

  /// Throws: argument_error when lengths disagree, among themselves or with the first step's.
  void step(std::span<Scalar> parameters, std::span<const Scalar> gradient, double rate) {
    if (steps_ == 0) {
      mean_.assign(parameters.size(), Scalar{0});
      square_.assign(parameters.size(), Scalar{0});
    }
    detail::expect_lengths("adam", parameters.size(), gradient.size(), mean_.size());
    ++steps_;
    const auto keep_mean = static_cast<Scalar>(options_.mean_decay);
    const auto keep_square = static_cast<Scalar>(options_.square_decay);
    const auto stride = static_cast<Scalar>(rate / (1.0 - std::pow(options_.mean_decay, steps_)));
    const auto widen = static_cast<Scalar>(1.0 / std::sqrt(1.0 - std::pow(options_.square_decay, steps_)));
    const auto epsilon = static_cast<Scalar>(options_.epsilon);
    alignas(EIGEN_MAX_ALIGN_BYTES) std::array<Scalar, detail::cached_block> moves;
    detail::for_each_cached_block(parameters.size(), [&](std::size_t first, std::size_t count) {
      const auto g = detail::as_array(gradient.data() + first, count);
      auto m = detail::as_array(mean_.data() + first, count);
      auto v = detail::as_array(square_.data() + first, count);
      m = keep_mean * m + (Scalar{1} - keep_mean) * g;
      v = keep_square * v + (Scalar{1} - keep_square) * g.square();
      detail::as_array(moves.data(), count) = stride * m / (widen * v.sqrt() + epsilon);
      for (std::size_t i = 0; i < count; ++i) parameters[first + i] -= moves[i];
    });
  }

private:
  adam_options options_;
  std::vector<Scalar, Eigen::aligned_allocator<Scalar>> mean_;
  std::vector<Scalar, Eigen::aligned_allocator<Scalar>> square_;
  int steps_ = 0;
};

/// Brief: stochastic gradient descent with momentum.
/// Maths: v = momentum v + g, p -= rate v.
template <std::floating_point Scalar>
class sgd {
public:
  /// Throws: argument_error for momentum outside [0, 1).
  explicit sgd(double momentum = 0.0) : momentum_(momentum) {
    expect(momentum >= 0.0 && momentum < 1.0, "sgd: momentum must be in [0,1), got ", momentum);
  }

  /// Throws: argument_error when lengths disagree, among themselves or with the first step's.
  void step(std::span<Scalar> parameters, std::span<const Scalar> gradient, double rate) {
    if (velocity_.empty()) velocity_.assign(parameters.size(), Scalar{0});
    detail::expect_lengths("sgd", parameters.size(), gradient.size(), velocity_.size());
    const auto keep = static_cast<Scalar>(momentum_);
    const auto stride = static_cast<Scalar>(rate);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      velocity_[i] = keep * velocity_[i] + gradient[i];
      parameters[i] -= stride * velocity_[i];
    }
  }

private:
  double momentum_;
  std::vector<Scalar> velocity_;
};

}  // namespace v1
}  // namespace certssb
