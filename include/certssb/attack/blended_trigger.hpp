// SPDX-License-Identifier: MIT
#pragma once
// Brief: a trigger that mixes every input with one picture.

#include "certssb/attack/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/value_ranges.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a picture of noise, each scalar uniform on its column's range, from stream (key, stage::trigger).
/// Shapes: result [row_size].
/// Throws: argument_error if the ranges are of another number of columns.
[[nodiscard]] inline std::vector<double> random_picture(const random_key& key, std::size_t row_size,
                                                        const value_ranges& ranges = {}) {
  expect(ranges.fit(row_size), "random_picture: ", ranges.values().size(), " value ranges for rows of ", row_size,
         " scalars");
  random_stream stream(key.at(stage::trigger));
  std::vector<double> picture(row_size);
  for (std::size_t i = 0; i < row_size; ++i) {
    picture[i] = ranges[i].low + (ranges[i].high - ranges[i].low) * stream.uniform();
  }
  return picture;
}

/// Brief: mixes an input with a picture.
/// Maths: (1 - ratio) x + ratio t.
/// Shapes: rows of the picture's size.
/// Reference: Chen et al., Targeted backdoor attacks on deep learning systems using data poisoning (2017).
class blended_trigger {
public:
  /// Throws: argument_error unless 0 < ratio <= 1 and the picture is finite.
  blended_trigger(double ratio, std::vector<double> picture) : ratio_(ratio), picture_(std::move(picture)) {
    expect(ratio > 0.0 && ratio <= 1.0, "blended_trigger: the ratio must lie in (0,1], got ", ratio);
    for (const double value : picture_) {
      expect(std::isfinite(value), "blended_trigger: the picture holds ", value);
    }
  }

  /// Throws: argument_error for a row of another size.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t>) const {
    expect(row.size() == picture_.size(), "blended_trigger: expected a row of ", picture_.size(), " scalars, got ",
           row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<Scalar>((1.0 - ratio_) * static_cast<double>(row[i]) + ratio_ * picture_[i]);
    }
  }

private:
  double ratio_;
  std::vector<double> picture_;
};

static_assert(trigger<blended_trigger, float> && trigger<blended_trigger, double>);

}  // namespace v1
}  // namespace certssb
