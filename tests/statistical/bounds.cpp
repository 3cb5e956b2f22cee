// SPDX-License-Identifier: MIT
// Coverage of the bounds: exactly, by summation, where votes are 0 or 1; by seeded simulation where they are scores.
#include "certssb/bound/named.hpp"
#include "certssb/bound/randomised_clopper_pearson.hpp"
#include "certssb/core/random.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

using namespace certssb;

namespace {

double mass(std::int64_t k, std::int64_t n, double p) {
  const auto kk = static_cast<double>(k);
  const auto nn = static_cast<double>(n);
  return std::exp(std::lgamma(nn + 1) - std::lgamma(kk + 1) - std::lgamma(nn - kk + 1) + kk * std::log(p) +
                  (nn - kk) * std::log1p(-p));
}

std::vector<double> all_lower(std::string_view name, std::int64_t n, double alpha) {
  const named_bound<vote_count> bound(name);
  std::vector<double> lower;
  for (std::int64_t k = 0; k <= n; ++k) {
    const std::vector<std::int64_t> counts{k, n - k};
    lower.push_back(bound.lower(vote_count{counts, n}, 0, alpha));
  }
  return lower;
}

}  // namespace

TEST_CASE("no bound of counts misses with more than alpha, summed over all counts", "[bound][statistical]") {
  for (const std::string_view name :
       {"hoeffding", "clopper-pearson", "kl", "hoeffding-bentkus", "maurer-pontil", "mixture", "jeffreys-sequence"}) {
    for (const std::int64_t n : {50, 200}) {
      for (const double alpha : {0.05, 0.01}) {
        const std::vector<double> lower = all_lower(name, n, alpha);
        // A miss is most likely just below one of the bounds: those points, and a grid.
        std::vector<double> grid;
        for (int i = 1; i < 500; ++i) grid.push_back(i / 500.0);
        for (const double bound : lower) {
          if (bound > 0.0) grid.push_back(bound * (1.0 - 1e-12));
        }
        double worst = 0.0;
        for (const double p : grid) {
          double miss = 0.0;
          for (std::int64_t k = 0; k <= n; ++k) miss += lower[static_cast<std::size_t>(k)] > p ? mass(k, n, p) : 0.0;
          worst = std::max(worst, miss);
        }
        CAPTURE(name, n, alpha);
        CHECK(worst <= alpha);
        CHECK(worst > 0.0);
      }
    }
  }
}

TEST_CASE("randomised Clopper-Pearson misses with alpha exactly, summed over counts and u", "[bound][statistical]") {
  // Given k, L > p iff P(X > k) + u P(X = k) < alpha, so the miss is exact in u up to the grid's step of 1/400.
  constexpr std::int64_t n = 30;
  constexpr int steps = 400;
  for (const double p : {0.2, 0.5, 0.77, 0.95}) {
    double miss = 0.0;
    for (int j = 0; j < steps; ++j) {
      const randomised_clopper_pearson bound((j + 0.5) / steps);
      for (std::int64_t k = n / 8; k <= n; ++k) {
        if (bound.lower(k, n, 0.05) > p) miss += mass(k, n, p) / steps;
      }
    }
    CAPTURE(p);
    CHECK(miss == Approx(0.05).margin(0.5 / steps));
  }
}

TEST_CASE("the sequence ever misses with less than alpha, summed over all paths of 300 votes", "[bound][statistical]") {
  for (const double alpha : {0.05, 0.01}) {
    for (const double p : {0.05, 0.3, 0.5, 0.7, 0.9, 0.99}) {
      // P(no rejection of p so far and k successes), vote by vote; a rejected path leaves.
      std::vector<double> alive{1.0};
      double ever = 0.0;
      for (std::int64_t t = 1; t <= 300; ++t) {
        std::vector<double> next(alive.size() + 1);
        for (std::size_t k = 0; k < alive.size(); ++k) {
          next[k] += alive[k] * (1.0 - p);
          next[k + 1] += alive[k] * p;
        }
        for (std::size_t k = 0; k < next.size(); ++k) {
          if (next[k] > 0.0 && jeffreys_sequence::log_e(static_cast<std::int64_t>(k), t, p) >= -std::log(alpha)) {
            ever += next[k];
            next[k] = 0.0;
          }
        }
        alive = next;
      }
      CAPTURE(alpha, p);
      CHECK(ever <= alpha);
      // At p = .99 even 300 votes for are but .99^-300 = 20 times likelier under any other p.
      if (p < 0.99) CHECK(ever > 0.05 * alpha);
    }
  }
}

TEST_CASE("bounds of scores miss the true mean with at most alpha", "[bound][statistical]") {
  // 2,000 votes of 40 scores under each of three Beta laws; alpha = .05. A bound that misses with exactly alpha exceeds
  // 142 misses (4.3 standard deviations) with probability below 5e-5; 5 bounds, 2 sides, 3 laws: false alarm below
  // 2e-3.
  constexpr int repeats = 2000;
  constexpr std::int64_t n = 40;
  for (const auto& [a, b] : {std::pair(19.0, 1.0), std::pair(2.0, 2.0), std::pair(0.3, 0.1)}) {
    const double truth = a / (a + b);
    std::array<int, 5> too_high{};
    std::array<int, 5> too_low{};
    random_stream draws(random_key{.seed = 20260301, .sample = static_cast<std::uint32_t>(a * 10)});
    // The quantile function of the law, tabulated: 4096 equally likely scores, whose mean is taken as the truth.
    std::vector<double> law(4096);
    double mean_of_law = 0.0;
    for (std::size_t i = 0; i < law.size(); ++i) {
      law[i] = boost::math::ibeta_inv(a, b, (static_cast<double>(i) + 0.5) / 4096.0);
      mean_of_law += law[i] / 4096.0;
    }
    CHECK(mean_of_law == Approx(truth).margin(1e-3));
    for (int r = 0; r < repeats; ++r) {
      std::vector<double> x(n);
      double mean = 0.0;
      for (double& score : x) {
        score = law[draws.below(4096)];
        mean += score / n;
      }
      mean = std::min(mean, 1.0);
      const mean_score votes{std::span(&mean, 1), x, n};
      std::size_t which = 0;
      for (const std::string_view name : {"kl", "hoeffding-bentkus", "maurer-pontil", "betting", "mixture"}) {
        const named_bound<mean_score> bound(name);
        too_high[which] += bound.lower(votes, 0, 0.05) > mean_of_law ? 1 : 0;
        too_low[which] += bound.upper(votes, 0, 0.05) < mean_of_law ? 1 : 0;
        ++which;
      }
    }
    CAPTURE(a, b, too_high, too_low);
    CHECK(*std::ranges::max_element(too_high) <= 142);
    CHECK(*std::ranges::max_element(too_low) <= 142);
  }
}
