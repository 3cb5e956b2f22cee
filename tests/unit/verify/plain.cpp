// SPDX-License-Identifier: MIT
// Brief: the second implementation of bounds, modes and storage-update, against closed forms, published values and the
// first implementation.
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/modes.hpp"
#include "certssb/verify/storage.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace certssb;

namespace {

ballot_evidence votes_of(const std::vector<std::int64_t>& votes, std::size_t classes) {
  ballot_evidence e;
  e.votes = {{votes.size() / classes, classes}, votes};
  return e;
}

ballot_evidence scores_of(std::size_t members, const std::vector<double>& scores) {
  ballot_evidence e = votes_of({0, 0}, 2);
  e.scores = {{members, 1, 2}, scores};
  return e;
}

/// What a mode may look at: three rows, one sample.
struct made_source {
  run_results run;
  defence_result defence;
  attack_evidence attack{{0.0, 0.25, 0.0}, {0.0, 0.25, 0.0}, {false, true, false}, {false, true, false}};
  std::vector<double> scales{1.0, 1.0, 1.0};

  explicit made_source(option_list options) {
    run.config = std::move(options);
    run.data.poisoned_rows = 1;
    run.data.relabelled_rows = 1;
    run.data.row_size = 784;
    run.data.classes = {0, 1};
    defence.name = "certified";
  }

  [[nodiscard]] plain::mode state(const std::string& mode) const {
    return plain::state_mode(mode, {run, defence, "nowhere", scales, {1.0}, attack, 0.25});
  }
};

option_list elastic(double slope, const std::string& rows) {
  return {{"sigma", 1.0},
          {"semi_elasticity", slope},
          {"rows_changed", rows},
          {"assume", std::vector<std::string>{"selector_fixed_independently_of_data"}}};
}

}  // namespace

TEST_CASE("bounds by closed forms", "[verify]") {
  const auto counts = plain::bound_samples(votes_of({0, 20, 20, 0}, 2), "clopper-pearson", 20, 0.002);
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].label == 1);
  CHECK(counts[1].label == 0);
  for (const plain::sample_bound& b : counts) {
    CHECK(b.lower == Approx(std::pow(0.001, 0.05)).epsilon(1e-12));
    CHECK(b.upper == 1.0 - b.lower);
  }
  // Hoeffding at alpha/(2K) on scores .75, .75, 1, 1.
  const auto scores = plain::bound_samples(scores_of(4, {0.25, 0.75, 0.25, 0.75, 0, 1, 0, 1}), "hoeffding", 4, 0.4);
  CHECK(scores[0].label == 1);
  CHECK(scores[0].lower == Approx(0.875 - std::sqrt(std::log(10.0) / 8.0)).epsilon(1e-12));
}

TEST_CASE("votes, scores and enclosures that cannot be are refused", "[verify]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ballot_evidence votes = votes_of({0, 20}, 2);
  CHECK_THROWS_AS(plain::bound_samples(votes, "clopper-pearson", 20, 0.0), data_error);
  CHECK_THROWS_AS(plain::bound_samples(votes, "clopper-pearson", 20, 1.0), data_error);
  CHECK_THROWS_AS(plain::bound_samples(votes, "clopper-pearson", 20, nan), data_error);
  CHECK_THROWS_WITH(plain::bound_samples(votes, "own", 20, 0.1), "the bound own cannot be verified");
  CHECK_THROWS_AS(plain::bound_samples(scores_of(1, {nan, 0.5}), "kl", 1, 0.1), data_error);
  CHECK_THROWS_AS(plain::bound_samples(scores_of(1, {-0.5, 0.5}), "kl", 1, 0.1), data_error);
  CHECK_THROWS_AS(plain::bound_samples(scores_of(1, {0.75, 0.5}), "kl", 1, 0.1), data_error);
  CHECK_THROWS_AS(plain::bound_samples(scores_of(1, {0.5, 0.5}), "kl", 2, 0.1), data_error);
  ballot_evidence enclosed = votes;
  for (const std::vector<double>& row : {std::vector<double>{0.5, 0.5, 0.5},
                                         {2.0, 0.5, 0.5},
                                         {-1.0, 0.5, 0.5},
                                         {0.0, nan, 0.5},
                                         {0.0, 1.5, 0.5},
                                         {0.0, 0.5, -0.5},
                                         {nan, 0.5, 0.5}}) {
    enclosed.bounds = {{1, 3}, row};
    CHECK_THROWS_AS(plain::bound_samples(enclosed, "enclosure", 0, 0.0), data_error);
  }
}

TEST_CASE("storage-update by hand: a region is kept, trimmed, adopted, or never asked for", "[verify]") {
  const std::vector<double> centres{0.0, 1.5, 0.5, 4.0};
  const auto stored = plain::update_storage(centres, {0, 1, 1, -1}, {1.0, 1.0, 0.2, 0.0}, "min");
  CHECK(stored[0].event == "keep");
  CHECK(stored[1].event == "trim");
  CHECK(stored[1].radius == Approx(0.5));
  CHECK(stored[2].event == "adopt");
  CHECK(stored[2].label == 0);
  CHECK(stored[2].radius == Approx(0.2));
  CHECK(stored[3].event == "abstain");
  CHECK(plain::update_storage(centres, {0, 1, 1, -1}, {1.0, 1.0, 0.2, 0.0}, "slack")[2].radius == Approx(0.5));
  CHECK_THROWS_AS(plain::update_storage(centres, {0, 1, 1, -1}, {1.0, 1.0, 0.2, 0.0}, "none"), data_error);
}

TEST_CASE("one changed row, scales that follow it slowly: the radii that another program computed", "[verify]") {
  // At scale 1 and p_A = .99 (normal quantile 2.326): dimension, slope, radius.
  struct known {
    std::size_t d;
    double slope;
    double radius;
  };
  const double budget = normal_quantile(0.99);
  for (const known& k :
       {known{784, 0.0, 2.326}, known{784, 0.001, 2.325}, known{784, 0.01, 2.161}, known{784, 0.05, 1.035},
        known{3072, 0.001, 2.319}, known{3072, 0.01, 1.827}, known{3072, 0.05, 0.570}}) {
    CAPTURE(k.d, k.slope);
    made_source source(elastic(k.slope, "one"));
    source.run.data.row_size = k.d;
    const plain::mode m = source.state("semi_elastic");
    CHECK(m.contradictions.empty());
    const double most = m.accept(budget, 100.0);
    CHECK(most == Approx(k.radius).margin(0.0006));
    CHECK(m.accept(budget, most * (1.0 - 1e-6)) == most * (1.0 - 1e-6));
    CHECK(m.accept(budget, most * 1.001) == most);
    CHECK(m.accept(budget, std::numeric_limits<double>::quiet_NaN()) == most);
    CHECK(m.accept(budget, 0.5 * most) > 0.99 * most);
  }
}

TEST_CASE("the radii that mode semi_elastic issues are accepted, slightly larger ones are not", "[verify]") {
  made_source source(elastic(0.02, "one"));
  source.scales = {0.75, 1.0, 1.5};
  source.run.data.row_size = 64;
  const plain::mode m = source.state("semi_elastic");
  const auto issuing =
      semi_elastic_mode::from_parts(training_scales(source.scales), elasticity{0.02, 64, changed_rows::one},
                                    gaussian_noise{}, assume::selector_fixed_independently_of_data{});
  for (const double budget : {0.1, 0.5, 1.0, 2.0}) {
    CAPTURE(budget);
    const double issued = issuing.radius(budget, 0);
    CHECK(m.accept(budget, issued) == issued);
    CHECK(m.accept(budget, issued * (1.0 + 1e-4)) < issued * (1.0 + 1e-4));
  }
}

TEST_CASE("settings that make no sense are refused or contradicted, never passed over", "[verify]") {
  const auto changed = [](option_list options, const std::string& name, const option_value& value) {
    for (auto& option : options) {
      if (option.first == name) option.second = value;
    }
    return made_source(options);
  };
  const option_list good = elastic(0.01, "many");
  CHECK(made_source(good).state("semi_elastic").contradictions.empty());
  for (const char* name : {"sigma", "semi_elasticity", "rows_changed", "assume"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(changed(good, name, std::monostate{}).state("semi_elastic"), data_error);
    CHECK_THROWS_AS(changed(good, name, std::string("nan")).state("semi_elastic"), data_error);
  }
  CHECK_THROWS_AS(changed(good, "semi_elasticity", -1.0).state("semi_elastic"), data_error);
  CHECK(changed(good, "sigma", 0.4).state("semi_elastic").contradictions.size() == 1);
  CHECK(changed(good, "assume", std::vector<std::string>{}).state("semi_elastic").contradictions.size() == 1);
  made_source empty_rows(good);
  empty_rows.run.data.row_size = 0;
  CHECK_THROWS_AS(empty_rows.state("semi_elastic"), data_error);

  option_list common{{"sigma", 1.0},
                     {"epochs", std::uint64_t{4}},
                     {"sigma_max", 2.0},
                     {"test_noise", std::string("one")},
                     {"test_noise_scale", std::string("1")},
                     {"flip_probability", 0.25},
                     {"flipped_labels", std::uint64_t{1}}};
  CHECK(made_source(common).state("ledger").contradictions.empty());
  CHECK(changed(common, "sigma_max", 1.5).state("ledger").contradictions.size() == 1);
  CHECK_THROWS_AS(changed(common, "epochs", 0.0).state("ledger"), data_error);
  CHECK_THROWS_AS(changed(common, "epochs", std::monostate{}).state("ledger"), data_error);
  CHECK_THROWS_AS(changed(common, "sigma_max", std::monostate{}).state("ledger"), data_error);
  CHECK(made_source(common).state("uniform+joint").contradictions.empty());
  CHECK(changed(common, "test_noise", std::string("none")).state("uniform+joint").contradictions.size() == 1);
  CHECK(changed(common, "test_noise_scale", std::string("own")).state("uniform+joint").contradictions.size() == 1);
  CHECK_THROWS_AS(changed(common, "test_noise", std::monostate{}).state("uniform+joint"), data_error);
  CHECK(made_source(common).state("ledger+label-noise").contradictions.empty());
  CHECK_THROWS_AS(changed(common, "flip_probability", 0.5).state("uniform+label-noise"), data_error);
  CHECK_THROWS_AS(changed(common, "flipped_labels", 1.5).state("uniform+label-noise"), data_error);
  CHECK_THROWS_AS(changed(common, "flipped_labels", std::monostate{}).state("uniform+label-noise"), data_error);
  made_source three(common);
  three.run.data.classes = {0, 1, 2};
  CHECK(three.state("uniform+label-noise").contradictions.size() == 1);
}

TEST_CASE("a joint certificate pays for the trigger on the test input", "[verify]") {
  const made_source source(
      {{"sigma", 1.0}, {"test_noise", std::string("mean:4")}, {"test_noise_scale", std::string("1")}});
  const plain::mode m = source.state("uniform+joint");
  // Scale of a mean of 4 draws: 1/2. The trigger, .25, costs .5 of the budget; the pattern on one row costs .25.
  CHECK(m.radius(1.0, 0) == 0.5);
  CHECK(m.covers(std::sqrt(0.25 + 0.0625) * (1.0 + 1e-9)));
  CHECK_FALSE(m.covers(std::sqrt(0.25 + 0.0625) * (1.0 - 1e-9)));
  CHECK(m.per_pattern(1.0, 1) == Approx(1.0 / std::sqrt(5.0)));
}
