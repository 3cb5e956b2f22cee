// SPDX-License-Identifier: MIT
// Brief: what an audit takes for granted of claims and of learners, on random ones.
#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/audit/repeated_exposure_learner.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/noise/gaussian.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>

using namespace certssb;

namespace {

/// For 100 random streams.
template <class Body>
void for_each_draws(const Body& body) {
  for (std::uint32_t i = 0; i < 100; ++i) {
    random_stream stream(random_key{20261125, stage::audit, 0, i, 1});
    body(instance_draws(stream));
  }
}

/// Along the worst direction the share against A never falls, and crosses 1/2 where flip_distance says.
template <class Learner>
void check_worst_direction(const Learner& learner, const geometry& g, double reach) {
  for (const change& worst : learner.worst(g)) {
    const double flip = detail::flip_distance(learner, worst, reach);
    double before = learner.against(learner.blank());
    if (!(before < 0.5)) return;
    for (int step = 1; step <= 64; ++step) {
      const double t = reach * step / 64.0;
      const double here = learner.against(worst.times(t));
      CHECK(here >= before * (1.0 - 1e-10));
      CHECK((here >= 0.5) == (t >= flip));
      before = here;
    }
  }
}

/// A mode that covers a change covers every shorter one along it, and a larger budget covers and reaches no less.
template <class Mode>
void check_claims(const Mode& mode, const change& direction, std::size_t rows) {
  double radius = 0.0;
  double reach = 0.0;
  double pattern = 0.0;
  for (const double budget : {0.1, 0.5, 1.0, 2.0, 3.0}) {
    const auto covered = [&](const change& c) { return detail::covers(mode, budget, c, rows); };
    CHECK(mode.radius(budget, 0) >= radius);
    CHECK(mode.per_pattern(budget, rows) >= pattern);
    CHECK(detail::covered_length(covered, direction) >= reach);
    radius = mode.radius(budget, 0);
    pattern = mode.per_pattern(budget, rows);
    reach = detail::covered_length(covered, direction);
    for (const double share : {0.01, 0.5, 0.99}) {
      CHECK(covered(direction.times(share * reach)));
    }
    CHECK_FALSE(covered(direction.times(1.0001 * reach)));
  }
}

}  // namespace

TEST_CASE("poison along the worst direction never helps class A", "[property][audit]") {
  for_each_draws([](const instance_draws& draws) {
    const training_scales scales = draws.scales(draws.count(1, 5), false);
    const geometry g = weighted_by(scales);
    check_worst_direction(random_half_space(draws, scales), g, 4.0);
    const double sigma = scales[0];
    check_worst_direction(noised_first_learner(sigma * draws.between(0.05, 2.0), sigma, sigma), {{sigma}}, 4.0);
  });
}

TEST_CASE("claims shrink with the budget and hold everything shorter", "[property][audit]") {
  for_each_draws([](const instance_draws& draws) {
    const training_scales scales = draws.scales(draws.count(1, 4), false);
    const change direction =
        detail::random_direction(random_half_space(draws, scales), weighted_by(scales), draws.stream());
    check_claims(frozen_mode::from_parts(scales, gaussian_noise{}, assume::scales_independent_of_features{}), direction,
                 scales.size());
    const std::size_t width = direction.features.size() / scales.size();
    check_claims(semi_elastic_mode::from_parts(scales, {draws.scale(0.01, 0.5), width}, gaussian_noise{},
                                               assume::selector_fixed_independently_of_data{}),
                 direction, scales.size());
  });
}

TEST_CASE("the share of the claim that a flip takes is inverse to the budget", "[property][audit]") {
  for_each_draws([](const instance_draws& draws) {
    const training_scales scales = draws.scales(draws.count(1, 4), false);
    const auto mode = frozen_mode::from_parts(scales, gaussian_noise{}, assume::scales_independent_of_features{});
    const half_space_learner learner = random_half_space(draws, scales);
    const double against = learner.against(learner.blank());
    const double budget = mode.budget(1.0 - against, against);
    const double whole = attack_budget(mode, budget, learner, weighted_by(scales), draws.stream()).tightness;
    const double half = attack_budget(mode, 0.5 * budget, learner, weighted_by(scales), draws.stream()).tightness;
    CHECK(half == Approx(2.0 * whole).epsilon(1e-9));
  });
}
