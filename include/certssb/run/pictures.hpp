// SPDX-License-Identifier: MIT
#pragma once
// Brief: a few test samples as pictures: clean, triggered, and noisy at the scale that each defence gave them; of rows
// that are no images, the columns that the attack changes.

#include "certssb/core/random.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/report/png.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/run_folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: noise scales of the first triggered test inputs, by the name of the defence.
using defence_scales = std::vector<std::pair<std::string, std::vector<double>>>;

/// Brief: how many samples are drawn: the first few triggered ones, and none if rows are not grey or RGB images.
template <tensor Tensor>
[[nodiscard]] std::size_t pictured(const poisoned_split<Tensor>& data) {
  const auto shape = data.clean.row_shape();
  const bool image = shape.size() == 3 && (shape[0] == 1 || shape[0] == 3);
  return image ? std::min<std::size_t>(5, data.triggered.size()) : 0;
}

namespace detail {

/// Brief: keys the pictures' noise, which no certificate uses.
inline constexpr std::uint32_t purpose_of_pictures = 100;

template <tensor Tensor>
[[nodiscard]] std::vector<scalar_of<Tensor>> read_row(const dataset<Tensor>& rows, std::size_t position) {
  std::vector<scalar_of<Tensor>> row(rows.row_size());
  tensor_traits<Tensor>::read(rows.inputs(), position, row);
  return row;
}

template <class Scalar>
[[nodiscard]] std::string png_of(const std::vector<Scalar>& row, std::span<const std::size_t> shape,
                                 const value_range& range) {
  return png_bytes(make_picture<Scalar>(row, shape[0], shape[1], shape[2], range.low, range.high));
}

}  // namespace detail

/// Brief: writes the pictures into the folder and says what they are.
/// Shapes: scales of each defence [pictured(data)].
template <tensor Tensor>
[[nodiscard]] std::vector<example_result> draw_examples(const poisoned_split<Tensor>& data,
                                                        const defence_scales& defences, const random_key& key,
                                                        run_folder& folder) {
  using scalar = scalar_of<Tensor>;
  const auto shape = data.clean.row_shape();
  const value_range range = data.clean.range();
  std::vector<example_result> examples;
  const gaussian_noise noise{.step = grid_step_of(data.clean.ranges())};
  for (std::size_t i = 0; i < pictured(data); ++i) {
    const std::uint32_t id = data.triggered.ids()[i];
    const auto in_clean = std::ranges::find(data.clean.ids(), id) - data.clean.ids().begin();
    const std::string name = "pictures/" + std::to_string(i) + "_";
    example_result example{id,
                           data.classes[static_cast<std::size_t>(data.triggered.labels()[i])],
                           name + "clean.png",
                           name + "triggered.png",
                           {},
                           {}};
    const std::vector<scalar> triggered = detail::read_row(data.triggered, i);
    folder.write(example.clean,
                 detail::png_of(detail::read_row(data.clean, static_cast<std::size_t>(in_clean)), shape, range));
    folder.write(example.triggered, detail::png_of(triggered, shape, range));
    const random_key own = key.derive(detail::purpose_of_pictures).at(stage::test_noise).for_sample(id);
    for (const auto& [defence, scales] : defences) {
      std::vector<scalar> noisy = triggered;
      noise.release(own, scales[i], std::span<scalar>(noisy));
      example.noisy[defence] = name + defence + ".png";
      example.sigma[defence] = scales[i];
      folder.write(example.noisy[defence], detail::png_of(noisy, shape, range));
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

/// Brief: the columns in which the attack changes the first few triggered samples most; none where pictures show them.
template <tensor Tensor>
[[nodiscard]] std::vector<change_result> list_changes(const poisoned_split<Tensor>& data) {
  constexpr std::size_t most_samples = 5;
  constexpr std::size_t most_columns = 8;
  std::vector<change_result> changes;
  for (std::size_t i = 0; pictured(data) == 0 && i < std::min(most_samples, data.triggered.size()); ++i) {
    const std::uint32_t id = data.triggered.ids()[i];
    const auto in_clean = std::ranges::find(data.clean.ids(), id) - data.clean.ids().begin();
    const auto clean = detail::read_row(data.clean, static_cast<std::size_t>(in_clean));
    const auto triggered = detail::read_row(data.triggered, i);
    std::vector<column_change> all;
    for (std::size_t c = 0; c < clean.size(); ++c) {
      if (clean[c] == triggered[c]) continue;
      all.push_back({c < data.column_names.size() ? data.column_names[c] : concatenate("column ", c + 1),
                     static_cast<double>(clean[c]), static_cast<double>(triggered[c])});
    }
    std::ranges::stable_sort(all, std::greater{},
                             [](const column_change& change) { return std::abs(change.triggered - change.clean); });
    change_result of_sample{id, data.classes[static_cast<std::size_t>(data.triggered.labels()[i])], all.size(), {}};
    all.resize(std::min(most_columns, all.size()));
    of_sample.most = std::move(all);
    changes.push_back(std::move(of_sample));
  }
  return changes;
}

}  // namespace v1
}  // namespace certssb
