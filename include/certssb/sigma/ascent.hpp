// SPDX-License-Identifier: MIT
#pragma once
// Brief: stochastic gradient ascent that gives each sample the noise scale at which its radius is largest.

#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/sigma/estimator.hpp"
#include "certssb/sigma/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: means over all samples, before one step.
struct ascent_point {
  double mean_scale = 0.0;
  double mean_radius = 0.0;  ///< of the proxy: a point estimate, certifies nothing
};

/// Brief: the scales that were found, and the means before each step.
/// Shapes: scales [N], trace [steps].
struct ascent_result {
  noise_scales scales;
  std::vector<ascent_point> trace;
};

namespace detail {

/// Brief: n noisy copies of each row of a block, at given scales, scored by the base model.
template <class Rows, class Base, class Noise>
class smoothed_block {
public:
  using tensor_type = typename Rows::tensor_type;
  using scalar = scalar_of<tensor_type>;
  using traits = tensor_traits<tensor_type>;

  smoothed_block(const Rows& rows, const Base& base, const Noise& noise, std::size_t first, std::size_t last,
                 std::size_t draws)
      : base_(base),
        noise_(noise),
        ids_(rows.ids().subspan(first, last - first)),
        draws_(draws),
        classes_(base_.classes()),
        inputs_(rows.make(ids_.size() * draws)),
        noisy_(rows.make(ids_.size() * draws)),
        directions_(rows.make(ids_.size() * draws)),
        identity_(ids_.size() * draws),
        noise_values_(identity_.size() * traits::row_size(inputs_)),
        scores_(identity_.size() * classes_),
        slopes_(scores_.size()),
        mean_scores_(classes_),
        mean_slopes_(classes_) {
    std::vector<std::size_t> positions(identity_.size());
    for (std::size_t r = 0; r < positions.size(); ++r) {
      positions[r] = first + r / draws_;
      identity_[r] = r;
    }
    rows.gather(positions, inputs_);
  }

  /// Brief: the unit noise of a step.
  void draw(const random_key& key, std::size_t step) {
    const std::size_t size = traits::row_size(inputs_);
    for (std::size_t r = 0; r < identity_.size(); ++r) {
      const auto draw = static_cast<std::uint32_t>(step * draws_ + r % draws_);
      noise_.fill(key.for_sample(ids_[r / draws_]).for_draw(draw), std::span(noise_values_).subspan(r * size, size));
    }
    traits::write(directions_, 0, noise_values_);
  }

  /// Brief: the scores (and slopes) with that noise at the block's scales.
  template <bool WithSlopes>
  void score(std::span<const double> scales) {
    std::vector<scalar> row_scales(identity_.size());
    for (std::size_t r = 0; r < identity_.size(); ++r) row_scales[r] = static_cast<scalar>(scales[r / draws_]);
    traits::gather(inputs_, identity_, noisy_);
    traits::add_scaled(noisy_, row_scales, noise_values_);
    if constexpr (WithSlopes) {
      base_.directional_scores(noisy_, directions_, scores_, slopes_);
    } else {
      base_.scores(noisy_, scores_);
    }
  }

  /// Brief: the mean scores of one sample of the block.
  [[nodiscard]] std::span<const double> mean_scores(std::size_t sample) { return mean(scores_, sample, mean_scores_); }

  /// Brief: the moments of class A and its strongest rival.
  [[nodiscard]] score_moments moments(std::size_t sample, std::size_t a) {
    const auto p = mean_scores(sample);
    const auto slope = mean(slopes_, sample, mean_slopes_);
    const top_two top = find_top_two(p);
    const std::size_t b = top.first == a ? top.second : top.first;
    return {p[a], p[b], slope[a], slope[b]};
  }

private:
  std::span<const double> mean(const std::vector<scalar>& values, std::size_t sample, std::vector<double>& out) const {
    std::ranges::fill(out, 0.0);
    for (std::size_t r = sample * draws_; r < (sample + 1) * draws_; ++r) {
      for (std::size_t c = 0; c < classes_; ++c) out[c] += static_cast<double>(values[r * classes_ + c]);
    }
    for (double& value : out) value /= static_cast<double>(draws_);
    expect(std::ranges::all_of(out, [](double v) { return std::isfinite(v); }),
           "ascent: the base model's scores are not finite");
    return out;
  }

  Base base_;
  Noise noise_;
  std::span<const std::uint32_t> ids_;
  std::size_t draws_;
  std::size_t classes_;
  tensor_type inputs_;
  tensor_type noisy_;
  tensor_type directions_;
  std::vector<std::size_t> identity_;
  std::vector<scalar> noise_values_;
  std::vector<scalar> scores_;
  std::vector<scalar> slopes_;
  std::vector<double> mean_scores_;
  std::vector<double> mean_slopes_;
};

inline constexpr std::size_t ascent_block = 32;

template <class Rows>
void expect_anchors(const Rows& rows, std::span<const label_type> anchors) {
  expect_distinct_ids("ascend", rows);
  expect(anchors.size() == rows.size(), "ascend: ", rows.size(), " rows but ", anchors.size(), " anchor classes");
  for (const label_type a : anchors) {
    expect(a >= 0 && std::cmp_less(a, rows.classes()), "ascend: anchor class ", a, " is outside [0, ", rows.classes(),
           ")");
  }
}

/// Brief: means over the samples.
/// Shapes: points [steps, samples]; result [steps].
[[nodiscard]] inline std::vector<ascent_point> mean_points(std::span<const ascent_point> points, std::size_t samples) {
  std::vector<ascent_point> means(points.size() / samples);
  for (std::size_t step = 0; step < means.size(); ++step) {
    for (const ascent_point& point : points.subspan(step * samples, samples)) {
      means[step].mean_scale += point.mean_scale / static_cast<double>(samples);
      means[step].mean_radius += point.mean_radius / static_cast<double>(samples);
    }
  }
  return means;
}

}  // namespace detail

/// Brief: the class with the largest mean score over the draws at the smallest scale, for each sample. The ascent
/// enlarges the radius of this class when the label of the sample is not known.
/// Shapes: [N].
/// Cost: `draws` forward passes per sample.
template <row_source Rows, classifier<typename Rows::tensor_type> Base,
          noise_distribution<scalar_of<typename Rows::tensor_type>> Noise, executor Executor>
[[nodiscard]] std::vector<label_type> predict_smoothed(const Base& base, const Rows& rows,
                                                       const ascent_options& options, const Noise& noise,
                                                       const random_key& key, const Executor& workers) {
  options.validate();
  std::vector<label_type> labels(rows.size());
  for_each_block(workers, rows.size(), detail::ascent_block, [&](std::size_t first, std::size_t last) {
    detail::smoothed_block<Rows, Base, Noise> block(rows, base, noise, first, last, options.draws);
    const std::vector<double> scales(last - first, options.floor);
    block.draw(key.at(stage::ascent_noise), options.steps);
    block.template score<false>(scales);
    for (std::size_t i = first; i < last; ++i) {
      labels[i] = static_cast<label_type>(find_top(block.mean_scores(i - first)));
    }
  });
  return labels;
}

/// Brief: gradient ascent on every sample's proxy radius, in log sigma, from options.initial.
/// Maths: theta = log sigma; theta += rate * sigma * dR/dsigma; sigma clipped to [floor, ceiling]. Class A is the
/// anchor of the sample, B the best other class by mean score; if A does not lead, the gap is negative and sigma
/// shrinks.
/// Shapes: anchors [N].
/// Requires: `key` differs from the keys of the models that certify (the scales must not depend on their draws).
/// Throws: argument_error for settings out of range, ids that repeat, anchors that do not fit, scores that are not finite; cancelled.
/// Cost: steps * draws directional passes per sample (plain forward passes for the detached estimator).
/// Determinism: a sample's scale depends on key, id and its block of 32 rows; not on threads.
/// Reference: Cert-SSB, sample-specific noise by stochastic gradient ascent; log step and clipping are ours.
template <gradient_estimator Estimator, row_source Rows, classifier<typename Rows::tensor_type> Base,
          noise_distribution<scalar_of<typename Rows::tensor_type>> Noise, executor Executor, observer Observer>
[[nodiscard]] ascent_result ascend(const Estimator& estimator, const Base& base, const Rows& rows,
                                   std::span<const label_type> anchors, const ascent_options& options,
                                   const Noise& noise, const random_key& key, const Executor& workers,
                                   Observer& watch) {
  static_assert(!Estimator::needs_slopes || directional_classifier<Base, typename Rows::tensor_type>,
                "the pathwise estimator needs a base model with directional_scores (model/concept.hpp)");
  options.validate();
  detail::expect_anchors(rows, anchors);
  const radius_proxy proxy(options.clamp);
  const random_key noise_key = key.at(stage::ascent_noise);
  std::vector<double> scales(rows.size(), options.initial);
  std::vector<ascent_point> points(rows.size() * options.steps);
  progress_counter counter(watch, "sigma ascent", rows.size());

  for_each_block(workers, rows.size(), detail::ascent_block, [&](std::size_t first, std::size_t last) {
    counter.expect_running();
    detail::smoothed_block<Rows, Base, Noise> block(rows, base, noise, first, last, options.draws);
    const auto mine = std::span(scales).subspan(first, last - first);
    for (std::size_t step = 0; step < options.steps; ++step) {
      block.draw(noise_key, step);
      block.template score<Estimator::needs_slopes>(mine);
      for (std::size_t i = first; i < last; ++i) {
        double& sigma = scales[i];
        const score_moments moments = block.moments(i - first, static_cast<std::size_t>(anchors[i]));
        points[step * rows.size() + i] = {sigma, proxy.radius(moments, sigma)};
        const double gradient = estimator.gradient(proxy, moments, sigma);
        sigma = std::clamp(sigma * std::exp(options.rate * sigma * gradient), options.floor, options.ceiling);
      }
    }
    counter.advance(last - first);
  });

  return {noise_scales(std::move(scales)), detail::mean_points(points, rows.size())};
}

}  // namespace v1
}  // namespace certssb
