// SPDX-License-Identifier: MIT
#include "verify_files.hpp"

#include "arrays.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/sha256.hpp"
#include "mode_request.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace certssb::cli {

namespace fs = std::filesystem;

namespace {

/// Whether what the evaluation says depends on where the test inputs lie.
bool uses_store(const evaluation_result& e) { return e.storage_update || e.mode == "memory"; }

std::set<std::string> needed_files(const run_results& run) {
  std::set<std::string> names{"poisoned_rows.npy", "pattern_norms.npy", "pattern_norms_l1.npy"};
  for (const defence_result& d : run.defences) {
    names.insert(d.name + "/sigma_train.npy");
    for (const std::string inputs : {"clean", "triggered"}) {
      for (const std::string kind : {"votes_", "sigma_test_"}) names.insert(d.name + "/" + kind + inputs + ".npy");
      names.insert(d.name + "/samples_" + inputs + ".csv");
      const bound_basis basis = basis_of(d.bound);
      if (basis == bound_basis::scores) names.insert(d.name + "/scores_" + inputs + ".npy");
      if (basis == bound_basis::enclosures) names.insert(d.name + "/bounds_" + inputs + ".npy");
    }
    for (const evaluation_result& e : d.evaluations) {
      if (uses_store(e)) names.insert("inputs_" + e.inputs + ".npy");
      if (e.mode.starts_with("quantised")) names.insert(d.name + "/rho_train.npy");
    }
  }
  return names;
}

/// MODE[+joint][+label-noise] in this order.
std::string mode_name(const std::string& asked) {
  const mode_request request = mode_request::parse(asked);
  std::string name = request.base;
  if (request.joint) name += "+joint";
  if (request.label_noise) name += "+label-noise";
  return name;
}

/// The evaluations of one set of inputs: modes, and whether storage-update followed.
std::vector<std::pair<std::string, bool>> expected_modes(const run_results& run, const std::string& defence) {
  if (defence == "rab") return {{"uniform", false}};
  if (defence == "cert-ssb") return {{"given_scales", false}, {"published", false}, {"published", true}};
  expect<data_error>(defence == "certified", "expected one of rab, cert-ssb, certified");
  return {{mode_name(option_of(run.config, "mode")), false}};
}

void check_modes(findings& f, const run_results& run, const defence_result& d) {
  const auto wanted = expected_modes(run, d.name);
  for (const std::string inputs : {"clean", "triggered"}) {
    std::vector<std::pair<std::string, bool>> found;
    std::string names;
    for (const evaluation_result& e : d.evaluations) {
      if (e.inputs != inputs) continue;
      found.emplace_back(e.mode, e.storage_update);
      names += " " + e.mode;
    }
    std::string expected;
    for (const auto& [mode, stored] : wanted) expected += " " + mode;
    f.check(found == wanted, inputs + ": the configuration asks for mode" + expected + ", issued were" + names);
  }
}

void check_number_of_models(findings& f, const run_results& run, const defence_result& d) {
  const double asked = as_real(option_of(run.config, "models")).value_or(0.0);
  const auto models = static_cast<double>(d.models);
  const bool stopped = as_real(option_of(run.config, "stop_at_radius")).value_or(0.0) > 0.0;
  f.check(stopped != d.stopping.empty(), "stopping is not what stop_at_radius asks for");
  if (!stopped) {
    f.check(models == asked, concatenate("models is stated as ", d.models, ", but config.models fixes ", asked));
    return;
  }
  f.check(d.bound == "jeffreys-sequence",
          "the votes decided when to stop, but " + d.bound + " is for a number of models fixed beforehand");
  f.check(models <= asked && d.stopping.size() == d.models, "stopping is not one point a model");
  const double fraction = as_real(option_of(run.config, "decide_fraction")).value_or(0.0);
  for (std::size_t m = 0; m < d.stopping.size(); ++m) {
    const bool last = m + 1 == d.stopping.size();
    f.check(d.stopping[m].models == m + 1, "stopping: models are not counted one by one");
    f.check(last ? d.stopping[m].decided >= fraction || models == asked : d.stopping[m].decided < fraction,
            concatenate("stopping: after ", m + 1, " models ", d.stopping[m].decided, " of the samples were decided, ",
                        last ? "too few to stop" : "enough to stop"));
  }
}

}  // namespace

void check_arrays(findings& f, const fs::path& folder, const run_results& run) {
  f.at("");
  for (const auto& [name, digest] : run.arrays) {
    const fs::path relative = fs::path(name).lexically_normal();
    const bool inside = relative.is_relative() && !relative.empty() && *relative.begin() != "..";
    f.check(inside, name + ": lies outside the run's folder");
    if (!inside) continue;
    std::error_code missing;
    const bool there = fs::is_regular_file(folder / relative, missing);
    f.check(there, name + ": missing");
    if (there) {
      f.check(sha256(read_file(folder / relative, std::uintmax_t{1} << 34U)) == digest, name + ": its bytes changed");
    }
  }
  for (const std::string& name : needed_files(run)) f.check(run.arrays.contains(name), name + ": not listed in arrays");
}

attack_evidence check_attack(findings& f, const fs::path& folder, const run_results& run) {
  const auto rows = read_npy_integers(folder / "poisoned_rows.npy").values;
  const auto l2 = read_vector(folder / "pattern_norms.npy");
  const auto l1 = read_vector(folder / "pattern_norms_l1.npy");
  expect<data_error>(rows.size() == l2.size() && rows.size() == l1.size() && rows.size() == run.data.poisoned_rows,
                     "poisoned_rows.npy, pattern_norms.npy, pattern_norms_l1.npy and data.poisoned_rows differ in "
                     "length");
  f.check(std::set(rows.begin(), rows.end()).size() == rows.size(), "poisoned_rows.npy: rows repeat");
  attack_evidence attack{std::vector<double>(run.data.train), std::vector<double>(run.data.train)};
  double most = 0.0;
  double square = 0.0;
  double sum = 0.0;
  for (std::size_t p = 0; p < rows.size(); ++p) {
    const bool inside = rows[p] >= 0 && static_cast<std::size_t>(rows[p]) < run.data.train && std::isfinite(l2[p]) &&
                        std::isfinite(l1[p]) && l2[p] >= 0.0 && l1[p] >= l2[p] * (1.0 - 1e-9);
    f.check(inside, "a poisoned row or its norm is out of range");
    if (!inside) continue;
    attack.l2[static_cast<std::size_t>(rows[p])] = l2[p];
    attack.l1[static_cast<std::size_t>(rows[p])] = l1[p];
    most = std::max(most, l2[p]);
    square += l2[p] * l2[p];
    sum += l1[p];
  }
  f.check_number("data.pattern_l2_max", run.data.pattern_l2_max, most);
  f.check_number("data.pattern_l2_frobenius", run.data.pattern_l2_frobenius, std::sqrt(square));
  f.check_number("data.pattern_l1_sum", run.data.pattern_l1_sum, sum);
  return attack;
}

void check_setting(findings& f, const run_results& run, const defence_result& d) {
  f.check(fs::path(d.name).filename() == d.name, "its name is no folder's");
  check_modes(f, run, d);
  const bool sampled = basis_of(d.bound) != bound_basis::enclosures;
  f.check(sampled || option_of(run.config, "mode") == "knn1_exact",
          "its bounds are enclosures, which only knn1_exact has");
  if (!sampled) return;
  f.check(d.bound == option_of(run.config, "bound"), "its bound " + d.bound + " is not config.bound");
  f.check(as_real(option_of(run.config, "alpha")) == d.alpha,
          concatenate("alpha is stated as ", d.alpha, ", but config.alpha is ", option_of(run.config, "alpha")));
  check_number_of_models(f, run, d);
}

std::vector<double> check_scales(findings& f, const fs::path& folder, const run_results& run, const defence_result& d) {
  std::vector<double> sigma = read_vector(folder / d.name / "sigma_train.npy");
  const bool usable = sigma.size() == run.data.train && !sigma.empty() &&
                      std::ranges::all_of(sigma, [](double s) { return std::isfinite(s) && s > 0.0; });
  expect<data_error>(usable, "sigma_train.npy: expected one positive scale a training row");
  double sum = 0.0;
  for (const double s : sigma) sum += s;
  f.check(d.sigma_train.min == *std::ranges::min_element(sigma), "sigma_train.min is not that of the array");
  f.check(d.sigma_train.max == *std::ranges::max_element(sigma), "sigma_train.max is not that of the array");
  f.check_number("sigma_train.mean", d.sigma_train.mean, sum / static_cast<double>(sigma.size()));
  return sigma;
}

}  // namespace certssb::cli
