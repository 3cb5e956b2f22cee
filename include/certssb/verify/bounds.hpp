// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bounds of each sample, from its raw votes, scores or enclosures: a second, plain implementation.

#include "certssb/core/expect.hpp"
#include "certssb/verify/count_laws.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/score_laws.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the leading class of one sample, a lower bound of its probability, and an upper bound of every other's.
struct sample_bound {
  std::int64_t label;
  double lower;
  double upper;
};

/// Brief: the bound for k of n votes, and into how many parts alpha is divided for a number of classes.
struct count_rule {
  double (*lower)(double k, double n, double alpha);
  double (*parts)(double classes);
};

[[nodiscard]] inline const std::map<std::string, count_rule>& count_rules() {
  static const std::map<std::string, count_rule> all{
      {"clopper-pearson", {exact_binomial, [](double) { return 2.0; }}},
      {"jeffreys-sequence", {jeffreys, [](double classes) { return classes; }}}};
  return all;
}

/// Brief: bounds for the scores of a class in member order, at alpha / (2 K).
[[nodiscard]] inline const std::map<std::string, double (*)(series, double)>& score_rules() {
  static const std::map<std::string, double (*)(series, double)> all{
      {"hoeffding", hoeffding_mean},          {"kl", chernoff},
      {"hoeffding-bentkus", bentkus},         {"mixture", mixture_of_bets},
      {"maurer-pontil", empirical_bernstein}, {"betting", betting_in_order}};
  return all;
}

[[nodiscard]] inline sample_bound against_all(std::int64_t label, double lower) {
  const double clipped = std::clamp(lower, 0.0, 1.0);
  return {label, clipped, 1.0 - clipped};
}

[[nodiscard]] inline std::vector<sample_bound> bound_counts(const ballot_evidence& e, const count_rule& rule,
                                                            std::size_t models, double alpha) {
  std::vector<sample_bound> bounds;
  std::map<std::int64_t, double> known;
  const double level = alpha / rule.parts(static_cast<double>(e.classes()));
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto counts = std::span(e.votes.values).subspan(i * e.classes(), e.classes());
    const auto top = std::ranges::max_element(counts);
    const auto [found, unknown] = known.try_emplace(*top);
    if (unknown) found->second = rule.lower(static_cast<double>(*top), static_cast<double>(models), level);
    bounds.push_back(against_all(top - counts.begin(), found->second));
  }
  return bounds;
}

/// Brief: the scores of one sample by class and member. The scores of a member are divided by their sum if rounding
/// made it exceed 1.
[[nodiscard]] inline std::vector<std::vector<double>> scores_of(const ballot_evidence& e, std::size_t sample) {
  std::vector<std::vector<double>> of_class(e.classes());
  for (std::size_t m = 0; m < e.scores.shape[0]; ++m) {
    const auto row = std::span(e.scores.values).subspan((m * e.size() + sample) * e.classes(), e.classes());
    double total = 0.0;
    for (const double score : row) {
      expect<data_error>(score >= 0.0 && score <= 1.0, "scores must lie in [0,1], got ", score);
      total += score;
    }
    expect<data_error>(total <= 1.0 + 1e-3, "scores of a member sum to ", total);
    for (std::size_t c = 0; c < row.size(); ++c) of_class[c].push_back(row[c] / std::max(1.0, total));
  }
  return of_class;
}

[[nodiscard]] inline std::vector<sample_bound> bound_scores(const ballot_evidence& e, double (*rule)(series, double),
                                                            double alpha) {
  std::vector<sample_bound> bounds;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto of_class = scores_of(e, i);
    std::vector<double> means;
    for (const auto& x : of_class) {
      means.push_back(std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()));
    }
    const auto top = std::ranges::max_element(means) - means.begin();
    const double level = alpha / (2.0 * static_cast<double>(e.classes()));
    bounds.push_back(against_all(top, rule(of_class[static_cast<std::size_t>(top)], level)));
  }
  return bounds;
}

[[nodiscard]] inline std::vector<sample_bound> bound_enclosures(const ballot_evidence& e) {
  std::vector<sample_bound> bounds;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const double* row = e.bounds.values.data() + 3 * i;
    const bool is_class = row[0] == std::floor(row[0]) && row[0] >= 0.0 && row[0] < static_cast<double>(e.classes());
    expect<data_error>(is_class && row[1] >= 0.0 && row[1] <= 1.0 && row[2] >= 0.0 && row[2] <= 1.0,
                       "bounds: expected a class and two probabilities, got ", row[0], ", ", row[1], ", ", row[2]);
    bounds.push_back({static_cast<std::int64_t>(row[0]), row[1], row[2]});
  }
  return bounds;
}

/// Brief: bounds every sample from its raw votes, scores or enclosures; alpha also pays for choosing the class.
/// Throws: data_error for a bound it does not know, an alpha outside (0,1), scores that sum to more than 1, or invalid
/// enclosures.
[[nodiscard]] inline std::vector<sample_bound> bound_samples(const ballot_evidence& e, const std::string& bound,
                                                             std::size_t models, double alpha) {
  if (bound == "enclosure") return bound_enclosures(e);
  expect<data_error>(alpha > 0.0 && alpha < 1.0, "alpha must lie in (0,1), got ", alpha);
  const auto of_counts = count_rules().find(bound);
  if (of_counts != count_rules().end()) return bound_counts(e, of_counts->second, models, alpha);
  const auto of_scores = score_rules().find(bound);
  expect<data_error>(of_scores != score_rules().end(), "the bound ", bound, " cannot be verified");
  expect<data_error>(e.scores.shape[0] == models, "scores of ", e.scores.shape[0], " members but ", models, " models");
  return bound_scores(e, of_scores->second, alpha);
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
