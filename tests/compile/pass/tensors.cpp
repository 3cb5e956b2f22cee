// SPDX-License-Identifier: MIT
// Which types are tensors, and which of them lie on the host.
#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/tensor/host_array.hpp"

#include "support/opaque_tensor.hpp"

using namespace certssb;

static_assert(host_tensor<host_array<float>> && host_tensor<host_array<double>>);
static_assert(host_tensor<xt::xarray<float>> && host_tensor<xt::xtensor<double, 4>>);
static_assert(host_tensor<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>);
static_assert(host_tensor<Eigen::Matrix<double, Eigen::Dynamic, 784, Eigen::RowMajor>>);

static_assert(tensor<test::opaque_tensor<float>> && !host_tensor<test::opaque_tensor<float>>);

static_assert(!tensor<xt::xarray<int>>);
static_assert(!tensor<xt::xarray<float, xt::layout_type::column_major>>);
static_assert(!tensor<Eigen::MatrixXf>);
static_assert(!tensor<float*>);
