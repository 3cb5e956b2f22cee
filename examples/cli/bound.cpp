// SPDX-License-Identifier: MIT
// Brief: `certssb bound`: one confidence bound of a proportion, or of the mean of scores in [0,1].
#include "certssb/bound/two_sides.hpp"
#include "certssb/io/any_array.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <memory>

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

two_sides bound_votes_or_scores(const bound_options& o) {
  if (o.scores.empty()) {
    expect(o.successes && o.trials, "bound: expected --successes and --trials, or --scores");
    return bound_share(o.method, *o.successes, *o.trials, o.alpha);
  }
  expect(!o.successes && !o.trials, "bound: expected --scores or --successes with --trials, got both");
  const npy_array<double> scores = read_any_reals(o.scores);
  expect<data_error>(scores.shape.size() == 1 && !scores.values.empty(), o.scores,
                     ": expected scores of shape [n], n >= 1, got ", scores.shape.size(), " axes and ",
                     scores.values.size(), " values");
  return bound_mean(o.method, scores.values, o.alpha);
}

void compute_bound(const bound_options& o) {
  const two_sides found = bound_votes_or_scores(o);
  o.say.print({{{"method", o.method},
                {"trials", found.trials},
                {"alpha", o.alpha},
                {"lower", found.lower},
                {"upper", found.upper}},
               concatenate("With ", found.trials, " trials, each side fails with probability at most ", o.alpha, " (",
                           o.method, "):\n  lower ", found.lower, "\n  upper ", found.upper, "\n")});
}

}  // namespace

command make_bound(CLI::App& program) {
  const auto o = std::make_shared<bound_options>();
  CLI::App* app =
      program.add_subcommand("bound", "One confidence bound: how small and how large a share may truly be.");
  const option_adder add(*app);
  add("method", o->method,
      "clopper-pearson (counts), betting (scores), or kl, hoeffding-bentkus, maurer-pontil, mixture, hoeffding, "
      "jeffreys-sequence",
      bound_names)
      ->required();
  add("successes", o->successes, "k, how many trials succeeded", whole_range{0});
  add("trials", o->trials, "n, how many trials there were", whole_range{1});
  add("scores", o->scores, "instead of counts: a .npy file of n scores in [0,1], in order");
  add("alpha", o->alpha, "chance of failure of each side, in (0,1)", between_zero_and_one);
  o->say.add_to(*app);
  add_example(*app, "certssb bound --method clopper-pearson --successes 98 --trials 100 --alpha 0.001 --json");
  return {app, [o, app] { naming_options(*app, [&] { compute_bound(*o); }); }};
}

}  // namespace certssb::cli
