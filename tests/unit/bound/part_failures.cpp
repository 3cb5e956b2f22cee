// SPDX-License-Identifier: MIT
#include "certssb/bound/part_failures.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>

using namespace certssb;

namespace {

/// P(Bin(k, p) > f), the terms summed from the smallest.
double tail(std::size_t k, double p, std::size_t f) {
  long double sum = 0.0L;
  for (std::size_t i = k; i > f; --i) {
    const auto n = static_cast<long double>(k);
    const auto x = static_cast<long double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) +
                    x * std::log(static_cast<long double>(p)) + (n - x) * std::log1p(-static_cast<long double>(p)));
  }
  return static_cast<double>(sum);
}

}  // namespace

TEST_CASE("the failures allowed are the first whose binomial tail is at most alpha", "[bound]") {
  for (const std::size_t k : {2U, 3U, 10U, 100U, 1200U}) {
    for (const double alpha_part : {0.3, 0.03, 0.01, 0.001, 1e-6}) {
      for (const double alpha : {0.05, 0.001, 1.1e-9}) {
        CAPTURE(k, alpha_part, alpha);
        const std::size_t f = allowed_failures(k, alpha_part, alpha);
        CHECK(tail(k, alpha_part, f) <= alpha);
        if (f > 0) CHECK(tail(k, alpha_part, f - 1) > alpha);
      }
    }
  }
}

TEST_CASE("a union bound needs no failures, and one part none by definition", "[bound]") {
  CHECK(allowed_failures(100, 0.001 / 100.0, 0.001) == 0);
  for (const double alpha : {0.001, 0.1, 0.3, 0.7}) CHECK(allowed_failures(1, alpha, alpha) == 0);
  // The tail is taken directly: one minus a cdf would be 0 here.
  CHECK(allowed_failures(2, 1e-11, 1e-20) == 1);
}

TEST_CASE("failures of impossible levels are refused, by name", "[bound]") {
  CHECK_THROWS_WITH(allowed_failures(0, 0.1, 0.1), Catch::Contains("at least 1 part"));
  for (const double out : {0.0, 1.0, -0.5, std::nan("")}) {
    CHECK_THROWS_WITH(allowed_failures(5, out, 0.1), Catch::Contains("alpha_part must lie in (0,1), got"));
    CHECK_THROWS_WITH(allowed_failures(5, 0.1, out), Catch::Contains("alpha must lie in (0,1), got"));
  }
  CHECK_THROWS_WITH(allowed_failures(1, 0.01, 0.001),
                    Catch::Contains("of one part, alpha_part must be alpha, 0.001, got 0.01"));
}
