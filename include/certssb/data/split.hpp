// SPDX-License-Identifier: MIT
#pragma once
// Brief: parts of a data set: chosen rows, the first ones, and a random split into training and test rows.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the rows at these positions, in this order; ids, classes, row shape and ranges stay as they are.
/// Throws: argument_error for no positions, a position that does not exist, or one given twice.
/// Cost: one copy of the rows.
template <tensor Tensor>
[[nodiscard]] dataset<Tensor> subset(const dataset<Tensor>& data, std::span<const std::size_t> positions) {
  expect(!positions.empty(), "subset: needs at least 1 row");
  std::vector<label_type> labels;
  std::vector<std::uint32_t> ids;
  for (const std::size_t position : positions) {
    expect(position < data.size(), "subset: expected positions below ", data.size(), ", got ", position);
    labels.push_back(data.labels()[position]);
    ids.push_back(data.ids()[position]);
  }
  Tensor inputs = data.make(positions.size());
  data.gather(positions, inputs);
  return dataset<Tensor>(std::move(inputs), std::move(labels), data.classes(),
                         {data.row_shape().begin(), data.row_shape().end()}, data.ranges(), std::move(ids));
}

template <tensor Tensor>
[[nodiscard]] dataset<Tensor> subset(const dataset<Tensor>& data, std::initializer_list<std::size_t> positions) {
  return subset(data, std::span<const std::size_t>(positions.begin(), positions.size()));
}

/// Brief: the rows at these positions, of which some may come several times; their ids are their places in it.
/// Throws: argument_error for no positions, or one that does not exist.
template <tensor Tensor>
[[nodiscard]] dataset<Tensor> resample(const dataset<Tensor>& data, std::span<const std::size_t> positions) {
  expect(!positions.empty(), "resample: needs at least 1 row");
  std::vector<label_type> labels;
  for (const std::size_t position : positions) {
    expect(position < data.size(), "resample: expected positions below ", data.size(), ", got ", position);
    labels.push_back(data.labels()[position]);
  }
  Tensor inputs = data.make(positions.size());
  data.gather(positions, inputs);
  return dataset<Tensor>(std::move(inputs), std::move(labels), data.classes(),
                         {data.row_shape().begin(), data.row_shape().end()}, data.ranges());
}

/// Brief: rows first .. last - 1.
/// Throws: argument_error unless first < last <= size.
template <tensor Tensor>
[[nodiscard]] dataset<Tensor> rows_between(const dataset<Tensor>& data, std::size_t first, std::size_t last) {
  expect(first < last && last <= data.size(), "rows_between: expected first < last <= ", data.size(), ", got ", first,
         " and ", last);
  std::vector<std::size_t> positions(last - first);
  std::iota(positions.begin(), positions.end(), first);
  return subset(data, std::span<const std::size_t>(positions));
}

/// Brief: rows 0 .. count - 1.
/// Throws: argument_error unless 0 < count <= size.
template <tensor Tensor>
[[nodiscard]] dataset<Tensor> first_rows(const dataset<Tensor>& data, std::size_t count) {
  expect(count > 0 && count <= data.size(), "first_rows: count must lie in [1, ", data.size(), "], got ", count);
  return rows_between(data, 0, count);
}

/// Brief: a data set in two parts.
template <tensor Tensor>
struct train_and_test {
  dataset<Tensor> train;
  dataset<Tensor> test;
};

/// Brief: puts round(test_share * N) rows, chosen at random, into the test part and the others into the training part.
/// In both parts rows keep their order and their ids.
/// Throws: argument_error unless 0 < test_share < 1 and both parts get a row.
/// Cost: one copy of the data set.
/// Determinism: the rows depend on N and on stream (key, stage::split) alone.
template <tensor Tensor>
[[nodiscard]] train_and_test<Tensor> train_test_split(const dataset<Tensor>& data, double test_share,
                                                      const random_key& key) {
  expect(test_share > 0.0 && test_share < 1.0, "train_test_split: test_share must lie in (0,1), got ", test_share);
  const auto count = static_cast<std::size_t>(std::llround(test_share * static_cast<double>(data.size())));
  expect(count > 0 && count < data.size(), "train_test_split: test_share ", test_share, " of ", data.size(),
         " rows leaves a part without rows");
  std::vector<std::size_t> positions(data.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  random_stream stream(key.at(stage::split));
  shuffle(std::span(positions), stream);
  const auto border = positions.begin() + static_cast<std::ptrdiff_t>(count);
  std::sort(positions.begin(), border);
  std::sort(border, positions.end());
  const std::span<const std::size_t> chosen(positions);
  return {subset(data, chosen.subspan(count)), subset(data, chosen.first(count))};
}

}  // namespace v1
}  // namespace certssb
