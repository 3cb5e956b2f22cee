// SPDX-License-Identifier: MIT
// Brief: `certssb bound`: one confidence bound of a proportion, or of the mean of scores in [0,1].
#include "certssb/bound/named.hpp"
#include "certssb/io/any_array.hpp"
#include "command.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace certssb::cli {

namespace {

struct bound_options {
  std::string method;
  std::optional<std::int64_t> successes;
  std::optional<std::int64_t> trials;
  std::string scores;
  double alpha = 0.001;
  speech say;
};

struct both_sides {
  std::int64_t trials;
  double lower;
  double upper;
};

both_sides from_counts(const bound_options& o) {
  expect(o.successes && o.trials, "bound: expected --successes and --trials, or --scores");
  const std::int64_t k = *o.successes;
  const std::int64_t n = *o.trials;
  expect(k <= n, "--successes: expected at most --trials (", n, "), got ", k);
  const named_bound<vote_count> bound(o.method);
  const std::array<std::int64_t, 2> counts{k, n - k};
  const vote_count votes{counts, n};
  return {n, bound.lower(votes, 0, o.alpha), bound.upper(votes, 0, o.alpha)};
}

both_sides from_scores(const bound_options& o) {
  expect(!o.successes && !o.trials, "bound: expected --scores or --successes with --trials, got both");
  const named_bound<mean_score> bound(o.method);
  const npy_array<double> scores = read_any_reals(o.scores);
  expect<data_error>(scores.shape.size() == 1 && !scores.values.empty(), o.scores,
                     ": expected scores of shape [n], n >= 1, got ", scores.shape.size(), " axes and ",
                     scores.values.size(), " values");
  for (const double score : scores.values) {
    expect<data_error>(score >= 0.0 && score <= 1.0, o.scores, ": scores must lie in [0,1], got ", score);
  }
  const auto n = static_cast<std::int64_t>(scores.values.size());
  const double mean =
      std::min(1.0, std::accumulate(scores.values.begin(), scores.values.end(), 0.0) / static_cast<double>(n));
  const mean_score votes{std::span(&mean, 1), scores.values, n};
  return {n, bound.lower(votes, 0, o.alpha), bound.upper(votes, 0, o.alpha)};
}

void compute_bound(const bound_options& o) {
  const both_sides found = o.scores.empty() ? from_counts(o) : from_scores(o);
  o.say.print({{"method", o.method},
               {"trials", found.trials},
               {"alpha", o.alpha},
               {"lower", found.lower},
               {"upper", found.upper}},
              concatenate("With ", found.trials, " trials, each side fails with probability at most ", o.alpha, " (",
                          o.method, "):\n  lower ", found.lower, "\n  upper ", found.upper, "\n"));
}

}  // namespace

command make_bound(CLI::App& program) {
  const auto o = std::make_shared<bound_options>();
  CLI::App* app =
      program.add_subcommand("bound", "One confidence bound: how small and how large a share may truly be.");
  app->add_option("--method", o->method,
                  "clopper-pearson (counts), betting (scores), or kl, hoeffding-bentkus, "
                  "maurer-pontil, mixture, hoeffding, jeffreys-sequence")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(bound_names.begin(), bound_names.end())));
  add_whole(*app, "--successes", o->successes, "k, how many trials succeeded", 0);
  add_whole(*app, "--trials", o->trials, "n, how many trials there were", 1);
  app->add_option("--scores", o->scores, "instead of counts: a .npy file of n scores in [0,1], in order");
  add_real(*app, "--alpha", o->alpha, "chance of failure of each side, in (0,1)", between_zero_and_one);
  o->say.add_to(*app);
  add_example(*app, "certssb bound --method clopper-pearson --successes 98 --trials 100 --alpha 0.001 --json");
  return {app, [o] { compute_bound(*o); }};
}

}  // namespace certssb::cli
