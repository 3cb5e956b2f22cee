// SPDX-License-Identifier: MIT
#pragma once
// Brief: sample-specific scales without a model or an ascent: a function of the distance of a row to trusted rows.

#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/noise/scales.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the settings of a selector, all fixed beforehand.
struct knn_selector_options {
  std::size_t neighbours = 5;  ///< k
  double initial = 0.5;        ///< sigma_0, the scale at distance `centre`
  double elasticity = 0.1;     ///< eta, per input unit: how fast log sigma may change
  double centre = 0.0;         ///< m, a distance
  double floor = 0.25;
  double ceiling = 1.0;

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(neighbours > 0, "knn_selector: needs at least 1 neighbour");
    expect(std::isfinite(initial) && initial > 0.0, "knn_selector: initial scale must be finite and positive, got ",
           initial);
    expect(std::isfinite(elasticity) && elasticity > 0.0, "knn_selector: elasticity must be finite and positive, got ",
           elasticity);
    expect(std::isfinite(centre) && centre >= 0.0, "knn_selector: centre must be finite and >= 0, got ", centre);
    expect(std::isfinite(floor) && floor > 0.0, "knn_selector: floor must be finite and positive, got ", floor);
    expect(std::isfinite(ceiling) && ceiling >= floor, "knn_selector: ceiling must be finite and at least the floor ",
           floor, ", got ", ceiling);
  }
};

/// Brief: scales on a grid, and how far each row may move before its scale changes.
/// Shapes: scales and constant_within [N].
/// Units: constant_within has those of the inputs. It is rounded down, and infinite for a scale that never changes.
struct quantised_scales {
  training_scales scales;
  std::vector<double> constant_within;
};

/// Brief: s(x) = sigma_0 exp(eta (d(x) - m)), d the mean distance to the k nearest trusted rows, clipped to
/// [floor, ceiling].
/// Maths: d is 1-Lipschitz in L2, so |log s(x) - log s(x')| <= eta |x - x'|; clipping keeps that.
/// Requires: the trusted rows are clean, and are not among the rows whose scales are computed. The modes `quantised`
/// and `semi_elastic` state this as an assumption.
/// Reference: Sukenik et al., Intriguing properties of input-dependent randomized smoothing (ICML 2022).
class knn_selector {
public:
  /// Throws: argument_error for settings out of range, or fewer trusted rows than neighbours.
  template <row_source Rows>
  knn_selector(const Rows& trusted, const knn_selector_options& options) : options_(options) {
    options_.validate();
    expect(trusted.size() >= options.neighbours, "knn_selector: ", options.neighbours, " neighbours but ",
           trusted.size(), " trusted rows");
    for_rows(trusted, 0, trusted.size(), [&](std::size_t, std::span<const double> row) {
      row_size_ = row.size();
      trusted_.insert(trusted_.end(), row.begin(), row.end());
    });
  }

  [[nodiscard]] const knn_selector_options& options() const noexcept { return options_; }

  /// Brief: d of every row.
  /// Shapes: [N].
  /// Throws: argument_error for rows of another size.
  /// Cost: N * T distances, T the trusted rows, each summed from differences.
  /// Determinism: a row's distance depends on it and the trusted rows alone.
  template <row_source Rows, executor Executor>
  [[nodiscard]] std::vector<double> distances(const Rows& rows, const Executor& workers) const {
    std::vector<double> mean(rows.size());
    for_each_block(workers, rows.size(), 32, [&](std::size_t first, std::size_t last) {
      std::vector<double> to(trusted_.size() / row_size_);
      for_rows(rows, first, last,
               [&](std::size_t i, std::span<const double> row) { mean[i] = mean_distance(row, to); });
    });
    return mean;
  }

  /// Brief: s of every row, for mode `semi_elastic`.
  /// Shapes: [N].
  /// Throws: argument_error for rows of another size.
  /// Cost: as `distances`.
  template <row_source Rows, executor Executor>
  [[nodiscard]] training_scales elastic(const Rows& rows, const Executor& workers) const {
    std::vector<double> scales = distances(rows, workers);
    for (double& value : scales) value = std::clamp(std::exp(log_scale(value)), options_.floor, options_.ceiling);
    return training_scales(std::move(scales));
  }

  /// Brief: log s rounded down to the grid log floor, + width, + 2 width, ..., for mode `quantised`.
  /// Maths: constant_within is the distance of log s to the nearest value at which the scale changes, divided by eta.
  /// Throws: argument_error unless width is finite and positive, and for rows of another size.
  /// Cost: as `distances`.
  template <row_source Rows, executor Executor>
  [[nodiscard]] quantised_scales quantised(const Rows& rows, double width, const Executor& workers) const {
    expect(std::isfinite(width) && width > 0.0, "knn_selector: grid width must be finite and positive, got ", width);
    const double low = std::log(options_.floor);
    const double top = std::floor((std::log(options_.ceiling) - low) / width);  // the last cell
    std::vector<double> scales = distances(rows, workers);
    std::vector<double> within(scales.size(), std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < scales.size(); ++i) {
      const double d = scales[i];
      const double place = log_scale(d) - low;
      const double cell = std::clamp(std::floor(place / width), 0.0, top);
      if (cell > 0.0) within[i] = place - cell * width;
      if (cell < top) within[i] = std::min(within[i], (cell + 1.0) * width - place);
      within[i] = std::max(0.0, (within[i] - slack(d, place)) / options_.elasticity * (1.0 - 0x1p-51));
      scales[i] = std::min(options_.ceiling, std::exp(low + cell * width));
    }
    return {training_scales(std::move(scales)), std::move(within)};
  }

private:
  [[nodiscard]] double log_scale(double distance) const {
    return std::log(options_.initial) + options_.elasticity * (distance - options_.centre);
  }

  /// Brief: more than the rounding error of log s - log floor, here and at the place moved to.
  [[nodiscard]] double slack(double distance, double place) const {
    const double terms = static_cast<double>(row_size_ + options_.neighbours + 16);
    return 4.0 * terms * 0x1p-53 *
           (options_.elasticity * (distance + options_.centre) + std::abs(std::log(options_.initial)) +
            std::abs(std::log(options_.floor)) + std::abs(place));
  }

  [[nodiscard]] double mean_distance(std::span<const double> row, std::vector<double>& to) const {
    expect(row.size() == row_size_, "knn_selector: trusted rows have ", row_size_, " scalars, a row has ", row.size());
    for (std::size_t t = 0; t < to.size(); ++t) {
      const double* other = trusted_.data() + t * row_size_;
      double sum = 0.0;
      for (std::size_t k = 0; k < row.size(); ++k) sum += (row[k] - other[k]) * (row[k] - other[k]);
      to[t] = sum;
    }
    const auto k = static_cast<std::ptrdiff_t>(options_.neighbours);
    std::partial_sort(to.begin(), to.begin() + k, to.end());
    return std::accumulate(to.begin(), to.begin() + k, 0.0,
                           [](double total, double square) { return total + std::sqrt(square); }) /
           static_cast<double>(options_.neighbours);
  }

  /// Brief: body(i, row) for rows first .. last - 1, one at a time.
  template <class Rows, class Body>
  static void for_rows(const Rows& rows, std::size_t first, std::size_t last, Body&& body) {
    using traits = tensor_traits<typename Rows::tensor_type>;
    auto one = rows.make(1);
    std::vector<scalar_of<typename Rows::tensor_type>> values(traits::row_size(one));
    std::vector<double> row(values.size());
    for (std::size_t i = first; i < last; ++i) {
      rows.gather(std::span<const std::size_t>(&i, 1), one);
      traits::read(one, 0, values);
      std::ranges::copy(values, row.begin());
      body(i, std::span<const double>(row));
    }
  }

  knn_selector_options options_;
  std::size_t row_size_ = 0;
  std::vector<double> trusted_;
};

}  // namespace v1
}  // namespace certssb
