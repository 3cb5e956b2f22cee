// SPDX-License-Identifier: MIT
#pragma once
// Brief: the folder of a small run, made by hand: one defence under uniform noise, four training rows of which one is
// poisoned, three clean and two triggered samples, 20 models. Its numbers follow from closed forms.

#include "certssb/core/normal.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/json.hpp"
#include "certssb/verify/verify_run.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace verify_test {

using namespace certssb;

inline constexpr double sigma = 0.5;
inline constexpr double alpha = 0.002;
inline constexpr std::int64_t models = 20;

/// One sample: its id, the class it is of, and the models that vote for class 0.
struct made_sample {
  std::int64_t id;
  std::int64_t label;
  std::int64_t votes;

  [[nodiscard]] std::int64_t predicted() const { return 2 * votes >= models ? 0 : 1; }
  [[nodiscard]] bool right() const { return predicted() == label; }
  /// Clopper and Pearson's lower bound at alpha/2; (alpha/2)^(1/20) where all models agree.
  [[nodiscard]] double lower() const {
    const double most = static_cast<double>(std::max(votes, models - votes));
    if (most == models) return std::pow(0.5 * alpha, 1.0 / models);
    return boost::math::binomial_distribution<>::find_lower_bound_on_p(models, most, 0.5 * alpha);
  }
  [[nodiscard]] double budget() const { return lower() > 0.5 ? normal_quantile(lower()) : 0.0; }
  [[nodiscard]] double radius() const { return sigma * budget(); }
};

using made_samples = std::vector<made_sample>;

class made_run {
public:
  /// The triggered samples of an honest run are the clean ones of label 0.
  explicit made_run(const made_samples& clean = {{100, 0, 20}, {101, 1, 0}, {102, 0, 11}},
                    const made_samples& triggered = {{100, 0, 20}, {102, 0, 0}}) {
    results = json::parse(R"({"schema": 2, "version": "0.2.0", "complete": true,
      "build": {"compiler": "some compiler", "instruction_set": "some machine"},
      "config": {"dataset": "idx:somewhere", "classes": "8,7", "train_rows": null, "test_rows": null,
                 "attack": "one-pixel", "delta": 0.25, "rate": 0.25, "target": 1, "label_map": "all-to-one",
                 "seed": 12345678901234567, "data_seed": 5, "keep_votes": false, "sigma": 0.5, "models": 20, "alpha": 0.002, "bound": "clopper-pearson", "radii": [0, 0.1, 0.5],
                 "defences": ["rab"], "stop_at_radius": null, "test_noise_scale": "0.5", "seed_given": false},
      "assumptions": ["constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                      "models_independent", "keyed_words_as_random"],
      "arrays": {},
      "data": {"train": 4, "test": 3, "poisoned_rows": 1, "classes": [7, 8], "pattern_l2_max": 0.2,
               "pattern_l2_frobenius": 0.2, "trigger_l2_max": 0.25, "pattern_l1_sum": 0.3, "row_size": 9, "row_shape": [9]},
      "undefended": {"clean_accuracy": 1, "attack_success_rate": 1},
      "defences": [{"name": "rab", "models": 20, "alpha": 0.002, "bound": "clopper-pearson",
        "sigma_train": {"min": 0.5, "mean": 0.5, "max": 0.5}, "settings": {"test_noise": "one"}, "evaluations": []}],
      "timing": {"train_samples_per_s": 1, "ascent_s": 0, "certify_s": 0, "storage_s": 0, "total_s": 1, "threads": 1},
      "examples": []})");
    make_folder(path("rab"));
    put_integers("poisoned_rows.npy", {1}, {2});
    put_reals("pattern_norms.npy", {1}, {0.2});
    put_reals("pattern_norms_l1.npy", {1}, {0.3});
    put_reals("rab/sigma_train.npy", {4}, std::vector<double>(4, sigma));
    put("report.html", "<html></html>");
    results["data"]["test"] = clean.size();
    add("clean", clean);
    add("triggered", triggered);
    publish();
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name = "") const { return folder_.path() / name; }
  [[nodiscard]] std::string read(const std::string& name) const { return read_file(path(name)); }

  /// Writes a file and lists it.
  void put(const std::string& name, const std::string& content) {
    write_file(path(name), content);
    results["arrays"][name] = sha256(content);
  }
  void put_reals(const std::string& name, const std::vector<std::size_t>& shape, const std::vector<double>& values) {
    put(name, npy_bytes(shape, std::span<const double>(values)));
  }
  void put_integers(const std::string& name, const std::vector<std::size_t>& shape,
                    const std::vector<std::int64_t>& values) {
    put(name, npy_bytes(shape, std::span<const std::int64_t>(values)));
  }
  /// Writes the results, and the list of all files.
  void publish() const {
    write_file(path("results.json"), results.dump());
    std::map<std::string, std::uintmax_t> sizes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      if (!entry.is_directory()) sizes[entry.path().lexically_relative(path()).string()] = entry.file_size();
    }
    sizes.erase("files.txt");
    std::string list = results.value("complete", true) ? "certssb run 1 complete\n" : "certssb run 1 incomplete\n";
    for (const auto& [name, size] : sizes) list += concatenate(size, " ", name, "\n");
    write_file(path("files.txt"), list);
  }

  [[nodiscard]] verify_report verify() const {
    publish();
    return verify_run(path());
  }

  /// That a violation, or the refusal of the results, names what is wrong.
  void finds(const std::string& naming) const {
    publish();
    finds_as_it_is(naming);
  }

  /// The same of the files as they are.
  void finds_as_it_is(const std::string& naming) const {
    std::string said;
    try {
      const verify_report report = verify_run(path());
      for (const std::string& line : report.violations) said += line + '\n';
    } catch (const data_error& refusal) {
      said = refusal.what();
    }
    CHECK(!said.empty());
    CHECK_THAT(said, Catch::Contains(naming));
  }

  json results;

private:
  void add(const std::string& inputs, const made_samples& samples) {
    csv_table table(
        {"id", "label", "predicted", "votes", "lower", "budget", "sigma", "radius_uniform", "outcome_uniform"});
    std::vector<std::int64_t> votes;
    for (const made_sample& s : samples) {
      votes.insert(votes.end(), {s.votes, models - s.votes});
      table.add(s.id).add(s.label).add(s.predicted()).add(concatenate(s.votes, " ", models - s.votes));
      table.add(s.lower()).add(s.budget()).add(sigma).add(s.radius());
      table.add(s.budget() > 0.0 ? "certified" : "bound_not_above_half");
    }
    put_integers("rab/votes_" + inputs + ".npy", {samples.size(), 2}, votes);
    put_reals("rab/sigma_test_" + inputs + ".npy", {samples.size()}, std::vector<double>(samples.size(), sigma));
    put("rab/samples_" + inputs + ".csv", table.text());
    results["defences"][0]["evaluations"].push_back(evaluation(inputs, samples));
  }

  [[nodiscard]] static json evaluation(const std::string& inputs, const made_samples& samples) {
    const auto share = [&](const auto& of) {
      double sum = 0.0;
      for (const made_sample& s : samples) sum += static_cast<double>(of(s));
      return sum / static_cast<double>(samples.size());
    };
    json accuracy = json::array();
    json ratio = json::array();
    for (const double radius : {0.0, 0.1, 0.5}) {
      accuracy.push_back({{"radius", radius},
                          {"value", share([&](const made_sample& s) { return s.radius() > radius && s.right(); })}});
      ratio.push_back(
          {{"radius", radius}, {"value", share([&](const made_sample& s) { return s.radius() > radius; })}});
    }
    // Both medians are those of samples on which all models agree: 0.5473 * 0.5 on one row of scale 0.5.
    const json cover = {{"rows", 1}, {"per_pattern", samples[0].radius()}};
    return {{"inputs", inputs},
            {"mode", "uniform"},
            {"certified", true},
            {"norm", "l2"},
            {"assumptions",
             {"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read", "models_independent",
              "keyed_words_as_random"}},
            {"conditional_on", json::array()},
            {"storage_update", false},
            {"n", samples.size()},
            {"empirical_accuracy", share([](const made_sample& s) { return s.right(); })},
            {"certified_accuracy", accuracy},
            {"certified_ratio", ratio},
            {"abstain_rate", share([](const made_sample& s) { return s.budget() == 0.0; })},
            {"average_certified_radius",
             share([](const made_sample& s) { return s.right() && s.budget() > 0.0 ? s.radius() : 0.0; })},
            {"delta_r", cover},
            {"delta_r_assumed", json::array({cover})},
            {"rows",
             {{"median", 0},
              {"certified_accuracy",
               {{{"rows", 0}, {"value", share([](const made_sample& s) { return s.budget() > 0.0 && s.right(); })}}}}}},
            {"frontier", {{{"rows", 0}, {"radius", samples[0].radius()}}}},
            {"attack_covered",
             {{"labels_as_observed", share([](const made_sample& s) { return s.budget() > 0.2 / sigma; })},
              {"labels_covered", 0}}},
            {"attack_covered_and_right",
             {{"labels_as_observed", share([](const made_sample& s) { return s.budget() > 0.2 / sigma && s.right(); })},
              {"labels_covered", 0}}},
            {"certified_against_this_attack", 0}};
  }

  detail::temporary_folder folder_;
};

}  // namespace verify_test
