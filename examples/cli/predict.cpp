// SPDX-License-Identifier: MIT
// Brief: `certssb predict`: the kept models of a run answer new inputs, each with its certificate.
#include "certssb/backend/tbb.hpp"
#include "certssb/io/files.hpp"
#include "certssb/run/bundled_models.hpp"
#include "certssb/run/predict_inputs.hpp"
#include "command.hpp"
#include "progress.hpp"
#include "settings_options.hpp"

#include <memory>

namespace certssb::cli {

namespace {

struct predict_options {
  std::string folder;
  std::string inputs;
  std::string ids;
  std::string defence;
  std::string out;
  std::size_t threads = 0;
  speech say;
};

void predict(const predict_options& o) {
  const kept_run run{std::filesystem::path(o.folder)};
  const tbb_executor threads(o.threads);
  const any_executor executor(threads);
  const bundled_models models;
  const kept_defence<host_array<float>, bundled_models, any_executor> defence(run, o.defence, models, executor);
  const input_source inputs = open_inputs(o.inputs, run);
  shown_progress line(o.say.quiet);
  const predictions found = predict_inputs(defence, inputs, ids_of_inputs(o.ids, inputs.size), line);
  line.finish();
  const report_answer said = describe_predictions(found);
  if (!o.out.empty()) write_file(o.out, said.object.dump() + "\n");
  o.say.print(said);
}

}  // namespace

command make_predict(CLI::App& program) {
  const auto o = std::make_shared<predict_options>();
  CLI::App* app = program.add_subcommand("predict", "Ask the kept models of a run about new inputs.");
  app->add_option("folder", o->folder, "folder of certssb defend, or of certssb run --keep-models")->required();
  app->add_option("--inputs", o->inputs, "FILE.npy, csv:FILE or images:FOLDER, in the form of the run's data")
      ->required();
  app->add_option("--ids", o->ids, "a .npy file of whole numbers that key each input's noise (default: its place)");
  app->add_option("--defence", o->defence, "which one, where the run has several");
  app->add_option("--out", o->out, "also write the answers to this file, as JSON");
  add_threads(*app, o->threads);
  o->say.add_to(*app);
  add_example(*app, "certssb predict defended --inputs new.npy --json");
  return {app, [o] { predict(*o); }};
}

}  // namespace certssb::cli
