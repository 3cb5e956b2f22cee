// SPDX-License-Identifier: MIT
#pragma once
// Brief: the web page of finished runs, made from their folders alone.

#include "certssb/core/expect.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/certified_steps.hpp"
#include "certssb/report/html.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/plot.hpp"
#include "certssb/report/plot_frontier.hpp"
#include "certssb/report/read_run.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

inline constexpr std::uintmax_t largest_picture = std::uintmax_t{1} << 22U;

[[nodiscard]] inline page_figure draw(const std::string& title, const std::string& caption, std::string& complaint,
                                      const std::function<std::string()>& plot) {
  try {
    return {title, plot(), caption};
  } catch (const data_error& e) {
    complaint = e.what();
    return {title, "", caption + " (" + complaint + ")"};
  }
}

[[nodiscard]] inline page_figure draw_curves(const run_results& results, const std::string& inputs,
                                             const std::filesystem::path& folder, std::string& complaint) {
  std::vector<plot_series> series;
  for (const defence_result& defence : results.defences) {
    for (const evaluation_result& e : defence.evaluations) {
      if (e.inputs != inputs || e.certified_accuracy.empty() || e.norm == "rows") continue;
      series.push_back(read_certified_steps(folder, defence.name, e, defence.name + ", " + mode_text(e)));
    }
  }
  const std::string caption =
      "Share of all " + inputs +
      " test samples that are predicted right with a radius above the one on the axis, which is logarithmic where the "
      "defences are far apart. Solid lines are certified under the assumptions of their mode; dashed lines are "
      "published radii, which certify nothing.";
  return draw("Certified accuracy, " + inputs + " test inputs", caption, complaint,
              [&] { return series.empty() ? std::string() : plot_radii(std::move(series)); });
}

/// Brief: whether the results say what is left when rows are changed at will; those of schema 1 do not.
[[nodiscard]] inline bool has_frontier(const run_results& results) {
  return std::ranges::any_of(results.defences, [](const defence_result& d) {
    return std::ranges::any_of(
        d.evaluations, [](const evaluation_result& e) { return e.certified && e.norm != "l1" && !e.frontier.empty(); });
  });
}

[[nodiscard]] inline page_figure draw_frontier(const run_results& results, const std::string& inputs,
                                               std::string& complaint) {
  std::vector<plot_series> series;
  for (const defence_result& defence : results.defences) {
    for (const evaluation_result& e : defence.evaluations) {
      if (e.inputs != inputs || !e.certified || e.frontier.empty() || e.norm == "l1") continue;
      plot_series line{defence.name + ", " + mode_text(e), {}, {}};
      for (const frontier_point& point : e.frontier) {
        if (static_cast<double>(point.rows) > e.rows.median) break;
        line.x.push_back(static_cast<double>(point.rows));
        line.y.push_back(point.radius);
      }
      series.push_back(std::move(line));
    }
  }
  const std::string caption =
      "What the certificate of the median " + inputs +
      " test sample withstands: so many rows changed at will, in features and labels, and on top of that changes of "
      "all "
      "other rows up to this size. Of the attack's rows any number may be counted as changed at will: a line that "
      "reaches "
      "beyond the dashed one at any place withstands every attack of this shape. The table says more: whether the very "
      "rows of this attack are withstood, which is easier, since it is known which parts they are in.";
  return draw("What is withstood, " + inputs + " test inputs", caption, complaint, [&] {
    const double size = results.data.pattern_l2_frobenius;  // not drawn where it is not known
    return plot_frontier(series, {results.data.poisoned_rows, std::isfinite(size) ? size : 0.0});
  });
}

[[nodiscard]] inline page_figure draw_stopping(const run_results& results, std::string& complaint) {
  std::vector<plot_series> series;
  for (const defence_result& defence : results.defences) {
    if (defence.stopping.empty()) continue;
    plot_series line{defence.name, {}, {}, false};
    for (const stopping_result& point : defence.stopping) {
      line.x.push_back(static_cast<double>(point.models));
      line.y.push_back(point.decided);
    }
    series.push_back(std::move(line));
  }
  return draw("Models spent, samples decided",
              "Share of all test samples, clean and triggered, that are decided after so many models: certified at the "
              "wanted radius, or without hope of it.",
              complaint, [&] { return plot_curves(series, "models trained", "share of test samples decided"); });
}

[[nodiscard]] inline page_figure draw_scales(const defence_result& defence, bool of_images,
                                             const std::filesystem::path& folder, const std::vector<std::int64_t>& rows,
                                             std::string& complaint) {
  const std::filesystem::path file = inside(folder, defence.name + "/sigma_train.npy");
  const npy_array<double> scales = read_npy_reals(file);
  const std::set<std::int64_t> poisoned_rows(rows.begin(), rows.end());
  std::vector<double> clean;
  std::vector<double> poisoned;
  for (std::size_t i = 0; i < scales.values.size(); ++i) {
    expect<data_error>(std::isfinite(scales.values[i]), file.string(), ": expected finite scales, got ",
                       scales.values[i]);
    const bool is_poisoned = poisoned_rows.contains(static_cast<std::int64_t>(i));
    (is_poisoned ? poisoned : clean).push_back(scales.values[i]);
  }
  const std::string caption = "Noise scales that " + defence.name +
                              (of_images ? " gave the training rows (for pixels in [0,1]; times 255 for grey levels)"
                                         : " gave the training rows") +
                              (rows.empty() ? "."
                                            : ". Poisoned rows are marked here because this run knows them; the "
                                              "defence did not.");
  return draw("Noise scales of " + defence.name, caption, complaint, [&] { return plot_scales(clean, poisoned); });
}

/// Brief: what storage-update does where inputs lie densely and their regions are large, in a sentence.
[[nodiscard]] inline std::string dense_setting() {
  constexpr std::size_t rows = 400;
  constexpr double radius = 0.3;
  const auto inputs = draw_dataset<double>(gaussian_blobs_problem(2, 2, 2.0, 1.0), rows, random_key{.seed = 5});
  const std::vector<double> radii(rows, radius);
  std::map<storage_event, std::size_t> counts;
  for (const stored_answer& answer :
       storage_update(inputs.inputs(), inputs.labels(), std::span<const double>(radii), storage_policy::min)) {
    ++counts[answer.event];
  }
  return concatenate("Of ", rows,
                     " points drawn from two overlapping clouds of the plane, each asking for a radius of ", radius,
                     ", it keeps ", counts[storage_event::keep], " regions, trims ", counts[storage_event::trim],
                     " and changes ", counts[storage_event::adopt], " labels (examples/05_storage_order.cpp).");
}

/// Brief: points of the plane in the order they come in, each with the label and radius it asks for.
[[nodiscard]] inline page_figure draw_regions(std::string& complaint) {
  const host_array<double> centres({0.0, 0.0, 2.6, 0.4, 0.7, 0.5, 1.5, 2.3, -1.6, 1.6, 3.3, -1.1}, 2);
  const std::vector<label_type> labels{0, 1, 1, 0, 1, 1};
  const std::vector<double> radii{1.5, 1.6, 0.6, 1.2, 0.7, 0.9};
  const auto answers =
      storage_update(centres, std::span<const label_type>(labels), std::span<const double>(radii), storage_policy::min);
  std::vector<plot_region> before;
  std::vector<plot_region> after;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double x = centres.values[2 * i];
    const double y = centres.values[2 * i + 1];
    const std::string number = std::to_string(i + 1);
    before.push_back({x, y, radii[i], labels[i], number});
    after.push_back(
        {x, y, answers[i].radius, answers[i].label, number + " " + std::string(event_name(answers[i].event))});
  }
  const std::string caption =
      "What storage-update does, on six made-up points of the plane (not of this run: test inputs have more "
      "dimensions), computed by the library in the order of their numbers. A region that reaches into one of another "
      "colour is trimmed until they touch; a point inside a region of another colour adopts its label (6 stays as it "
      "is: it "
      "overlaps a region of its own colour alone). " +
      dense_setting();
  return draw("Storage-update in the plane", caption, complaint, [&] { return plot_regions(before, after); });
}

}  // namespace detail

/// Brief: the pictures of a run. If gnuplot is missing, says so in `complaint` and leaves the drawings out.
/// Throws: data_error if a file is missing or no picture.
[[nodiscard]] inline run_page illustrate(const named_run& run, const std::filesystem::path& folder,
                                         std::string& complaint) {
  run_page page{run, {}, {}};
  for (const example_result& example : run.results.examples) {
    std::vector<std::string> names{example.clean, example.triggered};
    for (const auto& noisy : example.noisy) names.push_back(noisy.second);
    for (const std::string& name : names) {
      std::string content = read_file(detail::inside(folder, name), detail::largest_picture);
      expect<data_error>(content.starts_with("\x89PNG\r\n"), (folder / name).string(), ": expected a PNG picture");
      page.png[name] = std::move(content);
    }
  }
  const bool attacked = run.results.data.attacked;
  if (attacked && detail::has_frontier(run.results)) {
    for (const char* inputs : {"triggered", "clean"}) {
      page.figures.push_back(detail::draw_frontier(run.results, inputs, complaint));
    }
  }
  for (const char* inputs : {"triggered", "clean", "given"}) {
    const bool drawn = std::ranges::any_of(run.results.defences, [&](const defence_result& d) {
      return std::ranges::any_of(d.evaluations, [&](const auto& e) { return e.inputs == inputs && e.labelled; });
    });
    if (drawn || (attacked && inputs != std::string_view("given")))
      page.figures.push_back(detail::draw_curves(run.results, inputs, folder, complaint));
  }
  if (std::ranges::any_of(run.results.defences, [](const defence_result& d) { return !d.stopping.empty(); })) {
    page.figures.push_back(detail::draw_stopping(run.results, complaint));
  }
  std::vector<std::int64_t> poisoned;
  if (attacked) poisoned = read_npy_integers(folder / "poisoned_rows.npy").values;
  for (const defence_result& defence : run.results.defences) {
    if (defence.sigma_train.min == defence.sigma_train.max) continue;
    page.figures.push_back(detail::draw_scales(defence, run.results.data.of_images(), folder, poisoned, complaint));
  }
  if (attacked) page.figures.push_back(detail::draw_regions(complaint));
  return page;
}

}  // namespace v1
}  // namespace certssb
