// SPDX-License-Identifier: MIT
#include "recompute.hpp"

#include "arrays.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace certssb::cli {

namespace {

namespace law = boost::math;

double quantile(double p) { return law::quantile(law::normal_distribution<>{}, p); }

/// The p with P(Bin(n,p) >= k) = alpha.
double exact_binomial(double k, double n, double alpha) {
  if (k == 0.0) return 0.0;
  double low = 0.0;
  double high = 1.0;
  for (double middle = 0.5; low < middle && middle < high; middle = 0.5 * (low + high)) {
    const bool rare = law::cdf(law::complement(law::binomial_distribution<>(n, middle), k - 1.0)) <= alpha;
    (rare ? low : high) = middle;
  }
  return low;
}

double hoeffding_mean(double mean, double n, double alpha) {
  return std::max(0.0, mean - std::sqrt(std::log(1.0 / alpha) / (2.0 * n)));
}

plain_bound bound_scores(const ballot_evidence& e, std::size_t sample, double alpha) {
  const std::size_t k = e.classes();
  std::vector<double> sums(k);
  const std::size_t members = e.scores.shape[0];
  for (std::size_t m = 0; m < members; ++m) {
    const double* row = e.scores.values.data() + (m * e.size() + sample) * k;
    double total = 0.0;
    for (std::size_t c = 0; c < k; ++c) {
      expect<data_error>(row[c] >= 0.0 && row[c] <= 1.0, "scores must lie in [0,1], got ", row[c]);
      total += row[c];
    }
    expect<data_error>(total <= 1.0 + 1e-3, "scores of a member sum to ", total);
    for (std::size_t c = 0; c < k; ++c) sums[c] += row[c] / std::max(1.0, total);
  }
  const auto top = std::ranges::max_element(sums);
  const auto n = static_cast<double>(members);
  return {top - sums.begin(), hoeffding_mean(std::min(1.0, *top / n), n, alpha / (2.0 * static_cast<double>(k)))};
}

using mode_rule = std::function<void(plain_mode&, const mode_evidence&)>;

double smallest(const std::vector<double>& values) { return *std::ranges::min_element(values); }

double sum_of_largest(std::vector<double> values, std::size_t r) {
  std::ranges::sort(values, std::ranges::greater{});
  double sum = 0.0;
  for (std::size_t i = 0; i < std::min(r, values.size()); ++i) sum += values[i];
  return sum;
}

void expect_constant(plain_mode& m, const mode_evidence& e) {
  if (smallest(e.sigma_train) != *std::ranges::max_element(e.sigma_train)) {
    m.contradictions.emplace_back("wants one scale for all training rows, but sigma_train.npy holds several");
  }
}

/// Gaussian noise on the training rows.
plain_mode gaussian(const mode_evidence& e) {
  plain_mode m;
  m.budget = [](double p) { return p > 0.5 ? quantile(p) : 0.0; };
  m.radius = [sigma = smallest(e.sigma_train)](double budget, std::size_t) { return budget * sigma; };
  std::vector<double> precisions;
  double size = 0.0;
  for (std::size_t i = 0; i < e.sigma_train.size(); ++i) {
    precisions.push_back(1.0 / (e.sigma_train[i] * e.sigma_train[i]));
    size += e.pattern_norms[i] * e.pattern_norms[i] * precisions.back();
  }
  m.per_pattern = [precisions](double budget, std::size_t r) {
    return budget / std::sqrt(sum_of_largest(precisions, r));
  };
  m.covers = [size](double budget) { return size < budget * budget; };
  return m;
}

/// Every mode that `run` may issue: one entry a mode, each beginning from `gaussian`.
const std::map<std::string, mode_rule>& rules() {
  static const std::map<std::string, mode_rule> all{
      {"uniform",
       [](plain_mode& m, const mode_evidence& e) {
         m.assumptions = {"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                          "models_independent"};
         expect_constant(m, e);
       }},
      {"given_scales",
       [](plain_mode& m, const mode_evidence& e) {
         m.assumptions = {"one_noise_draw_per_row_and_model", "members_never_read_raw_rows", "models_independent",
                          "models_independent_of_ascent_draws"};
         m.conditional_on = {"train_scales"};
         if (e.setting("test_noise_scale") == "own" && e.setting("test_noise") != "none") {
           m.conditional_on.emplace_back("test_scale");
         }
       }},
      {"published",
       [](plain_mode& m, const mode_evidence& e) {
         m.certified = false;
         m.radius = [scales = e.sigma_test](double budget, std::size_t i) { return budget * scales[i]; };
         m.per_pattern = [](double, std::size_t) { return 0.0; };
         m.covers = [](double) { return false; };
       }},
      {"frozen",
       [](plain_mode& m, const mode_evidence&) {
         m.assumptions = {"scales_independent_of_features", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                          "models_independent"};
       }},
      {"ledger",
       [](plain_mode& m, const mode_evidence&) {
         m.assumptions = {"rows_read_only_through_the_ledger", "caps_fixed_beforehand", "models_independent"};
       }},
      {"floor",
       [](plain_mode& m, const mode_evidence& e) {
         m.assumptions = {"one_release_per_row_and_model", "adapts_on_released_rows_only", "models_independent"};
         expect_constant(m, e);
       }},
      {"quantised", [](plain_mode& m, const mode_evidence& e) {
         m.assumptions = {"selector_fixed_independently_of_data", "selector_constant_within_the_stated_radius",
                          "one_noise_draw_per_row_and_model", "raw_rows_never_read_but_by_the_selector",
                          "models_independent"};
         const std::vector<double> rho = read_vector(e.folder / "rho_train.npy");
         expect<data_error>(rho.size() == e.sigma_train.size(), "rho_train.npy: expected ", e.sigma_train.size(),
                            " radii, got ", rho.size());
         const double least = smallest(rho);
         bool inside = true;
         for (std::size_t i = 0; i < rho.size(); ++i) inside = inside && e.pattern_norms[i] < rho[i];
         m.radius = [radius = m.radius, least](double b, std::size_t i) { return std::min(least, radius(b, i)); };
         m.per_pattern = [norm = m.per_pattern, least](double b, std::size_t r) { return std::min(least, norm(b, r)); };
         m.covers = [covers = m.covers, inside](double b) { return inside && covers(b); };
       }}};
  return all;
}

}  // namespace

std::string mode_evidence::setting(const std::string& name) const {
  const std::string own = option_of(defence.settings, name);
  return own.empty() ? option_of(run.config, name) : own;
}

std::vector<plain_bound> bound_plainly(const ballot_evidence& e, const std::string& bound, std::size_t models,
                                       double alpha) {
  expect<data_error>(bound == "clopper-pearson" || bound == "hoeffding", "the bound ", bound, " cannot be verified");
  std::vector<plain_bound> bounds;
  std::map<std::int64_t, double> known;
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (bound == "hoeffding") {
      bounds.push_back(bound_scores(e, i, alpha));
      continue;
    }
    const auto counts = std::span(e.votes.values).subspan(i * e.classes(), e.classes());
    const auto top = std::ranges::max_element(counts);
    const auto [found, unknown] = known.try_emplace(*top);
    if (unknown) {
      found->second = exact_binomial(static_cast<double>(*top), static_cast<double>(models), 0.5 * alpha);
    }
    bounds.push_back({top - counts.begin(), found->second});
  }
  return bounds;
}

plain_mode state_plainly(const std::string& mode, const mode_evidence& e) {
  constexpr std::string_view joint = "+joint";
  if (mode.ends_with(joint)) {
    plain_mode m = state_plainly(mode.substr(0, mode.size() - joint.size()), e);
    m.assumptions.emplace_back("test_scale_fixed_beforehand");
    const std::string noise = e.setting("test_noise");
    const double draws = noise.starts_with("mean:") ? as_real(noise.substr(5)).value_or(0.0)
                         : noise == "one"           ? 1.0
                                                    : 0.0;
    if (draws < 1.0) m.contradictions.emplace_back("joint wants test noise, but test_noise is " + noise);
    const double sigma = smallest(e.sigma_test);
    if (sigma != *std::ranges::max_element(e.sigma_test) || e.setting("test_noise_scale") == "own") {
      m.contradictions.emplace_back("joint wants one test scale fixed beforehand, but test samples have their own");
    }
    const double effective = sigma / std::sqrt(std::max(1.0, draws));
    m.radius = [radius = m.radius, effective](double b, std::size_t i) {
      return std::min(effective * b, radius(b, i));
    };
    m.per_pattern = [norm = m.per_pattern, effective](double b, std::size_t r) {
      const double rows = norm(1.0, r);
      return b / std::sqrt(1.0 / (rows * rows) + 1.0 / (effective * effective));
    };
    return m;
  }
  const auto rule = rules().find(mode);
  expect<data_error>(rule != rules().end(), "mode ", mode, " cannot be verified");
  plain_mode m = gaussian(e);
  rule->second(m, e);
  return m;
}

}  // namespace certssb::cli
