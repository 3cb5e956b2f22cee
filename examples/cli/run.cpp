// SPDX-License-Identifier: MIT
// Brief: `certssb run`: data, attack, defences, certificates and report, in a folder.
#include "certssb/backend/tbb.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/pipeline.hpp"
#include "certssb/radius/attainable.hpp"
#include "certssb/report/npy.hpp"
#include "certssb/sigma/estimator.hpp"
#include "certssb/version.hpp"
#include "command.hpp"
#include "evaluate.hpp"
#include "examples.hpp"
#include "interrupt.hpp"
#include "page.hpp"
#include "progress.hpp"
#include "run_folder.hpp"
#include "run_options.hpp"
#include "workload.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stop_token>
#include <thread>

namespace certssb::cli {

namespace {

std::uint64_t key_from_system() {
  std::uint64_t key = 0;
  const ssize_t got = ::getrandom(&key, sizeof key, 0);
  expect<error>(got == static_cast<ssize_t>(sizeof key), "the operating system gave no random key; give --seed");
  return key;
}

/// Says what M and alpha can certify at best.
/// Throws: argument_error where that is nothing, unless the options allow it.
void state_best(const run_options& o, const workload& data) {
  const auto models = static_cast<std::int64_t>(o.models);
  const std::size_t classes = data.classes.size();
  const bool hard = o.bound == clopper_pearson::name;
  const double budget = hard ? max_budget<vote_count>(models, o.alpha, clopper_pearson{}, classes)
                             : max_budget<mean_score>(models, o.alpha, hoeffding{}, classes);
  if (budget > 0.0) {
    const std::size_t rows = std::max<std::size_t>(1, data.train.positions.size());
    const double radius = budget * o.sigma;
    o.say.tell(concatenate("At best, ", models, " models at alpha ", o.alpha, " (", o.bound, ") certify ",
                           decimal(budget, 3), " noise scales: radius ") +
               length_text(radius) + " at sigma " + length_text(o.sigma) + concatenate(" over all rows together, or ") +
               length_text(radius / std::sqrt(static_cast<double>(rows))) +
               concatenate(" for each of ", rows, " poisoned rows."));
    return;
  }
  const std::int64_t needed = hard ? models_needed<vote_count>(o.alpha, clopper_pearson{}, 0.0, classes)
                                   : models_needed<mean_score>(o.alpha, hoeffding{}, 0.0, classes);
  const std::string verdict = concatenate(models, " models at alpha ", o.alpha, " (", o.bound,
                                          ") can certify nothing; at least ", needed, " are needed");
  expect(o.allow_no_certificate, "--models: ", verdict, ", or --allow-no-certificate");
  o.say.tell(verdict + ".");
}

/// Passes an interrupt on to the learners, which look at it before each step.
class interrupt_relay {
public:
  explicit interrupt_relay(std::stop_source& source)
      : watcher_([&source](const std::stop_token& done) {
          while (!done.stop_requested() && !interrupt_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
          if (interrupt_requested()) source.request_stop();
        }) {}

private:
  std::jthread watcher_;
};

template <class Context>
defence_outcome<float> run_defence(const std::string& name, const Context& context, const workload& data,
                                   const run_options& o) {
  const std::array<const image_rows*, 2> both{&data.clean, &data.triggered};
  const std::span<const image_rows* const> tests(both);
  const defence_settings settings = o.settings(name);
  if (name != "cert-ssb") {
    auto outcome = run_uniform(context, data.train.data, tests, settings.smoothing);
    outcome.name = name;
    return outcome;
  }
  const test_scale at = settings.test_noise_scale == "own" ? test_scale::own : test_scale::common;
  if (o.ascent_estimator == pathwise_estimator::name) {
    return run_sample_specific(context, pathwise_estimator{}, data.train.data, tests, settings.smoothing, o.ascent(),
                               at);
  }
  return run_sample_specific(context, detached_estimator{}, data.train.data, tests, settings.smoothing, o.ascent(), at);
}

run_results describe(const run_options& o, const workload& data, std::uint64_t key) {
  run_results results;
  results.version = version_string();
  results.config = o.config(key);
  if (o.seed) results.assumptions.emplace_back("noise_key_unknown_to_attacker");
  results.data = {data.train.data.size(), data.clean.size(),         data.train.positions.size(),
                  data.classes,           data.train.largest_norm(), data.train.frobenius_norm()};
  return results;
}

/// Writes everything into a folder beside and moves it to its place.
void write_run(const run_options& o, const workload& data, const random_key& key,
               std::span<const defence_outcome<float>> defences, run_results& results, double seconds_so_far) {
  const detail::stopwatch watch;
  run_folder folder(o.out);
  std::vector<std::int64_t> positions(data.train.positions.begin(), data.train.positions.end());
  folder.write_array("poisoned_rows.npy", npy_bytes<std::int64_t>({positions.size()}, positions));
  folder.write_array("pattern_norms.npy", npy_bytes<double>({positions.size()}, data.train.pattern_norms));
  evaluation_times times;
  double train_seconds = 0.0;
  for (const defence_outcome<float>& defence : defences) {
    results.defences.push_back(evaluate(defence, data, o, folder, times));
    for (const std::string& name : assumptions_of(defence.name)) {
      if (std::ranges::find(results.assumptions, name) == results.assumptions.end()) {
        results.assumptions.push_back(name);
      }
    }
    train_seconds += defence.train_seconds;
    results.timing.ascent_s += defence.ascent_seconds;
  }
  results.examples = draw_examples(data, defences, key, folder);
  results.arrays = folder.digests();
  double trained = 0.0;
  for (const defence_outcome<float>& d : defences) {
    trained += static_cast<double>(o.settings(d.name).epochs * data.train.data.size()) *
               static_cast<double>(d.ballots.front().votes.trials());
  }
  results.timing.train_samples_per_s = train_seconds > 0.0 ? trained / train_seconds : 0.0;
  results.timing.certify_s = times.certify_s;
  results.timing.storage_s = times.storage_s;
  results.timing.total_s = seconds_so_far + watch.seconds();

  std::string complaint;
  const run_page page = illustrate({o.out, results}, folder.path(), complaint);
  folder.write("report.html", html_page(std::vector<run_page>{page}));
  if (!complaint.empty()) o.say.tell("certssb: drawings are left out of report.html: " + complaint);
  folder.write("results.json", results_to_json(results).dump(2) + "\n");
  folder.publish();
}

void run(const run_options& o) {
  const detail::stopwatch watch;
  o.validate();
  expect_writable(o.out);
  const std::uint64_t seed = o.seed ? *o.seed : key_from_system();
  const random_key key{seed};
  const workload data = load(o, key);
  state_best(o, data);

  std::stop_source stop;
  const interrupt_relay relay(stop);
  const tbb_executor executor(o.threads);
  progress_line line(o.say.quiet);
  const gaussian_noise noise;
  const auto learner_of = [&](const defence_settings& s) {
    return cnn_learner<float>({.epochs = s.epochs,
                               .batch = o.batch,
                               .learning_rate = 1e-3,
                               .averaged_tail = s.averaged_tail,
                               .stop = stop.get_token()});
  };
  run_results results = describe(o, data, seed);
  results.timing.threads = executor.concurrency();
  std::vector<defence_outcome<float>> defences;
  try {
    o.say.tell("Training a model that nobody defends.");
    const auto plain = learner_of(o.settings("rab"));
    const undefended_outcome undefended = run_undefended(defence_context{plain, noise, executor, line, key},
                                                         data.train.data, data.clean, data.triggered, o.target);
    results.undefended = {undefended.clean_accuracy.value(), undefended.attack_success.value()};
    for (const std::string& name : o.defence_names()) {
      line.begin(name);
      const auto learner = learner_of(o.settings(name));
      defences.push_back(run_defence(name, defence_context{learner, noise, executor, line, key}, data, o));
    }
  } catch (const cancelled&) {
    line.finish();
    if (defences.empty()) throw;
    results.complete = false;
    write_run(o, data, key, defences, results, watch.seconds());
    o.say.tell("Interrupted; the defences that were complete are in " + o.out);
    throw;
  }
  line.finish();
  write_run(o, data, key, defences, results, watch.seconds());

  const std::vector<named_run> named{{o.out, results}};
  o.say.print(results_to_json(results), "\n" + attack_text(results) + "\n" + evaluation_table(named).text() + "\n" +
                                            evaluation_legend() + "\n" + defence_table(named).text() +
                                            "\nReport with pictures: " + o.out + "/report.html\n");
}

}  // namespace

command make_run(CLI::App& program) {
  const auto o = std::make_shared<run_options>();
  CLI::App* app = program.add_subcommand(
      "run", "The main job: poison a data set, train the defences, certify them, write a report.");
  o->add_to(*app);
  add_example(*app, "certssb run --classes 1,0 --attack one-pixel --delta 1.0 --rate 0.1 --models 20 --out demo");
  return {app, [o] { run(*o); }};
}

}  // namespace certssb::cli
