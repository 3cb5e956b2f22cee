// SPDX-License-Identifier: MIT
#pragma once
// Brief: certificates of learners with a closed form, for a whole test set: no models, no sampling, no chance of error.

#include "certssb/certificate/ranked_rows.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/radius/bagged_nearest.hpp"
#include "certssb/radius/nearest_mean.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the answer of `certify` for every test input; one test input is one piece of work.
template <class Answer, class Tensor, class Executor, class Certify>
[[nodiscard]] std::vector<Answer> certify_each(const char* name, std::size_t row_size, const Tensor& tests,
                                               const Executor& workers, const Certify& certify) {
  using traits = tensor_traits<Tensor>;
  expect(traits::row_size(tests) == row_size, name, ": training rows of ", row_size, " entries but test inputs of ",
         traits::row_size(tests));
  std::vector<Answer> answers(traits::rows(tests));
  workers.for_each(answers.size(), [&](std::size_t t) {
    std::vector<scalar_of<Tensor>> input(row_size);
    traits::read(tests, t, input);
    answers[t] = certify(std::span<const scalar_of<Tensor>>(input));
  });
  return answers;
}

}  // namespace detail

/// Brief: the class that most of the nearest training rows have, and how many rows may be changed, inserted or deleted
/// at will, their labels included.
/// Maths: the vote of plain parts, with the nearest rows as parts: a changed row moves a gap by at most 2, and so does
/// the row that takes its place. survives = min_c floor(gap(c) / 2).
/// Shapes: tests [n, ...], result [n].
/// Throws: argument_error if the row sizes disagree, or unless 1 <= neighbours <= the training rows. An even number of
/// neighbours is allowed: a tie goes to the lower label.
/// Cost: the distances of all training rows to each test input.
/// Determinism: the same bits for any executor.
/// Reference: Jia et al., Certified robustness of nearest neighbors against data poisoning and backdoor attacks (AAAI
/// 2022).
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<surviving_class> certify_knn_vote(const dataset<Tensor>& train, const Tensor& tests,
                                                            std::size_t neighbours, const Executor& workers = {}) {
  expect(neighbours >= 1 && neighbours <= train.size(), "knn_vote: the neighbours must number from 1 to the ",
         train.size(), " training rows, got ", neighbours);
  const ranked_rows<Tensor> ranked(train);
  return detail::certify_each<surviving_class>(
      "knn_vote", train.row_size(), tests, workers, [&](std::span<const scalar_of<Tensor>> input) {
        const part_votes votes(ranked.nearest_labels(input, neighbours), train.classes());
        return surviving_class{votes.leader(), votes.survives().value()};
      });
}

/// Brief: the class that the nearest row of a bag most probably has (bagged_nearest).
/// Shapes: tests [n, ...], result [n].
/// Throws: argument_error if the row sizes disagree, and as bagged_nearest.
/// Cost: all training rows are sorted by distance for each test input.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<bagged_class> certify_bagged_nearest(const dataset<Tensor>& train, const Tensor& tests,
                                                               std::size_t bag, const Executor& workers = {}) {
  const bagged_nearest bags(train.size(), bag);
  const ranked_rows<Tensor> ranked(train);
  return detail::certify_each<bagged_class>(
      "bagged_nearest", train.row_size(), tests, workers, [&](std::span<const scalar_of<Tensor>> input) {
        return bags.certify(ranked.nearest_labels(input, train.size()), train.classes());
      });
}

/// Brief: the class whose mean is nearest, and the L2 radius of all changes of the training features together.
/// Maths: nearest_mean_radius. The means are sums of n numbers in double, so each distance may be wrong by (n + 8) 2^-52
/// times the root of the mean square of a row, and by its own d roundings.
/// Shapes: tests [n, ...], result [n].
/// Throws: argument_error if the row sizes disagree.
/// Cost: one pass over the training rows, then O(K d) for each test input.
/// Determinism: the same bits for any executor; radii are rounded down.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<nearest_mean_answer> certify_nearest_mean(const dataset<Tensor>& train, const Tensor& tests,
                                                                    const Executor& workers = {}) {
  const class_means found = find_class_means(train);
  const double error_of_means = (static_cast<double>(train.size()) + 8.0) * 0x1p-52 * std::sqrt(found.squares);
  return detail::certify_each<nearest_mean_answer>(
      "nearest_mean", found.row_size, tests, workers, [&](std::span<const scalar_of<Tensor>> input) {
        std::vector<double> distances(found.classes);
        for (std::size_t c = 0; c < found.classes; ++c) {
          const std::span<const double> mean = found.mean(c);
          double sum = 0.0;
          for (std::size_t p = 0; p < input.size(); ++p) {
            const double step = static_cast<double>(input[p]) - mean[p];
            sum += step * step;
          }
          distances[c] = std::sqrt(sum);
        }
        const double error_of_sums =
            (static_cast<double>(found.row_size) + 8.0) * 0x1p-52 * std::ranges::max(distances);
        return nearest_mean_radius(distances, found.counts, error_of_means + error_of_sums);
      });
}

}  // namespace v1
}  // namespace certssb
