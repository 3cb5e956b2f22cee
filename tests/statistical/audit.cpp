// SPDX-License-Identifier: MIT
#include "certssb/audit/audit.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <string>

using namespace certssb;

namespace {

struct tally {
  int violated = 0;
  int found = 0;
};

/// Six ensembles; a claim that draws no attack is drawn again.
tally search(double boast) {
  tally result;
  for (std::uint32_t i = 0; i < 6; ++i) {
    random_stream stream(random_key{20261125, stage::audit, 0, i, 0});
    claim_outcome outcome;
    while (!outcome.claimed) outcome = audit_network(instance_draws(stream), boast);
    result.violated += outcome.violated ? 1 : 0;
    result.found += std::isfinite(outcome.tightness) ? 1 : 0;
  }
  return result;
}

}  // namespace

TEST_CASE("the search by gradient breaks no claim of a trained network, and most of what lies beyond", "[audit]") {
  // False alarms: 1e-6 that a claim is false, 1e-6 that a true one is called violated; 1.2e-5 over six.
  const tally claimed = search(1.0);
  CHECK(claimed.violated == 0);
  // The search has teeth: it goes on, and within four times the claim it takes most labels away.
  CHECK(claimed.found >= 3);
}

TEST_CASE("a claim three times too large is broken by the search by gradient", "[audit]") {
  CHECK(search(3.0).violated >= 3);
}

TEST_CASE("the gradient of a smoothed share points where the share grows", "[audit]") {
  // Along its own gradient g the share against A changes by |g| a unit. With 10,000 members a share has standard error
  // .005 and the slope below .014; a miss of .08 has probability below 1e-7 over seeds.
  const gaussian_blobs_problem problem(2, 2, 2.0, 0.7);
  const random_key key{.seed = 5};
  network_ensemble ensemble(draw_dataset(problem, 12, key), {0.6, 0.4}, training_scales::constant(12, 1.0), key);
  const auto rest = ensemble.ask(ensemble.blank(), 10000, 0);
  const geometry plain = weighted_by(ensemble.scales());
  const change along = plain.unit(rest.slope);
  const auto share = [&](double t) {
    return 1.0 - static_cast<double>(ensemble.ask(along.times(t), 10000, 0).counts[0]) / 10000.0;
  };
  const double measured = (share(0.25) - share(-0.25)) / 0.5;
  const double expected = plain.size(rest.slope);
  CHECK(expected > 0.2);
  CHECK(measured == Approx(expected).margin(0.08));
}

TEST_CASE("no certified mode is violated, of many instances", "[audit]") {
  for (const audited_mode& mode : audited_modes) {
    if (!mode.certified || mode.one_in > 1) continue;
    CAPTURE(std::string(mode.mode));
    CHECK(audit_mode(mode, 100, random_key{.seed = 20261128}).violations == 0);
  }
}
