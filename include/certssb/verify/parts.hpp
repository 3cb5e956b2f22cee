// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rules of parts that vote: a second, plain implementation.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/check_settings.hpp"
#include "certssb/verify/elections.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/mode.hpp"
#include "certssb/verify/modes.hpp"
#include "certssb/verify/part_poll.hpp"
#include "certssb/verify/regions.hpp"
#include "certssb/verify/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: one defence of parts on one set of test inputs.
struct part_evidence {
  const run_results& run;
  const defence_result& defence;
  std::filesystem::path folder;  ///< of the defence
  const std::vector<double>& sigma;
  const attack_evidence& attack;
  const std::vector<std::int64_t>& part_of;
  std::size_t parts;                      ///< models, where parts overlap
  std::vector<std::int64_t> shifts = {};  ///< of finite aggregation

  [[nodiscard]] defence_options options() const { return {run, defence}; }
  [[nodiscard]] bool smoothed() const { return options().text("mode") != "parts"; }
  [[nodiscard]] std::string election() const { return election_of(defence); }
  [[nodiscard]] bool runs_off() const { return election() == "run-off"; }
  [[nodiscard]] bool joint() const { return options().text("mode").ends_with("+joint"); }
};

/// Brief: the answers of all parts from the members' votes, or from the one vote of each part.
/// Shapes: result [n].
[[nodiscard]] inline std::vector<part_answers> read_answers(const part_evidence& e, const std::string& inputs,
                                                            std::size_t n, std::size_t classes, const mode& m,
                                                            double level) {
  std::vector<part_answers> all(n);
  if (!e.smoothed()) {
    const auto file = e.folder / ("member_votes_" + inputs + ".npy");
    const npy_array<std::int64_t> votes = read_npy_integers(file);
    expect<data_error>(votes.shape == std::vector<std::size_t>{e.parts, n}, file.string(), ": expected shape [",
                       e.parts, ",", n, "]");
    for (std::size_t at = 0; at < votes.values.size(); ++at) {
      const std::int64_t label = votes.values[at];
      expect<data_error>(label >= 0 && std::cmp_less(label, classes), file.string(), ": ", label, " is no class");
      all[at % n].labels.push_back(label);
      all[at % n].squares.push_back(0.0);
    }
    return all;
  }
  const auto file = e.folder / ("part_votes_" + inputs + ".npy");
  const npy_array<std::int64_t> votes = read_npy_integers(file);
  expect<data_error>(votes.shape == std::vector<std::size_t>{e.parts, n, classes}, file.string(), ": expected shape [",
                     e.parts, ",", n, ",", classes, "]");
  const auto models = static_cast<double>(e.defence.models);
  std::map<std::int64_t, double> budgets;
  for (std::size_t j = 0; j < e.parts; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto counts = std::span(votes.values).subspan((j * n + i) * classes, classes);
      const auto top = std::ranges::max_element(counts);
      std::int64_t sum = 0;
      for (const std::int64_t count : counts) sum += count >= 0 ? count : std::int64_t{1} << 40U;
      // Of models from elsewhere some may not have voted.
      const bool few = !e.run.data.attacked && sum < static_cast<std::int64_t>(models);
      expect<data_error>(sum == 0 || few || sum == static_cast<std::int64_t>(models), file.string(), ": part ", j,
                         ": its votes are not one per model");
      const auto [found, unknown] = budgets.try_emplace(*top);
      if (unknown) {
        const double lower = std::clamp(exact_binomial(static_cast<double>(*top), models, 0.5 * level), 0.0, 1.0);
        found->second = m.budget(lower, 1.0 - lower);
      }
      all[i].labels.push_back(found->second > 0.0 ? top - counts.begin() : -1);
      all[i].squares.push_back(found->second * found->second);
    }
  }
  return all;
}

/// Brief: every model's order of the classes, sample by sample; nothing but for a run-off.
/// Shapes: result [n], of [k,K].
[[nodiscard]] inline std::vector<std::vector<std::int64_t>> read_orders(const part_evidence& e,
                                                                        const std::string& inputs, std::size_t n,
                                                                        std::size_t classes) {
  std::vector<std::vector<std::int64_t>> all;
  if (!e.runs_off()) return all;
  const auto file = e.folder / ("preferences_" + inputs + ".npy");
  const npy_array<std::int64_t> orders = read_npy_integers(file);
  expect<data_error>(orders.shape == std::vector<std::size_t>{e.parts, n, classes}, file.string(), ": expected shape [",
                     e.parts, ",", n, ",", classes, "]");
  all.resize(n);
  for (std::size_t at = 0; at < orders.values.size(); at += classes) {
    const auto order = std::span(orders.values).subspan(at, classes);
    std::vector<bool> seen(classes);
    for (const std::int64_t label : order) {
      const bool is_class = label >= 0 && std::cmp_less(label, classes);
      expect<data_error>(is_class && !seen[static_cast<std::size_t>(label)], file.string(), ": the order of part ",
                         at / classes / n, " is no permutation of the classes");
      seen[static_cast<std::size_t>(label)] = true;
    }
    all[at / classes % n].insert(all[at / classes % n].end(), order.begin(), order.end());
  }
  return all;
}

/// Brief: which parts this run's attack takes: its energy, and `paid` of the test input, reaches the budget; or a row of
/// theirs has another label.
[[nodiscard]] inline std::vector<bool> lost_parts(const part_evidence& e, const part_answers& answers,
                                                  const std::vector<double>& spent, bool labels) {
  std::vector<bool> lost(e.parts);
  for (std::size_t j = 0; j < e.parts; ++j) lost[j] = e.smoothed() && spent[j] >= answers.squares[j];
  const std::vector<std::int64_t> one{0};
  for (std::size_t i = 0; i < e.part_of.size(); ++i) {
    const bool changed = (labels && e.attack.relabelled[i]) || (e.attack.l2[i] > 0.0 && !e.smoothed());
    if (!changed) continue;
    for (const std::int64_t shift : e.shifts.empty() ? one : e.shifts) {
      lost[static_cast<std::size_t>(e.part_of[i] + shift) % e.parts] = true;
    }
  }
  return lost;
}

/// Brief: the largest p with p^2 precision < energy(touched, p^2 test_precision).
[[nodiscard]] inline double reach_of(const part_poll& poll, std::int64_t touched, double precision,
                                     double test_precision) {
  double high = std::sqrt(poll.energy(touched) / precision);
  if (!(test_precision > 0.0)) return high;
  double low = 0.0;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    const double square = middle * middle;
    (square * precision < poll.energy(touched, square * test_precision) ? low : high) = middle;
  }
  return low;
}

/// Brief: checks one set of test inputs against the votes of the parts.
inline void check_part_inputs(findings& f, const part_evidence& e, const std::string& inputs, const mode& m) {
  const auto stated = std::ranges::find(e.defence.evaluations, inputs, &evaluation_result::inputs);
  if (stated == e.defence.evaluations.end()) return;
  f.at(e.defence.name + ", " + inputs + ", " + stated->mode);
  const sample_table samples(e.folder / ("samples_" + inputs + ".csv"));
  const std::size_t n = samples.size();
  const std::size_t classes = e.run.data.classes.size();
  const defence_options options = e.options();
  double level = 0.0;
  std::size_t failures = 0;
  if (e.smoothed()) {
    level = options.number("alpha_part");
    expect<data_error>(level > 0.0 && level < 1.0, "alpha_part must lie in (0,1), got ", level);
    failures = failures_of(e.parts, level, e.defence.alpha);
    f.check(e.parts > 1 || level == e.defence.alpha, "one part reports at alpha itself");
    f.check(options.number("failures") == static_cast<double>(failures),
            concatenate("failures are stated as ", options.text("failures"), ", recomputed as ", failures));
  }
  const auto answers = read_answers(e, inputs, n, classes, m, level);
  const double sigma = smallest(e.sigma);
  double test_precision = 0.0;  // of a move of the test input, with +joint
  if (e.joint()) {
    const double scale = options.number("test_noise_scale");
    test_precision = static_cast<double>(options.test_draws()) / (scale * scale);
  }
  const double trigger = std::min(e.run.data.trigger_l2_max, unknown_length);
  std::vector<double> spent(e.parts, inputs == "triggered" ? trigger * trigger * test_precision : 0.0);
  for (std::size_t i = 0; i < e.part_of.size(); ++i) {
    const double ratio = e.attack.l2[i] / e.sigma[i];
    spent[static_cast<std::size_t>(e.part_of[i])] += ratio * ratio;
  }
  const auto reach = [&](const part_poll& poll, std::int64_t touched, double precision) {
    return e.smoothed() ? reach_of(poll, touched, precision, test_precision) : 0.0;
  };

  const auto orders = read_orders(e, inputs, n, classes);
  const std::int64_t changed = std::ranges::count_if(e.attack.l2, [](double length) { return length > 0.0; });
  const std::int64_t poisoned = rows_changed(e.attack);
  std::vector<part_poll> polls;
  region_claims claims;
  const std::int64_t divisor = options.text("part_by") == "content" ? 2 : 1;
  for (std::size_t i = 0; i < n; ++i) {
    part_poll& poll = polls.emplace_back(answers[i], classes, failures);
    if (!e.shifts.empty() || e.runs_off()) {
      const elected found =
          e.runs_off() ? elect_run_off(orders[i], classes) : elect_finite(answers[i].labels, classes, e.shifts);
      poll.decide(found.leader, found.rows);
    }
    const std::int64_t survived = poll.rows() < 0 ? -1 : poll.rows() / divisor;
    region_sample& own = claims.samples.emplace_back();
    own = {
        poll.leader(), samples.integer(i, "label"), survived, 0.0, survived < 0 ? "bounds_overlap" : "certified", {}};
    if (survived >= 0) own.radius = reach(poll, 0, 1.0 / (sigma * sigma));
    for (const bool labels : {false, true}) {
      const std::vector<bool> lost = lost_parts(e, answers[i], spent, labels);
      const std::int64_t touched = labels ? poisoned : changed;
      const bool stays = e.runs_off() ? run_off_stays(orders[i], classes, poll.leader(), lost) : poll.stays(lost);
      own.covered[labels ? 1 : 0] = divisor == 1 ? stays : survived >= 0 && 2 * touched <= poll.rows();
    }
  }
  std::vector<double> precisions;
  for (const double s : e.sigma) precisions.push_back(1.0 / (s * s));
  claims.radius_at = [&](std::size_t i, std::int64_t touched) {
    return reach(polls[i], touched, 1.0 / (sigma * sigma));
  };
  claims.per_pattern = [&](std::size_t i, std::size_t rows) {
    return reach(polls[i], 0, sum_of_largest(precisions, rows));
  };
  f.check(stated->certified && stated->conditional_on == m.conditional_on, "it is not described as the mode is");
  check_region_samples(f, samples, stated->mode, claims);
  check_region_summary(f, *stated, claims, e.run);
}

/// Brief: checks a defence whose parts vote: the cut, and every number on both sets of test inputs.
inline void check_parts(findings& f, const std::filesystem::path& folder, const run_results& run,
                        const defence_result& d, const std::vector<double>& sigma, const attack_evidence& attack) {
  f.at(d.name);
  const defence_options options(run, d);
  const double stated = options.number("parts");
  expect<data_error>(stated >= 1.0 && stated == std::floor(stated) && stated <= static_cast<double>(run.data.train),
                     "parts: expected a number from 1 to the training rows, got ", stated);
  auto parts = static_cast<std::size_t>(stated);
  const std::string election = election_of(d);
  std::vector<std::int64_t> shifts;
  if (election.starts_with("finite:")) {
    shifts = read_npy_integers(folder / d.name / "shifts.npy").values;
    expect<data_error>(
        election == concatenate("finite:", shifts.size()) && !shifts.empty() && shifts.size() <= run.data.train / parts,
        "shifts.npy: ", shifts.size(), " shifts are not those of election ", election);
    parts *= shifts.size();
    std::vector<std::int64_t> sorted(shifts);
    std::ranges::sort(sorted);
    expect<data_error>(sorted.front() >= 0 && std::cmp_less(sorted.back(), parts) &&
                           std::ranges::adjacent_find(sorted) == sorted.end(),
                       "shifts.npy: expected different shifts below ", parts);
  } else {
    f.check(election == "plurality" || election == "run-off", "election " + election + " cannot be verified");
  }
  const std::vector<std::int64_t> part_of = read_npy_integers(folder / d.name / "part_of_row.npy").values;
  expect<data_error>(part_of.size() == run.data.train, "part_of_row.npy: expected the part of ", run.data.train,
                     " rows, got ", part_of.size());
  std::vector<std::size_t> sizes(parts);
  for (const std::int64_t part : part_of) {
    expect<data_error>(part >= 0 && std::cmp_less(part, parts), "part_of_row.npy: expected parts below ", parts,
                       ", got ", part);
    ++sizes[static_cast<std::size_t>(part)];
  }
  f.check(options.text("part_by") != "position" || std::ranges::max(sizes) - std::ranges::min(sizes) <= 1,
          "parts by position differ in size by more than one row");
  const part_evidence e{run, d, folder / d.name, sigma, attack, part_of, parts, shifts};
  const std::string base = options.text("mode").substr(0, options.text("mode").find('+'));
  for (const std::string& inputs : input_sets()) {
    const mode_source source{run, d, folder / d.name, sigma, sigma, attack, 0.0};
    const mode m = e.smoothed() ? state_mode(base, source) : mode{};
    f.guard([&] { check_part_inputs(f, e, inputs, m); });
  }
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
