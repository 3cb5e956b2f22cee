// SPDX-License-Identifier: MIT
#include "certssb/bound/clopper_pearson.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;
using cp = clopper_pearson;

namespace {

/// P(Bin(n,p) >= k), summed term by term.
double upper_tail(std::int64_t k, std::int64_t n, double p) {
  double sum = 0.0;
  for (std::int64_t j = k; j <= n; ++j) {
    const auto nn = static_cast<double>(n);
    const auto jj = static_cast<double>(j);
    sum += std::exp(std::lgamma(nn + 1) - std::lgamma(jj + 1) - std::lgamma(nn - jj + 1) + jj * std::log(p) +
                    (nn - jj) * std::log1p(-p));
  }
  return sum;
}

}  // namespace

TEST_CASE("no successes give lower bound 0, no failures give upper bound 1", "[bound]") {
  for (const std::int64_t n : {1, 7, 1000}) {
    CHECK(cp::lower(0, n, 0.01) == 0.0);
    CHECK(cp::upper(n, n, 0.01) == 1.0);
  }
}

TEST_CASE("unanimous votes give the closed form alpha^(1/n)", "[bound]") {
  for (const std::int64_t n : {1, 11, 1000, 10000000}) {
    for (const double alpha : {1e-300, 1e-12, 0.001, 0.5, 0.999}) {
      CAPTURE(n, alpha);
      const double complement = -std::expm1(std::log(alpha) / static_cast<double>(n));
      CHECK(cp::lower(n, n, alpha) == Approx(std::pow(alpha, 1.0 / static_cast<double>(n))).epsilon(1e-12));
      CHECK(1.0 - cp::lower(n, n, alpha) == Approx(complement).epsilon(1e-12).margin(1e-15));
      CHECK(cp::upper(0, n, alpha) == Approx(complement).epsilon(1e-12));
      CHECK(cp::upper(0, n, alpha) >= complement);
    }
  }
}

TEST_CASE("the tail probability at the lower bound is alpha, and not above it", "[bound]") {
  for (const std::int64_t n : {2, 5, 20, 150}) {
    for (std::int64_t k = 1; k <= n; ++k) {
      for (const double alpha : {1e-10, 0.001, 0.05, 0.5, 0.9}) {
        CAPTURE(n, k, alpha);
        const double tail = upper_tail(k, n, cp::lower(k, n, alpha));
        CHECK(tail == Approx(alpha).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("bounds stay finite, ordered and inside [0,1] for ten million trials and tiny alpha", "[bound]") {
  for (const std::int64_t n : {std::int64_t{3}, std::int64_t{10000}, std::int64_t{10000000}}) {
    for (const double share : {0.0, 0.001, 0.4, 0.5, 0.999, 1.0}) {
      for (const double alpha : {1e-300, 1e-100, 1e-12, 0.05}) {
        CAPTURE(n, share, alpha);
        const auto k = static_cast<std::int64_t>(share * static_cast<double>(n));
        const double mean = static_cast<double>(k) / static_cast<double>(n);
        CHECK(cp::lower(k, n, alpha) >= 0.0);
        CHECK(cp::lower(k, n, alpha) <= mean);
        CHECK(cp::upper(k, n, alpha) >= mean);
        CHECK(cp::upper(k, n, alpha) <= 1.0);
      }
    }
  }
}

TEST_CASE("the lower bound grows with successes, with alpha, and with trials at the same share", "[bound]") {
  for (const double alpha : {0.001, 0.05}) {
    for (std::int64_t k = 1; k <= 200; ++k) {
      CAPTURE(k, alpha);
      CHECK(cp::lower(k, 200, alpha) > cp::lower(k - 1, 200, alpha));
      CHECK(cp::lower(k, 200, alpha * 2) > cp::lower(k, 200, alpha));
      CHECK(cp::lower(k * 10, 2000, alpha) > cp::lower(k, 200, alpha));
    }
  }
}

TEST_CASE("the upper bound is the lower bound of the other side", "[bound]") {
  for (const std::int64_t n : {1, 50, 999}) {
    for (std::int64_t k = 0; k <= n; ++k) {
      CAPTURE(n, k);
      CHECK(cp::upper(k, n, 0.01) == Approx(1.0 - cp::lower(n - k, n, 0.01)).margin(1e-15));
    }
  }
}

TEST_CASE("Clopper-Pearson names the argument that is wrong", "[bound]") {
  CHECK_THROWS_WITH(cp::lower(1, 10, 0.0), Catch::Contains("alpha must lie in (0,1), got 0"));
  CHECK_THROWS_WITH(cp::lower(1, 10, 1.0), Catch::Contains("alpha"));
  CHECK_THROWS_WITH(cp::upper(1, 10, std::nan("")), Catch::Contains("alpha"));
  CHECK_THROWS_WITH(cp::lower(11, 10, 0.1), Catch::Contains("successes must lie in [0, 10], got 11"));
  CHECK_THROWS_WITH(cp::lower(-1, 10, 0.1), Catch::Contains("successes"));
  CHECK_THROWS_WITH(cp::upper(0, 0, 0.1), Catch::Contains("trials must be positive, got 0"));
}
