// SPDX-License-Identifier: MIT
#include "estimate.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/report/text_table.hpp"
#include "defend.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

namespace certssb::cli {

namespace {

constexpr double enough_seconds = 0.5;
constexpr std::size_t first_rows = 512;

/// Peak resident memory so far, in bytes.
double peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

/// The same run with fewer rows and one member a thread.
class small_run {
public:
  small_run(const run_options& o, const workload& whole, const random_key& key, std::size_t threads)
      : o_(o), whole_(whole), key_(key), threads_(threads) {
    o_.models = threads;
    o_.stop_at_radius.reset();
    o_.bound.reset();
    if (o_.requested().base == "frozen") o_.mode = "uniform";
  }

  /// Times work(surroundings) on as many rows as take long enough; says by how much the whole run has more.
  template <class Work>
  double timed(const Work& work) {
    const double rows = static_cast<double>(whole_.train.data.size());
    progress_line silent(true);
    for (std::size_t n = first_rows;;) {
      o_.train_rows = n + (whole_.trusted ? whole_.trusted->size() : 0);
      const double share = std::min(1.0, static_cast<double>(n) / rows);
      o_.test_rows = static_cast<std::size_t>(std::ceil(share * static_cast<double>(whole_.clean.size())));
      const workload part = load(o_, key_);
      const detail::stopwatch watch;
      work(surroundings{part, o_, key_, threads_, {}, silent}, watch);
      const double seconds = watch.seconds();
      if (share == 1.0 || seconds > enough_seconds) return 1.0 / share;
      n = static_cast<std::size_t>(static_cast<double>(n) * std::clamp(1.2 * enough_seconds / seconds, 2.0, 32.0));
    }
  }

private:
  run_options o_;
  const workload& whole_;
  random_key key_;
  std::size_t threads_;
};

/// Scores and scales that are kept for every member.
double kept_bytes(const run_options& o, const workload& data) {
  double bytes = 0.0;
  const double samples = static_cast<double>(o.models * (data.clean.size() + data.triggered.size()));
  for (const std::string& name : o.defence_names()) {
    const smoothing_options& s = o.settings(name).smoothing;
    if (s.keep_scores) bytes += samples * static_cast<double>(data.classes.size() * sizeof(float));
    if (s.own_scales) bytes += samples * sizeof(double);
  }
  return bytes;
}

}  // namespace

double run_estimate::total_s() const {
  double total = 0.0;
  for (const stage_estimate& stage : stages) total += stage.seconds;
  return total;
}

run_estimate estimate(const run_options& o, const workload& data, const random_key& key, double load_seconds) {
  const detail::stopwatch watch;
  run_estimate expected;
  expected.threads = tbb_executor(o.threads).concurrency();
  expected.at_most = o.stop_at_radius.has_value();
  expected.stages.push_back({"data", load_seconds});
  small_run small(o, data, key, expected.threads);

  double seconds = 0.0;
  double times = small.timed([&](const surroundings& run, const detail::stopwatch& since) {
    static_cast<void>(train_undefended(run));
    seconds = since.seconds();
  });
  expected.stages.push_back({"undefended", times * seconds});

  const std::size_t rounds = (o.models + expected.threads - 1) / expected.threads;
  for (const std::string& name : o.defence_names()) {
    times = small.timed([&](const surroundings& run, const detail::stopwatch& since) {
      const defence_work work = defend(name, run);
      const double members = work.outcome.train_seconds;
      const bool exact = !work.exact_bounds.empty();
      seconds = exact ? since.seconds() : static_cast<double>(rounds) * members + since.seconds() - members;
    });
    const bool by_pairs = name == "certified" && o.requested().base == "knn1_exact";
    expected.stages.push_back({name, (by_pairs ? times * times : times) * seconds});
  }
  expected.memory_bytes = peak_memory() + kept_bytes(o, data);
  expected.calibration_s = watch.seconds();
  return expected;
}

json estimate_json(const run_estimate& expected) {
  json stages = json::object();
  for (const stage_estimate& stage : expected.stages) stages[stage.name + "_s"] = stage.seconds;
  return {{"expected", {{"total_s", expected.total_s()}, {"memory_bytes", expected.memory_bytes}, {"stages", stages}}},
          {"at_most", expected.at_most},
          {"threads", expected.threads},
          {"calibration_s", expected.calibration_s}};
}

std::string estimate_text(const run_estimate& expected) {
  text_table table({"stage", "expected seconds"});
  for (const stage_estimate& stage : expected.stages) table.add({stage.name, decimal(stage.seconds, 1)});
  table.add({expected.at_most ? "in all, at most" : "in all", decimal(expected.total_s(), 1)});
  return table.text() + "\n" + decimal(expected.memory_bytes / (1024.0 * 1024.0), 0) +
         concatenate(" MiB of memory; ", expected.threads, " threads; from a calibration of ") +
         decimal(expected.calibration_s, 1) +
         " s. Certificates and report are not counted. Nothing was trained in full or written.\n";
}

}  // namespace certssb::cli
