// SPDX-License-Identifier: MIT
#pragma once
// Brief: the time and memory that a run will take, from a calibration on a small part of its data.

#include "certssb/core/observer.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/data/split.hpp"
#include "certssb/run/defend.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/task_observer.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the expected time of one part of a run.
struct stage_estimate {
  std::string name;
  double seconds = 0.0;
};

/// Brief: the expected time and memory of a run; certificates and report are not counted.
struct run_estimate {
  std::vector<stage_estimate> stages;  ///< in the order of the run
  double memory_bytes = 0.0;           ///< peak, resident
  double calibration_s = 0.0;
  std::size_t threads = 1;
  bool at_most = false;  ///< early stopping may end the run sooner

  [[nodiscard]] double total_s() const {
    double total = 0.0;
    for (const stage_estimate& stage : stages) total += stage.seconds;
    return total;
  }
};

namespace detail {

/// Brief: peak resident memory of this process so far, in bytes.
[[nodiscard]] inline double peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

/// Brief: the first n training rows, and the same share of each set of test inputs.
template <tensor Tensor>
[[nodiscard]] poisoned_split<Tensor> first_part(const poisoned_split<Tensor>& whole, std::size_t n) {
  const auto& train = whole.train;
  const double share = static_cast<double>(n) / static_cast<double>(train.data.size());
  const auto part_of = [&](std::size_t rows) {
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(share * static_cast<double>(rows))), 1, rows);
  };
  poisoned_split<Tensor> part{{first_rows(train.data, n), {}, {}, {}},
                              first_rows(whole.clean, part_of(whole.clean.size())),
                              first_rows(whole.triggered, part_of(whole.triggered.size())),
                              {},
                              whole.trusted,
                              whole.classes,
                              whole.largest_trigger};
  part.wanted.assign(whole.wanted.begin(), whole.wanted.begin() + static_cast<std::ptrdiff_t>(part.triggered.size()));
  for (std::size_t p = 0; p < train.positions.size() && train.positions[p] < n; ++p) {
    part.train.positions.push_back(train.positions[p]);
    part.train.pattern_norms.push_back(train.pattern_norms[p]);
    part.train.pattern_l1.push_back(train.pattern_l1[p]);
    part.train.relabelled.push_back(train.relabels(p) ? 1 : 0);
  }
  return part;
}

/// Brief: scores and scales that are kept for every member.
template <tensor Tensor>
[[nodiscard]] double kept_bytes(const run_settings& s, const poisoned_split<Tensor>& data) {
  double bytes = 0.0;
  const double samples = static_cast<double>(s.training.models * (data.clean.size() + data.triggered.size()));
  for (const std::string& name : s.defence_names()) {
    const smoothing_options o = s.defence(name).smoothing;
    if (o.keep_scores) bytes += samples * static_cast<double>(data.clean.classes() * sizeof(scalar_of<Tensor>));
    if (o.own_scales) bytes += samples * sizeof(double);
  }
  return bytes;
}

}  // namespace detail

/// Brief: trains and votes as the run would, with one member per worker, on as many of the first rows as take about
/// half a second per defence, and scales the times up: members by rounds of workers, everything by the number of rows.
/// `load_seconds`: what loading the data took.
/// Throws: what the run itself would throw on its data.
/// Cost: a few seconds.
template <tensor Tensor, class Method, executor Executor>
[[nodiscard]] run_estimate estimate_run(const poisoned_split<Tensor>& data, const Method& method,
                                        const run_settings& asked, const Executor& executor, const random_key& key,
                                        double load_seconds) {
  constexpr double enough_seconds = 0.5;
  constexpr std::size_t least_rows = 512;
  const stopwatch calibration;
  const any_executor workers(executor);
  run_estimate expected;
  expected.threads = workers.concurrency();
  expected.at_most = asked.certification.stop_at_radius.has_value();
  expected.stages.push_back({"data", load_seconds});

  run_settings settings = asked;
  settings.parts.training_rows = data.train.data.size();
  run_settings small = settings;
  small.training.models = expected.threads;
  small.certification.stop_at_radius.reset();
  small.certification.bound.reset();
  // A file of scales is one of all rows: the common scale takes as long.
  if (facts_of(settings.certified.request().base).training == member_training::fixed_scales) {
    small.certified.mode = "uniform";
  }
  silent_observer nobody;
  task_observer silent(nobody, "calibration");

  // Times work(part of the data) on as many rows as take long enough; by how much the whole run has more rows.
  const auto timed = [&](const auto& work) {
    const std::size_t rows = data.train.data.size();
    for (std::size_t n = std::min(least_rows, rows);;) {
      const poisoned_split<Tensor> part = detail::first_part(data, n);
      const stopwatch since;
      work(part, since);
      const double seconds = since.seconds();
      if (n == rows || seconds > enough_seconds) return static_cast<double>(rows) / static_cast<double>(n);
      const double more = std::clamp(1.2 * enough_seconds / seconds, 2.0, 32.0);
      n = std::min(rows, static_cast<std::size_t>(static_cast<double>(n) * more));
    }
  };

  double seconds = 0.0;
  double times = timed([&](const poisoned_split<Tensor>& part, const stopwatch& since) {
    const auto learner = learner_for(method, small.defence("rab"));
    const gaussian_noise noise;
    static_cast<void>(run_undefended(defence_context{learner, noise, workers, silent, key}, part.train.data, part.clean,
                                     part.triggered, std::span<const label_type>(part.wanted)));
    seconds = since.seconds();
  });
  expected.stages.push_back({"undefended", times * seconds});

  const std::size_t rounds = (settings.training.models + expected.threads - 1) / expected.threads;
  for (const std::string& name : settings.defence_names()) {
    const defence_settings whole = settings.defence(name);
    const bool in_parts = whole.plain_parts() || whole.smoothed_parts();
    defence_settings own = small.defence(name);
    if (in_parts) own.smoothing.models = whole.smoothing.models;
    times = timed([&](const poisoned_split<Tensor>& part, const stopwatch& since) {
      const auto share = [&](std::size_t count, std::size_t least) {
        return count == 0 ? 0 : std::max(least, count * part.train.data.size() / data.train.data.size());
      };
      own.parts = share(whole.parts, 1);
      own.neighbours = share(whole.neighbours, 1);
      own.bag = share(whole.bag, 2);
      const auto trained = defence_trainer(part, method, small, own, workers, silent, key).train();
      const double members = trained.train_seconds;
      const bool as_it_is = in_parts || trained.closed || !trained.exact_bounds.empty();
      seconds = as_it_is ? since.seconds() : static_cast<double>(rounds) * members + since.seconds() - members;
    });
    // Every part, or every training row, meets every test input; class means are a few.
    const bool by_rows = own.closed_form() && own.mode.base != nearest_mean_facts::name;
    const bool by_pairs = in_parts || by_rows || facts_of(own.mode.base).training == member_training::neighbours;
    expected.stages.push_back({name, (by_pairs ? times * times : times) * seconds});
  }
  expected.memory_bytes = detail::peak_memory() + detail::kept_bytes(settings, data);
  expected.calibration_s = calibration.seconds();
  return expected;
}

}  // namespace v1
}  // namespace certssb
