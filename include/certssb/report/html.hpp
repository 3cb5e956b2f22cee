// SPDX-License-Identifier: MIT
#pragma once
// Brief: the report as one web page, without network, script or other files.

#include "certssb/certificate/named.hpp"
#include "certssb/report/html_style.hpp"
#include "certssb/report/png.hpp"
#include "certssb/report/summary.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a drawing, with its title and caption.
struct page_figure {
  std::string title;
  std::string svg;  ///< SVG text, or empty if it could not be drawn
  std::string caption;
};

/// Brief: one run with its pictures.
struct run_page {
  named_run run;
  std::map<std::string, std::string> png;  ///< file name, as in `results.examples` -> bytes
  std::vector<page_figure> figures;
};

/// Brief: a text with the special characters of HTML escaped.
[[nodiscard]] inline std::string html_text(std::string_view words) {
  std::string escaped;
  for (const char symbol : words) {
    switch (symbol) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += symbol;
    }
  }
  return escaped;
}

namespace detail {

/// Brief: the drawing with unique names in it, so that several fit on one page.
[[nodiscard]] inline std::string inline_svg(std::string svg, std::size_t number, std::string_view caption) {
  const std::string prefix = concatenate("f", number, "-");
  for (const std::string_view name : {"gpPt", "gpDot", "gnuplot_canvas", "gnuplot_plot_"}) {
    for (std::size_t at = svg.find(name); at != std::string::npos; at = svg.find(name, at + prefix.size() + 1)) {
      svg.insert(at, prefix);
    }
  }
  const std::string_view untitled = "<title>Gnuplot</title>";
  if (const std::size_t at = svg.find(untitled); at != std::string::npos) {
    svg.replace(at, untitled.size(), "<title>" + html_text(caption) + "</title>");
  }
  return svg.replace(0, 4, "<svg role=\"img\"");
}

[[nodiscard]] inline std::string html_table(const text_table& table) {
  std::string html = "<div class=\"wide\"><table>\n<thead><tr>";
  for (const std::string& cell : table.heading()) html += "<th scope=\"col\">" + html_text(cell) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows()) {
    const auto uncertified = [](const std::string& cell) { return cell.find("not certified") != std::string::npos; };
    html += std::ranges::any_of(row, uncertified) ? "<tr class=\"uncertified\">" : "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) {
      html += (table.numeric(c) ? "<td class=\"number\">" : "<td>") + html_text(row[c]) + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

[[nodiscard]] inline std::string html_example_cell(const run_page& page, const std::string& file,
                                                   const std::string& words) {
  const auto found = page.png.find(file);
  if (found == page.png.end()) return "<td></td>";
  return "<td><img alt=\"" + html_text(words) + "\" src=\"data:image/png;base64," + base64(found->second) + "\"></td>";
}

[[nodiscard]] inline std::string html_examples(const run_page& page) {
  const auto& examples = page.run.results.examples;
  if (examples.empty()) return "";
  std::string html =
      "<h3>What the models see</h3>\n<p>Test images as they are, with the attacker's trigger, and the triggered image "
      "under one draw of the noise each defence gives it, at that image's own scale.</p>\n"
      "<div class=\"wide\"><table class=\"examples\">\n<thead><tr><th scope=\"col\">sample</th>"
      "<th scope=\"col\">clean</th><th scope=\"col\">triggered</th>";
  for (const auto& [defence, file] : examples.front().noisy) {
    html += "<th scope=\"col\">noisy for " + html_text(defence) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const example_result& e : examples) {
    const std::string sample = concatenate("sample ", e.id, ", class ", page.run.results.data.class_text(e.label));
    html += "<tr><th scope=\"row\">" + html_text(sample) + "</th>" +
            html_example_cell(page, e.clean, "clean " + sample) +
            html_example_cell(page, e.triggered, "triggered " + sample);
    for (const auto& [defence, file] : e.noisy) {
      html += html_example_cell(page, file, "noisy " + sample);
      const auto sigma = e.sigma.find(defence);
      if (sigma == e.sigma.end()) continue;
      html.insert(html.size() - 5,
                  "<br><small>sigma " + length_text(sigma->second, page.run.results.data.of_images()) + "</small>");
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

[[nodiscard]] inline std::string html_changes(const run_results& results) {
  if (results.changes.empty()) return "";
  text_table table({"sample", "class", "columns changed", "of these most", "clean", "triggered"});
  for (const change_result& sample : results.changes) {
    for (const column_change& change : sample.most) {
      table.add({std::to_string(sample.id), results.data.class_text(sample.label), std::to_string(sample.columns),
                 change.column, decimal(change.clean, 4), decimal(change.triggered, 4)});
    }
  }
  return "<h3>What the attacker changes</h3>\n<p>The first triggered test samples, and the columns in which the "
         "trigger "
         "changes them most, in units of each column's range.</p>\n" +
         html_table(table);
}

[[nodiscard]] inline std::string html_figure(const page_figure& figure, std::size_t number) {
  const std::string title = "<h3>" + html_text(figure.title) + "</h3>\n";
  const std::string caption = html_text(figure.caption);
  if (figure.svg.empty()) return title + "<p class=\"note\">Not drawn: " + caption + "</p>\n";
  return title + "<figure>" + inline_svg(figure.svg, number, figure.title) + "<figcaption>" + caption +
         "</figcaption></figure>\n";
}

[[nodiscard]] inline std::string html_config(const run_results& results) {
  std::string html = "<details><summary>Options of this run</summary>\n<div class=\"wide\"><table><tbody>\n";
  for (const auto& option : results.config) {
    html += "<tr><th scope=\"row\">" + html_text(option.first) + "</th><td>" + html_text(option_text(option.second)) +
            "</td></tr>\n";
  }
  html += "</tbody></table></div>\n<p>certssb " + html_text(results.version) + ", " +
          concatenate(results.timing.threads) + " threads, " + decimal(results.timing.total_s, 1) + " s";
  if (results.data.attacked) {
    html += ", of which " + decimal(results.timing.ascent_s, 1) + " s ascent; " +
            decimal(results.timing.train_samples_per_s, 0) + " training samples a second";
  }
  return html + ".</p>\n</details>\n";
}

[[nodiscard]] inline std::string html_assumptions(std::span<const run_page> runs) {
  std::vector<std::string> modes;
  for (const run_page& page : runs) {
    for (const defence_result& defence : page.run.results.defences) {
      for (const evaluation_result& e : defence.evaluations) {
        if (std::ranges::find(modes, e.mode) == modes.end()) modes.push_back(e.mode);
      }
    }
  }
  std::string html = "<h2>What is certified, and under which assumption</h2>\n<dl>\n";
  for (const std::string& mode : modes) {
    html += "<dt>" + html_text(mode) + "</dt><dd>" + html_text(meaning_of(mode)) + "</dd>\n";
  }
  return html +
         "</dl>\n<p>Each certificate is wrong with a chance of at most alpha, over the draw of the models, for a test "
         "input chosen beforehand. A certificate says that the prediction is stable, not that it is right. Label "
         "flips, "
         "added or removed rows, and anything computed from the raw rows before noise are not covered.</p>\n";
}

/// Brief: what the page is about.
[[nodiscard]] inline std::string lead_text(std::span<const run_page> runs) {
  if (std::ranges::none_of(runs, [](const run_page& page) { return page.run.results.data.attacked; })) {
    return "Many models, each trained elsewhere on its own noisy copy of a training set, voted on the test inputs. "
           "From "
           "their votes follows how much the training rows could have been changed without changing the vote. The "
           "votes "
           "are taken on trust: what they rest on is named among the assumptions.";
  }
  return "An attacker put a pattern into some training rows and gave them a label of the attacker's choice, so that a "
         "model learns to obey the pattern. Each defence trains many models, each on its own noisy copy of the "
         "training "
         "set, lets them vote, and derives how much the training rows could have been changed without changing the "
         "vote.";
}

}  // namespace detail

/// Brief: the whole page: the run, what is certified under which assumptions, tables, pictures, options.
/// Throws: nothing of its own. Every text from outside is escaped.
[[nodiscard]] inline std::string html_page(std::span<const run_page> runs) {
  std::vector<named_run> named;
  for (const run_page& page : runs) named.push_back(page.run);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>certssb report</title>\n<style>\n" +
      std::string(detail::page_style) +
      "</style>\n</head>\n<body>\n<main>\n<h1>Certified backdoor defence: report</h1>\n"
      "<p class=\"lead\">" +
      detail::lead_text(runs) + "</p>\n";
  for (const run_page& page : runs) {
    if (runs.size() > 1) html += "<h3>" + html_text(page.run.name) + "</h3>\n";
    html += "<p>" + html_text(attack_text(page.run.results)) + "</p>\n";
  }
  html += "<h2>Results</h2>\n" + detail::html_table(evaluation_table(named)) + "<p class=\"note\">" +
          html_text(evaluation_legend()) + "</p>\n" + detail::html_assumptions(runs);
  for (const run_page& page : runs) {
    const std::string storage = storage_text(page.run.results);
    if (!storage.empty()) html += "<p class=\"note\">" + html_text(storage) + "</p>\n";
  }
  html += "<h2>Noise scales</h2>\n" + detail::html_table(defence_table(named));
  std::size_t number = 0;
  for (const run_page& page : runs) {
    html += "<h2>" + html_text(runs.size() > 1 ? "Pictures: " + page.run.name : "Pictures") + "</h2>\n";
    html += detail::html_examples(page) + detail::html_changes(page.run.results);
    for (const page_figure& figure : page.figures) html += detail::html_figure(figure, ++number);
    html += detail::html_config(page.run.results);
  }
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace v1
}  // namespace certssb
