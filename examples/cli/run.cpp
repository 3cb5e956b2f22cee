// SPDX-License-Identifier: MIT
// Brief: `certssb run`: data, attack, defences, certificates and report, in a folder; and parts of a run once more.
#include "certssb/backend/tbb.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/model/any_rows_learner.hpp"
#include "certssb/model/bundled_network.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/named.hpp"
#include "certssb/report/conditions.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/run/estimate.hpp"
#include "certssb/run/experiment.hpp"
#include "certssb/run/load_data.hpp"
#include "certssb/run/replay.hpp"
#include "certssb/run/replay_attack.hpp"
#include "certssb/version.hpp"
#include "command.hpp"
#include "interrupt.hpp"
#include "numbers.hpp"
#include "progress.hpp"
#include "replay.hpp"
#include "settings_options.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

namespace certssb::cli {

namespace {

struct run_options {
  run_settings settings;
  bool dry_run = false;
  bool overwrite = false;
  std::size_t threads = 0;
  std::string out = "certssb-run";
  speech say;
};

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

/// The learner of each defence.
struct bundled_models {
  std::stop_token stop;

  [[nodiscard]] fit_options options(const defence_settings& d) const {
    return {
        .epochs = d.epochs, .batch = d.batch, .learning_rate = 1e-3, .averaged_tail = d.averaged_tail, .stop = stop};
  }
  [[nodiscard]] auto operator()(const defence_settings& d) const {
    return any_rows_learner(bundled_learner<float>(d.model, options(d)));
  }
  [[nodiscard]] auto of_parts(const defence_settings& d) const {
    return named_learner<float>(d.model, options(d), d.map);
  }
};

json estimate_json(const run_estimate& expected) {
  json stages = json::object();
  for (const stage_estimate& stage : expected.stages) stages[stage.name + "_s"] = stage.seconds;
  return {{"expected", {{"total_s", expected.total_s()}, {"memory_bytes", expected.memory_bytes}, {"stages", stages}}},
          {"at_most", expected.at_most},
          {"threads", expected.threads},
          {"calibration_s", expected.calibration_s}};
}

std::string estimate_text(const run_estimate& expected) {
  text_table table({"stage", "expected seconds"});
  for (const stage_estimate& stage : expected.stages) table.add({stage.name, decimal(stage.seconds, 1)});
  table.add({expected.at_most ? "in all, at most" : "in all", decimal(expected.total_s(), 1)});
  return table.text() + "\n" + decimal(expected.memory_bytes / (1024.0 * 1024.0), 0) +
         concatenate(" MiB of memory; ", expected.threads, " threads; from a calibration of ") +
         decimal(expected.calibration_s, 1) +
         " s. Certificates and report are not counted. Nothing was trained in full or written.\n";
}

std::string results_text(const run_results& results, const std::string& folder) {
  const std::vector<named_run> named{{folder, results}};
  return "\n" + attack_text(results) + "\n" + evaluation_table(named).text() + "\n" + evaluation_legend() + "\n" +
         defence_table(named).text() + "\n" + conditions_text(results) + stopping_text(results) +
         storage_text(results) + "\nReport with pictures: " + folder + "/report.html\n";
}

void run(const run_options& o) {
  const stopwatch since;
  const run_settings& s = o.settings;
  s.validate();
  o.say.tell(concatenate("certssb ", version_string(), ", built for ", instruction_set()));
  std::optional<run_folder> folder;
  if (!o.dry_run) folder.emplace(o.out, o.overwrite ? existing_run::overwrite : existing_run::refuse);
  const std::uint64_t data_key = run_keys::data_of(s);
  const auto data =
      poison_by_name(load_data(s.data, random_key{data_key}), s.data, random_key{data_key}, trusted_rows_of(s));
  const run_keys keys = run_keys::after_data(s, data_key);

  std::stop_source stop;
  const interrupt_relay relay(stop);
  const bundled_models models{stop.get_token()};
  const tbb_executor executor(o.threads);
  progress_line line(o.say.quiet);
  if (o.dry_run) {
    expect_attainable(s, data);
    const run_estimate expected = estimate_run(data, models, s, executor, random_key{keys.noise}, since.seconds());
    o.say.print(estimate_json(expected), estimate_text(expected));
    return;
  }
  const run_results results = run_experiment(data, models, s, keys, executor, line, &*folder);
  line.finish();
  o.say.print(results_to_json(results), results_text(results, o.out));
}

}  // namespace

// Here, so that training is compiled once.
replay_report replay(const std::string& folder, const replay_options& o, const speech& say) {
  const run_results results = read_results(std::filesystem::path(folder) / "results.json");
  const auto data = data_again(results);
  replay_report report;
  compare_attack(report, folder, results, data);
  if (!o.members) return report;

  std::stop_source stop;
  const interrupt_relay relay(stop);
  const bundled_models method{stop.get_token()};
  const tbb_executor executor(o.threads);
  progress_line line(say.quiet);
  const random_key key{o.seed ? *o.seed : key_from_system()};
  const replay_report trained = run_replay(folder, results, data, method, executor, line).replay({*o.members, key});
  line.finish();
  report.checked += trained.checked;
  report.violations.insert(report.violations.end(), trained.violations.begin(), trained.violations.end());
  report.not_checked = trained.not_checked;
  return report;
}

command make_run(CLI::App& program) {
  const auto o = std::make_shared<run_options>();
  CLI::App* app = program.add_subcommand(
      "run", "The main job: poison a data set, train the defences, certify them, write a report.");
  add_settings(*app, o->settings);
  app->add_option("--out", o->out, "folder for the results")->capture_default_str()->group("Common");
  app->add_flag("--overwrite", o->overwrite, "replace an earlier run in --out");
  app->add_flag("--dry-run", o->dry_run, "only say what time and memory the run will take, from a short calibration");
  add_whole(*app, "--threads", o->threads, "threads; 0: as many as the machine has", 0, 4096);
  o->say.add_to(*app);
  add_example(*app, "certssb run --classes 1,0 --attack one-pixel --delta 1.0 --rate 0.1 --models 20 --out demo");
  return {app, [o] { naming_options([&] { run(*o); }); }};
}

}  // namespace certssb::cli
