// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rules of parts that vote: a second, plain implementation.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/check_settings.hpp"
#include "certssb/verify/check_summary.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/mode.hpp"
#include "certssb/verify/modes.hpp"
#include "certssb/verify/part_poll.hpp"
#include "certssb/verify/samples.hpp"
#include "certssb/verify/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
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
  std::size_t parts;

  [[nodiscard]] defence_options options() const { return {run, defence}; }
  [[nodiscard]] bool smoothed() const { return options().text("mode") != "parts"; }
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
      expect<data_error>(sum == 0 || sum == static_cast<std::int64_t>(models), file.string(), ": part ", j,
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

/// Brief: which parts this run's attack takes: its energy, and `paid` of the test input, reaches the budget; or a row of
/// theirs has another label.
[[nodiscard]] inline std::vector<bool> lost_parts(const part_evidence& e, const part_answers& answers,
                                                  const std::vector<double>& spent, bool labels) {
  std::vector<bool> lost(e.parts);
  for (std::size_t j = 0; j < e.parts; ++j) lost[j] = e.smoothed() && spent[j] >= answers.squares[j];
  for (std::size_t i = 0; i < e.part_of.size(); ++i) {
    const bool changed = e.attack.l2[i] > 0.0;
    if (changed && (labels || !e.smoothed())) lost[static_cast<std::size_t>(e.part_of[i])] = true;
  }
  return lost;
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
  std::vector<double> spent(
      e.parts, inputs == "triggered" ? e.run.data.trigger_l2_max * e.run.data.trigger_l2_max * test_precision : 0.0);
  for (std::size_t i = 0; i < e.part_of.size(); ++i) {
    const double ratio = e.attack.l2[i] / e.sigma[i];
    spent[static_cast<std::size_t>(e.part_of[i])] += ratio * ratio;
  }
  // The largest p with p^2 precision < energy(touched, p^2 test_precision).
  const auto reach = [&](const part_poll& poll, std::int64_t touched, double precision) {
    if (!e.smoothed()) return 0.0;
    double high = std::sqrt(poll.energy(touched) / precision);
    if (!e.joint()) return high;
    double low = 0.0;
    for (int step = 0; step < 60; ++step) {
      const double middle = 0.5 * (low + high);
      const double square = middle * middle;
      (square * precision < poll.energy(touched, square * test_precision) ? low : high) = middle;
    }
    return low;
  };

  std::vector<part_poll> polls;
  std::vector<double> radii;
  std::vector<std::int64_t> truth;
  std::vector<std::int64_t> rows;
  const std::size_t divisor = options.text("part_by") == "content" ? 2 : 1;
  double shares[4] = {};  // covered: as observed, with labels; and right: the same
  for (std::size_t i = 0; i < n; ++i) {
    const std::string sample = concatenate("sample ", samples.text(i, "id"), ": ");
    const part_poll& poll = polls.emplace_back(answers[i], classes, failures);
    const std::int64_t survived = poll.rows() < 0 ? -1 : poll.rows() / static_cast<std::int64_t>(divisor);
    rows.push_back(survived);
    truth.push_back(samples.integer(i, "label"));
    radii.push_back(survived < 0 ? 0.0 : reach(poll, 0, 1.0 / (sigma * sigma)));
    f.check(samples.integer(i, "predicted") == poll.leader(), sample + "another class should be predicted");
    f.check_number(sample + "radius", samples.real(i, "radius_" + stated->mode), radii.back());
    f.check(samples.integer(i, "rows_" + stated->mode) == survived,
            sample + concatenate("its rows should be ", survived));
    f.check(samples.text(i, "outcome_" + stated->mode) == (survived < 0 ? "bounds_overlap" : "certified"),
            sample + "its outcome is not that of the votes");
    for (const bool labels : {false, true}) {
      const std::vector<bool> lost = lost_parts(e, answers[i], spent, labels);
      const auto changed =
          static_cast<std::int64_t>(std::ranges::count_if(e.attack.l2, [](double length) { return length > 0.0; }));
      const bool covered = divisor == 1 ? poll.stays(lost) : survived >= 0 && 2 * changed <= poll.rows();
      shares[labels ? 1 : 0] += covered ? 1.0 : 0.0;
      shares[labels ? 3 : 2] += covered && poll.leader() == truth.back() ? 1.0 : 0.0;
    }
  }
  const auto share = [&](auto&& holds) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += holds(i) ? 1.0 : 0.0;
    return sum / static_cast<double>(n);
  };
  const auto right = [&](std::size_t i) { return polls[i].leader() == truth[i]; };
  f.check(stated->n == n, "n is not the number of samples");
  f.check(stated->certified && stated->conditional_on == m.conditional_on, "it is not described as the mode is");
  f.check_number("empirical_accuracy", stated->empirical_accuracy, share(right));
  f.check_number("abstain_rate", stated->abstain_rate, share([&](std::size_t i) { return rows[i] < 0; }));
  for (const radius_share& p : stated->certified_accuracy) {
    f.check_number(concatenate("certified_accuracy at ", p.radius), p.value,
                   share([&](std::size_t i) { return radii[i] > p.radius && right(i); }));
  }
  for (const radius_share& p : stated->certified_ratio) {
    f.check_number(concatenate("certified_ratio at ", p.radius), p.value,
                   share([&](std::size_t i) { return radii[i] > p.radius; }));
  }
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) mean += right(i) ? radii[i] / static_cast<double>(n) : 0.0;
  f.check_number("average_certified_radius", stated->average_certified_radius, mean);
  std::vector<double> survived;
  for (const std::int64_t r : rows) survived.push_back(static_cast<double>(std::max<std::int64_t>(0, r)));
  f.check_number("rows.median", stated->rows.median, median(survived));
  for (const rows_share& p : stated->rows.certified_accuracy) {
    f.check_number(concatenate("rows.certified_accuracy at ", p.rows), p.value,
                   share([&](std::size_t i) { return rows[i] >= static_cast<std::int64_t>(p.rows) && right(i); }));
  }
  for (const frontier_point& p : stated->frontier) {
    std::vector<double> left;
    const auto touched = static_cast<std::int64_t>(p.rows);
    for (std::size_t i = 0; i < n; ++i) {
      left.push_back(touched > rows[i] ? 0.0 : reach(polls[i], touched, 1.0 / (sigma * sigma)));
    }
    f.check_number(concatenate("frontier at ", p.rows, " rows"), p.radius, median(std::move(left)));
  }
  const auto of = [&](int which) { return shares[which] / static_cast<double>(n); };
  f.check_number("attack_covered.labels_as_observed", stated->attack_covered.labels_as_observed, of(0));
  f.check_number("attack_covered.labels_covered", stated->attack_covered.labels_covered, of(1));
  f.check_number("attack_covered_and_right.labels_as_observed", stated->attack_covered_and_right.labels_as_observed,
                 of(2));
  f.check_number("attack_covered_and_right.labels_covered", stated->attack_covered_and_right.labels_covered, of(3));
  const auto check_cover = [&](const std::string& name, const pattern_cover& cover) {
    std::vector<double> norms;
    std::vector<double> precisions;
    for (const double s : e.sigma) precisions.push_back(1.0 / (s * s));
    const double precision = sum_of_largest(precisions, cover.rows);
    for (std::size_t i = 0; i < n; ++i) norms.push_back(rows[i] < 0 ? 0.0 : reach(polls[i], 0, precision));
    f.check_number(concatenate(name, " for ", cover.rows, " rows"), cover.per_pattern, median(std::move(norms)));
  };
  check_cover("delta_r", stated->delta_r);
  for (const pattern_cover& cover : stated->delta_r_assumed) check_cover("delta_r_assumed", cover);
}

/// Brief: checks a defence whose parts vote: the cut, and every number on both sets of test inputs.
inline void check_parts(findings& f, const std::filesystem::path& folder, const run_results& run,
                        const defence_result& d, const std::vector<double>& sigma, const attack_evidence& attack) {
  f.at(d.name);
  const defence_options options(run, d);
  const double stated = options.number("parts");
  expect<data_error>(stated >= 1.0 && stated == std::floor(stated) && stated <= static_cast<double>(run.data.train),
                     "parts: expected a number from 1 to the training rows, got ", stated);
  const auto parts = static_cast<std::size_t>(stated);
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
  const part_evidence e{run, d, folder / d.name, sigma, attack, part_of, parts};
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
