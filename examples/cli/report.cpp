// SPDX-License-Identifier: MIT
// Brief: `certssb report`: one finished run or several side by side, as tables or as one web page; or one test sample
// explained.
#include "certssb/io/files.hpp"
#include "certssb/report/conditions.hpp"
#include "certssb/report/html.hpp"
#include "certssb/report/page.hpp"
#include "certssb/report/read_run.hpp"
#include "certssb/run/explain_run.hpp"
#include "command.hpp"
#include "numbers.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace certssb::cli {

namespace {

struct report_options {
  std::vector<std::string> folders;
  std::string html;
  std::optional<std::size_t> sample;
  std::string inputs = "clean";
  std::string defence;
  speech say;
};

void explain(const report_options& o) {
  expect(o.folders.size() == 1, "report: --sample explains one run, got ", o.folders.size());
  const std::string& folder = o.folders.front();
  const saved_run run(folder);
  try {
    const sample_answer answer = explain_sample(run, {o.inputs, *o.sample, o.defence});
    o.say.print(answer.object, answer.text);
  } catch (const argument_error& wrong) {  // begins with the name of the option
    throw argument_error(concatenate("--", wrong.what()));
  }
}

void report(const report_options& o) {
  std::vector<named_run> runs;
  for (const std::string& folder : o.folders) runs.push_back(read_run(folder));
  if (!o.html.empty()) {
    std::vector<run_page> pages;
    std::string complaint;
    for (std::size_t r = 0; r < runs.size(); ++r) pages.push_back(illustrate(runs[r], o.folders[r], complaint));
    write_file(o.html, html_page(pages));
    if (!complaint.empty()) o.say.tell("certssb: drawings are left out: " + complaint);
  }

  json found = {{"runs", json::array()}};
  std::string text;
  for (const named_run& run : runs) {
    found["runs"].push_back({{"folder", run.name}, {"results", results_to_json(run.results)}});
    text += (runs.size() > 1 ? run.name + "\n" : "") + attack_text(run.results) + "\n";
  }
  text += evaluation_table(runs).text() + "\n" + evaluation_legend() + "\n" + defence_table(runs).text();
  for (const named_run& run : runs) {
    text += "\n" + (runs.size() > 1 ? run.name + ": " : "") + conditions_text(run.results) +
            stopping_text(run.results) + storage_text(run.results);
  }
  if (!o.html.empty()) text += "\nWeb page: " + o.html + "\n";
  o.say.print(found, text);
}

}  // namespace

command make_report(CLI::App& program) {
  const auto o = std::make_shared<report_options>();
  CLI::App* app =
      program.add_subcommand("report", "Show one finished run or several side by side, or explain one test sample.");
  app->add_option("folders", o->folders, "folders that certssb run wrote")->required();
  CLI::Option* html = app->add_option("--html", o->html, "also write a web page that opens offline");
  CLI::Option* sample = add_whole(*app, "--sample", o->sample,
                                  "explain one test sample, a row of samples_*.csv (from 0): its votes and "
                                  "radius, what limits it, what would change it",
                                  0);
  app->add_option("--inputs", o->inputs, "with --sample: the test inputs it is one of")
      ->check(CLI::IsMember({"clean", "triggered"}))
      ->needs(sample)
      ->capture_default_str();
  app->add_option("--defence", o->defence, "with --sample: this defence alone")->needs(sample);
  html->excludes(sample);
  o->say.add_to(*app);
  add_example(*app,
              "certssb report run-a run-b --html compare.html\n  certssb report run-a --sample 0 --inputs triggered");
  return {app, [o] { o->sample ? explain(*o) : report(*o); }};
}

}  // namespace certssb::cli
