// SPDX-License-Identifier: MIT
// Brief: `certssb report`: one finished run or several side by side, as tables or as one web page.
#include "certssb/report/conditions.hpp"
#include "certssb/report/files.hpp"
#include "certssb/report/html.hpp"
#include "command.hpp"
#include "page.hpp"

#include <memory>
#include <string>
#include <vector>

namespace certssb::cli {

namespace {

struct report_options {
  std::vector<std::string> folders;
  std::string html;
  speech say;
};

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
    text += "\n" + (runs.size() > 1 ? run.name + ": " : "") + conditions_text(run.results) + stopping_text(run.results);
  }
  if (!o.html.empty()) text += "\nWeb page: " + o.html + "\n";
  o.say.print(found, text);
}

}  // namespace

command make_report(CLI::App& program) {
  const auto o = std::make_shared<report_options>();
  CLI::App* app = program.add_subcommand("report", "Show one finished run, or several side by side.");
  app->add_option("folders", o->folders, "folders that certssb run wrote")->required();
  app->add_option("--html", o->html, "also write a web page that opens offline");
  o->say.add_to(*app);
  add_example(*app, "certssb report run-a run-b --html compare.html");
  return {app, [o] { report(*o); }};
}

}  // namespace certssb::cli
