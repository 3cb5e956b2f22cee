// SPDX-License-Identifier: MIT
// Members that train adaptively on a noise ledger, on a data set x and on a moved one x'. Counts of the votes are
// compared with closed forms at 4.8917 standard errors: a false-alarm chance of 1e-6 a check; the seeds are fixed.
#include "certssb/noise/noise_ledger.hpp"

#include "certssb/core/normal.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace certssb;

namespace {

constexpr double far = 4.8917;
constexpr std::size_t members = 40000;

using rows_type = dataset<host_array<double>>;
using ledger_type = noise_ledger<rows_type, gaussian_noise>;
using account_type = ledger_type::account_type;

// Two rows on the line.
ledger_type make_ledger(double first, double second, double cap, std::uint64_t seed) {
  return {rows_type(host_array<double>({first, second}, 1), {0, 1}, 2, {1}, {-10.0, 10.0}),
          exposure_caps<l2_norm>({cap, cap}), gaussian_noise{}, random_key{seed}};
}

// What a learner knows of a row: the precision-weighted sum of its releases.
struct running {
  double weighted = 0.0;
  double precision = 0.0;
  void look(account_type& account, std::size_t row, double scale) {
    auto z = account.make(1);
    account.release(std::span(&row, 1), std::span(&scale, 1), z);
    weighted += z.values[0] / (scale * scale);
    precision += 1.0 / (scale * scale);
  }
  double mean() const { return precision > 0.0 ? weighted / precision : 0.0; }
};

/// Brief: looks where it is unsure: at the row whose mean is nearer to 0 while both have room, at scale 1 below a mean
/// of 1/2 and at scale 2 above, until both caps are used up; a half-space vote on the two means.
/// Maths: whatever the order and the scales, sum_t z_t/sigma_t^2 ~ N(P x, P): the vote's probability is exactly
/// Phi(sqrt(P/2) (x_1 + x_2)).
bool vote_of_thorough(account_type& account) {
  std::array<running, 2> rows;
  for (;;) {
    const bool open0 = !std::isinf(account.smallest_scale(0));
    const bool open1 = !std::isinf(account.smallest_scale(1));
    if (!open0 && !open1) break;
    const bool first = open0 && (!open1 || std::abs(rows[0].mean()) < std::abs(rows[1].mean()));
    const std::size_t i = first ? 0 : 1;
    const double wished = std::abs(rows[i].mean()) < 0.5 ? 1.0 : 2.0;
    rows[i].look(account, i, std::max(wished, account.smallest_scale(i)));
  }
  return rows[0].mean() + rows[1].mean() > 0.0;
}

/// Brief: stops looking as soon as a row's mean is clear, so that it spends less than the cap.
bool vote_of_hasty(account_type& account) {
  std::array<running, 2> rows;
  for (std::size_t i = 0; i < 2; ++i) {
    while (!std::isinf(account.smallest_scale(i)) &&
           std::abs(rows[i].weighted) < 1.5 * std::sqrt(1.0 + rows[i].precision)) {
      rows[i].look(account, i, std::max(1.0, account.smallest_scale(i)));
    }
  }
  return rows[0].weighted + rows[1].weighted > 0.0;
}

template <class Vote>
double share(Vote vote, double first, double second, double cap, std::uint64_t seed) {
  auto ledger = make_ledger(first, second, cap, seed);
  std::size_t yes = 0;
  for (std::size_t m = 0; m < members; ++m) {
    auto account = ledger.open(m);
    if (vote(account)) ++yes;
    REQUIRE(account.spent(0) <= cap);
    REQUIRE(account.spent(1) <= cap);
  }
  return static_cast<double>(yes) / members;
}

double error_of(double p) { return far * std::sqrt(p * (1.0 - p) / members); }

constexpr double cap = 8.0;

}  // namespace

TEST_CASE("an adaptive half-space learner reaches the ledger's bound and does not pass it", "[ledger]") {
  const double delta = 0.25;  // on each row
  const double before = share(vote_of_thorough, -0.1, -0.1, cap, 81);
  const double after = share(vote_of_thorough, -0.1 + delta, -0.1 + delta, cap, 82);
  const double p = normal_cdf(std::sqrt(cap / 2.0) * -0.2);
  CHECK(std::abs(before - p) < error_of(p));
  // Bound (6): S = sqrt(P (delta^2 + delta^2)).
  const double bound = normal_cdf(normal_quantile(p) + std::sqrt(cap * 2.0 * delta * delta));
  CHECK(std::abs(after - bound) < error_of(bound));
  // "One exposure at the smallest scale used", 1, claims far less of a change.
  const double naive = normal_cdf(normal_quantile(p) + std::sqrt(2.0 * delta * delta));
  CHECK(after > naive + 3.0 * error_of(naive));
}

TEST_CASE("a learner that stops early stays below the bound, and refutes the naive one", "[ledger]") {
  const double delta = 0.4;
  const double before = share(vote_of_hasty, -0.2, -0.2, cap, 83);
  const double after = share(vote_of_hasty, -0.2 + delta, -0.2 + delta, cap, 84);
  // Both shares are uncertain: the highest likely p before, the lowest likely one after.
  const double high = before + error_of(before);
  const double low = after - error_of(after);
  CHECK(low < normal_cdf(normal_quantile(high) + std::sqrt(cap * 2.0 * delta * delta)));
  CHECK(low > normal_cdf(normal_quantile(high) + std::sqrt(2.0 * delta * delta)));
}

TEST_CASE("a repeated-exposure learner flips where the ledger says, far inside the naive radius", "[ledger]") {
  // Twenty looks at scale .5 and a vote on the sign of the mean: p_A = Phi(sqrt(80) x), flipped by moving row 0 by x.
  constexpr double x = 0.15;
  const auto vote = [](account_type& account) {
    running row;
    for (int t = 0; t < 20; ++t) row.look(account, 0, 0.5);
    return row.mean() > 0.0;
  };
  const double p = normal_cdf(std::sqrt(80.0) * x);
  const double there = share(vote, x, 0.0, 80.0, 85);
  CHECK(std::abs(there - p) < error_of(p));
  // The ledger's radius PhiInv(p)/sqrt(80) is x: at 1.2 x the vote has turned; the naive one claims 4.47 x.
  const double turned = normal_cdf(std::sqrt(80.0) * -0.2 * x);
  const double moved = share(vote, -0.2 * x, 0.0, 80.0, 86);
  CHECK(std::abs(moved - turned) < error_of(turned));
  CHECK(moved < 0.5 - error_of(0.5));
  CHECK(1.2 * x < 0.5 * normal_quantile(p));
}
