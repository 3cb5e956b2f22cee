// SPDX-License-Identifier: MIT
#include "certssb/ensemble/ledger_learner.hpp"

#include "certssb/data/synthetic.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <set>

using namespace certssb;

namespace {

using rows_type = dataset<host_array<double>>;
using caps = exposure_caps<l2_norm>;
using ledger_type = noise_ledger<rows_type, gaussian_noise>;
using account_type = ledger_type::account_type;

const gaussian_blobs_problem blobs{2, 3, 6.0, 0.5};

ledger_type make_ledger(std::size_t rows, double scale, std::size_t exposures) {
  return {draw_dataset(blobs, rows, random_key{1}), caps::exposures(rows, scale, exposures), gaussian_noise{},
          random_key{2}};
}

std::vector<double> read(const released_rows<account_type>& rows, std::vector<std::size_t> positions) {
  auto out = rows.make(positions.size());
  rows.gather(positions, out);
  return out.values;
}

// Says that label 0 is certain.
struct certain_model {
  static std::size_t classes() { return 2; }
  void scores(const host_array<double>&, std::span<double> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i % 2 == 0 ? score : 1.0 - score;
  }
  double score = 1.0;
};

}  // namespace

TEST_CASE("every read is a release until the cap is used up, and the last release after that", "[ensemble]") {
  auto ledger = make_ledger(4, 0.5, 3);
  auto account = ledger.open(0);
  const released_rows rows(account, {.initial = 0.5, .ceiling = 3.0});
  static_assert(row_source<released_rows<account_type>>);
  std::set<double> seen;
  for (int t = 0; t < 3; ++t) seen.insert(read(rows, {1, 0})[0]);
  CHECK(seen.size() == 3);
  CHECK(account.spent(1) == 12.0);
  const auto last = read(rows, {1, 0});
  CHECK(last == read(rows, {1, 0}));
  CHECK(seen.contains(last[0]));
  CHECK(account.releases(1) == 3);
  CHECK(account.releases(2) == 0);
  // A row asked for twice in a batch is released twice as well.
  read(rows, {2, 2, 2, 2});
  CHECK(account.releases(2) == 3);
}

TEST_CASE("a scale is raised to what is left of the cap, and a row without room below the ceiling rests",
          "[ensemble]") {
  // P = 5: one release at .5 costs 4, the second is made at 1 and uses the cap up.
  ledger_type ledger(draw_dataset(blobs, 2, random_key{1}), caps({5.0, 4.25}), gaussian_noise{}, random_key{2});
  auto account = ledger.open(0);
  const released_rows rows(account, {.initial = 0.5, .ceiling = 1.5});
  CHECK(noise_variance_of(rows, 0) == 0.0);
  read(rows, {0, 1});
  CHECK(noise_variance_of(rows, 0) == 0.25);
  for (int t = 0; t < 2; ++t) read(rows, {0, 1});
  // What a row shows is its last release, and so is the noise that it states.
  CHECK(noise_variance_of(rows, 0) == 1.0);
  CHECK(noise_variance_of(rows, 1) == 0.25);
  CHECK(account.releases(0) == 2);
  CHECK(account.spent(0) == 5.0);
  CHECK(account.releases(1) == 1);  // the second would need scale 2
  CHECK(account.spent(1) == 4.0);
}

TEST_CASE("scales follow the gap at released rows, down never below the first and up to the ceiling", "[ensemble]") {
  auto ledger = make_ledger(2, 0.5, 4);
  auto account = ledger.open(0);
  const released_rows rows(account, {.initial = 0.5, .ceiling = 2.0, .rate = 1.0, .clamp = 0.02});
  const auto batch = rows.make(1);
  const std::vector<std::size_t> first{0};
  certain_model sure;
  static_assert(adaptive_rows<released_rows<account_type>, certain_model>);
  rows.adapt(sure, first, batch);
  read(rows, first);
  // One step from .5 by .5 * |gap|/2 with the gap between clamps .98 and .02, 2 * 2.05374891063182.
  const double sigma = 0.5 * std::exp(0.5 * 2.05374891063182);
  CHECK(account.spent(0) == Approx(1.0 / (sigma * sigma)).epsilon(1e-12));
  for (int t = 0; t < 9; ++t) rows.adapt(sure, first, batch);
  read(rows, first);
  CHECK(account.spent(0) == Approx(1.0 / (sigma * sigma) + 0.25).epsilon(1e-12));
  certain_model broken{std::nan("")};
  rows.adapt(broken, first, batch);
  read(rows, first);
  CHECK(account.spent(0) == Approx(1.0 / (sigma * sigma) + 0.5).epsilon(1e-12));
}

TEST_CASE("Cert-SSB's own training on a ledger learns, adapts and keeps within every cap", "[ensemble]") {
  constexpr std::size_t epochs = 6;
  auto ledger = make_ledger(120, 0.5, epochs);
  auto account = ledger.open(3);
  const fit_options fit{.epochs = epochs, .batch = 16, .learning_rate = 0.05};
  const ledger_learner method(logistic_learner<double>(fit), {.initial = 0.5, .ceiling = 3.0, .rate = 1.0});
  static_assert(account_learner<decltype(method), account_type>);
  auto model = method.fit(account, random_key{4});
  double total = 0.0;
  for (std::size_t i = 0; i < account.size(); ++i) {
    CHECK(account.releases(i) == epochs);
    CHECK(account.spent(i) <= account.cap(i));
    total += account.spent(i);
  }
  CHECK(total < 0.5 * 120 * account.cap(0));  // scales have grown
  const auto test = draw_dataset(blobs, 100, random_key{9});
  std::vector<double> scores(200);
  model.scores(test.inputs(), std::span(scores));
  std::size_t right = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    if ((scores[2 * i + 1] > 0.5) == (test.labels()[i] == 1)) ++right;
  }
  CHECK(right >= 98);  // blobs 6 apart, spread .5: a good boundary errs on fewer than one in 1e8
}

TEST_CASE("a ledger member is a function of ledger, key and member", "[ensemble]") {
  const fit_options fit{.epochs = 2, .batch = 16};
  const ledger_learner method(logistic_learner<double>(fit), exposure_options{});
  const auto parameters = [&](std::size_t m) {
    auto ledger = make_ledger(40, 0.5, 2);
    auto model = fit_ledger_member(method, ledger, random_key{4}, m);
    return std::vector<double>(model.parameters().begin(), model.parameters().end());
  };
  CHECK(parameters(1) == parameters(1));
  CHECK(parameters(1) != parameters(2));
}

TEST_CASE("caps too small for the ceiling and settings out of range are refused", "[ensemble]") {
  auto ledger = make_ledger(2, 4.0, 1);
  auto account = ledger.open(0);
  CHECK_THROWS_WITH(released_rows(account, {.initial = 0.5, .ceiling = 3.0}),
                    "released_rows: the cap 0.0625 of row 0 allows no release at a scale up to 3");
  const auto inner = logistic_learner<double>();
  CHECK_THROWS_AS(ledger_learner(inner, {.initial = 0.0}), argument_error);
  CHECK_THROWS_AS(ledger_learner(inner, {.initial = 0.5, .ceiling = 0.4}), argument_error);
  CHECK_THROWS_AS(ledger_learner(inner, {.rate = -1.0}), argument_error);
  CHECK_THROWS_AS(ledger_learner(inner, {.rate = std::nan("")}), argument_error);
  CHECK_THROWS_AS(ledger_learner(inner, {.clamp = 0.5}), argument_error);
}
