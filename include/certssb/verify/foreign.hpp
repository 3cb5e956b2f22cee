// SPDX-License-Identifier: MIT
#pragma once
// Brief: votes from elsewhere, recomputed from their folder: bounds, radii and summaries. Where the votes come from, and
// what was attacked and trained, no folder can tell.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/check_files.hpp"
#include "certssb/verify/check_summary.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/modes.hpp"
#include "certssb/verify/parts.hpp"
#include "certssb/verify/regions.hpp"
#include "certssb/verify/samples.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: what the votes of models from elsewhere are taken on trust for, whatever their mode.
inline constexpr auto trusted_of_votes =
    std::to_array<std::string_view>({"noise_key_unknown_to_attacker", "models_fixed_beforehand", "models_independent"});

/// Brief: the statement of a mode for votes from elsewhere: the rule of its budgets and radii. How the scales were chosen
/// is not asked, since nobody saw it.
/// Throws: data_error for a mode it cannot verify, and for missing or impossible evidence.
[[nodiscard]] inline mode state_foreign(std::string_view name, const mode_source& source) {
  const mode_name asked(name);
  mode m = gaussian(source);
  if (asked.base == "quantised") {
    const double least = smallest(read_vector(source.folder / "rho_train.npy"));
    m.radius = [radius = m.radius, least](double b, std::size_t i) { return std::min(least, radius(b, i)); };
    m.per_pattern = [norm = m.per_pattern, least](double b, std::size_t r) { return std::min(least, norm(b, r)); };
  } else if (asked.base == "semi_elastic") {
    const change_of_scales change{slope_of_selector(source), source.number("row_size")};
    expect<data_error>(change.d >= 1.0, "config.row_size: expected at least 1, got ", change.d);
    (source.options().text("rows_changed") == "one" ? state_elastic_one : state_elastic_many)(m, source, change);
  } else if (asked.base != "given_scales" && asked.base != "ledger") {
    rule_of(asked.base).state(m, source);
  }
  if (asked.joint) m = add_joint(std::move(m), source);
  if (asked.label_noise) m = add_label_noise(std::move(m), source);
  return m;
}

/// Brief: checks that the trust in votes from elsewhere is named, by the evaluation and by the run.
inline void check_trust(findings& f, const evaluation_result& stated, const run_results& run) {
  const auto named = [](const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const std::string_view name : trusted_of_votes) {
    if (stated.certified && stated.norm != "rows") {
      f.check(named(stated.assumptions, name), concatenate("its assumptions do not name ", name));
    }
  }
  for (const std::string& name : stated.assumptions) {
    f.check(named(run.assumptions, name), "assumptions do not name " + name);
  }
}

/// Brief: checks that the votes are possible, one per model, and those of the table of samples and of the scores.
inline void check_foreign_votes(findings& f, const ballot_evidence& e, const run_results& run, const defence_result& d,
                                bool labelled) {
  const std::size_t classes = run.data.classes.size();
  expect<data_error>(e.classes() == classes, "votes are on another number of classes than data.classes");
  f.check(e.size() == run.data.test && e.samples.size() == e.size(), "votes are on another number of samples");
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto counts = std::span(e.votes.values).subspan(i * classes, classes);
    const std::string sample = concatenate("sample ", i, ": ");
    std::int64_t left = static_cast<std::int64_t>(d.models);
    for (const std::int64_t count : counts) left = left >= 0 && count >= 0 && count <= left ? left - count : -1;
    // Some models may not have voted: a bound for k of n trials holds then too.
    f.check(left >= 0, sample + "its votes are more than there are models, or below 0");
    f.check(e.samples.text(i, "votes") == joined(counts), sample + "its votes differ from the array's");
    f.check(e.scores.values.empty() || std::ranges::equal(recount(e, i), counts),
            sample + "its votes are not those of its scores");
    f.check(e.samples.integer(i, "id") == static_cast<std::int64_t>(i), sample + "its id is not its place");
    if (!labelled) {
      f.check(e.samples.text(i, "label").empty(), sample + "it has a label, but no labels are said to be known");
      continue;
    }
    const std::int64_t label = e.samples.integer(i, "label");
    f.check(label >= 0 && std::cmp_less(label, classes), sample + "its label is no class");
  }
}

[[nodiscard]] inline ballot_evidence read_foreign_ballot(const std::filesystem::path& folder, const defence_result& d,
                                                         bool scores) {
  ballot_evidence e;
  e.votes = read_npy_integers(folder / "votes_given.npy");
  expect<data_error>(e.votes.shape.size() == 2 && e.size() > 0 && e.classes() >= 2,
                     "votes_given.npy: expected counts of shape [n,K], K >= 2");
  e.samples = sample_table(folder / "samples_given.csv");
  expect<data_error>(e.samples.size() == e.size(), "samples_given.csv: expected ", e.size(), " samples, got ",
                     e.samples.size());
  if (!scores) return e;
  e.scores = read_npy_reals(folder / "scores_given.npy");
  expect<data_error>(e.scores.shape.size() == 3 && e.scores.shape[0] == d.models && e.scores.shape[1] == e.size() &&
                         e.scores.shape[2] == e.classes(),
                     "scores_given.npy: expected scores of shape [", d.models, ",", e.size(), ",", e.classes(), "]");
  return e;
}

/// Brief: checks certificates of votes of one ensemble.
inline void check_foreign_ensemble(findings& f, const std::filesystem::path& folder, const run_results& run,
                                   const defence_result& d, const evaluation_result& stated) {
  const ballot_evidence ballot = read_foreign_ballot(folder / d.name, d, gives_scores(run));
  check_foreign_votes(f, ballot, run, d, stated.labelled);
  const defence_options options(run, d);
  f.check(options.number("alpha") == d.alpha, concatenate("alpha is stated as ", d.alpha, ", not as config.alpha"));
  std::vector<double> sigma{1.0};
  if (stated.certified) {
    sigma = read_vector(folder / d.name / "sigma_train.npy");
    const auto positive = [](double s) { return std::isfinite(s) && s > 0.0; };
    expect<data_error>(!sigma.empty() && std::ranges::all_of(sigma, positive),
                       "sigma_train.npy: expected scales above 0");
    f.check(run.data.train == 0 ? sigma.size() == 1 : sigma.size() == run.data.train,
            "sigma_train.npy is not one scale per training row, or one for all");
    f.check(d.sigma_train.min == *std::ranges::min_element(sigma), "sigma_train.min is not that of the array");
    f.check(d.sigma_train.max == *std::ranges::max_element(sigma), "sigma_train.max is not that of the array");
  }
  std::vector<double> test;
  if (std::filesystem::exists(folder / d.name / "sigma_test_given.npy")) {
    test = read_vector(folder / d.name / "sigma_test_given.npy");
    expect<data_error>(test.size() == ballot.size(), "sigma_test_given.npy: expected ", ballot.size(), " scales");
  }
  const attack_evidence none{std::vector<double>(sigma.size()), std::vector<double>(sigma.size())};
  const mode_source source{run, d, folder / d.name, sigma, test, none, 0.0};
  const mode m = state_foreign(stated.mode, source);
  f.check(stated.certified == m.certified, m.certified ? "is marked as not certified" : "is marked as certified");
  f.check(stated.norm == m.norm, "its norm is stated as " + stated.norm + ", but is " + m.norm);
  for (const std::string& line : m.contradictions) f.check(false, line);
  for (const std::string& name : m.assumptions) {
    f.check(std::ranges::find(stated.assumptions, name) != stated.assumptions.end(),
            "its assumptions do not name " + name);
  }
  const option_value* const both = find_option(run.config, "two_sided");
  const bool of_counts = count_rules().contains(d.bound);
  if ((both != nullptr && option_text(*both) == "yes") || of_counts == gives_scores(run)) {
    f.leave(
        "bounds and radii: they come from bounds on both sides, or from a bound that is known here for scores alone");
    return;
  }
  const std::vector<sample_bound> bounds = bound_samples(ballot, d.bound, d.models, d.alpha);
  const std::vector<counted> all = count_votes(bounds, m, stated, ballot);
  check_samples(f, ballot, bounds, all, stated, true);
  check_summary(f, ballot, all, m, stated, source);
}

/// Brief: the class that the one model of each part names; -1 of a part without a vote.
[[nodiscard]] inline std::vector<part_answers> read_plain_parts(const std::filesystem::path& file, std::size_t parts,
                                                                std::size_t n, std::size_t classes) {
  const npy_array<std::int64_t> votes = read_npy_integers(file);
  expect<data_error>(votes.shape == std::vector<std::size_t>{parts, n, classes}, file.string(), ": expected shape [",
                     parts, ",", n, ",", classes, "]");
  std::vector<part_answers> all(n);
  for (std::size_t at = 0; at < parts * n; ++at) {
    const auto counts = std::span(votes.values).subspan(at * classes, classes);
    const auto top = std::ranges::max_element(counts);
    const auto zeros = std::ranges::count(counts, std::int64_t{0});
    expect<data_error>(*top <= 1 && std::cmp_greater_equal(zeros + 1, classes) && std::ranges::min(counts) == 0,
                       file.string(), ": expected one vote of each part, or none");
    all[at % n].labels.push_back(*top == 1 ? top - counts.begin() : -1);
    all[at % n].squares.push_back(0.0);
  }
  return all;
}

/// Brief: checks certificates of votes of parts.
inline void check_foreign_parts(findings& f, const std::filesystem::path& folder, const run_results& run,
                                const defence_result& d, const evaluation_result& stated) {
  const defence_options options(run, d);
  const std::size_t n = run.data.test;
  const std::size_t classes = run.data.classes.size();
  const auto parts = static_cast<std::size_t>(options.number("parts"));
  const bool smoothed = !votes_plainly(d);
  const sample_table samples(folder / d.name / "samples_given.csv");
  expect<data_error>(samples.size() == n, "samples_given.csv: expected ", n, " samples, got ", samples.size());
  if (smoothed && d.bound != "clopper-pearson") {
    f.leave("certificates of parts under another bound than clopper-pearson");
    return;
  }
  const std::vector<double> sigma = smoothed ? read_vector(folder / d.name / "sigma_train.npy") : std::vector{1.0};
  const attack_evidence none{std::vector<double>(sigma.size()), std::vector<double>(sigma.size())};
  const mode_source source{run, d, folder / d.name, sigma, sigma, none, 0.0};
  const mode m = smoothed ? state_foreign(stated.mode.substr(0, stated.mode.find('+')), source) : mode{};
  const double level = smoothed ? options.number("alpha_part") : 0.0;
  const std::size_t failures = smoothed ? failures_of(parts, level, d.alpha) : 0;
  f.check(options.number("failures") == static_cast<double>(failures),
          concatenate("failures are stated as ", options.text("failures"), ", recomputed as ", failures));
  const std::vector<std::int64_t> unknown_cut;
  const part_evidence e{run, d, folder / d.name, sigma, none, unknown_cut, parts};
  const std::vector<part_answers> answers =
      smoothed ? read_answers(e, "given", n, classes, m, level)
               : read_plain_parts(folder / d.name / "part_votes_given.npy", parts, n, classes);
  double test_precision = 0.0;  // of a move of the test input, with +joint
  if (e.joint()) {
    const double scale = options.number("test_noise_scale");
    test_precision = static_cast<double>(options.test_draws()) / (scale * scale);
  }
  std::vector<part_poll> polls;
  region_claims claims;
  claims.radius_at = [&](std::size_t i, std::int64_t touched) {
    const double least = smallest(sigma);
    return smoothed ? reach_of(polls[i], touched, 1.0 / (least * least), test_precision) : 0.0;
  };
  for (std::size_t i = 0; i < n; ++i) {
    const part_poll& poll = polls.emplace_back(answers[i], classes, failures);
    const std::int64_t truth = stated.labelled ? samples.integer(i, "label") : abstain;
    claims.samples.push_back(
        {poll.leader(), truth, poll.rows(), 0.0, poll.rows() < 0 ? "bounds_overlap" : "certified", {}});
    if (poll.rows() >= 0) claims.samples.back().radius = claims.radius_at(i, 0);
  }
  f.check(stated.certified, "is marked as not certified");
  f.check(stated.delta_r_assumed.empty(), "delta_r_assumed is stated, but not known of parts from elsewhere");
  check_region_samples(f, samples, stated.mode, claims);
  check_region_summary(f, stated, claims, run);
}

/// Brief: checks a folder of votes from elsewhere.
inline void check_foreign(findings& f, const std::filesystem::path& folder, const run_results& run) {
  for (const defence_result& d : run.defences) {
    for (const evaluation_result& stated : d.evaluations) {
      f.at(d.name + ", " + stated.mode);
      f.guard([&] {
        check_trust(f, stated, run);
        if (votes_in_parts(d)) {
          check_foreign_parts(f, folder, run, d, stated);
        } else {
          check_foreign_ensemble(f, folder, run, d, stated);
        }
      });
    }
  }
  f.at("");
  f.leave("the data, the attack and the training, of which votes from elsewhere say nothing");
  f.leave("that the votes come from models trained under the stated noise: they are taken on trust");
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
