// SPDX-License-Identifier: MIT
// Brief: explanations against cases whose limiting term and numbers are known by hand: 20 unanimous votes at alpha .001
// prove p_A >= .0005^(1/20) by Clopper-Pearson, Hoeffding's bound is p - sqrt(log(2000)/(2M)).
#include "certssb/report/explanation_text.hpp"

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/stopped_votes.hpp"
#include "certssb/vote/vote_count.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

namespace {

constexpr double alpha = 0.001;
const gaussian_noise gaussian;

/// Two classes, `right` of `models` votes for class 1.
vote_counts votes(std::int64_t right, std::int64_t models) { return {{models - right, right}, 2, models}; }

uniform_mode uniform(double sigma = 0.5, std::size_t rows = 10) {
  return uniform_mode::from_parts(training_scales::constant(rows, sigma), gaussian);
}

template <class Bound = clopper_pearson, class Mode>
explanation explain_votes(const vote_counts& table, const Mode& mode, const explanation_question& asked = {}) {
  const certificate c = certify(table, Bound{}, no_split{}, mode, alpha).front();
  return explain(c, rule_of_votes<no_split>(table[0], Bound{}, alpha), rule_of_mode(mode, 0), asked);
}

/// The budget that M unanimous votes certify.
double unanimous_budget(double models) { return normal_quantile(std::pow(alpha / 2.0, 1.0 / models)); }

auto about(double value) { return Approx(value).epsilon(1e-9); }

}  // namespace

TEST_CASE("a unanimous vote is limited by the number of models") {
  const explanation e = explain_votes(votes(20, 20), uniform(), {.wanted = 0.25});
  CHECK(e.limit == limiting_term::models);
  CHECK(e.radius() == about(0.5 * unanimous_budget(20)));
  CHECK(*e.unanimous == Approx(e.radius()).epsilon(1e-12));
  CHECK(e.tenfold->models == 200);
  CHECK(e.tenfold->radius == about(0.5 * unanimous_budget(200)));
  CHECK_FALSE(e.endless);
  CHECK(e.least_models == 11);
  const auto needed = static_cast<std::int64_t>(std::ceil(std::log(0.0005) / std::log(normal_cdf(0.5))));
  CHECK(e.wanted_unanimous == needed);
  CHECK(e.wanted_alike == needed);
  CHECK(*e.wanted_scale == about(0.25 / unanimous_budget(20)));
  CHECK_THAT(limit_text(e), Catch::Contains("The number of models: all 20 models agree"));
  CHECK_THAT(wanted_text(e), Catch::Contains("takes 21 models that all agree; or the same votes at a noise scale"));
}

TEST_CASE("too few models certify no vote at all") {
  const explanation e = explain_votes(votes(9, 10), uniform());
  CHECK(e.issued.result == outcome::bound_not_above_half);
  CHECK(e.limit == limiting_term::models);
  CHECK(*e.unanimous == 0.0);
  CHECK_THAT(limit_text(e),
             Catch::Contains("not even a unanimous vote of 10 models") && Catch::Contains("it takes at least 11"));
  CHECK(explain_votes(votes(5, 10), uniform()).limit == limiting_term::models);
}

TEST_CASE("a divided vote is limited by its margin") {
  const explanation e = explain_votes(votes(15, 20), uniform());
  CHECK(e.limit == limiting_term::margin);
  CHECK(*e.unanimous == about(0.5 * unanimous_budget(20)));
  CHECK(*e.endless == about(0.5 * normal_quantile(0.75)));
  CHECK(e.tenfold->radius < *e.unanimous);
  CHECK_FALSE(e.wanted_scale);
  CHECK_THAT(limit_text(e), Catch::StartsWith("The margin of the votes: all 20 models agreeing would reach 0.2392"));

  const explanation tie = explain_votes(votes(10, 20), uniform(), {.wanted = 0.1});
  CHECK(tie.limit == limiting_term::margin);
  CHECK(*tie.endless == 0.0);
  CHECK_FALSE(tie.wanted_alike);
  CHECK_THAT(limit_text(tie), Catch::Contains("no number of models that vote like this certifies anything"));
  CHECK_THAT(wanted_text(tie), Catch::Contains("no number of models voting in these shares reaches it"));
}

TEST_CASE("models that vote alike are counted by the bound in use") {
  // 18 of 20 at sigma .5: Hoeffding exceeds Phi(.5) from log(2000) / (2 (.9 - Phi(.5))^2) = 87.4 models on.
  const double gap = 0.9 - normal_cdf(0.5);
  const double models = std::log(2000.0) / (2.0 * gap * gap);
  const explanation e = explain_votes<hoeffding>(votes(18, 20), uniform(), {.wanted = 0.25});
  CHECK(*e.wanted_alike == 20 * static_cast<std::int64_t>(std::ceil(models / 20.0)));
  CHECK(e.limit == limiting_term::models);
  CHECK(e.tenfold->radius == about(0.5 * normal_quantile(0.9 - std::sqrt(std::log(2000.0) / 400.0))));
  CHECK(*e.endless == about(0.5 * normal_quantile(0.9)));
}

TEST_CASE("one small training scale limits the radius of all") {
  const auto mode = given_scales_mode::from_parts(training_scales({0.1, 1.0, 1.0, 1.0}), gaussian,
                                                  test_scale_origin::fixed_or_of_each_member);
  const auto raised = given_scales_mode::from_parts(training_scales::constant(4, 1.0), gaussian,
                                                    test_scale_origin::fixed_or_of_each_member);
  const explanation e = explain_votes(votes(950, 1000), mode, {.raised = rule_of_mode(raised, 0), .raised_scale = 1.0});
  CHECK(e.limit == limiting_term::scale);
  CHECK(e.raised->second == about(10.0 * e.radius()));
  CHECK_THAT(limit_text(e), Catch::Contains("smallest noise scale"));
  CHECK_THAT(scale_text(e.facts, mode.scales(), e.issued.scale),
             Catch::Contains("0.1000, the smallest of any training row (row 0; half of the rows have 1.0000 or more)"));
}

TEST_CASE("a mode that pays for more than its scale says so") {
  const double plain = 0.5 * unanimous_budget(1000);
  SECTION("a selector known to be constant only nearby") {
    const auto mode =
        quantised_mode::from_parts(training_scales::constant(4, 0.5), {0.3, 0.05, 0.3, 0.3}, gaussian, {});
    const explanation e = explain_votes(votes(1000, 1000), mode, {.wanted = 0.1});
    CHECK(e.radius() == 0.05);
    CHECK(e.limit == limiting_term::mode);
    CHECK(e.uncharged == about(plain));
    CHECK_FALSE(e.wanted_unanimous);
    CHECK_FALSE(e.wanted_scale);
    CHECK_THAT(limit_text(e), Catch::Contains("no radius exceeds the smallest of these"));
  }
  SECTION("a selector that moves with the rows") {
    const auto mode =
        semi_elastic_mode::from_parts(training_scales::constant(4, 0.5), {.eta = 0.2, .row_size = 784}, gaussian, {});
    const explanation e = explain_votes(votes(1000, 1000), mode);
    CHECK(e.radius() < 0.5 * plain);
    CHECK(e.limit == limiting_term::mode);
    CHECK(e.uncharged == about(plain));
    CHECK_THAT(limit_text(e), Catch::Contains("by a stated slope, which makes the radius smaller"));
  }
  SECTION("labels that may change too") {
    const label_noise mode(uniform(), label_flips(0.05, 3), {});
    const explanation e = explain_votes(votes(1000, 1000), mode);
    CHECK(e.issued.result == outcome::nothing_left);
    CHECK(e.limit == limiting_term::mode);
    CHECK(e.uncharged == about(plain));
    CHECK_THAT(verdict_text(e, 1), Catch::Contains("NOT CERTIFIED: the bounds name class 1 (right)"));
  }
}

TEST_CASE("storage limits what it trimmed or relabelled") {
  const vote_counts table = votes(20, 20);
  const auto all = certify(table, clopper_pearson{}, no_split{}, uniform(), alpha);
  const double before = all[0].stated_radius();
  const auto stored = [&](const stored_answer& answer, std::optional<std::int64_t> by = {}) {
    const auto after = after_storage(all, std::span(&answer, 1));
    return explain(after[0], rule_of_votes<no_split>(table[0], clopper_pearson{}, alpha), rule_of_mode(uniform(), 0),
                   {.storage = storage_step{before, answer.event, by}});
  };
  const explanation trimmed = stored({1, 0.1, storage_event::trim, 0, true}, 7);
  CHECK(trimmed.limit == limiting_term::storage);
  CHECK(trimmed.radius() == before);
  CHECK(trimmed.issued.stated_radius() == 0.1);
  CHECK_THAT(limit_text(trimmed),
             Catch::Contains("stored region of sample 7 of another label is nearer than the radius"));
  const explanation adopted = stored({0, 0.1, storage_event::adopt, 0, true});
  CHECK(adopted.limit == limiting_term::storage);
  CHECK_THAT(limit_text(adopted), Catch::Contains("a stored region holds this input and gave it its label"));
  CHECK_THAT(verdict_text(adopted, 1), Catch::Contains("adopted its label, class 0 (wrong: it is class 1)"));
  data_result named;
  named.class_names = {"ham", "spam"};
  CHECK_THAT(verdict_text(adopted, 1, named), Catch::Contains("class 0 (ham) (wrong: it is class 1 (spam))"));
  CHECK(stored({1, before, storage_event::keep, {}, true}).limit == limiting_term::models);
}

TEST_CASE("mean scores and stopped votes are asked in their own way") {
  // Each of 100 models gives class 1 a score of .9: Hoeffding at alpha / (2K).
  std::vector<double> scores;
  for (int m = 0; m < 100; ++m) scores.insert(scores.end(), {0.1, 0.9});
  const score_table table(std::span<const double>(scores), 100, 1, 2);
  const certificate c = certify(table, hoeffding{}, no_split{}, uniform(), alpha).front();
  const explanation e =
      explain(c, rule_of_votes<no_split>(table[0], hoeffding{}, alpha), rule_of_mode(uniform(), 0), {.wanted = 0.6});
  const auto slack = [](double models) { return std::sqrt(std::log(4000.0) / (2.0 * models)); };
  CHECK(*e.unanimous == about(0.5 * normal_quantile(1.0 - slack(100))));
  CHECK(e.tenfold->radius == about(0.5 * normal_quantile(0.9 - slack(1000))));
  CHECK(*e.endless == about(0.5 * normal_quantile(0.9)));
  CHECK(*e.wanted_unanimous ==
        static_cast<std::int64_t>(std::ceil(std::log(4000.0) / (2.0 * std::pow(1.0 - normal_cdf(1.2), 2)))));
  CHECK(vote_text(e) == "100 models, mean scores 0.1000 for class 0, 0.9000 for class 1");
  data_result named;
  named.class_names = {"ham", "spam"};
  CHECK_THAT(vote_text(e, named), Catch::EndsWith("0.1000 for class 0 (ham), 0.9000 for class 1 (spam)"));
  CHECK_THAT(bound_text(e, named), Catch::Contains("p_A of class 1 (spam) is at least"));

  const stopped_votes stopped(votes(60, 60));
  const certificate s = certify(stopped, jeffreys_sequence{}, every_class{}, uniform(), alpha).front();
  const explanation x =
      explain(s, rule_of_votes<every_class>(stopped[0], jeffreys_sequence{}, alpha), rule_of_mode(uniform(), 0), {});
  CHECK(*x.unanimous == Approx(x.radius()).epsilon(1e-12));
  CHECK(x.limit == limiting_term::models);
  CHECK(x.tenfold->radius == about(0.5 * normal_quantile(jeffreys_sequence::lower(600, 600, alpha / 2.0))));
}

TEST_CASE("what voted nowhere is limited by the probabilities themselves") {
  const knn1_exact_mode mode(training_scales::constant(4, 0.5));
  const bounded_votes bounds{{{{1, 0.8, 0.2}, 0}}, 2, "enclosure", "none", 0.0};
  const explanation e = explain(issue(bounds, mode).front(), {}, rule_of_mode(mode, 0), {.wanted = 1.0});
  CHECK(e.limit == limiting_term::margin);
  CHECK(e.radius() == about(0.5 * normal_quantile(0.8)));
  CHECK_THAT(vote_text(e), Catch::Contains("no models"));
  CHECK_THAT(limit_text(e), Catch::Contains("only other rows or scales change"));
  CHECK(wanted_text(e).empty());
  CHECK(change_table(e).rows().empty());
}

TEST_CASE("the run's attack is covered above a budget of its own size") {
  std::vector<double> norms(10);
  norms[2] = 0.03;
  norms[7] = 0.04;
  const explanation_question asked{.attack = {.l2 = norms, .l1 = norms}, .poisoned = 2, .pattern_norm = 0.04};
  const explanation e = explain_votes(votes(20, 20), uniform(), asked);
  const double budget = unanimous_budget(20);
  CHECK(e.covered);
  CHECK(*e.attack_budget == about(0.1));
  CHECK(e.on_one_row == about(0.5 * budget));
  CHECK(e.on_poisoned_rows == about(0.5 * budget / std::sqrt(2.0)));
  CHECK(e.rows_covered == std::min<std::size_t>(10, static_cast<std::size_t>(std::pow(0.5 * budget / 0.04, 2))));
  CHECK_THAT(cover_text(e), Catch::StartsWith("Covers this run's attack (2 rows, the largest pattern 0.0400)"));

  const auto l1 = uniform_l1_mode::from_parts(training_scales::constant(10, 0.5), uniform_noise{});
  CHECK(*explain_votes(votes(20, 20), l1, asked).attack_budget == about(0.14));
  const auto published = published_mode::from_parts(test_scales({0.9}), gaussian);
  const explanation none = explain_votes(votes(20, 20), published, asked);
  CHECK_FALSE(none.covered);
  CHECK_FALSE(none.attack_budget);
  CHECK_THAT(verdict_text(none, 1),
             Catch::StartsWith("NOT CERTIFIED. A radius of " + decimal(0.9 * budget, 4) + " as published"));
  CHECK_THAT(cover_text(none), Catch::Contains("no budget does in this mode"));
  CHECK(cover_text(explain_votes(votes(20, 20), uniform())).empty());
}
