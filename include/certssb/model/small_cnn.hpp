// SPDX-License-Identifier: MIT
#pragma once
// Brief: the small convolutional network of the MNIST experiments of the papers, for images of any size and channel
// count.

#include "certssb/core/expect.hpp"
#include "certssb/model/layer/channels_last.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/dense.hpp"
#include "certssb/model/layer/max_pool.hpp"
#include "certssb/model/layer/relu.hpp"
#include "certssb/model/sequential.hpp"

#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: convolution 5x5 of 16 filters, convolution 5x5 of 32, each with rectifier and 2x2 max-pool; 512 hidden units;
/// one output per class. Sides shorter than 16 pixels get a margin of zeros to 16, the least that the layers take.
/// Maths: the pool is computed before the rectifier. Both are monotone, so the function is the same, and the rectifier
/// has a quarter of the work.
/// Reference: RAB and Cert-SSB, network for MNIST.
template <std::floating_point Scalar>
using small_cnn =
    sequential<Scalar, channels_last, conv2d, max_pool<2>, relu, conv2d, max_pool<2>, relu, dense, relu, dense>;

/// Brief: the untrained network for rows {channels, height, width} or {height, width}.
/// Throws: argument_error for rows that are not images, or fewer than 2 classes.
template <std::floating_point Scalar>
[[nodiscard]] small_cnn<Scalar> make_small_cnn(std::span<const std::size_t> row_shape, std::size_t classes) {
  expect(row_shape.size() == 2 || row_shape.size() == 3,
         "small_cnn: expected rows {channels, height, width} or {height, width}, got ", row_shape.size(), " extents");
  return small_cnn<Scalar>(row_shape, channels_last(16), conv2d(16, 5), max_pool<2>{}, relu{}, conv2d(32, 5),
                           max_pool<2>{}, relu{}, dense(512), relu{}, dense(classes));
}

}  // namespace v1
}  // namespace certssb
