// SPDX-License-Identifier: MIT
// Brief: the audits of flags, of more classes than two and of parts notice what a faulty mode forgets.
#include "certssb/audit/audit.hpp"
#include "certssb/certificate/gaussian_rows.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace certssb;

namespace {

/// The same mode but for the radius, which forgets the test input.
template <class Mode>
struct radius_of_rows : Mode {
  explicit radius_of_rows(const Mode& mode) : Mode(mode) {}
  [[nodiscard]] double radius(double budget, std::size_t) const {
    return gaussian_l2::scaled(budget, this->scales().smallest());
  }
};
/// ... for the common norm of patterns.
template <class Mode>
struct patterns_of_rows : Mode {
  explicit patterns_of_rows(const Mode& mode) : Mode(mode) {}
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const {
    return gaussian_l2::per_pattern(budget, worst_rows(precisions_of(this->scales())).sum(rows));
  }
};
/// ... for the attacks that it covers.
template <class Mode>
struct covers_of_rows : Mode {
  explicit covers_of_rows(const Mode& mode) : Mode(mode) {}
  [[nodiscard]] bool covers(double budget, attack_extent attack) const {
    attack.test_l2 = 0.0;
    return Mode::covers(budget, attack);
  }
};
/// ... for the budget, which forgets that labels change.
template <class Mode>
struct budget_of_features : Mode {
  explicit budget_of_features(const Mode& mode) : Mode(mode) {}
  [[nodiscard]] double budget(double lower, double upper) const { return gaussian_l2::budget(lower, upper); }
};
/// ... for the budget, which takes half of the other class's share for all of it.
template <class Mode>
struct budget_of_half : Mode {
  explicit budget_of_half(const Mode& mode) : Mode(mode) {}
  [[nodiscard]] double budget(double lower, double upper) const { return gaussian_l2::budget(lower, 0.5 * upper); }
};
/// ... for the common norm of patterns, which is that of any one row.
template <class Mode>
struct patterns_of_one_row : Mode {
  explicit patterns_of_one_row(const Mode& mode) : Mode(mode) {}
  [[nodiscard]] double per_pattern(double budget, std::size_t) const { return Mode::per_pattern(budget, 1); }
};

template <class Mode, audited_flags Flags, template <class> class Fault>
claim_outcome plant(const instance_draws& draws) {
  return audit_combined<Mode, Flags>(draws, []<class Claimed>(const Claimed& mode) { return Fault<Claimed>(mode); });
}

std::size_t violations_of(claim_outcome (*instance)(const instance_draws&)) {
  return audit_mode({"faulty", true, true, "", "", instance}, 100, random_key{.seed = 20261128}).violations;
}

/// Parts under attack, as they are stated: by `change` first.
template <bool Joint, class Change>
std::size_t violations_of_parts(const Change& change) {
  std::size_t violations = 0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    random_stream stream(random_key{20261128, stage::audit, 0, i, 2});
    const instance_draws draws(stream);
    const half_space_parts parts = random_half_space_parts(draws, false, Joint);
    half_space_parts stated = parts;
    change(stated);
    const stated_mode mode(frozen_mode::from_parts(training_scales(stated.scales), gaussian_noise{},
                                                   assume::scales_independent_of_features{}));
    if (attack_parts(state_parts(stated, mode), parts, draws).violated) ++violations;
  }
  return violations;
}

}  // namespace

TEST_CASE("a flag or a mode that forgets something is refuted", "[audit]") {
  using enum audited_flags;
  CHECK(violations_of(plant<uniform_mode, joint, radius_of_rows>) > 20);
  CHECK(violations_of(plant<frozen_mode, joint, patterns_of_rows>) > 20);
  CHECK(violations_of(plant<ledger_mode, joint, covers_of_rows>) > 20);
  CHECK(violations_of(plant<floor_mode, label_noise, budget_of_features>) > 20);
  CHECK(violations_of(plant<frozen_mode, joint_and_label_noise, budget_of_features>) > 20);
  CHECK(violations_of(plant<ledger_mode, joint_and_label_noise, radius_of_rows>) > 2);
  CHECK(violations_of(plant<uniform_mode, many_classes, budget_of_half>) > 20);
  CHECK(violations_of(plant<frozen_mode, many_classes, patterns_of_one_row>) > 2);
}

TEST_CASE("a statement of parts that forgets something is refuted", "[audit]") {
  CHECK(violations_of_parts<false>([](half_space_parts&) {}) == 0);
  CHECK(violations_of_parts<true>([](half_space_parts&) {}) == 0);
  CHECK(violations_of_parts<false>([](half_space_parts& p) { p.failures = 0; }) > 20);
  CHECK(violations_of_parts<true>([](half_space_parts& p) { p.test.reset(); }) > 20);
  CHECK(violations_of_parts<true>([](half_space_parts& p) { p.test->draws = 1; }) > 5);
  CHECK(violations_of_parts<false>([](half_space_parts& p) { std::ranges::fill(p.scales, 2.0); }) > 20);
  // Abstaining parts are not there, and thirds name the rival.
  CHECK(violations_of_parts<false>([](half_space_parts& p) {
          for (std::size_t j = 0; j < p.labels.size(); ++j) {
            if (p.labels[j] != abstain) continue;
            p.labels[j] = 0;
            p.lower[j] = 0.6;
          }
        }) > 5);
}
