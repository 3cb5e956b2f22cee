// SPDX-License-Identifier: MIT
#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/opaque_tensor.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace certssb;

template <class Scalar>
using eigen_matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Scalar>
using eigen_three = Eigen::Matrix<Scalar, Eigen::Dynamic, 3, Eigen::RowMajor>;

namespace {

/// Brief: a tensor of no rows of three scalars, of each type.
template <class Tensor>
Tensor like_three() {
  return Tensor::from_shape({0, 1, 3});
}
template <>
host_array<float> like_three() {
  return {{}, 3};
}
template <>
host_array<double> like_three() {
  return {{}, 3};
}
template <>
eigen_matrix<float> like_three() {
  return eigen_matrix<float>(0, 3);
}
template <>
eigen_three<double> like_three() {
  return eigen_three<double>(0, 3);
}
template <>
test::opaque_tensor<float> like_three() {
  return tensor_traits<test::opaque_tensor<float>>::create(0, 3);
}

template <class Tensor>
std::vector<scalar_of<Tensor>> values_of(const Tensor& t) {
  std::vector<scalar_of<Tensor>> values(tensor_traits<Tensor>::rows(t) * tensor_traits<Tensor>::row_size(t));
  tensor_traits<Tensor>::read(t, 0, values);
  return values;
}

}  // namespace

static_assert(tensor<test::opaque_tensor<float>> && !host_tensor<test::opaque_tensor<float>>);
static_assert(host_tensor<host_array<float>> && host_tensor<eigen_matrix<float>> && host_tensor<xt::xarray<float>>);

TEMPLATE_TEST_CASE("every tensor type writes, reads, gathers and adds scaled rows alike", "[tensor]", host_array<float>,
                   host_array<double>, eigen_matrix<float>, eigen_three<double>, xt::xarray<float>,
                   (xt::xtensor<double, 3>), test::opaque_tensor<float>) {
  using traits = tensor_traits<TestType>;
  using scalars = std::vector<scalar_of<TestType>>;
  TestType t = traits::make(4, like_three<TestType>());
  REQUIRE(traits::rows(t) == 4);
  REQUIRE(traits::row_size(t) == 3);
  traits::write(t, 0, scalars{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(values_of(t) == scalars{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});

  traits::write(t, 1, scalars{-3, -4, -5});
  scalars two(6);
  traits::read(t, 1, two);
  CHECK(two == scalars{-3, -4, -5, 6, 7, 8});

  TestType chosen = traits::make(3, t);
  traits::gather(t, std::vector<std::size_t>{3, 0, 3}, chosen);
  CHECK(values_of(chosen) == scalars{9, 10, 11, 0, 1, 2, 9, 10, 11});

  traits::add_scaled(chosen, scalars{1, 0.5, 0}, scalars{1, 2, 3, 4, 6, 8, 9, 9, 9});
  CHECK(values_of(chosen) == scalars{10, 12, 14, 2, 4, 6, 9, 10, 11});
}

TEMPLATE_TEST_CASE("a contiguous tensor refuses rows it has not and extents that differ", "[tensor]", host_array<float>,
                   eigen_matrix<float>, xt::xarray<float>) {
  using traits = tensor_traits<TestType>;
  using scalars = std::vector<float>;
  TestType t = traits::make(2, like_three<TestType>());
  scalars row(3), two(6);
  CHECK_THROWS_AS(traits::write(t, 2, row), argument_error);
  CHECK_THROWS_AS(traits::read(t, 1, two), argument_error);
  CHECK_THROWS_WITH(traits::add_scaled(t, scalars{1}, two), "add_scaled: expected 2 scales and 6 values, got 1 and 6");
  CHECK_THROWS_AS(traits::add_scaled(t, scalars{1, 1}, row), argument_error);
  TestType out = traits::make(1, t);
  CHECK_THROWS_WITH(traits::gather(t, std::vector<std::size_t>{0, 1}, out),
                    "gather: expected 2 rows of 3, got 1 rows of 3");
  CHECK_THROWS_AS(traits::gather(t, std::vector<std::size_t>{2}, out), argument_error);
}

TEST_CASE("a host array holds whole rows", "[tensor]") {
  CHECK_THROWS_WITH(host_array<float>({1, 2, 3}, 2), "host_array: 3 values do not make whole rows of 2");
  CHECK_THROWS_AS(host_array<float>({1, 2, 3}, 0), argument_error);
}
