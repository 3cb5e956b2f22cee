// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `knn1_exact`: the nearest-neighbour learner, certified without training or sampling.

#include "certssb/bound/smoothed_neighbour.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/tensor/concept.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the most probable class of the nearest of the rows x_i + sigma_i eps_i would be the same without the patterns
/// in the training features. There is no error probability and no condition. The statement is about the smoothed
/// learner, which names the class of largest probability; M noisy draws only estimate that class.
/// Maths: Frobenius radius B * min_i sigma_i, B from an enclosure of the class probabilities.
class knn1_exact_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "knn1_exact";
  static constexpr bool certified = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales, evidence_kind::enclosures});
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {"scales_independent_of_features", "smoothed_nearest_neighbour", "no_test_noise"});

  /// Brief: takes the Gaussian scales that enclose_neighbours was given.
  explicit knn1_exact_mode(training_scales training) : gaussian_rows(std::move(training), gaussian_noise{}) {}

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::neighbours,
            .meaning =
                "Without the patterns in the training features, the prediction would be the same, as long as all "
                "patterns together are shorter than the radius. It holds for the nearest-neighbour learner on "
                "noisy rows, whose class probabilities are enclosed by arithmetic: no models, and no chance of "
                "error.",
            .needs = needs};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static knn1_exact_mode from_evidence(const mode_evidence& e) {
    return knn1_exact_mode(e.training_rows(name));
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
};

static_assert(certificate_mode<knn1_exact_mode>);

/// Brief: intervals of the probability of every class for every test input.
/// Shapes: tests [n, ...], sigmas [training rows]; result [n][K].
/// Throws: argument_error if the row sizes or the number of scales disagree, and as smoothed_neighbour_bounds.
/// Cost: for each test input, the distances to the training rows and one enclosure; one test input is one piece of
/// work.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<std::vector<probability_interval>> enclose_neighbours(const dataset<Tensor>& train,
                                                                                const training_scales& sigmas,
                                                                                const Tensor& tests, double gap = 1e-3,
                                                                                const Executor& workers = {}) {
  using traits = tensor_traits<Tensor>;
  const std::size_t d = train.row_size();
  expect(traits::row_size(tests) == d, "enclose_neighbours: training rows of ", d, " entries but test inputs of ",
         traits::row_size(tests));
  std::vector<std::vector<probability_interval>> all(traits::rows(tests));
  workers.for_each(all.size(), [&](std::size_t t) {
    std::vector<scalar_of<Tensor>> input(d);
    std::vector<scalar_of<Tensor>> row(d);
    traits::read(tests, t, input);
    std::vector<double> distances2(train.size());
    for (std::size_t i = 0; i < train.size(); ++i) {
      traits::read(train.inputs(), i, row);
      for (std::size_t p = 0; p < d; ++p) {
        const double difference = static_cast<double>(row[p]) - static_cast<double>(input[p]);
        distances2[i] += difference * difference;
      }
    }
    all[t] = smoothed_neighbour_bounds(distances2, train.labels(), train.classes(), sigmas, d, gap);
  });
  return all;
}

/// Brief: the intervals as bounds at alpha 0, for `issue`: p_A from the lower end of the leading class, p_B from the
/// largest upper end of the others.
[[nodiscard]] inline bounded_votes bound_neighbours(std::span<const std::vector<probability_interval>> enclosures) {
  bounded_votes result{{}, 0, "enclosure", "none", 0.0};
  for (const auto& classes : enclosures) {
    result.classes = classes.size();
    result.samples.push_back({find_bounded_top(classes), 0});
  }
  return result;
}

}  // namespace v1
}  // namespace certssb
