// SPDX-License-Identifier: MIT
// Brief: `certssb verify`: recomputes every certificate of a run from its raw votes and scales.
#include "certssb/core/label.hpp"
#include "certssb/report/files.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/sha256.hpp"
#include "command.hpp"
#include "evidence.hpp"
#include "recompute.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <set>

namespace certssb::cli {

namespace fs = std::filesystem;

namespace {

/// What was looked at, and what was found wrong.
class findings {
public:
  void check(bool holds, const std::string& otherwise) {
    ++checked_;
    if (!holds) violations_.push_back(place_ + otherwise);
  }

  /// Equal to 1e-9, and not above what we found; `low` where less is allowed.
  void check_number(const std::string& what, double stated, double found) {
    const double slack = std::abs(found) + 1.0;
    check(std::abs(stated - found) <= 1e-9 * std::abs(found) + 1e-12 && stated <= found + 1e-12 * slack,
          concatenate(what, " is stated as ", stated, ", recomputed as ", found));
  }

  void at(const std::string& place) { place_ = place.empty() ? "" : place + ": "; }
  [[nodiscard]] std::size_t checked() const { return checked_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

private:
  std::size_t checked_ = 0;
  std::string place_;
  std::vector<std::string> violations_;
};

/// One sample as an evaluation counts it.
struct counted {
  std::int64_t predicted;
  std::int64_t label;  ///< abstain: names no class
  double budget;
  double radius;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether the bound is one of counts, so that no scores are kept.
bool counts_votes(const std::string& bound) {
  return bound == "clopper-pearson" || bound == "jeffreys-sequence" || bound == "enclosure";
}

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
    if (there)
      f.check(sha256(read_file(folder / relative, std::uintmax_t{1} << 34U)) == digest, name + ": its bytes changed");
  }
  std::vector<std::string> wanted{"poisoned_rows.npy", "pattern_norms.npy"};
  for (const defence_result& d : run.defences) {
    wanted.push_back(d.name + "/sigma_train.npy");
    for (const std::string inputs : {"clean", "triggered"}) {
      wanted.push_back(d.name + "/votes_" + inputs + ".npy");
      wanted.push_back(d.name + "/sigma_test_" + inputs + ".npy");
      if (!counts_votes(d.bound)) wanted.push_back(d.name + "/scores_" + inputs + ".npy");
    }
  }
  for (const std::string& name : wanted) f.check(run.arrays.contains(name), name + ": not listed in arrays");
}

/// The norm of each training row's pattern; checks the numbers that describe them.
std::vector<double> check_patterns(findings& f, const fs::path& folder, const run_results& run) {
  const auto rows = read_npy_integers(folder / "poisoned_rows.npy").values;
  const auto norms = read_vector(folder / "pattern_norms.npy");
  f.check(rows.size() == norms.size() && rows.size() == run.data.poisoned_rows,
          "poisoned_rows.npy, pattern_norms.npy and data.poisoned_rows differ in length");
  f.check(std::set(rows.begin(), rows.end()).size() == rows.size(), "poisoned_rows.npy: rows repeat");
  std::vector<double> all(run.data.train);
  double largest = 0.0;
  double square = 0.0;
  for (std::size_t p = 0; p < std::min(rows.size(), norms.size()); ++p) {
    const bool inside = rows[p] >= 0 && static_cast<std::size_t>(rows[p]) < all.size();
    f.check(inside && norms[p] >= 0.0 && std::isfinite(norms[p]), "a poisoned row or its norm is out of range");
    if (inside) all[static_cast<std::size_t>(rows[p])] = norms[p];
    largest = std::max(largest, norms[p]);
    square += norms[p] * norms[p];
  }
  f.check_number("data.pattern_l2_max", run.data.pattern_l2_max, largest);
  f.check(std::abs(run.data.pattern_l2_frobenius - std::sqrt(square)) <= 1e-9 * std::sqrt(square),
          "data.pattern_l2_frobenius is not that of pattern_norms.npy");
  return all;
}

void check_ballot(findings& f, const ballot_evidence& e, const defence_result& d, std::size_t classes) {
  f.check(e.classes() == classes, "votes are on another number of classes than data.classes");
  for (std::size_t i = 0; i < e.size(); ++i) {
    std::string counts;
    std::int64_t sum = 0;
    bool positive = true;
    for (std::size_t c = 0; c < e.classes(); ++c) {
      const std::int64_t count = e.votes.values[i * e.classes() + c];
      if (c > 0) counts += ' ';
      counts += std::to_string(count);
      positive = positive && count >= 0 && count <= static_cast<std::int64_t>(d.models);
      sum += positive ? count : 0;
    }
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    f.check(positive && sum <= static_cast<std::int64_t>(d.models), sample + "more votes than models");
    f.check(e.samples.text(i, "votes") == counts, sample + "its votes differ from the array's");
    f.check(e.samples.real(i, "sigma") == e.sigma_test[i], sample + "its sigma differs from the array's");
    const std::int64_t label = e.samples.integer(i, "label");
    f.check(label >= 0 && static_cast<std::size_t>(label) < classes, sample + "its label is no class");
  }
}

/// The certificates of one mode, recomputed and compared with the table.
std::vector<counted> check_samples(findings& f, const ballot_evidence& e, const std::vector<plain_bound>& bounds,
                                   const std::string& mode, const plain_mode& m, bool first) {
  std::vector<counted> all;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const double budget = m.budget(bounds[i].lower);
    const bool named = budget > 0.0;
    const double radius = named ? m.radius(budget, i) : 0.0;
    all.push_back({bounds[i].label, named ? bounds[i].label : abstain, budget, radius});
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    if (first) {
      f.check(e.samples.integer(i, "predicted") == bounds[i].label, sample + "another class leads the votes");
      f.check_number(sample + "lower", e.samples.real(i, "lower"), bounds[i].lower);
      f.check_number(sample + "budget", e.samples.real(i, "budget"), budget);
    }
    f.check_number(sample + "radius", e.samples.real(i, "radius_" + mode), radius);
    const std::string outcome = named ? (m.certified ? "certified" : "published") : "bound_not_above_half";
    f.check(e.samples.text(i, "outcome_" + mode) == outcome, sample + "its outcome should be " + outcome);
  }
  return all;
}

/// After storage-update: what can be said without the test inputs, which a run does not keep.
std::vector<counted> check_stored(findings& f, const ballot_evidence& e, std::vector<counted> all,
                                  const evaluation_result& stated) {
  std::map<std::string, std::size_t> events{{"keep", 0}, {"trim", 0}, {"adopt", 0}, {"abstain", 0}};
  const std::string column = stated.mode + "_storage_update";
  for (std::size_t i = 0; i < e.size(); ++i) {
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    const double before = e.samples.real(i, "radius_" + stated.mode);
    const double after = e.samples.real(i, "radius_" + column);
    f.check(after >= 0.0 && after <= before, sample + "storage-update made its radius larger");
    const std::string& outcome = e.samples.text(i, "outcome_" + column);
    if (outcome == "adopted_in_storage") {
      f.check(after == 0.0, sample + "it adopted a label and kept a radius");
      ++events["adopt"];
    } else {
      f.check(outcome == e.samples.text(i, "outcome_" + stated.mode), sample + "storage-update changed its outcome");
      ++events[all[i].label == abstain ? "abstain" : after < before ? "trim" : "keep"];
    }
    all[i].radius = after;
  }
  f.check(events == stated.storage_events, "storage_events are not those of the samples");
  return all;
}

void check_summary(findings& f, const ballot_evidence& e, const std::vector<counted>& all, const plain_mode& m,
                   const evaluation_result& stated, std::size_t poisoned) {
  const auto n = static_cast<double>(all.size());
  std::vector<bool> adopted(all.size());
  for (std::size_t i = 0; i < all.size() && stated.storage_update; ++i) {
    adopted[i] = e.samples.text(i, "outcome_" + stated.mode + "_storage_update") == "adopted_in_storage";
  }
  const auto share = [&](auto&& holds) {
    double sum = 0.0;
    for (std::size_t i = 0; i < all.size(); ++i) sum += static_cast<double>(holds(i));
    return sum / n;
  };
  const auto right = [&](std::size_t i, std::int64_t label) { return label == e.samples.integer(i, "label"); };
  f.check(stated.n == all.size(), "n is not the number of samples");
  const double sure = share([&](std::size_t i) { return !adopted[i] && right(i, all[i].predicted); });
  const double open = share([&](std::size_t i) { return adopted[i]; });
  f.check(stated.empirical_accuracy >= sure - 1e-9 && stated.empirical_accuracy <= sure + open + 1e-9,
          concatenate("empirical_accuracy is stated as ", stated.empirical_accuracy, ", recomputed as ", sure));
  f.check_number("abstain_rate", stated.abstain_rate,
                 share([&](std::size_t i) { return !adopted[i] && all[i].label == abstain; }));
  for (const radius_share& p : stated.certified_accuracy) {
    f.check_number(concatenate("certified_accuracy at ", p.radius), p.value, share([&](std::size_t i) {
                     return !adopted[i] && all[i].radius > p.radius && right(i, all[i].label);
                   }));
  }
  for (const radius_share& p : stated.certified_ratio) {
    f.check_number(concatenate("certified_ratio at ", p.radius), p.value,
                   share([&](std::size_t i) { return !adopted[i] && all[i].radius > p.radius; }));
  }
  f.check_number("average_certified_radius", stated.average_certified_radius,
                 share([&](std::size_t i) { return !adopted[i] && right(i, all[i].label) ? all[i].radius : 0.0; }));
  f.check_number("certified_against_this_attack", stated.certified_against_this_attack, share([&](std::size_t i) {
                   return all[i].label != abstain && m.covers(all[i].budget) && right(i, all[i].label);
                 }));
  f.check(stated.delta_r.rows == std::max<std::size_t>(1, poisoned), "delta_r.rows is not the number of poisoned rows");
  std::vector<double> norms;
  for (const counted& c : all) norms.push_back(m.per_pattern(c.budget, stated.delta_r.rows));
  std::ranges::sort(norms);
  f.check_number("delta_r.per_pattern", stated.delta_r.per_pattern,
                 0.5 * (norms[(norms.size() - 1) / 2] + norms[norms.size() / 2]));
}

void check_mode(findings& f, const plain_mode& m, const evaluation_result& stated, const run_results& run) {
  f.check(stated.certified == m.certified, m.certified ? "is marked as not certified" : "is marked as certified");
  f.check(stated.conditional_on == m.conditional_on, "conditional_on is not what the mode holds fixed");
  for (const std::string& name : m.assumptions) {
    f.check(contains(run.assumptions, name), "assumptions do not name " + name);
  }
  for (const std::string& line : m.contradictions) f.check(false, line);
}

void check_defence(findings& f, const fs::path& folder, const run_results& run, const defence_result& d,
                   const std::vector<double>& norms) {
  f.at(d.name);
  f.check(fs::path(d.name).filename() == d.name, "its name is no folder's");
  const std::vector<double> sigma = read_vector(folder / d.name / "sigma_train.npy");
  const bool usable = sigma.size() == run.data.train &&
                      std::ranges::all_of(sigma, [](double s) { return std::isfinite(s) && s > 0.0; });
  f.check(usable, "sigma_train.npy: expected one positive scale a training row");
  if (!usable) return;
  double sum = 0.0;
  for (const double s : sigma) sum += s;
  f.check(d.sigma_train.min == *std::ranges::min_element(sigma), "sigma_train.min is not that of the array");
  f.check(d.sigma_train.max == *std::ranges::max_element(sigma), "sigma_train.max is not that of the array");
  f.check_number("sigma_train.mean", d.sigma_train.mean, sum / static_cast<double>(sigma.size()));
  for (const std::string inputs : {"clean", "triggered"}) {
    const std::string place = d.name + ", " + inputs;
    f.at(place);
    const ballot_evidence ballot = read_ballot(folder / d.name, inputs, !counts_votes(d.bound));
    f.check(inputs != "clean" || ballot.size() == run.data.test,
            "votes are on another number of samples than data.test");
    check_ballot(f, ballot, d, run.data.classes.size());
    const auto bounds = bound_plainly(ballot, d.bound, d.models, d.alpha);
    const mode_evidence evidence{run, d, folder / d.name, sigma, ballot.sigma_test, norms};
    bool first = true;
    for (const evaluation_result& stated : d.evaluations) {
      if (stated.inputs != inputs) continue;
      f.at(place + ", " + stated.mode + (stated.storage_update ? " + storage-update" : ""));
      try {
        const plain_mode m = state_plainly(stated.mode, evidence);
        check_mode(f, m, stated, run);
        std::vector<counted> all = check_samples(f, ballot, bounds, stated.mode, m, first);
        first = false;
        if (stated.storage_update) all = check_stored(f, ballot, std::move(all), stated);
        check_summary(f, ballot, all, m, stated, run.data.poisoned_rows);
      } catch (const std::exception& e) {
        f.check(false, e.what());
      }
    }
    f.check(!first, "no evaluation");
  }
}

struct verify_options {
  std::string folder;
  speech say;
};

void verify(const verify_options& o) {
  const fs::path folder(o.folder);
  const run_results run = read_results(folder / "results.json");
  findings f;
  check_arrays(f, folder, run);
  if (option_of(run.config, "seed_given") == "yes") {
    f.check(contains(run.assumptions, "noise_key_unknown_to_attacker"),
            "a seed was given, but assumptions do not name noise_key_unknown_to_attacker");
  }
  f.check(!run.defences.empty(), "no defence");
  const auto guarded = [&](auto&& part) {
    try {
      part();
    } catch (const std::exception& e) {
      f.check(false, e.what());
    }
  };
  std::vector<double> norms;
  guarded([&] { norms = check_patterns(f, folder, run); });
  for (const defence_result& d : run.defences) {
    guarded([&] {
      if (norms.size() == run.data.train) check_defence(f, folder, run, d, norms);
    });
  }
  std::string text = concatenate(f.checked(), " numbers checked against the raw votes and scales; ",
                                 f.violations().size(), " violations.\n");
  for (const std::string& line : f.violations()) text += "  " + line + "\n";
  text += "Not checked: regions of storage-update against each other (a run keeps no test inputs).\n";
  o.say.print({{"checked", f.checked()}, {"violations", f.violations()}}, text);
  if (!f.violations().empty()) throw violation_found{};
}

}  // namespace

command make_verify(CLI::App& program) {
  const auto o = std::make_shared<verify_options>();
  CLI::App* app = program.add_subcommand("verify", "Recompute every certificate of a run from its raw votes.");
  app->add_option("folder", o->folder, "folder that certssb run wrote")->required();
  o->say.add_to(*app);
  add_example(*app, "certssb verify demo");
  return {app, [o] { verify(*o); }};
}

}  // namespace certssb::cli
