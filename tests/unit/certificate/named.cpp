// SPDX-License-Identifier: MIT
// Brief: the table of modes: what it says, what it refuses, and that a mode of one's own joins it without any change
// elsewhere.
#include "certssb/certificate/named.hpp"

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/report/explanation_text.hpp"
#include "certssb/report/metrics.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace certssb;

namespace {

/// A user's own noise and the mode that certifies it: half of what uniform certifies.
struct my_noise {
  using certified_norm = l2_norm;
};

struct my_rule {
  using certified_norm = l2_norm;
  using certified_law = my_noise;
  [[maybe_unused]] static constexpr std::string_view name = "my-rule";
  [[nodiscard]] static double budget(double lower, double upper) { return 0.5 * gaussian_l2::budget(lower, upper); }
};

class my_mode {
public:
  using radius_rule = my_rule;
  static constexpr std::string_view name = "mine";
  static constexpr std::string_view norm = l2_norm::name;
  static constexpr bool certified = true;
  static constexpr auto assumptions = std::to_array<std::string_view>({"what_i_assume"});
  static constexpr auto to_state = std::to_array<std::string_view>({"what_i_assume"});

  explicit my_mode(training_scales scales) : scales_(std::move(scales)) {}

  [[nodiscard]] static mode_facts facts() {
    return {.meaning = "A statement of my own.", .limit = "I take half", .to_state = to_state};
  }
  [[nodiscard]] static my_mode from_evidence(const mode_evidence& e) { return my_mode(e.training_rows(name)); }

  [[nodiscard]] static name_list conditional_on() { return {}; }
  [[nodiscard]] static double budget(double lower, double upper) { return my_rule::budget(lower, upper); }
  [[nodiscard]] double radius(double budget, std::size_t) const { return budget * scales_.smallest(); }
  [[nodiscard]] double scale(std::size_t) const { return scales_.smallest(); }
  [[nodiscard]] std::size_t rows() const { return scales_.size(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t) const { return 0.1 * budget; }
  [[nodiscard]] static bool covers(double, const attack_extent&) { return false; }

private:
  training_scales scales_;
};

template <class List>
struct with_mine;
template <class... Modes>
struct with_mine<mode_list<Modes...>> {
  using type = mode_list<Modes..., my_mode>;
};
using my_modes = with_mine<all_modes>::type;

const vote_counts votes({1, 99, 60, 40}, 2, 100);

bounded_votes bounds() { return bound_votes(votes, clopper_pearson{}, no_split{}, 0.001); }

/// Evidence that is enough for every mode of votes, on three rows at .5 and two test inputs.
mode_evidence everything() {
  mode_evidence e;
  e.training = training_scales::constant(3, 0.5);
  e.test = test_scales({0.7, 0.9});
  e.joint_noise = test_noise{0.25, 4};
  e.constant_within = {0.3, 0.2, 0.4};
  e.selector = elasticity{.eta = 0.01, .row_size = 4};
  e.flips = label_flips(0.4, 1);
  e.stated = {"scales_independent_of_features",       "rows_read_only_through_the_ledger",
              "selector_fixed_independently_of_data", "test_scale_fixed_beforehand",
              "labels_flipped_in_every_member",       "what_i_assume"};
  return e;
}

stated_mode state(std::string_view name, const mode_evidence& evidence) {
  return state_mode(mode_request::parse(name), evidence);
}
stated_mode state(std::string_view name) {
  mode_evidence evidence = everything();
  evidence.enclosed = name == "knn1_exact";
  return state(name, evidence);
}

bool lists(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> named(bool mode_facts::*flag) {
  std::vector<std::string> names;
  for (const mode_facts& row : mode_table()) {
    if (row.*flag) names.emplace_back(row.name);
  }
  return names;
}

}  // namespace

TEST_CASE("every row of the table says what it means and needs, under a name of its own", "[certificate]") {
  std::vector<std::string_view> names;
  for (const mode_facts& row : mode_table()) {
    CAPTURE(std::string(row.name));
    CHECK(row.meaning.size() > 50);
    CHECK_FALSE(row.needs.empty());
    CHECK(row.certified == (row.name != "published"));
    CHECK(meaning_of(row.name) == row.meaning);
    names.push_back(row.name);
  }
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
  CHECK(facts_of("laplace_l1").noise == noise_law::laplace);
  CHECK(facts_of("uniform_l1").noise == noise_law::uniform);
  CHECK(facts_of("quantised").noise == noise_law::gaussian);
}

TEST_CASE("the flags that modes take are those of the theory", "[certificate]") {
  // Theory 4.8: scales fixed beforehand. 1.4: an unconditional statement under Gaussian test noise.
  CHECK(named(&mode_facts::takes_label_noise) == std::vector<std::string>{"uniform", "frozen", "floor", "ledger"});
  CHECK(named(&mode_facts::takes_joint) ==
        std::vector<std::string>{"uniform", "frozen", "floor", "ledger", "quantised"});
  CHECK_FALSE(label_noise_base<joint<quantised_mode>>);
}

TEST_CASE("a request is read with its flags in any order, and written in one", "[certificate]") {
  const mode_request both = mode_request::parse("floor+label-noise+joint");
  CHECK(both.base == "floor");
  CHECK((both.joint && both.label_noise));
  CHECK(both.name() == "floor+joint+label-noise");
  CHECK(mode_request::parse(both.name()).name() == both.name());
  CHECK(std::string_view(state("floor+label-noise+joint").name) == both.name());
  const auto refused = [](std::string_view text) { CHECK_THROWS_AS(mode_request::parse(text), argument_error); };
  for (const char* text : {"", "Uniform", "uniform ", "+joint", "uniform+", "uniform+Joint", "uniform+joint+",
                           "uniform++joint", "joint", "uniform+joint+joint"}) {
    CAPTURE(text);
    refused(text);
  }
  CHECK_THROWS_WITH(
      mode_request::parse("rab"),
      "mode: expected one of uniform, frozen, floor, ledger, quantised, semi_elastic, uniform_l1, "
      "laplace_l1, knn1_exact, given_scales, parts, nearest_mean, knn_vote, bagged_nearest, bagging, memory, "
      "published, got rab");
  CHECK_THROWS_WITH(mode_request::parse("given_scales+joint"),
                    "mode: +joint goes with uniform, frozen, floor, ledger, quantised, not with given_scales");
  CHECK_THROWS_WITH(mode_request::parse("quantised+label-noise"),
                    "mode: +label-noise goes with uniform, frozen, floor, ledger, not with quantised");
}

TEST_CASE("a stated mode issues what the mode itself issues", "[certificate]") {
  const gaussian_noise noise;
  const auto scales = training_scales::constant(3, 0.5);
  const auto check = [](std::string_view name, const auto& mode) {
    CAPTURE(std::string(name));
    const stated_mode stated = state(name);
    const auto expected = issue(bounds(), mode);
    const auto found = stated.issue(bounds());
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].radius.value() == expected[i].radius.value());
      CHECK(found[i].candidate.value() == expected[i].candidate.value());
      CHECK(found[i].result == expected[i].result);
      CHECK(found[i].mode == mode.name);
    }
    CHECK(stated.name == std::string_view(mode.name));
    CHECK(stated.rows() == mode.rows());
    CHECK(stated.scale(1) == mode.scale(1));
    CHECK(stated.per_pattern(0.5, 2) == mode.per_pattern(0.5, 2));
    CHECK(std::ranges::equal(stated.assumptions, name_list(mode.assumptions)));
    CHECK(std::ranges::equal(stated.conditions, mode.conditional_on()));
    CHECK(stated.facts.meaning == facts_of(mode_request::parse(name).base).meaning);
  };
  const auto uniform = uniform_mode::from_parts(scales, noise);
  const auto frozen = frozen_mode::from_parts(scales, noise, {});
  const auto ledger = ledger_mode::from_parts(scales, noise, {});
  const joint moved(uniform, {.sigma = 0.25, .draws = 4}, noise, {});
  check("uniform", uniform);
  check("frozen", frozen);
  check("floor", floor_mode::from_parts(scales, noise));
  check("ledger", ledger);
  check("quantised", quantised_mode::from_parts(scales, {0.3, 0.2, 0.4}, noise, {}));
  check("semi_elastic", semi_elastic_mode::from_parts(scales, {.eta = 0.01, .row_size = 4}, noise, {}));
  check("uniform_l1", uniform_l1_mode::from_parts(scales, uniform_noise{}));
  check("laplace_l1", laplace_l1_mode::from_parts(scales, laplace_noise{}));
  check("knn1_exact", knn1_exact_mode(scales));
  check("given_scales", given_scales_mode::from_parts(scales, noise, test_scale_origin::fixed_or_of_each_member));
  check("published", published_mode::from_parts(test_scales({0.7, 0.9}), noise));
  check("uniform+joint", moved);
  check("ledger+label-noise", label_noise(ledger, label_flips(0.4, 1), {}));
  check("uniform+joint+label-noise", label_noise(moved, label_flips(0.4, 1), {}));
}

TEST_CASE("missing evidence is named", "[certificate]") {
  const auto without = [](std::string_view name, auto&& remove) {
    mode_evidence e = everything();
    e.enclosed = name == "knn1_exact";
    remove(e);
    try {
      static_cast<void>(state(name, e));
    } catch (const argument_error& refused) {
      return std::string(refused.what());
    }
    return std::string("not refused");
  };
  using Catch::Contains;
  const auto no_training = [](mode_evidence& e) { e.training.reset(); };
  for (const mode_facts& row : mode_table()) {
    if (row.name == "published" || row.name == "memory" || row.defence != "certified") continue;
    CHECK(without(row.name, no_training) ==
          "mode " + std::string(row.name) + " needs the noise scales of the training rows");
  }
  CHECK_THAT(without("published", [](mode_evidence& e) { e.test.reset(); }), Contains("scales of the test inputs"));
  CHECK_THAT(without("quantised", [](mode_evidence& e) { e.constant_within.clear(); }),
             Contains("how far each row may"));
  CHECK_THAT(without("semi_elastic", [](mode_evidence& e) { e.selector.reset(); }),
             Contains("the slope of the selector"));
  CHECK_THAT(without("floor+joint", [](mode_evidence& e) { e.joint_noise.reset(); }),
             Contains("mode floor+joint needs the scale and draws of the test noise"));
  CHECK_THAT(without("floor+label-noise", [](mode_evidence& e) { e.flips.reset(); }),
             Contains("mode floor+label-noise needs the probability of a flip and the labels covered"));
  CHECK_THAT(without("knn1_exact", [](mode_evidence& e) { e.foreign = true; }),
             Contains("mode knn1_exact is not one of votes"));
  CHECK_THAT(without("knn1_exact", [](mode_evidence& e) { e.enclosed = false; }),
             Contains("mode knn1_exact certifies enclosed probabilities, not votes"));
  CHECK_THAT(without("uniform", [](mode_evidence& e) { e.enclosed = true; }),
             Contains("mode uniform certifies votes, not enclosed probabilities"));
  for (const char* name : {"uniform", "ledger", "quantised", "laplace_l1"}) {
    CHECK_THAT(without(name, [](mode_evidence& e) { e.test_scales_from_data = true; }),
               Contains("mode given_scales holds them fixed"));
  }
  CHECK_THAT(without("memory", [](mode_evidence&) {}), Contains("mode memory is not one of votes alone"));
  CHECK_THAT(
      without("laplace_l1", [](mode_evidence& e) { e.noise = noise_law::uniform; }),
      Contains("mode laplace_l1 certifies votes taken under Laplace noise; these were taken under uniform noise"));
  CHECK_THAT(without("uniform", [](mode_evidence& e) { e.noise = named_law<law_of<my_noise>>; }),
             Contains("these were taken under another noise"));
}

TEST_CASE("an assumption that only the caller knows is stated by the caller", "[certificate]") {
  const auto stating = [](std::string_view name, bool foreign, std::vector<std::string> stated) {
    mode_evidence e = everything();
    e.foreign = foreign;
    e.stated = std::move(stated);
    return state(name, e);
  };
  for (const bool foreign : {false, true}) {
    CHECK_THROWS_WITH(stating("frozen", foreign, {}),
                      Catch::Contains("mode frozen assumes scales_independent_of_features"));
    CHECK_THROWS_WITH(stating("quantised", foreign, {}), Catch::Contains("selector_fixed_independently_of_data"));
    CHECK_THROWS_WITH(stating("semi_elastic", foreign, {}), Catch::Contains("selector_fixed_independently_of_data"));
  }
  CHECK_THROWS_WITH(stating("ledger", true, {}), Catch::Contains("rows_read_only_through_the_ledger"));
  CHECK_THROWS_WITH(stating("uniform+joint", true, {}), Catch::Contains("test_scale_fixed_beforehand"));
  CHECK_THROWS_WITH(stating("uniform+label-noise", true, {}), Catch::Contains("labels_flipped_in_every_member"));
  CHECK(stating("ledger", false, {}).rows() == 3);

  mode_evidence differing = everything();
  differing.training = training_scales({0.5, 0.4, 0.5});
  CHECK_THROWS_WITH(state("frozen+label-noise", differing), Catch::Contains("assume scales_independent_of_labels"));
  differing.stated.emplace_back("scales_independent_of_labels");
  CHECK(lists(state("frozen+label-noise", differing).assumptions, "scales_independent_of_labels"));
}

TEST_CASE("votes from elsewhere are certified under what the library would have seen to", "[certificate]") {
  mode_evidence e = everything();
  e.foreign = true;
  for (const char* name : {"uniform", "ledger", "given_scales", "laplace_l1", "uniform+joint"}) {
    const stated_mode foreign = state(name, e);
    for (const char* assumed : {"noise_key_unknown_to_attacker", "models_fixed_beforehand", "models_independent"}) {
      CAPTURE(name, assumed);
      CHECK(std::ranges::count(foreign.assumptions, assumed) == 1);
    }
    CHECK_FALSE(lists(state(name).assumptions, "noise_key_unknown_to_attacker"));
  }
  CHECK(state("published", e).assumptions.empty());
}

TEST_CASE("a flag that the mode does not take is refused, however it was asked for", "[certificate]") {
  CHECK_THROWS_WITH(state_mode({.base = "given_scales", .joint = true}, everything()),
                    Catch::Contains("not with given_scales"));
  CHECK_THROWS_WITH(state_mode({.base = "semi_elastic", .label_noise = true}, everything()),
                    Catch::Contains("not with semi_elastic"));
}

TEST_CASE("metrics and explanations take a stated mode as they take the mode", "[certificate]") {
  const auto mode = uniform_mode::from_parts(training_scales::constant(3, 0.5), gaussian_noise{});
  const stated_mode stated = state("uniform");
  const auto all = issue(bounds(), mode);
  const std::vector<label_type> labels{1, 0};
  const std::vector<double> norms{0.1, 0.0, 0.1};
  CHECK(median_per_pattern(all, stated, 2) == median_per_pattern(all, mode, 2));
  CHECK(certified_against(all, labels, stated, {.l2 = norms}).numerator == 1.0);
  const auto explained = [&](const auto& any) {
    return explain(all[0], rule_of_votes<no_split>(votes[0], clopper_pearson{}, 0.001), rule_of_mode(any, 0),
                   {.wanted = 0.3, .attack = {.l2 = norms}, .poisoned = 2, .pattern_norm = 0.1});
  };
  const explanation by_value = explained(stated);
  const explanation by_type = explained(mode);
  CHECK(by_value.uncharged == by_type.uncharged);
  CHECK(limit_text(by_value) == limit_text(by_type));
  CHECK(cover_text(by_value) == cover_text(by_type));
  CHECK(budget_text(by_value) == budget_text(by_type));
}

TEST_CASE("a mode of one's own joins the table without a change elsewhere", "[certificate]") {
  CHECK(facts_of<my_modes>("mine").noise == noise_law::other);
  CHECK(mode_table<my_modes>().size() == mode_table().size() + 1);
  CHECK(meaning_of<my_modes>("mine") == "A statement of my own.");
  CHECK_THROWS_AS(facts_of("mine"), argument_error);
  CHECK_THROWS_WITH(mode_request::parse<my_modes>("mine+joint"), Catch::Contains("not with mine"));
  const mode_request request = mode_request::parse<my_modes>("mine");

  mode_evidence e = everything();
  e.noise = named_law<law_of<my_noise>>;
  const stated_mode mode = state_mode<my_modes>(request, e);
  const certificate c = mode.issue(bounds()).front();
  CHECK(c.mode == "mine");
  CHECK(c.radius.value() == 0.5 * mode.budget(c.lower, c.upper));
  CHECK(c.radius.value() > 0.0);
  const explanation x =
      explain(c, rule_of_votes<no_split>(votes[0], clopper_pearson{}, 0.001), rule_of_mode(mode, 0), {.wanted = 1.0});
  CHECK(charge_text(x.facts) == "I take half");

  e.noise = noise_law::gaussian;
  CHECK_THROWS_WITH(state_mode<my_modes>(request, e), Catch::Contains("certifies votes taken under another noise"));
  e.noise.reset();
  e.stated.clear();
  CHECK_THROWS_WITH(state_mode<my_modes>(request, e), Catch::Contains("mode mine assumes what_i_assume"));
}
