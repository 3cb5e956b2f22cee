// SPDX-License-Identifier: MIT
#include "verify_samples.hpp"

#include "arrays.hpp"
#include "certssb/core/label.hpp"
#include "recompute_storage.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

namespace certssb::cli {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Hard votes of sample i, from every member's scores.
std::vector<std::int64_t> recount(const ballot_evidence& e, std::size_t i) {
  std::vector<std::int64_t> counts(e.classes());
  for (std::size_t m = 0; m < e.scores.shape[0]; ++m) {
    const auto row = std::span(e.scores.values).subspan((m * e.size() + i) * e.classes(), e.classes());
    ++counts[static_cast<std::size_t>(std::ranges::max_element(row) - row.begin())];
  }
  return counts;
}

std::string joined(std::span<const std::int64_t> counts) {
  std::string line;
  for (const std::int64_t count : counts) {
    if (!line.empty()) line += ' ';
    line += std::to_string(count);
  }
  return line;
}

void check_test_scales(findings& f, const mode_evidence& e) {
  const auto [least, most] = std::ranges::minmax(e.sigma_test);
  f.check(std::isfinite(least) && std::isfinite(most) && least > 0.0, "its test scales are not finite and positive");
  if (e.setting("test_noise_scale") == "own") {
    f.check(least >= e.number("sigma_min") * (1.0 - 1e-12) && most <= e.number("sigma_max") * (1.0 + 1e-12),
            concatenate("its test scales, ", least, " to ", most, ", are not between sigma_min and sigma_max"));
  } else {
    const double common = e.number("test_noise_scale");
    f.check(least == common && most == common,
            concatenate("its test scales, ", least, " to ", most, ", are not the one that was set, ", common));
  }
}

const std::string& outcome_of(const plain_bound& bound, bool named, bool certified) {
  static const std::string outcomes[] = {"certified", "published", "nothing_left", "bound_not_above_half",
                                         "bounds_overlap"};
  if (named) return outcomes[certified ? 0 : 1];
  if (bound.lower > bound.upper) return outcomes[2];
  return outcomes[bound.upper == 1.0 - bound.lower ? 3 : 4];
}

std::vector<plain_answer> stored_answers(const std::vector<counted>& all, const evaluation_result& stated,
                                         const mode_evidence& e) {
  const auto file = e.folder.parent_path() / ("inputs_" + stated.inputs + ".npy");
  const npy_array<double> inputs = read_npy_reals(file);
  expect<data_error>(inputs.shape.size() == 2 && inputs.shape[0] == all.size() && inputs.shape[1] > 0, file.string(),
                     ": expected inputs of shape [", all.size(), ",d]");
  std::vector<std::int64_t> labels;
  std::vector<double> radii;
  for (const counted& c : all) {
    labels.push_back(c.label);
    radii.push_back(c.radius);
  }
  return update_storage_plainly(inputs.values, labels, radii, option_of(e.run.config, "storage"));
}

/// Adopted samples claim nothing; trimmed ones less.
void apply_storage(counted& c, const plain_answer& answer) {
  if (answer.event == "adopt") {
    c = {answer.label, answer.label, 0.0, 0.0, "adopted_in_storage"};
  } else if (answer.event == "trim") {
    c.budget *= answer.radius / c.radius;
    c.radius = answer.radius;
  }
}

/// The predictor that remembers claims what it stored.
void apply_memory(counted& c, const plain_answer& answer) {
  const bool claimed = c.radius > 0.0;
  if (answer.radius > 0.0) {
    c = {answer.label, answer.label, 0.0, answer.radius, "certified"};
  } else {
    c = {c.predicted, abstain, 0.0, 0.0, claimed ? "nothing_left" : c.outcome};
  }
}

}  // namespace

void check_ballot(findings& f, const ballot_evidence& e, const mode_evidence& m, const std::string& inputs) {
  const std::size_t classes = m.run.data.classes.size();
  const auto models = static_cast<std::int64_t>(m.defence.models);
  f.check(inputs != "clean" || e.size() == m.run.data.test, "votes are on another number of samples than data.test");
  expect<data_error>(e.classes() == classes, "votes are on another number of classes than data.classes");
  check_test_scales(f, m);
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto counts = std::span(e.votes.values).subspan(i * classes, classes);
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) sum = count < 0 || count > models ? -1 : sum < 0 ? sum : sum + count;
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    f.check(sum == models, sample + "its votes are not one a model");
    f.check(e.scores.values.empty() || std::ranges::equal(recount(e, i), counts),
            sample + "its votes are not those of its scores");
    f.check(e.samples.text(i, "votes") == joined(counts), sample + "its votes differ from the array's");
    f.check(e.samples.real(i, "sigma") == e.sigma_test[i], sample + "its sigma differs from the array's");
    const std::int64_t label = e.samples.integer(i, "label");
    f.check(label >= 0 && static_cast<std::size_t>(label) < classes, sample + "its label is no class");
  }
}

std::vector<counted> count_samples(const std::vector<plain_bound>& bounds, const plain_mode& m,
                                   const evaluation_result& stated, const mode_evidence& e) {
  std::vector<counted> all;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const double budget = m.budget(bounds[i].lower, bounds[i].upper);
    const bool named = budget > 0.0;
    all.push_back({bounds[i].label, named ? bounds[i].label : abstain, named ? budget : 0.0,
                   named ? m.radius(budget, i) : 0.0, outcome_of(bounds[i], named, m.certified)});
  }
  if (!stated.storage_update && !m.remembers) return all;
  const std::vector<plain_answer> answers = stored_answers(all, stated, e);
  for (std::size_t i = 0; i < all.size(); ++i) {
    (m.remembers ? apply_memory : apply_storage)(all[i], answers[i]);
  }
  return all;
}

void check_samples(findings& f, const ballot_evidence& e, const std::vector<plain_bound>& bounds,
                   const std::vector<counted>& all, const evaluation_result& stated, bool first) {
  const std::string column = stated.mode + (stated.storage_update ? "_storage_update" : "");
  for (std::size_t i = 0; i < e.size(); ++i) {
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    if (first) {
      f.check(e.samples.integer(i, "predicted") == all[i].predicted, sample + "another class should be predicted");
      f.check_number(sample + "lower", e.samples.real(i, "lower"), bounds[i].lower);
      f.check_number(sample + "budget", e.samples.real(i, "budget"), all[i].budget);
    }
    f.check_number(sample + "radius", e.samples.real(i, "radius_" + column), all[i].radius);
    f.check(e.samples.text(i, "outcome_" + column) == all[i].outcome,
            sample + "its outcome should be " + all[i].outcome);
  }
}

void check_mode(findings& f, const plain_mode& m, const evaluation_result& stated, const run_results& run) {
  f.check(stated.certified == m.certified, m.certified ? "is marked as not certified" : "is marked as certified");
  f.check(stated.norm == m.norm, "its norm is stated as " + stated.norm + ", but is " + m.norm);
  f.check(stated.conditional_on == m.conditional_on, "conditional_on is not what the mode holds fixed");
  f.check(stated.assumptions == m.assumptions, "its assumptions are not those of the mode");
  for (const std::string& name : m.assumptions) {
    f.check(contains(run.assumptions, name), "assumptions do not name " + name);
  }
  for (const std::string& line : m.contradictions) f.check(false, line);
}

namespace {

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

std::string radii_of(const std::vector<radius_share>& points) {
  std::string radii;
  for (const radius_share& p : points) {
    if (!radii.empty()) radii += ',';
    radii += concatenate(p.radius);
  }
  return radii;
}

void check_covers(findings& f, const std::vector<counted>& all, const plain_mode& m, const evaluation_result& stated,
                  const run_results& run) {
  const auto check = [&](const std::string& name, const pattern_cover& cover, std::size_t rows) {
    f.check(cover.rows == rows, concatenate(name, ": expected ", rows, " rows, got ", cover.rows));
    std::map<double, double> known{{0.0, 0.0}};
    std::vector<double> norms;
    for (const counted& c : all) {
      const double budget = c.outcome == "certified" ? c.budget : 0.0;
      const auto [found, unknown] = known.try_emplace(budget);
      if (unknown) found->second = m.per_pattern(budget, rows);
      norms.push_back(found->second);
    }
    f.check_number(concatenate(name, " for ", rows, " rows"), cover.per_pattern, median(std::move(norms)));
  };
  check("delta_r", stated.delta_r, std::max<std::size_t>(1, run.data.poisoned_rows));
  std::size_t rows = 1;
  for (const pattern_cover& cover : stated.delta_r_assumed) {
    check("delta_r_assumed", cover, rows);
    rows *= 10;
  }
  f.check(rows > run.data.train && rows / 10 <= run.data.train,
          "delta_r_assumed: expected 1, 10, 100, ... rows, up to the training rows");
}

void check_events(findings& f, const ballot_evidence& e, const evaluation_result& stated) {
  std::map<std::string, std::size_t> events{{"keep", 0}, {"trim", 0}, {"adopt", 0}, {"abstain", 0}};
  for (std::size_t i = 0; i < e.size(); ++i) {
    const double before = e.samples.real(i, "radius_" + stated.mode);
    const double after = e.samples.real(i, "radius_" + stated.mode + "_storage_update");
    const bool adopted = e.samples.text(i, "outcome_" + stated.mode + "_storage_update") == "adopted_in_storage";
    ++events[adopted ? "adopt" : before == 0.0 ? "abstain" : after < before ? "trim" : "keep"];
  }
  f.check(events == stated.storage_events, "storage_events are not those of the samples");
}

}  // namespace

void check_summary(findings& f, const ballot_evidence& e, const std::vector<counted>& all, const plain_mode& m,
                   const evaluation_result& stated, const run_results& run) {
  const auto share = [&](auto&& holds) {
    double sum = 0.0;
    for (std::size_t i = 0; i < all.size(); ++i) sum += static_cast<double>(holds(i));
    return sum / static_cast<double>(all.size());
  };
  const auto right = [&](std::size_t i, std::int64_t label) { return label == e.samples.integer(i, "label"); };
  f.check(stated.n == all.size(), "n is not the number of samples");
  f.check_number("empirical_accuracy", stated.empirical_accuracy,
                 share([&](std::size_t i) { return right(i, all[i].predicted); }));
  f.check_number("abstain_rate", stated.abstain_rate, share([&](std::size_t i) { return all[i].label == abstain; }));
  f.check(radii_of(stated.certified_accuracy) == option_of(run.config, "radii") &&
              radii_of(stated.certified_ratio) == option_of(run.config, "radii"),
          "certified_accuracy and certified_ratio are not at config.radii");
  for (const radius_share& p : stated.certified_accuracy) {
    f.check_number(concatenate("certified_accuracy at ", p.radius), p.value,
                   share([&](std::size_t i) { return all[i].radius > p.radius && right(i, all[i].label); }));
  }
  for (const radius_share& p : stated.certified_ratio) {
    f.check_number(concatenate("certified_ratio at ", p.radius), p.value,
                   share([&](std::size_t i) { return all[i].radius > p.radius; }));
  }
  f.check_number("average_certified_radius", stated.average_certified_radius,
                 share([&](std::size_t i) { return right(i, all[i].label) ? all[i].radius : 0.0; }));
  f.check_number("certified_against_this_attack", stated.certified_against_this_attack, share([&](std::size_t i) {
                   return all[i].outcome == "certified" && m.covers(all[i].budget) && right(i, all[i].label);
                 }));
  check_covers(f, all, m, stated, run);
  if (stated.storage_update) check_events(f, e, stated);
}

}  // namespace certssb::cli
