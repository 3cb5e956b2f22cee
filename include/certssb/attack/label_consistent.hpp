// SPDX-License-Identifier: MIT
#pragma once
// Brief: the label-consistent attack: poisoned rows keep their label, and are moved away from it before the trigger is
// put in, so that a model must rest on the trigger.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/patch_trigger.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how the loss of a model that nobody defends changes with its inputs: called as slope(rows, labels, gradient),
/// it writes the gradient of each row's loss in that row.
/// Shapes: rows and gradient [n, row size], labels [n].
using loss_slope =
    std::function<void(std::span<const double> rows, std::span<const label_type> labels, std::span<double> gradient)>;

/// Brief: the steps of the ascent.
struct ascent_of_loss {
  double length = 1.0;     ///< L2, how far a row may move, in input units
  std::size_t steps = 20;  ///< each 2.5 length / steps long
};

/// Brief: moves rows so that the loss on their label grows.
/// Maths: projected gradient ascent: x += 2.5 length / steps * g / |g|, then back into the ball of `length` around the
/// row and into its range. A row whose gradient is 0 or not finite stays where it is.
/// Shapes: rows [n, row size], changed in place; labels [n].
/// Throws: whatever the slope throws.
/// Cost: one call of the slope per step.
/// Reference: Madry et al., Towards deep learning models resistant to adversarial attacks (ICLR 2018).
inline void move_rows(std::span<double> rows, std::span<const label_type> labels, const value_ranges& ranges,
                      const loss_slope& slope, const ascent_of_loss& how) {
  if (labels.empty()) return;
  const std::size_t size = rows.size() / labels.size();
  const std::vector<double> start(rows.begin(), rows.end());
  std::vector<double> gradient(rows.size());
  const double stride = 2.5 * how.length / static_cast<double>(how.steps);
  const auto length_of = [](std::span<const double> values) {
    double square = 0.0;
    for (const double value : values) square += value * value;
    return std::sqrt(square);
  };
  std::vector<double> away(size);
  for (std::size_t step = 0; step < how.steps; ++step) {
    slope(rows, labels, gradient);
    for (std::size_t first = 0; first < rows.size(); first += size) {
      const std::span<double> row = rows.subspan(first, size);
      const auto direction = std::span<const double>(gradient).subspan(first, size);
      const double steep = length_of(direction);
      if (!(steep > 0.0) || !std::isfinite(steep)) continue;
      for (std::size_t i = 0; i < size; ++i) away[i] = row[i] + stride * direction[i] / steep - start[first + i];
      const double shrink = std::min(1.0, how.length / length_of(away));
      for (std::size_t i = 0; i < size; ++i) {
        row[i] = std::clamp(start[first + i] + shrink * away[i], ranges[i].low, ranges[i].high);
      }
    }
  }
}

/// Brief: poisoned training rows are moved by `move_rows`; they, and test inputs, get `corner_trigger`.
/// Requires: poisoned rows keep their label, as under the map `clean_label`.
/// Reference: Turner, Tsipras and Madry, Label-consistent backdoor attacks (2019).
class label_consistent_trigger {
public:
  /// Throws: argument_error for a length that is not finite and positive, no steps, or no slope.
  label_consistent_trigger(ascent_of_loss how, loss_slope slope, value_ranges ranges = {})
      : how_(how), slope_(std::move(slope)), corners_(std::move(ranges)) {
    expect(std::isfinite(how.length) && how.length > 0.0, "label_consistent_trigger: length must be positive, got ",
           how.length);
    expect(how.steps > 0, "label_consistent_trigger: needs at least 1 step");
    expect(slope_ != nullptr, "label_consistent_trigger: needs the slope of an undefended model's loss");
  }

  /// Brief: the trigger that knows how the rows at these positions are moved.
  template <tensor Tensor>
  [[nodiscard]] label_consistent_trigger prepared(const dataset<Tensor>& data,
                                                  std::span<const std::size_t> positions) const {
    const std::size_t size = data.row_size();
    std::vector<double> rows(positions.size() * size);
    std::vector<label_type> labels;
    std::vector<scalar_of<Tensor>> row(size);
    for (std::size_t p = 0; p < positions.size(); ++p) {
      tensor_traits<Tensor>::read(data.inputs(), positions[p], row);
      std::ranges::copy(row, rows.begin() + static_cast<std::ptrdiff_t>(p * size));
      labels.push_back(data.labels()[positions[p]]);
    }
    move_rows(rows, labels, data.ranges(), slope_, how_);
    label_consistent_trigger ready(*this);
    for (std::size_t p = 0; p < positions.size(); ++p) {
      const auto moved = std::span<const double>(rows).subspan(p * size, size);
      ready.moved_[data.ids()[positions[p]]].assign(moved.begin(), moved.end());
    }
    return ready;
  }

  /// Throws: argument_error for a training row that it was not prepared for, and as corner_trigger.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape, const trigger_context& context) const {
    if (context.use == trigger_use::poisoned_row) {
      const auto found = moved_.find(context.id);
      expect(found != moved_.end() && found->second.size() == row.size(),
             "label_consistent_trigger: not prepared for row ", context.id);
      std::ranges::transform(found->second, row.begin(), [](double value) { return static_cast<Scalar>(value); });
    }
    corners_.apply(row, row_shape);
  }

private:
  ascent_of_loss how_;
  loss_slope slope_;
  corner_trigger corners_;
  std::map<std::uint32_t, std::vector<double>> moved_;
};

static_assert(contextual_trigger<label_consistent_trigger, float>);

}  // namespace v1
}  // namespace certssb
