// SPDX-License-Identifier: MIT
#include "certssb/audit/audit.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/certificate/uniform.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace certssb;

namespace {

const random_key key{.seed = 20261125};

const audited_mode& named(std::string_view name) {
  const auto* found = std::ranges::find(audited_modes, name, &audited_mode::mode);
  REQUIRE(found != audited_modes.end());
  return *found;
}

/// Uniform noise, claimed a hundredth too far.
class boastful_mode : public uniform_mode {
public:
  explicit boastful_mode(const uniform_mode& sound) : uniform_mode(sound) {}
  [[nodiscard]] double radius(double budget, std::size_t i) const { return 1.01 * uniform_mode::radius(budget, i); }
};

claim_outcome audit_boastful(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(1, 6), true);
  return attack_claim(boastful_mode(uniform_mode::from_parts(scales, gaussian_noise{})),
                      random_half_space(draws, scales), weighted_by(scales), draws.stream());
}

}  // namespace

TEST_CASE("no certified mode is violated", "[audit]") {
  for (const audited_mode& mode : audited_modes) {
    if (!mode.certified) continue;
    CAPTURE(std::string(mode.mode));
    const mode_audit found = audit_mode(mode, 20, key);
    CHECK(found.violations == 0);
    CHECK_FALSE(found.refuted());
    CHECK(found.tightness > 1.0 - 1e-9);
  }
}

TEST_CASE("every mode of the table is attacked", "[audit]") {
  for (const mode_facts& row : mode_table()) {
    CAPTURE(std::string(row.name));
    CHECK(named(row.name).certified == row.certified);
  }
}

TEST_CASE("where theory says tight, the least violating poison lies on the edge of the claim", "[audit]") {
  for (const audited_mode& mode : audited_modes) {
    if (!mode.tight) continue;
    CAPTURE(std::string(mode.mode));
    CHECK(audit_mode(mode, 200, key).tightness == Approx(1.0).margin(1e-6));
  }
}

TEST_CASE("scales recomputed on the poisoned rows break what scales held fixed certify", "[audit]") {
  CHECK(audit_mode(named("given_scales_recomputed"), 100, key).violations > 0);
}

TEST_CASE("without the grid, low bits refute every claim; with it, none", "[audit]") {
  const mode_audit bare = audit_mode(named("ungridded"), 50, key);
  CHECK(bare.violations == bare.instances);
  CHECK(bare.tightness < 0.6);
  const mode_audit gridded = audit_mode(named("uniform_low_bits"), 50, key);
  CHECK(gridded.violations == 0);
  CHECK(gridded.flipped == gridded.instances);
}

TEST_CASE("a mode that claims a hundredth too much is caught on every instance", "[audit]") {
  const mode_audit found = audit_mode({"boastful", true, true, "half space", "", audit_boastful}, 100, key);
  CHECK(found.violations == 100);
  CHECK(found.refuted());
  CHECK(found.tightness == Approx(1.0 / 1.01).epsilon(1e-9));
}

TEST_CASE("an audit is a function of its seed, and refuses to audit nothing", "[audit]") {
  const mode_audit once = audit_mode(named("published"), 20, key);
  const mode_audit again = audit_mode(named("published"), 20, key);
  CHECK(once.tightness == again.tightness);
  CHECK(once.tightness != audit_mode(named("published"), 20, random_key{.seed = 1}).tightness);
  CHECK_THROWS_WITH(audit_mode(named("published"), 0, key), Catch::Contains("at least 1 instance"));
}
