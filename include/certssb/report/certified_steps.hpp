// SPDX-License-Identifier: MIT
#pragma once
// Brief: certified accuracy as the curve that the samples give: it falls at their radii, and nowhere else.

#include "certssb/io/csv.hpp"
#include "certssb/report/plot.hpp"
#include "certssb/report/read_run.hpp"
#include "certssb/report/results.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the share of n samples whose radius is above r, for every r.
/// Maths: it falls behind each radius. Of more than 256 falls a part is drawn, each where the first of those left out
/// is, so that the curve never lies above the truth, and by less than a 256th below.
/// Shapes: radii [at most n], of the samples that are right; those of 0 count nowhere.
/// Requires: n > 0.
/// Cost: one sort.
[[nodiscard]] inline plot_series certified_steps(std::string name, std::vector<double> radii, std::size_t n) {
  constexpr std::size_t most = 256;
  std::erase_if(radii, [](double r) { return !(r > 0.0); });
  std::ranges::sort(radii);
  const auto share = [n](std::size_t above) { return static_cast<double>(above) / static_cast<double>(n); };
  plot_series curve{std::move(name), {0.0}, {share(radii.size())}};
  std::vector<std::size_t> ends;  // how many radii are up to each different one
  for (std::size_t i = 1; i <= radii.size(); ++i) {
    if (i == radii.size() || radii[i] > radii[i - 1]) ends.push_back(i);
  }
  const std::size_t together = (ends.size() + most - 1) / most;
  for (std::size_t first = 0; first < ends.size(); first += together) {
    const double at = radii[ends[first] - 1];
    const std::size_t last = std::min(ends.size(), first + together) - 1;
    curve.x.insert(curve.x.end(), {at, at});
    curve.y.insert(curve.y.end(), {curve.y.back(), share(radii.size() - ends[last])});
  }
  return curve;
}

/// Brief: the certified accuracy of one evaluation of a run, from samples_*.csv in its folder.
/// Throws: data_error if the file is missing or is no such table.
[[nodiscard]] inline plot_series read_certified_steps(const std::filesystem::path& folder, const std::string& defence,
                                                      const evaluation_result& e, std::string name) {
  const csv_table_text samples = read_csv(detail::inside(folder, defence + "/samples_" + e.inputs + ".csv"));
  const std::size_t label = samples.column("label");
  const std::size_t predicted = samples.column("predicted");
  const std::size_t radius = samples.column("radius_" + e.mode + (e.storage_update ? "_storage_update" : ""));
  std::vector<double> radii;
  for (std::size_t i = 0; i < samples.rows(); ++i) {
    if (samples.integer(i, label) == samples.integer(i, predicted)) radii.push_back(samples.real(i, radius));
  }
  plot_series curve = certified_steps(std::move(name), std::move(radii), std::max<std::size_t>(1, samples.rows()));
  curve.dashed = !e.certified;
  return curve;
}

}  // namespace v1
}  // namespace certssb
