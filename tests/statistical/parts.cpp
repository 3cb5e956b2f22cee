// SPDX-License-Identifier: MIT
// Coverage of the failures that parts are allowed: a report is false if its lower bound exceeds the true probability of
// the class that it names. The worst truths are just below a bound, and a half, where both classes can be named falsely.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/part_failures.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace certssb;

namespace {

/// The reports of one part of M models with two classes, for every number of votes for class 0.
class part_of_models {
public:
  part_of_models(std::int64_t models, double alpha_part) : models_(models) {
    for (std::int64_t k = 0; k <= models; ++k) {
      const std::array<std::int64_t, 2> counts{k, models - k};
      reports_.push_back(no_split::bound_top(vote_count{counts, models}, clopper_pearson{}, alpha_part));
    }
  }

  /// Whether the report of k votes for class 0 claims something that is not so where class 0 has probability p.
  [[nodiscard]] bool is_false(std::int64_t k, double p) const {
    const bounded_top& report = reports_[static_cast<std::size_t>(k)];
    return report.lower > report.upper && report.lower > (report.label == 0 ? p : 1.0 - p);
  }

  [[nodiscard]] double chance_of_false(double p) const {
    double sum = 0.0;
    for (std::int64_t k = 0; k <= models_; ++k) {
      if (is_false(k, p)) sum += binomial(k, models_, p);
    }
    return sum;
  }

  /// A half, and just below every bound that certifies.
  [[nodiscard]] std::vector<double> worst_truths() const {
    std::vector<double> truths{0.5};
    for (const bounded_top& report : reports_) {
      if (report.label == 0 && report.lower > report.upper) truths.push_back(report.lower * (1.0 - 1e-12));
    }
    return truths;
  }

  [[nodiscard]] static double binomial(std::int64_t k, std::int64_t n, double p) {
    const auto kk = static_cast<double>(k);
    const auto nn = static_cast<double>(n);
    return std::exp(std::lgamma(nn + 1) - std::lgamma(kk + 1) - std::lgamma(nn - kk + 1) + kk * std::log(p) +
                    (nn - kk) * std::log1p(-p));
  }

private:
  std::int64_t models_;
  std::vector<bounded_top> reports_;
};

}  // namespace

TEST_CASE("more reports are false than allowed with at most alpha, summed over all votes", "[bound][statistical]") {
  for (const std::int64_t models : {20, 100}) {
    for (const double alpha_part : {0.05, 0.01}) {
      const part_of_models part(models, alpha_part);
      double worst = 0.0;
      for (const double p : part.worst_truths()) worst = std::max(worst, part.chance_of_false(p));
      CAPTURE(models, alpha_part);
      CHECK(worst <= alpha_part);
      CHECK(worst > 0.3 * alpha_part);
      for (const std::int64_t k : {5, 50, 300}) {
        for (const double alpha : {0.05, 0.001}) {
          const auto allowed =
              static_cast<std::int64_t>(allowed_failures(static_cast<std::size_t>(k), alpha_part, alpha));
          double more = 0.0;
          for (std::int64_t f = allowed + 1; f <= k; ++f) more += part_of_models::binomial(f, k, worst);
          CAPTURE(k, alpha, allowed);
          CHECK(more <= alpha);
        }
      }
    }
  }
}

TEST_CASE("votes drawn for parts at the worst truths have no more false reports than allowed", "[bound][statistical]") {
  constexpr std::size_t parts = 50;
  constexpr std::int64_t models = 20;
  constexpr double alpha = 0.05;
  constexpr int trials = 3000;
  const part_of_models part(models, 0.05);
  const std::size_t allowed = allowed_failures(parts, 0.05, alpha);
  random_stream draws(random_key{.seed = 71, .where = stage::audit});
  for (const double p : part.worst_truths()) {
    int exceeded = 0;
    int any = 0;
    for (int trial = 0; trial < trials; ++trial) {
      std::size_t false_reports = 0;
      for (std::size_t j = 0; j < parts; ++j) {
        std::int64_t votes = 0;
        for (std::int64_t m = 0; m < models; ++m) votes += draws.uniform() < p ? 1 : 0;
        if (part.is_false(votes, p)) ++false_reports;
      }
      exceeded += false_reports > allowed ? 1 : 0;
      any += false_reports > 0 ? 1 : 0;
    }
    CAPTURE(p, allowed);
    // The mean, and five standard deviations.
    CHECK(exceeded <= trials * alpha + 5.0 * std::sqrt(trials * alpha));
    CHECK(any > trials / 10);
  }
}
