// SPDX-License-Identifier: MIT
#pragma once
// Brief: the report's three pictures: noise scales, certified accuracy against radius, regions in the plane.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/report/gnuplot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: points joined by a line.
struct plot_series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  bool dashed = false;  ///< for curves that are not certified
};

/// Brief: a ball in the plane, with the label it stands for.
struct plot_region {
  double x = 0.0;
  double y = 0.0;
  double radius = 0.0;
  label_type label = 0;
  std::string note;  ///< written at its centre
};

namespace detail {

inline constexpr std::array<std::string_view, 8> plot_colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                                 "#e69f00", "#56b4e9", "#6a3d9a", "#444444"};

inline constexpr std::string_view plot_style =
    "set border 3 lc rgb '#555555'\nset tics nomirror textcolor rgb '#333333'\n"
    "set grid ytics lc rgb '#dddddd' lt 1\nset key outside below Left reverse maxcols 1 samplen 2\n";

/// Brief: the axes, and below them a line of the legend for each series.
[[nodiscard]] constexpr std::size_t height_of_plot(std::size_t series) { return 400 + 24 * series; }

/// Shares of the values in equal bins from low to high; the last bin is closed.
[[nodiscard]] inline std::vector<double> histogram(std::span<const double> values, double low, double high,
                                                   std::size_t bins) {
  std::vector<double> shares(bins);
  for (const double value : values) {
    const double place = (value - low) / (high - low) * static_cast<double>(bins);
    const auto bin = static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(bins - 1)));
    shares[bin] += 1.0 / static_cast<double>(values.size());
  }
  return shares;
}

[[nodiscard]] inline std::string region_lines(std::span<const plot_region> regions) {
  std::string lines;
  for (const plot_region& r : regions) {
    lines += concatenate(r.x, " ", r.y, " ", r.radius, " ", r.label, "\n");
  }
  return lines;
}

/// Brief: "x y" lines through the given points, with corners that keep to the lower value between two of them.
[[nodiscard]] inline std::string step_lines(std::span<const double> x, std::span<const double> y) {
  std::string lines = concatenate(x[0], " ", y[0], "\n");
  for (std::size_t i = 1; i < x.size(); ++i) {
    const bool falls = y[i] < y[i - 1];
    lines += concatenate(falls ? x[i - 1] : x[i], " ", falls ? y[i] : y[i - 1], "\n", x[i], " ", y[i], "\n");
  }
  return lines;
}

}  // namespace detail

/// Brief: histograms of the noise scales of clean and of poisoned rows, each as shares of its own rows.
/// Throws: argument_error if there are no clean rows; data_error as run_gnuplot.
[[nodiscard]] inline std::string plot_scales(std::span<const double> clean, std::span<const double> poisoned) {
  expect(!clean.empty(), "plot_scales: no scales given");
  constexpr std::size_t bins = 40;
  double low = std::ranges::min(clean);
  double high = std::ranges::max(clean);
  for (const double scale : poisoned) {
    low = std::min(low, scale);
    high = std::max(high, scale);
  }
  if (high - low < 1e-9) high = low + 0.1;
  const auto clean_shares = detail::histogram(clean, low, high, bins);
  const auto poisoned_shares = detail::histogram(poisoned, low, high, bins);
  std::string script(detail::plot_style);
  script += "$rows << END_OF_ROWS\n";
  for (std::size_t b = 0; b < bins; ++b) {
    const double middle = low + (static_cast<double>(b) + 0.5) * (high - low) / bins;
    script += concatenate(middle, " ", clean_shares[b], " ", poisoned_shares[b], "\n");
  }
  script += concatenate("END_OF_ROWS\nset boxwidth ", (high - low) / bins, "\nset xlabel ",
                        gnuplot_text("noise scale sigma of a training row (input units)"), "\nset ylabel ",
                        gnuplot_text("share of these rows"), "\nset yrange [0:*]\n");
  script += "plot $rows using 1:2 with boxes fs transparent solid 0.5 noborder lc rgb '#0072b2' title 'clean rows'";
  if (!poisoned.empty()) {
    script += ", $rows using 1:3 with boxes fs transparent solid 0.5 noborder lc rgb '#d55e00' title 'poisoned rows'";
  }
  return run_gnuplot(script);
}

/// Brief: monotone curves, dashed if nothing is certified. A curve is known at its points only; between two points the
/// line is drawn at the lower value. `more` are further lines of gnuplot's language.
/// Throws: argument_error unless every series has as many x as y and there is one; data_error as run_gnuplot.
[[nodiscard]] inline std::string plot_curves(std::span<const plot_series> series, std::string_view x_axis,
                                             std::string_view y_axis, std::string_view more = "") {
  expect(!series.empty(), "plot_curves: no series given");
  std::string script = concatenate(detail::plot_style, more);
  std::string plots;
  for (std::size_t s = 0; s < series.size(); ++s) {
    expect(series[s].x.size() == series[s].y.size() && !series[s].x.empty(), "plot_curves: ", series[s].name, " has ",
           series[s].x.size(), " x and ", series[s].y.size(), " y");
    script += concatenate("$series", s, " << END_OF_SERIES\n");
    script += detail::step_lines(series[s].x, series[s].y) + "END_OF_SERIES\n";
    plots += concatenate(s == 0 ? "plot " : ", ", "$series", s, " with lines lw 2 dt ", series[s].dashed ? 2 : 1,
                         " lc rgb '", detail::plot_colours[s % detail::plot_colours.size()], "' title ",
                         gnuplot_text(series[s].name));
  }
  script += concatenate("set xlabel ", gnuplot_text(x_axis), "\nset ylabel ", gnuplot_text(y_axis),
                        "\nset yrange [0:1.02]\n", plots);
  return run_gnuplot(script, 760, detail::height_of_plot(series.size()));
}

/// Brief: certified accuracy against radius, one line per defence and mode; lines that coincide are one, with all their
/// names. The axis ends behind the last radius of any line, and is logarithmic where the lines end at radii more than 20
/// times apart.
/// Throws: as plot_curves.
[[nodiscard]] inline std::string plot_radii(std::vector<plot_series> series) {
  std::vector<plot_series> different;
  double least = std::numeric_limits<double>::infinity();
  double most = 0.0;
  for (plot_series& line : series) {
    const auto same = std::ranges::find_if(different, [&](const plot_series& other) {
      return other.x == line.x && other.y == line.y && other.dashed == line.dashed;
    });
    if (same != different.end()) {
      same->name += "; " + line.name;
      continue;
    }
    expect(!line.x.empty(), "plot_radii: ", line.name, " has no points");
    if (line.x.back() > 0.0) least = std::min(least, line.x.back());
    most = std::max(most, line.x.back());
    different.push_back(std::move(line));
  }
  std::string axis = concatenate("set xrange [0:", most > 0.0 ? 1.05 * most : 1.0, "]\n");
  if (most > 20.0 * least) {
    const double low = least / 5.0;
    for (plot_series& line : different) {
      for (double& x : line.x) x = std::max(x, low);
    }
    axis = concatenate("set logscale x\nset xrange [", low, ":", 1.2 * most, "]\n");
  }
  return plot_curves(different, "radius (input units)", "share of all test samples", axis);
}

/// Brief: regions before and after storage-update, side by side, one colour per label.
/// Throws: argument_error if there are none; data_error as run_gnuplot.
[[nodiscard]] inline std::string plot_regions(std::span<const plot_region> before, std::span<const plot_region> after) {
  expect(!before.empty() && !after.empty(), "plot_regions: no regions given");
  double low_x = before.front().x;
  double high_x = low_x;
  double low_y = before.front().y;
  double high_y = low_y;
  std::string script = "set size ratio -1\nunset border\nunset tics\nunset key\nset multiplot layout 1,2\n";
  for (const std::span<const plot_region> panel : {before, after}) {
    for (const plot_region& r : panel) {
      low_x = std::min(low_x, r.x - r.radius);
      high_x = std::max(high_x, r.x + r.radius);
      low_y = std::min(low_y, r.y - r.radius);
      high_y = std::max(high_y, r.y + r.radius);
    }
  }
  script += concatenate("set xrange [", low_x - 0.2, ":", high_x + 0.2, "]\nset yrange [", low_y - 0.2, ":",
                        high_y + 0.2, "]\n");
  script += concatenate("$before << END_OF_REGIONS\n", detail::region_lines(before), "END_OF_REGIONS\n");
  script += concatenate("$after << END_OF_REGIONS\n", detail::region_lines(after), "END_OF_REGIONS\n");
  const auto panel = [&](std::string_view name, std::string_view title, std::span<const plot_region> regions) {
    script += "unset label\n";
    for (const plot_region& r : regions) {
      script += concatenate("set label ", gnuplot_text(r.note), " at ", r.x, ",", r.y, " center offset 0,0.8 front\n");
    }
    script += concatenate("set title ", gnuplot_text(title), "\nplot ");
    std::vector<label_type> labels;
    for (const plot_region& r : before) labels.push_back(r.label);
    std::ranges::sort(labels);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    for (std::size_t l = 0; l < labels.size(); ++l) {
      const std::string_view colour = detail::plot_colours[l % detail::plot_colours.size()];
      script +=
          concatenate(l == 0 ? "" : ", ", name, " using ($4==", labels[l], " ? $1 : NaN):2:3 with circles lc rgb '",
                      colour, "' fs transparent solid 0.25 border, ", name, " using ($4==", labels[l],
                      " ? $1 : NaN):2 with points pt 7 ps 0.5 lc rgb '", colour, "'");
    }
    script += "\n";
  };
  panel("$before", "before storage-update", before);
  panel("$after", "after storage-update", after);
  script += "unset multiplot\n";
  return run_gnuplot(script, 860, 430);
}

}  // namespace v1
}  // namespace certssb
