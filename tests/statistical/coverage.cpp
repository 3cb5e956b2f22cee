// SPDX-License-Identifier: MIT
// Coverage by exact summation over the binomial law: no sampling, so no false alarms.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/core/label.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace certssb;

namespace {

/// P(Bin(n,p) = k) for k = 0 .. n.
std::vector<double> binomial(std::int64_t n, double p) {
  std::vector<double> mass;
  const auto nn = static_cast<double>(n);
  for (std::int64_t k = 0; k <= n; ++k) {
    const auto kk = static_cast<double>(k);
    mass.push_back(std::exp(std::lgamma(nn + 1) - std::lgamma(kk + 1) - std::lgamma(nn - kk + 1) + kk * std::log(p) +
                            (nn - kk) * std::log1p(-p)));
  }
  return mass;
}

/// The largest probability, over a fine grid of p, that the lower bound exceeds p.
template <class Bound>
double worst_miss(std::int64_t n, double alpha) {
  std::vector<double> lower;
  std::vector<std::int64_t> counts(2);
  for (std::int64_t k = 0; k <= n; ++k) {
    counts = {k, n - k};
    lower.push_back(Bound::lower(vote_count{counts, n}, 0, alpha));
  }
  // A miss is most likely just below one of the bounds: those points, and a grid.
  std::vector<double> grid;
  for (int i = 1; i < 2000; ++i) grid.push_back(i / 2000.0);
  for (const double bound : lower) {
    if (bound > 0.0) grid.push_back(bound * (1.0 - 1e-12));
  }
  double worst = 0.0;
  for (const double p : grid) {
    const auto mass = binomial(n, p);
    double miss = 0.0;
    for (std::size_t k = 0; k < mass.size(); ++k) miss += lower[k] > p ? mass[k] : 0.0;
    worst = std::max(worst, miss);
  }
  return worst;
}

/// P(the class that a vote of n certifies by `top` is not what it is certified as), binary, p = P(vote for class 0).
template <class Top>
double false_certificates(std::int64_t n, double p, Top&& bound_top) {
  const auto mass = binomial(n, p);
  double failing = 0.0;
  std::vector<std::int64_t> counts(2);
  for (std::int64_t k = 0; k <= n; ++k) {
    counts = {k, n - k};
    const bounded_top top = bound_top(vote_count{counts, n});
    const double truth = top.label == 0 ? p : 1.0 - p;
    if (top.lower > 0.5 && top.lower > truth) failing += mass[static_cast<std::size_t>(k)];
  }
  return failing;
}

}  // namespace

TEST_CASE("Clopper-Pearson misses with probability alpha at worst, and nearly attains it", "[bound][statistical]") {
  for (const std::int64_t n : {50, 200}) {
    for (const double alpha : {0.05, 0.01}) {
      CAPTURE(n, alpha);
      const double worst = worst_miss<clopper_pearson>(n, alpha);
      CHECK(worst <= alpha * (1.0 + 1e-9));
      CHECK(worst >= 0.99 * alpha);
    }
  }
}

TEST_CASE("Hoeffding with the true M misses far less than alpha", "[bound][statistical]") {
  const double worst = worst_miss<hoeffding>(50, 0.05);
  CHECK(worst <= 0.05);
  CHECK(worst == Approx(0.0096).margin(0.0015));
}

TEST_CASE("class chosen and bounded on the same votes: it costs a factor of two, which alpha/2 pays",
          "[bound][statistical]") {
  const auto unpaid = [](const vote_count& votes) {
    return bounded_top{static_cast<label_type>(votes.top()), clopper_pearson::lower(votes, votes.top(), 0.05), 1.0};
  };
  const auto paid = [](const vote_count& votes) { return no_split::bound_top(votes, clopper_pearson{}, 0.05); };
  // Theory: at M = 200 and p = (.5, .5) the unpaid rule fails with probability .0768.
  CHECK(false_certificates(200, 0.5, unpaid) == Approx(0.0768).margin(5e-5));
  for (const std::int64_t n : {10, 50, 200}) {
    for (int i = 1; i < 200; ++i) {
      CAPTURE(n, i);
      CHECK(false_certificates(n, i / 200.0, paid) <= 0.05);
    }
  }
}

TEST_CASE("alpha/2 is enough for three classes, summed over all multinomial outcomes", "[bound][statistical]") {
  constexpr std::int64_t n = 40;
  constexpr double alpha = 0.05;
  std::vector<double> lower;
  for (std::int64_t k = 0; k <= n; ++k) lower.push_back(clopper_pearson::lower(k, n, alpha / 2));
  const auto fact = [](std::int64_t k) { return std::lgamma(static_cast<double>(k) + 1.0); };
  for (const auto& p : std::vector<std::vector<double>>{{0.5, 0.25, 0.25},
                                                        {1 / 3., 1 / 3., 1 / 3.},
                                                        {0.49, 0.49, 0.02},
                                                        {0.6, 0.39, 0.01},
                                                        {0.5, 0.49, 0.01},
                                                        {0.8, 0.1, 0.1}}) {
    CAPTURE(p);
    double failing = 0.0;
    for (std::int64_t a = 0; a <= n; ++a) {
      for (std::int64_t b = 0; a + b <= n; ++b) {
        const std::vector<std::int64_t> k{a, b, n - a - b};
        const std::size_t top = vote_count{k, n}.top();
        const double bound = lower[static_cast<std::size_t>(k[top])];
        if (!(bound > 0.5 && bound > p[top])) continue;
        double log_mass = fact(n);
        for (std::size_t c = 0; c < 3; ++c) log_mass += static_cast<double>(k[c]) * std::log(p[c]) - fact(k[c]);
        failing += std::exp(log_mass);
      }
    }
    CHECK(failing <= alpha);
  }
}
