// SPDX-License-Identifier: MIT
#include "certssb/verify/settings.hpp"

#include "certssb/verify/findings.hpp"
#include "certssb/verify/modes.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <stdexcept>

using namespace certssb;

namespace {

struct configured {
  run_results run;
  defence_result defence;

  [[nodiscard]] defence_options options() const { return {run, defence}; }
};

configured with(option_list shared, option_list own = {}) {
  configured c;
  c.run.config = std::move(shared);
  c.defence.settings = std::move(own);
  return c;
}

}  // namespace

TEST_CASE("a defence's own setting goes before the run's, null included", "[verify]") {
  const configured c = with({{"epochs", std::uint64_t{2}}, {"sigma", 0.5}, {"stop_at_radius", 0.1}},
                            {{"epochs", std::uint64_t{3}}, {"stop_at_radius", {}}});
  CHECK(c.options().number("epochs") == 3.0);
  CHECK(c.options().number("sigma") == 0.5);
  CHECK_FALSE(c.options().number_or_null("stop_at_radius").has_value());
  CHECK(c.options().number_or_null("sigma") == 0.5);
}

TEST_CASE("what is missing, null or no finite number passes for no value", "[verify]") {
  const configured c = with({{"null", {}},
                             {"typed", std::string("0.25")},
                             {"nan", std::string("nan")},
                             {"inf", std::string("inf")},
                             {"infinite", std::numeric_limits<double>::infinity()},
                             {"words", std::string("0.5 or so")},
                             {"flag", true},
                             {"negative", std::int64_t{-2}},
                             {"list", std::vector<double>{1.0}},
                             {"names", std::vector<std::string>{"a", "b"}},
                             {"none", std::vector<std::string>{}}});
  const defence_options o = c.options();
  CHECK(o.number("typed") == 0.25);
  CHECK(o.number("negative") == -2.0);
  for (const char* name : {"null", "nan", "inf", "infinite", "words", "flag", "list", "names", "absent"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(o.number(name), data_error);
  }
  CHECK_THROWS_WITH(o.number("absent"), "config.absent: missing");
  CHECK_THROWS_WITH(o.number("null"), "config.null: expected a number, got nothing");
  CHECK_THROWS_AS(o.number_or_null("absent"), data_error);
  CHECK(o.numbers("list") == std::vector<double>{1.0});
  CHECK(o.numbers("none").empty());
  CHECK_THROWS_AS(o.numbers("names"), data_error);
  CHECK_THROWS_AS(o.numbers("null"), data_error);
  CHECK(o.texts("names").size() == 2);
  CHECK_THROWS_AS(o.texts("typed"), data_error);
}

TEST_CASE("assumptions are stated by name, in a list", "[verify]") {
  const configured c = with({{"assume", std::vector<std::string>{"a,b", "c"}}});
  CHECK(c.options().assumes("c"));
  CHECK_FALSE(c.options().assumes("a"));
  CHECK_THROWS_AS(with({}).options().assumes("c"), data_error);
  CHECK_THROWS_AS(with({{"assume", std::string("c")}}).options().assumes("c"), data_error);
}

TEST_CASE("test noise is none, one draw, or a mean of some", "[verify]") {
  const auto draws = [](const option_value& noise) { return with({{"test_noise", noise}}).options().test_draws(); };
  CHECK(draws(std::string("none")) == 0);
  CHECK(draws(std::string("one")) == 1);
  CHECK(draws(std::string("mean:16")) == 16);
  for (const char* noise : {"", "mean:", "mean:0", "mean:-1", "mean:2x", "two", "mean:99999999999999999999"}) {
    CAPTURE(noise);
    CHECK_THROWS_AS(draws(std::string(noise)), data_error);
  }
  CHECK_THROWS_AS(draws(std::monostate{}), data_error);
}

TEST_CASE("modes take the flags that their proofs allow", "[verify]") {
  using plain::mode_name;
  for (const std::string base : {"uniform", "frozen", "floor", "ledger"}) {
    CHECK(mode_name(base + "+label-noise+joint").text() == base + "+joint+label-noise");
  }
  CHECK(mode_name("quantised+joint").text() == "quantised+joint");
  for (const char* name : {"quantised+label-noise", "semi_elastic+joint", "given_scales+joint", "uniform_l1+joint",
                           "laplace_l1+label-noise", "knn1_exact+joint", "memory+joint", "published+joint",
                           "uniform+other", "uniform+", "uniform joint", "", "+joint"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(mode_name(name), data_error);
  }
}

TEST_CASE("a number may be stated smaller by rounding, never larger, and never as none", "[verify]") {
  const auto violations = [](double stated, double found) {
    plain::findings f;
    f.check_number("x", stated, found);
    return f.take().violations.size();
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(violations(1.0, 1.0) == 0);
  CHECK(violations(1.0 - 1e-10, 1.0) == 0);
  CHECK(violations(1.0 - 1e-8, 1.0) == 1);
  CHECK(violations(1.0 + 1e-11, 1.0) == 1);
  CHECK(violations(nan, 1.0) == 1);
  CHECK(violations(1.0, nan) == 1);
  CHECK(violations(nan, nan) == 1);
  CHECK(violations(inf, 1.0) == 1);
  CHECK(violations(1.0, inf) == 1);
}

TEST_CASE("what a part of a check throws is a violation at its place", "[verify]") {
  plain::findings f;
  f.at("here");
  f.guard([] { throw std::runtime_error("broken"); });
  f.at("");
  f.check(true, "");
  const verify_report report = f.take();
  CHECK(report.checked == 2);
  CHECK(report.violations == std::vector<std::string>{"here: broken"});
}
