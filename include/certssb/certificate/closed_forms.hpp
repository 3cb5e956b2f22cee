// SPDX-License-Identifier: MIT
#pragma once
// Brief: certificates of learners with a closed form, for a whole test set: no models, no sampling, no chance of error.

#include "certssb/certificate/ranked_rows.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/radius/bagged_nearest.hpp"
#include "certssb/radius/nearest_mean.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what a learner with a closed form computes of its training rows for n test inputs.
/// Shapes: values [n,K], errors [n]: by how much the values of a sample may be wrong.
struct closed_answers {
  std::size_t classes = 0;
  std::vector<double> values = {};
  std::vector<double> errors = {};

  [[nodiscard]] std::size_t samples() const noexcept { return errors.size(); }
  [[nodiscard]] std::span<const double> of(std::size_t sample) const {
    return std::span(values).subspan(sample * classes, classes);
  }
  /// Brief: puts the answers on more test inputs after these.
  void append(const closed_answers& more) {
    classes = more.classes;
    values.insert(values.end(), more.values.begin(), more.values.end());
    errors.insert(errors.end(), more.errors.begin(), more.errors.end());
  }
  /// Brief: the class of the smallest value among those that have rows; ties go to the lower label.
  /// Shapes: counts [K], the rows of each class.
  [[nodiscard]] label_type nearest(std::size_t sample, std::span<const std::size_t> counts) const {
    label_type found = abstain;
    for (std::size_t c = 0; c < classes; ++c) {
      const bool first = found == abstain;
      if (counts[c] > 0 && (first || of(sample)[c] < of(sample)[static_cast<std::size_t>(found)])) {
        found = static_cast<label_type>(c);
      }
    }
    return found;
  }
};

namespace detail {

/// Brief: calls answer(t, input) for every test input t; one test input is one piece of work.
template <class Tensor, class Executor, class Answer>
void answer_each(const char* name, std::size_t row_size, const Tensor& tests, const Executor& workers,
                 const Answer& answer) {
  using traits = tensor_traits<Tensor>;
  expect(traits::row_size(tests) == row_size, name, ": training rows of ", row_size, " entries but test inputs of ",
         traits::row_size(tests));
  workers.for_each(traits::rows(tests), [&](std::size_t t) {
    std::vector<scalar_of<Tensor>> input(row_size);
    traits::read(tests, t, input);
    answer(t, std::span<const scalar_of<Tensor>>(input));
  });
}

}  // namespace detail

/// Brief: the votes of the nearest training rows for every test input.
/// Shapes: tests [n, ...]; the result counts `neighbours` votes for each of n samples.
/// Throws: argument_error if the row sizes disagree, or unless 1 <= neighbours <= the training rows. An even number of
/// neighbours is allowed: a tie goes to the lower label.
/// Cost: the distances of all training rows to each test input.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] vote_counts count_nearest(const dataset<Tensor>& train, const Tensor& tests, std::size_t neighbours,
                                        const Executor& workers = {}) {
  expect(neighbours >= 1 && neighbours <= train.size(), "knn_vote: the neighbours must number from 1 to the ",
         train.size(), " training rows, got ", neighbours);
  const ranked_rows<Tensor> ranked(train);
  const std::size_t classes = train.classes();
  std::vector<std::int64_t> counts(tensor_traits<Tensor>::rows(tests) * classes);
  detail::answer_each("knn_vote", train.row_size(), tests, workers, [&](std::size_t t, auto input) {
    for (const label_type label : ranked.nearest_labels(input, neighbours)) {
      ++counts[t * classes + static_cast<std::size_t>(label)];
    }
  });
  return vote_counts(std::move(counts), classes, static_cast<std::int64_t>(neighbours));
}

/// Brief: the probability with which the nearest row of a bag is of each class.
/// Shapes: tests [n, ...].
/// Throws: argument_error if the row sizes disagree, and as bagged_nearest.
/// Cost: all training rows are sorted by distance for each test input.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] closed_answers find_bag_probabilities(const dataset<Tensor>& train, const Tensor& tests, std::size_t bag,
                                                    const Executor& workers = {}) {
  const bagged_nearest bags(train.size(), bag);
  const ranked_rows<Tensor> ranked(train);
  const std::size_t n = tensor_traits<Tensor>::rows(tests);
  closed_answers found{train.classes(), std::vector<double>(n * train.classes()), std::vector<double>(n, bags.error())};
  detail::answer_each("bagged_nearest", train.row_size(), tests, workers, [&](std::size_t t, auto input) {
    const auto p = bags.probabilities(ranked.nearest_labels(input, train.size()), found.classes);
    std::ranges::copy(p, found.values.begin() + static_cast<std::ptrdiff_t>(t * found.classes));
  });
  return found;
}

/// Brief: the distances to the class means.
/// Maths: the means are sums of n numbers in double, so each distance may be wrong by (n + 8) 2^-52 times the root of the
/// mean square of a row, and by its own d roundings.
/// Shapes: tests [n, ...]. The distance to a class without rows says nothing.
/// Throws: argument_error if the row sizes disagree.
/// Cost: O(K d) for each test input.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] closed_answers find_mean_distances(const class_means& means, const Tensor& tests,
                                                 const Executor& workers = {}) {
  const std::size_t rows = std::accumulate(means.counts.begin(), means.counts.end(), std::size_t{0});
  const double error_of_means = (static_cast<double>(rows) + 8.0) * 0x1p-52 * std::sqrt(means.squares);
  const std::size_t n = tensor_traits<Tensor>::rows(tests);
  closed_answers found{means.classes, std::vector<double>(n * means.classes), std::vector<double>(n)};
  detail::answer_each("nearest_mean", means.row_size, tests, workers, [&](std::size_t t, auto input) {
    const std::span<double> distances = std::span(found.values).subspan(t * means.classes, means.classes);
    for (std::size_t c = 0; c < means.classes; ++c) {
      const std::span<const double> mean = means.mean(c);
      double sum = 0.0;
      for (std::size_t p = 0; p < input.size(); ++p) {
        const double step = static_cast<double>(input[p]) - mean[p];
        sum += step * step;
      }
      distances[c] = std::sqrt(sum);
    }
    const double error_of_sums = (static_cast<double>(means.row_size) + 8.0) * 0x1p-52 * std::ranges::max(distances);
    found.errors[t] = error_of_means + error_of_sums;
  });
  return found;
}

/// Brief: the class that most of the nearest training rows have, and how many rows may be changed, inserted or deleted
/// at will, their labels included.
/// Maths: the vote of plain parts, with the nearest rows as parts: a changed row moves a gap by at most 2, and so does
/// the row that takes its place. survives = min_c floor(gap(c) / 2).
/// Shapes: tests [n, ...], result [n].
/// Throws: as count_nearest.
/// Cost: as count_nearest.
/// Determinism: the same bits for any executor.
/// Reference: Jia et al., Certified robustness of nearest neighbors against data poisoning and backdoor attacks (AAAI
/// 2022).
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<surviving_class> certify_knn_vote(const dataset<Tensor>& train, const Tensor& tests,
                                                            std::size_t neighbours, const Executor& workers = {}) {
  const vote_counts votes = count_nearest(train, tests, neighbours, workers);
  std::vector<surviving_class> answers;
  for (std::size_t i = 0; i < votes.samples(); ++i) answers.push_back(survive_by_counts(votes[i].counts));
  return answers;
}

/// Brief: the class that the nearest row of a bag most probably has (bagged_nearest).
/// Shapes: tests [n, ...], result [n].
/// Throws: as find_bag_probabilities.
/// Cost: as find_bag_probabilities.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<bagged_class> certify_bagged_nearest(const dataset<Tensor>& train, const Tensor& tests,
                                                               std::size_t bag, const Executor& workers = {}) {
  const closed_answers found = find_bag_probabilities(train, tests, bag, workers);
  const bagging rule(train.size(), bag);
  std::vector<bagged_class> answers;
  for (std::size_t i = 0; i < found.samples(); ++i) {
    answers.push_back(most_probable_of_bags(rule, found.of(i), found.errors[i]));
  }
  return answers;
}

/// Brief: the class whose mean is nearest, and the L2 radius of all changes of the training features together.
/// Maths: nearest_mean_radius.
/// Shapes: tests [n, ...], result [n].
/// Throws: argument_error if the row sizes disagree.
/// Cost: one pass over the training rows, then O(K d) for each test input.
/// Determinism: the same bits for any executor; radii are rounded down.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<nearest_mean_answer> certify_nearest_mean(const dataset<Tensor>& train, const Tensor& tests,
                                                                    const Executor& workers = {}) {
  const class_means means = find_class_means(train);
  const closed_answers found = find_mean_distances(means, tests, workers);
  std::vector<nearest_mean_answer> answers;
  for (std::size_t i = 0; i < found.samples(); ++i) {
    answers.push_back(nearest_mean_radius(found.of(i), means.counts, found.errors[i]));
  }
  return answers;
}

}  // namespace v1
}  // namespace certssb
