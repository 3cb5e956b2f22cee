// SPDX-License-Identifier: MIT
#include "certssb/data/subset.hpp"

#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

using namespace certssb;

namespace {

/// Brief: six images of 1 x 2 pixels; image i holds 10 i and 255.
image_set six_images(std::vector<std::uint8_t> labels = {3, 0, 2, 0, 3, 1}) {
  image_set images{{}, {1, 1, 2}, std::move(labels)};
  for (std::uint8_t i = 0; i < images.size(); ++i)
    images.pixels.insert(images.pixels.end(), {std::uint8_t(10 * i), 255});
  return images;
}

template <class T>
std::vector<T> copy(std::span<const T> values) {
  return {values.begin(), values.end()};
}

std::vector<std::uint8_t> classes(const class_selection& selection) { return copy(selection.classes()); }

const host_array<double> two_wide({}, 2);

}  // namespace

TEST_CASE("of two classes the first is label 1 and the second label 0", "[data]") {
  const auto images = six_images();
  const auto selection = class_selection::of(std::vector<label_type>{3, 0}, images);
  CHECK(classes(selection) == std::vector<std::uint8_t>{0, 3});
  const auto data = make_dataset(images, selection, all_rows, two_wide);
  CHECK(copy(data.labels()) == std::vector<label_type>{1, 0, 0, 1});
  CHECK(copy(data.ids()) == std::vector<std::uint32_t>{0, 1, 3, 4});
  const auto other = make_dataset(images, class_selection::of(std::vector<label_type>{0, 3}, images), 3, two_wide);
  CHECK(copy(other.labels()) == std::vector<label_type>{0, 1, 1});
}

TEST_CASE("three or more classes, and all, are numbered in ascending order", "[data]") {
  const auto images = six_images();
  const auto three = class_selection::of(std::vector<label_type>{3, 0, 1}, images);
  CHECK(classes(three) == std::vector<std::uint8_t>{0, 1, 3});
  CHECK(copy(make_dataset(images, three, all_rows, two_wide).labels()) == std::vector<label_type>{2, 0, 0, 2, 1});
  const auto all = class_selection::all(images);
  CHECK(classes(all) == std::vector<std::uint8_t>{0, 1, 2, 3});
  CHECK(copy(make_dataset(images, all, all_rows, two_wide).labels()) == std::vector<label_type>{3, 0, 2, 0, 3, 1});
}

TEST_CASE("values are pixels over 255, in shape {channels, height, width}", "[data]") {
  const auto images = six_images();
  const auto data = make_dataset(images, class_selection::all(images), 2, two_wide);
  CHECK(data.inputs().values == std::vector<double>{0.0, 1.0, 10.0 / 255.0, 1.0});
  CHECK(copy(data.row_shape()) == std::vector<std::size_t>{1, 1, 2});
  CHECK(data.range().low == 0.0);
  CHECK(data.range().high == 1.0);
}

TEST_CASE("the same rows come in any tensor type, by a prototype or by a maker", "[data]") {
  const auto images = six_images();
  const auto all = class_selection::all(images);
  const auto plain = make_dataset(images, all, all_rows, host_array<float>({}, 2));
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto eigen = make_dataset(images, all, all_rows, matrix(0, 2));
  using images_of = xt::xarray<float>;
  const auto made = make_dataset<images_of>(images, all, all_rows, [](std::span<const std::size_t> shape) {
    return images_of::from_shape(images_of::shape_type(shape.begin(), shape.end()));
  });
  CHECK(made.inputs().dimension() == 4);
  for (std::size_t i = 0; i < plain.inputs().values.size(); ++i) {
    CHECK(eigen.inputs().data()[i] == plain.inputs().values[i]);
    CHECK(made.inputs().data()[i] == plain.inputs().values[i]);
  }
}

TEST_CASE("selections and sizes that make no sense are refused", "[data]") {
  const auto images = six_images();
  const auto of = [&](std::vector<label_type> labels) { return class_selection::of(labels, images); };
  CHECK_THROWS_WITH(of({7, 0}), "classes: no image has label 7");
  CHECK_THROWS_WITH(of({-1, 0}), "classes: no image has label -1");
  CHECK_THROWS_WITH(of({300, 0}), "classes: no image has label 300");
  CHECK_THROWS_WITH(of({0, 0}), "classes: label 0 is given twice");
  CHECK_THROWS_WITH(of({1}), "classes: needs at least 2, got 1");
  CHECK_THROWS_AS(of({}), argument_error);
  CHECK_THROWS_WITH(make_dataset(images, of({1, 0}), 0, two_wide), "make_dataset: needs at least 1 row");
  CHECK_THROWS_WITH(make_dataset(six_images({2, 2, 2, 2, 2, 2}), of({1, 0}), all_rows, two_wide),
                    "make_dataset: no image of the selected classes is left");
  CHECK_THROWS_WITH(make_dataset(images, of({1, 0}), 1, host_array<double>({}, 3)),
                    "make_dataset: asked for 1 rows of 2, got 1 of 3");
}

TEST_CASE("a label out of range is refused where all classes are kept", "[data]") {
  CHECK_THROWS_WITH(class_selection::all(six_images({0, 1, 2, 0, 1, 200})),
                    "classes all: the data hold label 200 but no label 3");
  CHECK_THROWS_AS(class_selection::all(six_images({0, 0, 0, 0, 0, 0})), data_error);
  const auto all = class_selection::all(six_images());
  CHECK_THROWS_WITH(make_dataset(six_images({0, 1, 2, 0, 1, 9}), all, all_rows, two_wide), "label 9 is outside [0, 4)");
}
