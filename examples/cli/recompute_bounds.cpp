// SPDX-License-Identifier: MIT
#include "recompute.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <span>

namespace certssb::cli {

namespace {

namespace law = boost::math;

/// The largest p in (0, top) at which the evidence, which falls in p, is at least log(1/alpha).
template <class Evidence>
double largest_rejected(double top, double alpha, const Evidence& evidence) {
  double low = 0.0;
  double high = top;
  for (double middle = 0.5 * top; low < middle && middle < high; middle = 0.5 * (low + high)) {
    (evidence(middle) >= -std::log(alpha) ? low : high) = middle;
  }
  return low;
}

double x_log(double x, double y) { return x > 0.0 ? x * std::log(y) : 0.0; }

/// The p with P(Bin(n,p) >= k) = alpha.
double exact_binomial(double k, double n, double alpha) {
  if (k == 0.0) return 0.0;
  return largest_rejected(1.0, alpha, [&](double p) {
    return -std::log(law::cdf(law::complement(law::binomial_distribution<>(n, p), k - 1.0)));
  });
}

/// The likelihood of k of n under q ~ Beta(1/2,1/2) above p, over that under p itself.
double jeffreys(double k, double n, double alpha) {
  return largest_rejected(k / n, alpha, [&](double p) {
    const double above = std::log(law::ibetac(k + 0.5, n - k + 0.5, p)) + law::lgamma(k + 0.5) +
                         law::lgamma(n - k + 0.5) - law::lgamma(n + 1.0);
    const double before = std::log(law::ibetac(0.5, 0.5, p) * std::numbers::pi);
    return above - before - x_log(k, p) - x_log(n - k, 1.0 - p);
  });
}

using series = std::span<const double>;

long double sum_of(series x) { return std::accumulate(x.begin(), x.end(), 0.0L); }
double mean_of(series x) { return static_cast<double>(sum_of(x) / static_cast<long double>(x.size())); }

double hoeffding_mean(series x, double alpha) {
  return mean_of(x) - std::sqrt(-std::log(alpha) / (2.0 * static_cast<double>(x.size())));
}

double chernoff(series x, double alpha) {
  const auto n = static_cast<double>(x.size());
  const double p = std::min(1.0, mean_of(x));
  return largest_rejected(p, alpha, [&](double m) {
    return n * (x_log(p, p) + x_log(1.0 - p, 1.0 - p) - x_log(p, m) - x_log(1.0 - p, 1.0 - m));
  });
}

double bentkus(series x, double alpha) {
  const auto whole = static_cast<double>(std::floor(sum_of(x)));
  return std::max(chernoff(x, alpha), exact_binomial(whole, static_cast<double>(x.size()), alpha / std::numbers::e));
}

double empirical_bernstein(series x, double alpha) {
  const auto n = static_cast<double>(x.size());
  if (n < 2.0) return 0.0;
  const double mean = mean_of(x);
  double squares = 0.0;
  for (const double one : x) squares += (one - mean) * (one - mean);
  const double term = std::log(2.0 / alpha);
  return mean - std::sqrt(2.0 * squares / (n - 1.0) * term / n) - 7.0 * term / (3.0 * (n - 1.0));
}

double betting_in_order(series x, double alpha) {
  const auto n = static_cast<double>(x.size());
  std::vector<double> bets;
  double sum = 0.5;
  double squares = 0.25;
  for (const double one : x) {
    const auto seen = static_cast<double>(bets.size() + 1);
    bets.push_back(std::sqrt(-2.0 * std::log(alpha) / (n * squares / seen)));
    sum += one;
    squares += (one - sum / (seen + 1.0)) * (one - sum / (seen + 1.0));
  }
  return largest_rejected(1.0, alpha, [&](double m) {
    double wealth = 0.0;
    double most = 0.0;
    for (std::size_t t = 0; t < x.size(); ++t) {
      wealth += std::log1p(std::min(bets[t], 0.9 / m) * (x[t] - m));
      most = std::max(most, wealth);
    }
    return most;
  });
}

double mixture_of_bets(series x, double alpha) {
  constexpr std::array<double, 15> stakes = {.05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98, .99, .995, .999};
  return largest_rejected(std::min(1.0, mean_of(x)), alpha, [&](double m) {
    std::array<double, 15> logs{};
    for (std::size_t d = 0; d < stakes.size(); ++d) {
      logs[d] = std::log(d + 1 == stakes.size() ? 1.0 / 2.0 : 1.0 / 28.0);
      for (const double one : x) logs[d] += std::log1p(stakes[d] * (one / m - 1.0));
    }
    const double most = *std::ranges::max_element(logs);
    double sum = 0.0;
    for (const double one : logs) sum += std::exp(one - most);
    return most + std::log(sum);
  });
}

/// Of k votes of n; alpha is paid in parts, of the number of classes.
struct count_rule {
  double (*lower)(double k, double n, double alpha);
  double (*parts)(double classes);
};

const std::map<std::string, count_rule>& count_rules() {
  static const std::map<std::string, count_rule> all{
      {"clopper-pearson", {exact_binomial, [](double) { return 2.0; }}},
      {"jeffreys-sequence", {jeffreys, [](double classes) { return classes; }}}};
  return all;
}

/// Of a class's scores in member order, at alpha / (2 K).
const std::map<std::string, double (*)(series, double)>& score_rules() {
  static const std::map<std::string, double (*)(series, double)> all{
      {"hoeffding", hoeffding_mean},          {"kl", chernoff},
      {"hoeffding-bentkus", bentkus},         {"mixture", mixture_of_bets},
      {"maurer-pontil", empirical_bernstein}, {"betting", betting_in_order}};
  return all;
}

plain_bound against_all(std::int64_t label, double lower) {
  const double clipped = std::clamp(lower, 0.0, 1.0);
  return {label, clipped, 1.0 - clipped};
}

std::vector<plain_bound> bound_counts(const ballot_evidence& e, const count_rule& rule, std::size_t models,
                                      double alpha) {
  std::vector<plain_bound> bounds;
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

/// One sample's scores by class and member, each member's divided by their sum where rounding made that exceed 1.
std::vector<std::vector<double>> scores_of(const ballot_evidence& e, std::size_t sample) {
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

std::vector<plain_bound> bound_scores(const ballot_evidence& e, double (*rule)(series, double), double alpha) {
  std::vector<plain_bound> bounds;
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

std::vector<plain_bound> bound_enclosures(const ballot_evidence& e) {
  std::vector<plain_bound> bounds;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const double* row = e.bounds.values.data() + 3 * i;
    const bool is_class = row[0] == std::floor(row[0]) && row[0] >= 0.0 && row[0] < static_cast<double>(e.classes());
    expect<data_error>(is_class && row[1] >= 0.0 && row[1] <= 1.0 && row[2] >= 0.0 && row[2] <= 1.0,
                       "bounds: expected a class and two probabilities, got ", row[0], ", ", row[1], ", ", row[2]);
    bounds.push_back({static_cast<std::int64_t>(row[0]), row[1], row[2]});
  }
  return bounds;
}

}  // namespace

std::vector<plain_bound> bound_plainly(const ballot_evidence& e, const std::string& bound, std::size_t models,
                                       double alpha) {
  if (bound == "enclosure") return bound_enclosures(e);
  expect<data_error>(alpha > 0.0 && alpha < 1.0, "alpha must lie in (0,1), got ", alpha);
  const auto of_counts = count_rules().find(bound);
  if (of_counts != count_rules().end()) return bound_counts(e, of_counts->second, models, alpha);
  const auto of_scores = score_rules().find(bound);
  expect<data_error>(of_scores != score_rules().end(), "the bound ", bound, " cannot be verified");
  expect<data_error>(e.scores.shape[0] == models, "scores of ", e.scores.shape[0], " members but ", models, " models");
  return bound_scores(e, of_scores->second, alpha);
}

}  // namespace certssb::cli
