// SPDX-License-Identifier: MIT
#pragma once
// Brief: the whole flow: an attack on a data set, the defences trained on the poisoned data, their certificates, and
// the numbers of a report. With a folder, every array and picture is also kept.

#include "certssb/bound/named.hpp"
#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/core/system_key.hpp"
#include "certssb/radius/attainable.hpp"
#include "certssb/report/results.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/run/certify_outcome.hpp"
#include "certssb/run/defend.hpp"
#include "certssb/run/evaluate.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/kept_models.hpp"
#include "certssb/run/kept_run.hpp"
#include "certssb/run/run_folder.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/task_observer.hpp"
#include "certssb/run/train_undefended.hpp"
#include "certssb/run/write_run.hpp"
#include "certssb/version.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: calls with(statistic type, selection type, bound) as the settings bound votes.
template <class With>
auto with_bound(const certification_settings& c, const With& with) {
  const std::string name = c.bound_name();
  if (name == clopper_pearson::name) return with.template operator()<vote_count, no_split>(clopper_pearson{});
  if (name == jeffreys_sequence::name) return with.template operator()<vote_count, every_class>(jeffreys_sequence{});
  return with.template operator()<mean_score, no_split>(named_bound<mean_score>(name));
}

inline constexpr auto data_options = std::to_array<std::string_view>(
    {"dataset", "classes", "label_column", "header", "column_ranges", "categories", "resize", "channels", "test_share",
     "train_rows", "test_rows", "attack", "delta", "cover_rate", "picture", "target", "label_map", "model"});

inline void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace detail

/// Brief: says in one line what M and alpha can certify at best.
/// Throws: argument_error if that is nothing, unless the settings allow it.
[[nodiscard]] inline std::string best_attainable(const run_settings& s, std::size_t classes, std::size_t poisoned_rows,
                                                 bool of_images) {
  const auto models = static_cast<std::int64_t>(s.training.models);
  const double alpha = s.certification.alpha;
  const std::string bound = s.certification.bound_name();
  const double budget = detail::with_bound(s.certification, [&]<class Statistic, class Selection>(const auto& b) {
    return max_budget<Statistic, Selection>(models, alpha, b, classes);
  });
  if (budget > 0.0) {
    const std::size_t rows = std::max<std::size_t>(1, poisoned_rows);
    const double radius = budget * s.training.sigma;
    return concatenate("At best, ", models, " models at alpha ", alpha, " (", bound, ") certify ", decimal(budget, 3),
                       " noise scales: radius ", length_text(radius, of_images), " at sigma ",
                       length_text(s.training.sigma, of_images), " over all rows together, or ",
                       length_text(radius / std::sqrt(static_cast<double>(rows)), of_images), " for each of ", rows,
                       " poisoned rows.");
  }
  const std::int64_t needed = detail::with_bound(s.certification, [&]<class Statistic, class Selection>(const auto& b) {
    return models_needed<Statistic, Selection>(alpha, b, 0.0, classes);
  });
  const std::string verdict = concatenate(models, " models at alpha ", alpha, " (", bound,
                                          ") can certify nothing; at least ", needed, " are needed");
  expect(s.certification.allow_no_certificate, "models: ", verdict, ", or allow_no_certificate");
  return verdict + ".";
}

/// Brief: checks the settings against the data; returns in one line what M and alpha can certify at best.
/// Throws: argument_error if they can certify nothing, unless that is allowed, or more rows are poisoned than stated.
template <tensor Tensor>
std::string expect_attainable(const run_settings& s, const poisoned_split<Tensor>& data) {
  const std::size_t poisoned = data.train.positions.size();
  expect(s.certified.rows_changed == "many" || poisoned <= 1,
         "rows_changed: one assumes that the attack changes one training row at most, got ", poisoned, " of rate ",
         s.data.rate);
  bool ensembles = false;
  bool bags = false;
  bool exact = false;
  run_settings on_these = s;
  on_these.parts.training_rows = data.train.data.size();
  for (const std::string& name : s.defence_names()) {
    const defence_settings d = on_these.defence(name);
    const bool without_models = facts_of(d.mode.base).training == member_training::neighbours;
    exact = exact || without_models;
    ensembles = ensembles || (d.noised() && d.parts == 1 && !without_models);
    bags = bags || d.bagged();
    expect(d.neighbours <= data.train.data.size(), "neighbours: expected at most the ", data.train.data.size(),
           " training rows, got ", d.neighbours);
  }
  if (!ensembles && !bags && exact) return "No models vote: what is certified does not rest on their number.";
  if (!ensembles && !bags)
    return "No noise lies on the whole training set: what is certified does not rest on its scale.";
  std::string best = best_attainable(s, data.train.data.classes(), poisoned, data.clean.row_shape().size() == 3);
  return ensembles ? best : "Members on bags vote: whole rows are certified.";
}

/// Brief: the number of rows that the settings set aside for a selector.
[[nodiscard]] inline std::size_t trusted_rows_of(const run_settings& s) {
  for (const std::string& name : s.defence_names()) {
    if (facts_of(s.defence(name).mode.base).training == member_training::selector) return s.certified.trusted_rows;
  }
  return 0;
}

/// Brief: the keys of a run. The key of the data decides what is poisoned; the key of the noise, if none is given, is
/// drawn once the data are fixed, so that an attacker cannot have known it.
struct run_keys {
  std::uint64_t data;
  std::uint64_t noise;
  bool noise_given;

  [[nodiscard]] static std::uint64_t data_of(const run_settings& s) {
    if (s.data.data_seed) return *s.data.data_seed;
    return s.seed ? *s.seed : key_from_system();
  }
  [[nodiscard]] static run_keys after_data(const run_settings& s, std::uint64_t data_key) {
    return {data_key, s.seed ? *s.seed : key_from_system(), s.seed.has_value()};
  }
};

/// Brief: what results.json says before anything is trained. Of data that were not made from the settings
/// (data.by_settings is false) it names no file, attack or label map.
template <tensor Tensor>
[[nodiscard]] run_results describe_run(const run_settings& settings, const poisoned_split<Tensor>& data,
                                       const run_keys& keys) {
  run_results results;
  results.version = version_string();
  results.build = {std::string(compiler()), std::string(instruction_set())};
  run_settings repeated = settings;
  repeated.defences = settings.defence_names();
  repeated.seed = keys.noise;
  repeated.data = settings.data.settled();
  repeated.data.data_seed = keys.data;
  results.config = options_of(repeated);
  results.config.emplace_back("seed_given", keys.noise_given);
  if (!data.by_settings) {
    for (auto& [name, value] : results.config) {
      if (std::ranges::find(detail::data_options, name) != detail::data_options.end()) value = std::monostate{};
    }
  }
  if (keys.noise_given) results.assumptions.emplace_back("noise_key_unknown_to_attacker");
  if (settings.training.begins_at_file()) {
    results.assumptions.emplace_back(assume::initial_weights_saw_no_training_row::name);
  }
  for (const std::string& name : settings.certified.assume) detail::add_once(results.assumptions, name);
  const auto& train = data.train;
  results.data = {.train = train.data.size(),
                  .test = data.clean.size(),
                  .poisoned_rows = train.positions.size(),
                  .classes = data.classes,
                  .pattern_l2_max = train.largest_norm(),
                  .pattern_l2_frobenius = train.frobenius_norm(),
                  .trigger_l2_max = data.largest_trigger,
                  .pattern_l1_sum = std::accumulate(train.pattern_l1.begin(), train.pattern_l1.end(), 0.0),
                  .row_size = data.clean.row_size(),
                  .row_shape = {data.clean.row_shape().begin(), data.clean.row_shape().end()},
                  .class_names = data.class_names,
                  .relabelled_rows = train.relabelled_rows(),
                  .pattern_l1_max = train.pattern_l1.empty() ? 0.0 : std::ranges::max(train.pattern_l1),
                  .trigger_l1_max = data.largest_trigger_l1};
  return results;
}

/// Brief: trains the undefended model and every defence of the settings on poisoned data, certifies both sets of test
/// inputs, and sums up.
/// `method` is a learner, or makes one from defence_settings (for instance with another number of epochs per defence).
/// `watch` sees progress under the names of the defences, and also notes, if it has `note(line)`. With `folder`, every
/// array, the pictures and the report are written to it; the folder is published when all is done.
/// Throws: argument_error for settings that do not go together; cancelled when the observer stops it: the defences that
/// were complete are then in the folder, in results whose `complete` is false; whatever the learner throws.
/// Cost: M trainings per defence, and the votes of M members on every test input.
/// Determinism: a function of data, settings and keys, for any executor.
/// Reference: Cert-SSB, the whole method; RAB, for its baseline.
template <tensor Tensor, class Method, executor Executor, observer Observer>
run_results run_experiment(const poisoned_split<Tensor>& data, const Method& method, const run_settings& asked,
                           const run_keys& keys, const Executor& executor, Observer& watch,
                           run_folder* folder = nullptr) {
  const stopwatch since;
  run_settings settings = asked;
  settings.parts.training_rows = data.train.data.size();
  settings.validate();
  note(watch, expect_attainable(settings, data));

  const any_executor workers(executor);
  const random_key key{keys.noise};
  run_results results = describe_run(settings, data, keys);
  results.timing.threads = workers.concurrency();
  expect(!settings.keep_models || folder != nullptr, "keep_models: needs a folder to keep them in");
  run_writer<Tensor> writer(data, settings, key, folder);
  if (settings.keep_models) keep_input_form(data.train.data, settings.data, *folder);
  try {
    const auto train = [&](const std::string& name) {
      task_observer named(watch, name);
      const defence_settings own = settings.defence(name);
      std::optional<kept_model_files> kept;
      if (settings.keep_models)
        kept.emplace(*folder, name, extents_of_models(own), own.smoothed_parts() ? own.parts : 1);
      auto trained =
          defence_trainer(data, method, settings, own, workers, named, key, kept ? kept->shelf() : model_shelf())
              .train();
      if (kept) kept->finish();
      return trained;
    };
    const std::vector<std::string> names = settings.defence_names();
    note(watch, "Training a model that nobody defends.");
    // It is one piece of work that cannot be shared: the other workers begin the first defence meanwhile.
    std::optional<trained_defence<scalar_of<Tensor>>> first;
    workers.for_each(names.empty() ? 1 : 2, [&](std::size_t piece) {
      if (piece == 0) {
        task_observer unnamed(watch, "undefended");
        results.undefended = train_undefended(data, method, settings, workers, unnamed, key);
      } else {
        first = train(names.front());
      }
    });
    for (const std::string& name : names) {
      const auto trained = first ? *std::exchange(first, std::nullopt) : train(name);
      if (trained.ascended > 0) {
        note(watch, concatenate(name, ": noise scales of ", trained.ascended, " samples found in ",
                                decimal(1000.0 * trained.ascent_seconds / static_cast<double>(trained.ascended), 3),
                                " ms each"));
      }
      writer.add(trained, results, workers);
    }
  } catch (const cancelled&) {
    if (results.defences.empty()) throw;
    results.complete = false;
    writer.finish(results, since.seconds(), watch);
    note(watch, "Interrupted; the defences that were complete are kept.");
    throw;
  }
  writer.finish(results, since.seconds(), watch);
  return results;
}

/// Brief: the same on your own data, which are poisoned here. Of settings.data only data_seed is used.
/// Throws: also as poison_split.
template <tensor Tensor, class Trigger, label_map Map, class Method, executor Executor, observer Observer>
run_results run_experiment(const train_and_test<Tensor>& split, const backdoor_attack<Trigger, Map>& attack,
                           const Method& method, const run_settings& settings, const Executor& executor,
                           Observer& watch, run_folder* folder = nullptr) {
  run_settings own = settings;
  own.data.rate = attack.rate;
  const std::uint64_t data_key = run_keys::data_of(own);
  const auto data = poison_split(split, attack, random_key{data_key}, trusted_rows_of(own));
  return run_experiment(data, method, own, run_keys::after_data(own, data_key), executor, watch, folder);
}

}  // namespace v1
}  // namespace certssb
