// SPDX-License-Identifier: MIT
#include "examples.hpp"

#include "certssb/noise/gaussian.hpp"
#include "certssb/report/png.hpp"

#include <algorithm>
#include <string>

namespace certssb::cli {

namespace {

/// Keys the pictures' noise, which no certificate uses.
constexpr std::uint32_t purpose_of_pictures = 100;

std::vector<float> row_of(const image_rows& rows, std::size_t position) {
  std::vector<float> row(rows.row_size());
  tensor_traits<images>::read(rows.inputs(), position, row);
  return row;
}

std::string png_of(const std::vector<float>& row, std::span<const std::size_t> shape, const value_range& range) {
  return png_bytes(make_picture<float>(row, shape[0], shape[1], shape[2], range.low, range.high));
}

}  // namespace

std::vector<example_result> draw_examples(const workload& data, std::span<const defence_outcome<float>> defences,
                                          const random_key& key, run_folder& folder) {
  constexpr std::size_t most = 5;
  const auto shape = data.clean.row_shape();
  std::vector<example_result> examples;
  if (shape[0] != 1 && shape[0] != 3) return examples;
  const gaussian_noise noise;
  for (std::size_t i = 0; i < std::min(most, data.triggered.size()); ++i) {
    const std::uint32_t id = data.triggered.ids()[i];
    const auto in_clean = std::ranges::find(data.clean.ids(), id) - data.clean.ids().begin();
    const std::string name = "pictures/" + std::to_string(i) + "_";
    example_result example{id,
                           data.classes[static_cast<std::size_t>(data.triggered.labels()[i])],
                           name + "clean.png",
                           name + "triggered.png",
                           {},
                           {}};
    const std::vector<float> triggered = row_of(data.triggered, i);
    folder.write(example.clean,
                 png_of(row_of(data.clean, static_cast<std::size_t>(in_clean)), shape, data.clean.range()));
    folder.write(example.triggered, png_of(triggered, shape, data.clean.range()));
    std::vector<float> draw(triggered.size());
    noise.fill(key.derive(purpose_of_pictures).at(stage::test_noise).for_sample(id), std::span<float>(draw));
    for (const defence_outcome<float>& defence : defences) {
      const double sigma = defence.ballots[1].scales[i];
      std::vector<float> noisy = triggered;
      for (std::size_t p = 0; p < noisy.size(); ++p) noisy[p] += static_cast<float>(sigma) * draw[p];
      example.noisy[defence.name] = name + defence.name + ".png";
      example.sigma[defence.name] = sigma;
      folder.write(example.noisy[defence.name], png_of(noisy, shape, data.clean.range()));
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

}  // namespace certssb::cli
