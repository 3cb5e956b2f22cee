// SPDX-License-Identifier: MIT
// Brief: `certssb defend`: train one defence on data as they are, and keep its models for `certssb predict`.
#include "certssb/run/without_attack.hpp"
#include "command.hpp"
#include "run_options.hpp"
#include "settings_options.hpp"

#include <memory>

namespace certssb::cli {

command make_defend(CLI::App& program) {
  const auto o = std::make_shared<run_options>();
  o->settings.defences = {"certified"};
  CLI::App* app = program.add_subcommand(
      "defend", "Train one defence on your data as they are, without a simulated attack, and keep it for predict.");
  add_settings(*app, o->settings, attack_settings);
  app->add_option("--out", o->out, "folder for the models and results")->capture_default_str()->group("Common");
  app->add_flag("--overwrite", o->overwrite, "replace an earlier run in --out");
  app->add_flag("--dry-run", o->dry_run, "only say what time and memory it will take, from a short calibration");
  add_threads(*app, o->threads);
  o->say.add_to(*app);
  add_example(*app, "certssb defend --dataset images:photos --defences certified --models 100 --out defended");
  return {app, [o, app] {
            naming_options(*app, [&] {
              o->settings = without_attack(std::move(o->settings));
              run(*o);
            });
          }};
}

}  // namespace certssb::cli
