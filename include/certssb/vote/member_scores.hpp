// SPDX-License-Identifier: MIT
#pragma once
// Brief: the scores of one member on test inputs: at x, at x plus one noise draw, or averaged over several draws.

#include "certssb/core/expect.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/sigma/grid.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how many noise draws a member averages over at each test input; 0: the input itself.
/// The number does not change the radius in the training features: what a member computes from its own noisy rows and
/// the fixed test input is part of the member. One draw is the rule of the paper.
struct vote_policy {
  std::size_t draws = 1;
};

/// Brief: member m's scores of every row.
/// Maths: the mean over d of member(x_i + sigma_i * u_{m,i,d}), d = 1 .. draws; member(x_i) for draws = 0.
/// Shapes: scales [n]; result [n,K].
/// Throws: argument_error unless there is one scale per row and no id repeats.
/// Cost: max(1, draws) forward passes per row.
/// Determinism: u is keyed by (key, m, id of the row, d), independent of the members' training noise.
template <row_source Rows, class Member, class Noise>
[[nodiscard]] std::vector<scalar_of<typename Rows::tensor_type>> member_scores(Member& member, const Rows& rows,
                                                                               const test_scales& scales,
                                                                               const Noise& noise,
                                                                               const vote_policy& policy,
                                                                               const random_key& key, std::size_t m) {
  using scalar = scalar_of<typename Rows::tensor_type>;
  static_assert(require_classifier<Member, typename Rows::tensor_type>());
  static_assert(require_noise<Noise, scalar>());
  constexpr std::size_t batch_size = 256;
  expect(scales.size() == rows.size(), "member_scores: ", rows.size(), " rows but ", scales.size(), " scales");
  expect_distinct_ids("member_scores", rows);
  const random_key mine = key.at(stage::test_noise).for_model(static_cast<std::uint32_t>(m));
  const std::size_t classes = member.classes();
  const std::size_t passes = std::max<std::size_t>(1, policy.draws);
  std::vector<scalar> total(rows.size() * classes);
  std::vector<scalar> once;

  for (std::size_t first = 0; first < rows.size(); first += batch_size) {
    const std::size_t count = std::min(batch_size, rows.size() - first);
    std::vector<std::size_t> positions(count);
    std::iota(positions.begin(), positions.end(), first);
    auto batch = rows.make(count);
    once.resize(count * classes);
    for (std::size_t pass = 0; pass < passes; ++pass) {
      rows.gather(positions, batch);
      if (policy.draws > 0) {
        perturb(batch, rows.ids().subspan(first, count), scales.values().subspan(first, count), noise,
                mine.for_draw(static_cast<std::uint32_t>(pass)));
      }
      member.scores(batch, once);
      for (std::size_t c = 0; c < once.size(); ++c) total[first * classes + c] += once[c] / static_cast<scalar>(passes);
    }
  }
  return total;
}

namespace detail {

/// Brief: true if the search needs derivatives of the scores.
template <class Search>
constexpr bool needs_slopes_of = requires {
  requires bool(Search::needs_slopes);
};

}  // namespace detail

/// Brief: the noise scale that member m finds for each row, by `estimator`, anchored at the class that the member names
/// at the floor. Such scales are part of the member, so that votes at them certify as much as votes at a common scale,
/// without a further condition. (Scales shared by several members need one: they must be held fixed.)
/// Shapes: [n].
/// Throws: argument_error if the estimator needs directional_scores and the member has none, and for settings out of
/// range.
/// Cost: as ascend with this estimator.
/// Determinism: keyed by (key, m, id of the row), apart from the member's training and test noise.
template <row_source Rows, classifier<typename Rows::tensor_type> Member,
          noise_distribution<scalar_of<typename Rows::tensor_type>> Noise, scale_search Estimator = pathwise_estimator>
[[nodiscard]] test_scales member_scales(const Member& member, const Rows& rows, const ascent_options& search,
                                        const Noise& noise, const random_key& key, std::size_t m,
                                        const Estimator& estimator = {}) {
  if constexpr (!detail::needs_slopes_of<Estimator> || directional_classifier<Member, typename Rows::tensor_type>) {
    const random_key mine = key.for_model(static_cast<std::uint32_t>(m));
    const serial_executor here;
    silent_observer silent;
    const auto anchors = predict_smoothed(member, rows, search, noise, mine, here);
    return test_scales(
        ascend(estimator, member, rows, std::span<const label_type>(anchors), search, noise, mine, here, silent)
            .scales);
  } else {
    throw argument_error(
        "member_scales: the pathwise estimator needs members with directional_scores, which this member has not");
  }
}

}  // namespace v1
}  // namespace certssb
