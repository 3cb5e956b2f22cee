// SPDX-License-Identifier: MIT
#pragma once
// Brief: storage-update of a whole set of samples, in order, and what their certificates still state afterwards.

#include "certssb/certificate/certificate.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/storage/detail/storage_batch.hpp"
#include "certssb/storage/update_rule.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the answers of `process` to the rows in order, beginning with an empty store.
/// Shapes: centres [n, ...]; labels and radii [n]; result [n], where `by` is the number of a row.
/// Throws: argument_error if lengths disagree, and as process.
/// Cost: per row, sqrt(n) distances and 16 n/2 multiply-adds (fewer if groups of regions are out of reach), and a whole
/// or partial distance for each region that these do not rule out. Memory for the stored centres, 1 MB and 512 rows.
/// Determinism: the same bits for any executor, and those of `process` row by row.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<stored_answer> storage_update(const Tensor& centres, std::span<const label_type> labels,
                                                        std::span<const double> radii, storage_policy policy,
                                                        const Executor& workers = {}) {
  const std::size_t n = tensor_traits<Tensor>::rows(centres);
  expect(labels.size() == n && radii.size() == n, "storage_update: ", n, " centres but ", labels.size(), " labels and ",
         radii.size(), " radii");
  if (n == 0) return {};
  return detail::storage_batch<Tensor>(centres, labels, radii, policy).answer_all(workers);
}

/// Brief: storage-update of certificates: asks in order for their labels and radii (or candidates), as plain lengths.
/// Shapes: centres [n, ...], the test inputs of the n certificates; result [n].
/// Throws: as above.
/// Cost: as above.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::vector<stored_answer> storage_update(const Tensor& centres,
                                                        std::span<const certificate> certificates,
                                                        storage_policy policy, const Executor& workers = {}) {
  std::vector<label_type> labels;
  std::vector<double> radii;
  for (const certificate& c : certificates) {
    labels.push_back(c.label);
    radii.push_back(c.stated_radius());
  }
  return storage_update(centres, std::span<const label_type>(labels), std::span<const double>(radii), policy, workers);
}

/// Brief: the certificates after storage-update. Kept and trimmed ones hold for the vote without memory, at the smaller
/// radius. A sample that adopted a label has that label and no radius, under either policy.
/// Shapes: certificates and answers [n].
/// Throws: argument_error if lengths disagree.
[[nodiscard]] inline std::vector<certificate> after_storage(std::span<const certificate> certificates,
                                                            std::span<const stored_answer> answers) {
  expect(certificates.size() == answers.size(), "after_storage: ", certificates.size(), " certificates but ",
         answers.size(), " answers");
  std::vector<certificate> remaining(certificates.begin(), certificates.end());
  for (std::size_t i = 0; i < remaining.size(); ++i) {
    certificate& c = remaining[i];
    const stored_answer& answer = answers[i];
    if (answer.event == storage_event::adopt) {
      c.label = c.predicted = answer.label;
      c.result = outcome::adopted_in_storage;
      c.budget = 0.0;
      c.radius = {};
      c.candidate = {};
      c.rows.reset();
      c.frontier.clear();
    } else if (answer.event == storage_event::trim) {
      c.radius = c.radius.shrunk_to(answer.radius);
      c.candidate = c.candidate.shrunk_to(answer.radius);
      for (certified_radius& left : c.frontier) left = left.shrunk_to(answer.radius);
      c.budget = std::min(c.budget, std::nextafter(c.stated_radius() / c.scale, 0.0));
    }
  }
  return remaining;
}

}  // namespace v1
}  // namespace certssb
