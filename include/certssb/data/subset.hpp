// SPDX-License-Identifier: MIT
#pragma once
// Brief: makes a data set from the images of a file: the selected classes, a number of rows, values in [0,1].

#include "certssb/core/expect.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/idx_reader.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: which labels of a file are kept, and their new labels 0 .. K - 1.
class class_selection {
public:
  /// Brief: every label that occurs in `images`, in ascending order.
  /// Throws: data_error when they are not exactly 0 .. K - 1 with K >= 2 (a gap means a label out of range).
  [[nodiscard]] static class_selection all(const image_set& images) {
    class_selection selection;
    const auto present = find_present(images);
    for (std::size_t label = 0; label < present.size(); ++label) {
      if (!present[label]) continue;
      expect<data_error>(selection.classes_.size() == label, "classes all: the data hold label ", label,
                         " but no label ", selection.classes_.size());
      selection.classes_.push_back(static_cast<std::uint8_t>(label));
    }
    expect<data_error>(selection.classes_.size() >= 2, "classes all: needs at least 2 classes, the data hold ",
                       selection.classes_.size());
    selection.keeps_all_ = true;
    return selection;
  }

  /// Brief: the given labels of the file. Two labels: the first is the positive class, label 1, and the second is label
  /// 0. Three or more are numbered in ascending order.
  /// Throws: argument_error for fewer than two, for one given twice, or one that no image has.
  [[nodiscard]] static class_selection of(std::span<const label_type> labels, const image_set& images) {
    expect(labels.size() >= 2, "classes: needs at least 2, got ", labels.size());
    class_selection selection;
    const auto present = find_present(images);
    for (const label_type label : labels) {
      expect(label >= 0 && label < 256 && present[static_cast<std::size_t>(label)], "classes: no image has label ",
             label);
      expect(std::ranges::count(labels, label) == 1, "classes: label ", label, " is given twice");
      selection.classes_.push_back(static_cast<std::uint8_t>(label));
    }
    if (labels.size() == 2) {
      std::swap(selection.classes_[0], selection.classes_[1]);
    } else {
      std::ranges::sort(selection.classes_);
    }
    return selection;
  }

  /// Brief: K.
  [[nodiscard]] std::size_t size() const noexcept { return classes_.size(); }

  /// Brief: the labels of the file, in the order of the new labels 0 .. K - 1.
  [[nodiscard]] std::span<const std::uint8_t> classes() const noexcept { return classes_; }

  /// Brief: the new label of a label of the file; `abstain` (-1) for one that is left out.
  /// Throws: data_error if all are kept and this one is not among them.
  [[nodiscard]] label_type label_of(std::uint8_t label) const {
    const auto found = std::ranges::find(classes_, label);
    if (found != classes_.end()) return found - classes_.begin();
    expect<data_error>(!keeps_all_, "label ", label, " is outside [0, ", size(), ")");
    return abstain;
  }

private:
  [[nodiscard]] static std::array<bool, 256> find_present(const image_set& images) {
    std::array<bool, 256> present{};
    for (const std::uint8_t label : images.labels) present[label] = true;
    return present;
  }

  std::vector<std::uint8_t> classes_;
  bool keeps_all_ = false;
};

/// Brief: asks for all the rows there are.
inline constexpr std::size_t all_rows = std::numeric_limits<std::size_t>::max();

/// Brief: the first `rows` images of the selected classes (all of them if there are fewer), values divided by 255.
/// `make(shape)` returns a tensor of that shape, {rows, channels, height, width}, with any content:
///
///     make_dataset<xt::xarray<float>>(images, classes, all_rows,
///                                     [](std::span<const std::size_t> shape) { ... });
///
/// Shapes: row_shape {channels, height, width}. Ids are places in the file.
/// Units: inputs in [0,1].
/// Throws: argument_error for rows = 0, when no image is left, or when `make` gives another extent; data_error for a
/// label out of range.
template <tensor Tensor, class Make>
requires std::is_invocable_r_v<Tensor, const Make&, std::span<const std::size_t>>
[[nodiscard]] dataset<Tensor> make_dataset(const image_set& images, const class_selection& selection, std::size_t rows,
                                           const Make& make) {
  using traits = tensor_traits<Tensor>;
  using scalar = scalar_of<Tensor>;
  expect(rows > 0, "make_dataset: needs at least 1 row");
  std::vector<std::uint32_t> ids;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < images.size() && ids.size() < rows; ++i) {
    const label_type label = selection.label_of(images.labels[i]);
    if (label == abstain) continue;
    ids.push_back(static_cast<std::uint32_t>(i));
    labels.push_back(label);
  }
  expect(!ids.empty(), "make_dataset: no image of the selected classes is left");

  std::vector<std::size_t> shape(images.row_shape);
  shape.insert(shape.begin(), ids.size());
  Tensor inputs = make(std::span<const std::size_t>(shape));
  const std::size_t size = images.pixels.size() / images.size();
  expect(traits::rows(inputs) == ids.size() && traits::row_size(inputs) == size, "make_dataset: asked for ", ids.size(),
         " rows of ", size, ", got ", traits::rows(inputs), " of ", traits::row_size(inputs));
  std::vector<scalar> row(size);
  for (std::size_t j = 0; j < ids.size(); ++j) {
    const auto pixels = std::span(images.pixels).subspan(ids[j] * size, size);
    std::ranges::transform(pixels, row.begin(), [](std::uint8_t p) { return static_cast<scalar>(p) / scalar{255}; });
    traits::write(inputs, j, row);
  }
  return dataset<Tensor>(std::move(inputs), std::move(labels), selection.size(), images.row_shape,
                         value_range{0.0, 1.0}, std::move(ids));
}

/// Brief: the same, with tensors made like `like`, whose rows have the shape of the images.
template <tensor Tensor>
[[nodiscard]] dataset<Tensor> make_dataset(const image_set& images, const class_selection& selection, std::size_t rows,
                                           const Tensor& like) {
  return make_dataset<Tensor>(images, selection, rows, [&like](std::span<const std::size_t> shape) {
    return tensor_traits<Tensor>::make(shape[0], like);
  });
}

}  // namespace v1
}  // namespace certssb
