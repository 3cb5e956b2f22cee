// SPDX-License-Identifier: MIT
#pragma once
// Brief: the picture of what certificates withstand: rows changed at will against the size of all other changes, and
// the attack of the run in it.

#include "certssb/core/expect.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace certssb {
inline namespace v1 {

/// Brief: an attack of `rows` rows whose changes together have length `size`.
struct drawn_attack {
  std::size_t rows = 0;
  double size = 0.0;
};

/// Brief: one line per defence, the size that is left for each number of rows. The attack is a line too: of its rows any
/// number r may be counted as changed at will, and the others then have the size sqrt(1 - r/rows) of the whole.
/// Throws: argument_error unless every series has as many x as y and there is one; data_error as run_gnuplot.
[[nodiscard]] inline std::string plot_frontier(std::span<const plot_series> series, const drawn_attack& attack) {
  expect(!series.empty(), "plot_frontier: no series given");
  std::string script(detail::plot_style);
  std::string plots;
  double most_rows = static_cast<double>(attack.rows);
  double most_size = attack.size;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const plot_series& line = series[s];
    expect(line.x.size() == line.y.size() && !line.x.empty(), "plot_frontier: ", line.name, " has ", line.x.size(),
           " x and ", line.y.size(), " y");
    most_rows = std::max(most_rows, line.x.back());
    most_size = std::max(most_size, line.y.front());
    script += concatenate("$series", s, " << END_OF_SERIES\n");
    for (std::size_t i = 0; i < line.x.size(); ++i) script += concatenate(line.x[i], " ", line.y[i], "\n");
    script += "END_OF_SERIES\n";
    plots += concatenate(s == 0 ? "plot " : ", ", "$series", s, " with linespoints lw 3 pt 7 ps 0.5 lc rgb '",
                         detail::plot_colours[s % detail::plot_colours.size()], "' title ", gnuplot_text(line.name));
  }
  if (attack.rows > 0 && attack.size > 0.0) {
    constexpr int steps = 40;
    script += "$attack << END_OF_ATTACK\n";
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      script += concatenate(share * static_cast<double>(attack.rows), " ", attack.size * std::sqrt(1.0 - share), "\n");
    }
    script += "END_OF_ATTACK\n";
    plots += ", $attack with lines lw 2 dt 2 lc rgb 'black' title 'the attack of this run'";
  }
  script += concatenate("set xlabel ", gnuplot_text("training rows changed at will"), "\nset ylabel ",
                        gnuplot_text("size of all other changes (input units)"), "\nset xrange [",
                        -0.01 * std::max(1.0, most_rows), ":", 1.05 * std::max(1.0, most_rows), "]\nset yrange [",
                        -0.02 * std::max(most_size, 1e-9), ":", 1.08 * std::max(most_size, 1e-9), "]\n", plots);
  return run_gnuplot(script, 760, detail::height_of_plot(series.size() + 1));
}

}  // namespace v1
}  // namespace certssb
