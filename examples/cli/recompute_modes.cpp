// SPDX-License-Identifier: MIT
#include "recompute.hpp"

#include "arrays.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/noise/gaussian.hpp"

#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>

namespace certssb::cli {

namespace {

namespace law = boost::math;
using mode_rule = void (*)(plain_mode&, const mode_evidence&);

double quantile(double p) { return law::quantile(law::normal_distribution<>{}, p); }
double normal(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double inward(double p) { return std::clamp(p, std::numeric_limits<double>::min(), 1.0 - 0x1p-53); }

double smallest(const std::vector<double>& values) { return *std::ranges::min_element(values); }

double sum_of_largest(std::vector<double> values, std::size_t r) {
  std::ranges::sort(values, std::ranges::greater{});
  double sum = 0.0;
  for (std::size_t i = 0; i < std::min(r, values.size()); ++i) sum += values[i];
  return sum;
}

/// Of the sizes of an attack, each over its row's scale.
double sum_of_ratios(const std::vector<double>& sizes, const std::vector<double>& scales, int power) {
  double sum = 0.0;
  for (std::size_t i = 0; i < scales.size(); ++i) sum += std::pow(sizes[i] / scales[i], power);
  return sum;
}

/// The largest x below `above` up to which `holds` does.
template <class Holds>
double largest(double above, const Holds& holds) {
  double low = 0.0;
  double high = above;
  for (int step = 0; step < 100; ++step) {
    const double middle = 0.5 * (low + high);
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

bool same(double a, double b) { return std::abs(a - b) <= 1e-12 * b; }

/// One scale for all rows, the one asked for.
void expect_common(plain_mode& m, const mode_evidence& e) {
  const double sigma = e.number("sigma");
  const auto [least, most] = std::ranges::minmax(e.sigma_train);
  if (least != most) {
    m.contradictions.emplace_back("wants one scale for all training rows, but sigma_train.npy holds several");
  }
  if (!same(least, sigma) || !same(most, sigma)) {
    m.contradictions.push_back(
        concatenate("wants the scale that sigma names, ", sigma, ", but sigma_train.npy holds ", least, " to ", most));
  }
}

void expect_within(plain_mode& m, const mode_evidence& e, double low, double high) {
  const auto [least, most] = std::ranges::minmax(e.sigma_train);
  if (least < low * (1.0 - 1e-12) || most > high * (1.0 + 1e-12)) {
    m.contradictions.push_back(
        concatenate("chooses scales from ", low, " to ", high, ", but sigma_train.npy holds ", least, " to ", most));
  }
}

void expect_stated(plain_mode& m, const mode_evidence& e, const std::string& assumption) {
  if (!e.stated(assumption)) m.contradictions.push_back("assumes " + assumption + ", which nobody stated");
}

/// Gaussian noise on the training rows.
plain_mode gaussian(const mode_evidence& e) {
  plain_mode m;
  m.budget = [](double lower, double upper) {
    return lower > upper ? std::max(0.0, 0.5 * (quantile(inward(lower)) - quantile(inward(upper)))) : 0.0;
  };
  m.radius = [sigma = smallest(e.sigma_train)](double budget, std::size_t) { return budget * sigma; };
  std::vector<double> precisions;
  for (const double sigma : e.sigma_train) precisions.push_back(1.0 / (sigma * sigma));
  m.precision = [precisions](std::size_t r) { return sum_of_largest(precisions, r); };
  m.per_pattern = [rows = m.precision](double budget, std::size_t r) { return budget / std::sqrt(rows(r)); };
  m.covers = [size = sum_of_ratios(e.attack.l2, e.sigma_train, 2)](double budget) { return size < budget * budget; };
  return m;
}

const std::vector<std::string> of_constant_noise = {"constant_scale", "one_noise_draw_per_row_and_model",
                                                    "raw_rows_never_read", "models_independent"};

void uniform(plain_mode& m, const mode_evidence& e) {
  m.assumptions = of_constant_noise;
  expect_common(m, e);
}

void given_scales(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"one_noise_draw_per_row_and_model", "members_never_read_raw_rows", "models_independent",
                   "models_independent_of_ascent_draws"};
  m.conditional_on = {"train_scales"};
  const bool shared_base = e.defence.name == "cert-ssb";
  if (shared_base && e.setting("test_noise_scale") == "own" && e.setting("test_noise") != "none") {
    m.conditional_on.emplace_back("test_scale");
  }
  expect_within(m, e, e.number("sigma_min"), e.number("sigma_max"));
}

void published(plain_mode& m, const mode_evidence& e) {
  m.certified = false;
  m.radius = [scales = e.sigma_test](double budget, std::size_t i) { return budget * scales[i]; };
  m.per_pattern = [](double, std::size_t) { return 0.0; };
  m.covers = [](double) { return false; };
}

void frozen(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"scales_independent_of_features", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                   "models_independent"};
  expect_stated(m, e, "scales_independent_of_features");
}

/// sigma_train holds the scales of single exposures that use the caps up.
void ledger(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"rows_read_only_through_the_ledger", "caps_fixed_beforehand", "models_independent"};
  expect_common(m, e);
  const double first = e.number("sigma") * std::sqrt(e.number("epochs"));
  if (e.number("sigma_max") < first * (1.0 - 1e-12)) {
    m.contradictions.push_back(concatenate("its exposures, one an epoch at ", first,
                                           " at least, do not fit below sigma_max ", e.number("sigma_max")));
  }
}

void floor(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"one_release_per_row_and_model", "adapts_on_released_rows_only", "models_independent"};
  expect_common(m, e);
}

/// What holds of scales from the selector by trusted rows.
void expect_selected(plain_mode& m, const mode_evidence& e) {
  expect_stated(m, e, "selector_fixed_independently_of_data");
  expect_within(m, e, 0.5 * e.number("sigma"), 2.0 * e.number("sigma"));
}

void quantised(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"selector_fixed_independently_of_data", "selector_constant_within_the_stated_radius",
                   "one_noise_draw_per_row_and_model", "raw_rows_never_read_but_by_the_selector", "models_independent"};
  expect_selected(m, e);
  const std::vector<double> rho = read_vector(e.folder / "rho_train.npy");
  expect<data_error>(rho.size() == e.sigma_train.size(), "rho_train.npy: expected ", e.sigma_train.size(),
                     " radii, got ", rho.size());
  const double least = smallest(rho);
  expect<data_error>(least > 0.0, "rho_train.npy: expected radii above 0, got ", least);
  const double low = std::log(0.5 * e.number("sigma"));
  const double width = e.number("grid_width");
  const double cells = std::floor(std::log(4.0) / width);
  bool inside = true;
  for (std::size_t i = 0; i < rho.size(); ++i) {
    inside = inside && e.attack.l2[i] < rho[i];
    const double cell = (std::log(e.sigma_train[i]) - low) / width;
    const double whole = std::round(cell);
    if (std::abs(cell - whole) > 1e-9) {
      m.contradictions.push_back(concatenate("row ", i, ": its scale ", e.sigma_train[i], " is not on the grid"));
    } else if (whole > 0.0 && whole < cells && rho[i] > 0.5 * width / e.number("semi_elasticity")) {
      m.contradictions.push_back(concatenate("row ", i, ": no scale is constant within ", rho[i]));
    }
  }
  m.radius = [radius = m.radius, least](double b, std::size_t i) { return std::min(least, radius(b, i)); };
  m.per_pattern = [norm = m.per_pattern, least](double b, std::size_t r) { return std::min(least, norm(b, r)); };
  m.covers = [covers = m.covers, inside](double b) { return inside && covers(b); };
}

/// A change of scales by eta |delta| costs at most sqrt(d/2) e^h eta sqrt(sum |delta|^2) of p_A.
struct change_of_scales {
  double eta;
  double d;

  [[nodiscard]] bool bearable(double budget, double weighted, double norm, double most) const {
    return normal(budget - weighted) - std::sqrt(0.5 * d) * std::exp(eta * most) * eta * norm > 0.5;
  }
};

void elastic_many(plain_mode& m, const mode_evidence& e, const change_of_scales& change) {
  double square = 0.0;
  for (const double norm : e.attack.l2) square += norm * norm;
  m.radius = [change, sigma = smallest(e.sigma_train)](double b, std::size_t) {
    return largest(b * sigma, [&](double r) { return change.bearable(b, r / sigma, r, r); });
  };
  m.per_pattern = [change, rows = m.precision](double b, std::size_t r) {
    const double weight = std::sqrt(rows(r));
    const double spread = std::sqrt(static_cast<double>(r));
    return largest(b / weight, [&](double x) { return change.bearable(b, x * weight, x * spread, x); });
  };
  m.covers = [change, weighted = std::sqrt(sum_of_ratios(e.attack.l2, e.sigma_train, 2)), norm = std::sqrt(square),
              most = *std::ranges::max_element(e.attack.l2)](double b) {
    return change.bearable(b, weighted, norm, most);
  };
}

/// The largest probability under N(a, e^{2t}) that an event of probability Phi(-B) under N(0, I_d) can have.
double worst_event(double d, double budget, double a, double t) {
  const double gap = -std::expm1(2.0 * t);
  const double shrink = std::exp(-2.0 * t);
  const law::non_central_chi_squared here(d, (a / gap) * (a / gap));
  const law::non_central_chi_squared there(d, (a / gap) * (a / gap) / shrink);
  const double p = normal(-budget);
  if (t < 0.0) return law::cdf(there, shrink * law::quantile(here, p));
  return law::cdf(law::complement(there, shrink * law::quantile(law::complement(here, p))));
}

/// The rigorous search over all scales between is the library's; both ends are looked at here.
void elastic_one(plain_mode& m, const mode_evidence& e, const change_of_scales& change) {
  m.assumptions.emplace_back("at_most_one_row_changed");
  if (e.run.data.poisoned_rows > 1) {
    m.contradictions.push_back(
        concatenate("assumes at most one changed row, but ", e.run.data.poisoned_rows, " are poisoned"));
  }
  const auto search = std::make_shared<const semi_elastic_mode>(
      noise_scales(e.sigma_train), elasticity{change.eta, static_cast<std::size_t>(change.d), changed_rows::one},
      gaussian_noise{}, assume::selector_fixed_independently_of_data{});
  const auto known = std::make_shared<std::map<double, double>>();
  m.radius = [=, scales = e.sigma_train](double b, std::size_t) {
    const auto [found, unknown] = known->try_emplace(b, 0.0);
    if (!unknown) return found->second;
    const double r = search->radius(b, 0);
    for (const double sigma : {smallest(scales), *std::ranges::max_element(scales)}) {
      for (const double t : {-change.eta * r, change.eta * r}) {
        expect<data_error>(std::abs(t) < 1e-4 || worst_event(change.d, b, r / sigma, t) < 0.5, "a row of scale ", sigma,
                           " may not move by ", r);
      }
    }
    return found->second = r;
  };
  m.per_pattern = [radius = m.radius](double b, std::size_t r) { return r == 1 ? radius(b, 0) : 0.0; };
  m.covers = [=, l2 = e.attack.l2](double b) { return search->covers(b, {.l2 = l2}); };
}

void semi_elastic(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"selector_fixed_independently_of_data", "selector_semi_elastic_with_the_stated_slope",
                   "one_noise_draw_per_row_and_model", "raw_rows_never_read_but_by_the_selector", "models_independent"};
  expect_selected(m, e);
  const change_of_scales change{e.number("semi_elasticity"), static_cast<double>(e.run.data.row_size)};
  expect<data_error>(change.d >= 1.0, "data.row_size: mode semi_elastic needs the entries of a row, got 0");
  (e.setting("rows_changed") == "one" ? elastic_one : elastic_many)(m, e, change);
}

/// Noise whose price adds up over entries.
void in_l1(plain_mode& m, const mode_evidence& e) {
  m.norm = "l1";
  std::vector<double> weights;
  for (const double scale : e.sigma_train) weights.push_back(1.0 / scale);
  m.per_pattern = [weights](double b, std::size_t r) { return b / sum_of_largest(weights, r); };
  m.covers = [size = sum_of_ratios(e.attack.l1, e.sigma_train, 1)](double b) { return size < b; };
  m.assumptions = of_constant_noise;
  expect_common(m, e);
}

void uniform_l1(plain_mode& m, const mode_evidence& e) {
  in_l1(m, e);
  m.budget = [](double lower, double upper) { return std::max(0.0, lower - upper); };
}

void laplace_l1(plain_mode& m, const mode_evidence& e) {
  in_l1(m, e);
  m.budget = [](double lower, double upper) {
    if (lower <= upper) return 0.0;
    const double a = inward(lower);
    const double b = inward(upper);
    return std::max(0.5 * (std::log(a) - std::log(b)), -std::log1p(b - a));
  };
}

void knn1_exact(plain_mode& m, const mode_evidence& e) {
  m.assumptions = {"scales_independent_of_features", "smoothed_nearest_neighbour", "no_test_noise"};
  expect_common(m, e);
  if (e.setting("test_noise") != "none") {
    m.contradictions.push_back("assumes no test noise, but test_noise is " + e.setting("test_noise"));
  }
  if (e.defence.bound != "enclosure" || e.defence.alpha != 0.0 || e.defence.models != 0) {
    m.contradictions.push_back(concatenate("is of enclosures, without members or alpha, not of ", e.defence.bound,
                                           " on ", e.defence.models, " models at alpha ", e.defence.alpha));
  }
}

/// Asked with the certificates of mode uniform.
void memory(plain_mode& m, const mode_evidence& e) {
  m.remembers = true;
  m.norm = "l2_of_test_inputs";
  m.assumptions = {"one_stateful_predictor", "order_as_given"};
  m.conditional_on = {"store", "order_of_samples"};
  expect_common(m, e);
  m.per_pattern = [](double, std::size_t) { return 0.0; };
  m.covers = [](double) { return false; };
}

/// Every mode that `run` may issue, each beginning from `gaussian`.
const std::map<std::string, mode_rule>& rules() {
  static const std::map<std::string, mode_rule> all{{"uniform", uniform},       {"given_scales", given_scales},
                                                    {"published", published},   {"frozen", frozen},
                                                    {"ledger", ledger},         {"floor", floor},
                                                    {"quantised", quantised},   {"semi_elastic", semi_elastic},
                                                    {"uniform_l1", uniform_l1}, {"laplace_l1", laplace_l1},
                                                    {"knn1_exact", knn1_exact}, {"memory", memory}};
  return all;
}

}  // namespace

std::string mode_evidence::setting(const std::string& name) const {
  const std::string own = option_of(defence.settings, name);
  return own.empty() ? option_of(run.config, name) : own;
}

double mode_evidence::number(const std::string& name) const {
  const auto value = as_real(setting(name));
  expect<data_error>(value.has_value(), "config.", name, ": expected a number, got ", setting(name));
  return *value;
}

bool mode_evidence::stated(const std::string& assumption) const {
  const std::vector<std::string> all = split(option_of(run.config, "assume"));
  return std::ranges::find(all, assumption) != all.end();
}

plain_mode state_plainly(const std::string& mode, const mode_evidence& e) {
  constexpr std::string_view joint = "+joint";
  constexpr std::string_view label_noise = "+label-noise";
  if (mode.ends_with(label_noise)) {
    return add_label_noise(state_plainly(mode.substr(0, mode.size() - label_noise.size()), e), e);
  }
  if (mode.ends_with(joint)) return add_joint(state_plainly(mode.substr(0, mode.size() - joint.size()), e), e);
  const auto rule = rules().find(mode);
  expect<data_error>(rule != rules().end(), "mode ", mode, " cannot be verified");
  plain_mode m = gaussian(e);
  rule->second(m, e);
  return m;
}

}  // namespace certssb::cli
