// SPDX-License-Identifier: MIT
// Brief: `certssb run`: data, attack, defences, certificates and report, in a folder; and parts of a run once more.
#include "certssb/backend/tbb.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/report/runs_report.hpp"
#include "certssb/run/bundled_models.hpp"
#include "certssb/run/estimate_report.hpp"
#include "certssb/run/experiment.hpp"
#include "certssb/run/load_data.hpp"
#include "certssb/run/presets.hpp"
#include "certssb/run/replay_again.hpp"
#include "certssb/run/undefended_slope.hpp"
#include "certssb/version.hpp"
#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "replay.hpp"
#include "run_options.hpp"
#include "settings_options.hpp"
#include "torch_models.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

namespace certssb::cli {

namespace {

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

}  // namespace

// Here, so that training is compiled once.
void run(const run_options& o) {
  const stopwatch since;
  const run_settings& s = o.settings;
  s.validate();
  o.say.tell(concatenate("certssb ", version_string(), ", built for ", instruction_set()));
  const std::string preset = preset_text(s);
  if (!preset.empty()) o.say.tell(preset);
  std::stop_source stop;
  const interrupt_relay relay(stop);
  const bundled_models models{stop.get_token(), torch_models()};
  if (model_facts_of(s.training.model).torch) {
    static_cast<void>(models(s.defence("rab")));  // says what is wrong with the model before it reads the data
    o.say.tell(torch_words());
  }
  std::optional<run_folder> folder;
  if (!o.dry_run) folder.emplace(o.out, o.overwrite ? existing_run::overwrite : existing_run::refuse);
  const std::uint64_t data_key = run_keys::data_of(s);
  const auto data = poison_by_name(load_data(s.data, random_key{data_key}), s.data, random_key{data_key},
                                   trusted_rows_of(s), undefended_slope(s));
  const run_keys keys = run_keys::after_data(s, data_key);

  const tbb_executor executor(o.threads);
  shown_progress line(o.say.quiet);
  if (o.dry_run) {
    expect_attainable(s, data);
    const run_estimate expected = estimate_run(data, models, s, executor, random_key{keys.noise}, since.seconds());
    o.say.print(describe_estimate(expected));
    return;
  }
  const run_results results = run_experiment(data, models, s, keys, executor, line, &*folder);
  line.finish();
  const std::vector<named_run> named{{o.out, results}};
  const std::string changed = preset.empty() ? "" : "\n" + preset + "\n";
  o.say.print({results_to_json(results), "\n" + runs_text(named) + changed +
                                             (results.data.of_images() ? "\nReport with pictures: " : "\nReport: ") +
                                             o.out + "/report.html\n"});
}

replay_report replay(const std::string& folder, const replay_options& o, const speech& say) {
  std::stop_source stop;
  const interrupt_relay relay(stop);
  const tbb_executor executor(o.threads);
  shown_progress line(say.quiet);
  const random_key chooser{o.seed ? *o.seed : key_from_system()};
  return replay_again(folder, bundled_models{stop.get_token(), torch_models()}, o.members, chooser, executor, line,
                      &undefended_slope);
}

command make_run(CLI::App& program) {
  const auto o = std::make_shared<run_options>();
  CLI::App* app = program.add_subcommand(
      "run", "The main job: poison a data set, train the defences, certify them, write a report.");
  add_settings(*app, o->settings);
  app->add_option("--out", o->out, "folder for the results")->capture_default_str()->group("Common");
  app->add_flag("--overwrite", o->overwrite, "replace an earlier run in --out");
  app->add_flag("--dry-run", o->dry_run, "only say what time and memory the run will take, from a short calibration");
  add_threads(*app, o->threads);
  o->say.add_to(*app);
  add_example(*app, "certssb run --classes 1,0 --attack one-pixel --delta 1.0 --rate 0.1 --models 20 --out demo");
  return {app, [o, app] { naming_options(*app, [&] { run(*o); }); }};
}

}  // namespace certssb::cli
