// SPDX-License-Identifier: MIT
// Brief: `certssb run`: data, attack, defences, certificates and report, in a folder.
#include "certssb/backend/tbb.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/radius/attainable.hpp"
#include "certssb/report/conditions.hpp"
#include "certssb/version.hpp"
#include "command.hpp"
#include "defend.hpp"
#include "estimate.hpp"
#include "evaluate.hpp"
#include "examples.hpp"
#include "interrupt.hpp"
#include "page.hpp"
#include "progress.hpp"
#include "run_folder.hpp"
#include "run_options.hpp"
#include "system_key.hpp"
#include "workload.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <stop_token>
#include <thread>

namespace certssb::cli {

namespace {

/// Calls with(statistic type, selection type, bound) as the options bound votes.
template <class With>
auto with_bound(const run_options& o, const With& with) {
  const std::string name = o.bound_name();
  if (name == clopper_pearson::name) return with.template operator()<vote_count, no_split>(clopper_pearson{});
  if (name == jeffreys_sequence::name) return with.template operator()<vote_count, every_class>(jeffreys_sequence{});
  return with.template operator()<mean_score, no_split>(named_bound<mean_score>(name));
}

/// Says what M and alpha can certify at best.
/// Throws: argument_error where that is nothing, unless the options allow it.
void state_best(const run_options& o, const workload& data) {
  const auto models = static_cast<std::int64_t>(o.models);
  const std::size_t classes = data.classes.size();
  const double budget = with_bound(o, [&]<class Statistic, class Selection>(const auto& bound) {
    return max_budget<Statistic, Selection>(models, o.alpha, bound, classes);
  });
  if (budget > 0.0) {
    const std::size_t rows = std::max<std::size_t>(1, data.train.positions.size());
    const double radius = budget * o.sigma;
    o.say.tell(concatenate("At best, ", models, " models at alpha ", o.alpha, " (", o.bound_name(), ") certify ",
                           decimal(budget, 3), " noise scales: radius ") +
               length_text(radius) + " at sigma " + length_text(o.sigma) + concatenate(" over all rows together, or ") +
               length_text(radius / std::sqrt(static_cast<double>(rows))) +
               concatenate(" for each of ", rows, " poisoned rows."));
    return;
  }
  const std::int64_t needed = with_bound(o, [&]<class Statistic, class Selection>(const auto& bound) {
    return models_needed<Statistic, Selection>(o.alpha, bound, 0.0, classes);
  });
  const std::string verdict = concatenate(models, " models at alpha ", o.alpha, " (", o.bound_name(),
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

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

run_results describe(const run_options& o, const workload& data, std::uint64_t key) {
  run_results results;
  results.version = version_string();
  results.config = o.config(key);
  if (o.seed) results.assumptions.emplace_back("noise_key_unknown_to_attacker");
  for (const std::string& name : o.assume) add_once(results.assumptions, name);
  results.data = {
      data.train.data.size(),      data.clean.size(),
      data.train.positions.size(), data.classes,
      data.train.largest_norm(),   data.train.frobenius_norm(),
      data.largest_trigger,        std::accumulate(data.train.pattern_l1.begin(), data.train.pattern_l1.end(), 0.0),
      data.clean.row_size()};
  return results;
}

/// Writes everything into a folder beside and moves it to its place.
void write_run(const run_options& o, const workload& data, const random_key& key,
               std::span<const defence_work> defences, run_results& results, double seconds_so_far) {
  const detail::stopwatch watch;
  run_folder folder(o.out);
  std::vector<std::int64_t> positions(data.train.positions.begin(), data.train.positions.end());
  folder.write_array("poisoned_rows.npy", npy_bytes<std::int64_t>({positions.size()}, positions));
  folder.write_array("pattern_norms.npy", npy_bytes<double>({positions.size()}, data.train.pattern_norms));
  folder.write_array("pattern_norms_l1.npy", npy_bytes<double>({positions.size()}, data.train.pattern_l1));
  evaluation_times times;
  double train_seconds = 0.0;
  std::vector<defence_outcome<float>> outcomes;
  for (const defence_work& work : defences) {
    results.defences.push_back(evaluate(work, data, o, folder, times));
    for (const evaluation_result& e : results.defences.back().evaluations) {
      for (const std::string& name : e.assumptions) add_once(results.assumptions, name);
    }
    train_seconds += work.outcome.train_seconds;
    results.timing.ascent_s += work.outcome.ascent_seconds;
    outcomes.push_back(work.outcome);
  }
  results.examples = draw_examples(data, outcomes, key, folder);
  results.arrays = folder.digests();
  double trained = 0.0;
  for (const defence_outcome<float>& d : outcomes) {
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
  o.say.tell(concatenate("certssb ", version_string(), ", built for ", instruction_set()));
  expect_writable(o.out);
  const std::uint64_t seed = o.seed ? *o.seed : key_from_system();
  const random_key key{seed};
  const workload data = load(o, key);
  expect(o.rows_changed == "many" || data.train.positions.size() <= 1,
         "--rows-changed: one assumes that the attack changes one training row at most, got ",
         data.train.positions.size(), " of --rate ", o.rate);
  state_best(o, data);
  if (o.dry_run) {
    const run_estimate expected = estimate(o, data, key, watch.seconds());
    o.say.print(estimate_json(expected), estimate_text(expected));
    return;
  }

  std::stop_source stop;
  const interrupt_relay relay(stop);
  progress_line line(o.say.quiet);
  const surroundings everything{data, o, key, o.threads, stop.get_token(), line};
  run_results results = describe(o, data, seed);
  results.timing.threads = tbb_executor(o.threads).concurrency();
  std::vector<defence_work> defences;
  try {
    o.say.tell("Training a model that nobody defends.");
    const undefended_outcome undefended = train_undefended(everything);
    results.undefended = {undefended.clean_accuracy.value(), undefended.attack_success.value()};
    for (const std::string& name : o.defence_names()) {
      line.begin(name);
      defences.push_back(defend(name, everything));
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
                                            evaluation_legend() + "\n" + defence_table(named).text() + "\n" +
                                            conditions_text(results) + stopping_text(results) +
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
