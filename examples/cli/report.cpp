// SPDX-License-Identifier: MIT
// Brief: `certssb report`: one finished run or several side by side, as tables or as one web page; or one test sample
// explained.
#include "certssb/io/files.hpp"
#include "certssb/report/html.hpp"
#include "certssb/report/page.hpp"
#include "certssb/report/read_run.hpp"
#include "certssb/report/runs_report.hpp"
#include "certssb/run/explain_run.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <memory>

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

report_answer explain(const report_options& o) {
  expect(o.folders.size() == 1, "report: --sample explains one run, got ", o.folders.size());
  return explain_sample(saved_run(o.folders.front()), {o.inputs, *o.sample, o.defence});
}

report_answer show(const report_options& o) {
  std::vector<named_run> runs;
  for (const std::string& folder : o.folders) runs.push_back(read_run(folder));
  report_answer answer = describe_runs(runs);
  if (o.html.empty()) return answer;
  std::vector<run_page> pages;
  std::string complaint;
  for (const named_run& run : runs) pages.push_back(illustrate(run, run.name, complaint));
  write_file(o.html, html_page(pages));
  if (!complaint.empty()) o.say.tell("certssb: drawings are left out: " + complaint);
  answer.text += "\nWeb page: " + o.html + "\n";
  return answer;
}

}  // namespace

command make_report(CLI::App& program) {
  const auto o = std::make_shared<report_options>();
  CLI::App* app =
      program.add_subcommand("report", "Show one finished run or several side by side, or explain one test sample.");
  app->add_option("folders", o->folders, "folders that certssb run wrote")->required();
  constexpr auto inputs = std::to_array<std::string_view>({"clean", "triggered"});
  const option_adder add(*app);
  CLI::Option* html = add("html", o->html, "also write a web page that opens offline");
  CLI::Option* sample = add("sample", o->sample,
                            "explain one test sample, a row of samples_*.csv (from 0): its votes and radius, what "
                            "limits it, what would change it",
                            whole_range{});
  add("inputs", o->inputs, "with --sample: the test inputs it is one of", inputs)->needs(sample);
  add("defence", o->defence, "with --sample: this defence alone")->needs(sample);
  html->excludes(sample);
  o->say.add_to(*app);
  add_example(*app,
              "certssb report run-a run-b --html compare.html\n  certssb report run-a --sample 0 --inputs triggered");
  return {app, [o, app] { o->say.print(naming_options(*app, [&] { return o->sample ? explain(*o) : show(*o); })); }};
}

}  // namespace certssb::cli
