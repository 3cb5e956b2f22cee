// SPDX-License-Identifier: MIT
// Brief: numbers on the command line: what is read as which number, and that every numeric option of every command
// refuses what is none, or out of range, before any work.
#include "numbers.hpp"

#include "program.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <regex>
#include <sstream>
#include <utility>

using cli_test::program;
using namespace certssb::cli;
using strings = std::vector<std::string>;

namespace {

struct numeric_option {
  std::string name;
  std::string type;
};

strings commands_of(program& p) {
  std::istringstream help(p.run({"--help"}).out);
  strings names;
  std::string line;
  while (std::getline(help, line) && line != "Subcommands:") continue;
  std::smatch found;
  while (std::getline(help, line)) {
    if (std::regex_search(line, found, std::regex("^  ([a-z-]+)( |$)"))) names.push_back(found[1]);
  }
  return names;
}

std::vector<numeric_option> numeric_options(program& p, const std::string& command) {
  std::istringstream help(p.run({command, "--help"}).out);
  std::vector<numeric_option> options;
  std::string line;
  std::smatch found;
  while (std::getline(help, line)) {
    if (std::regex_search(line, found, std::regex("^ +(--[a-z0-9-]+) (WHOLE|REAL|INT|UINT|FLOAT)\\b"))) {
      options.push_back({found[1], found[2]});
    }
  }
  return options;
}

/// What a command wants besides the number, so that nothing but the number is at fault. Work, where a number is accepted
/// wrongly, ends soon.
std::vector<std::pair<std::string, std::string>> others(const program& p, const std::string& command) {
  if (command == "run") return {{"--dataset", "idx:" + p.path("absent")}, {"--out", p.path("out")}};
  if (command == "bound") return {{"--method", "hoeffding"}, {"--successes", "1"}, {"--trials", "2"}};
  if (command == "plan") return {{"--sigma", "1"}, {"--models", "5"}};
  if (command == "certify") return {{"--votes", p.path("absent.npy")}, {"--trials", "5"}, {"--sigma", "1"}};
  if (command == "audit") return {{"--instances", "1"}, {"--seed", "1"}};
  if (command == "report" || command == "verify") return {{p.path("absent"), ""}};
  return {};
}

const strings no_whole{"010", "0x10",  "18446744073709551616",
                       "-1",  "-0",    "1e3",
                       "nan", "inf",   "",
                       " 1",  "1 ",    "+1",
                       "1.5", "1,000", "1_000",
                       "one", "{}"};
const strings no_real{"010", "0x10", "0x1p3", "1e999", "-1",  "nan", "-nan", "inf", "infinity",
                      "",    " 1",   "1 ",    "+1",    "1,5", "1e",  "one",  "{}"};

}  // namespace

TEST_CASE("a whole number is decimal, all of the text, and held by its type", "[cli]") {
  for (const std::string& text : no_whole) {
    CAPTURE(text);
    CHECK_FALSE(to_whole<std::uint64_t>(text));
  }
  CHECK(to_whole<std::uint64_t>("18446744073709551615") == 18446744073709551615U);
  CHECK(to_whole<std::uint32_t>("4294967295") == 4294967295U);
  CHECK_FALSE(to_whole<std::uint32_t>("4294967296"));
  CHECK(to_whole<std::uint64_t>("0") == 0U);
  CHECK(to_whole<int>("-12") == -12);
  CHECK_FALSE(to_whole<int>("-012"));
  CHECK_FALSE(to_whole<int>("-0"));
}

TEST_CASE("a real number is decimal or scientific, all of the text, and finite", "[cli]") {
  for (const std::string& text : no_real) {
    CAPTURE(text);
    if (text != "-1") CHECK_FALSE(to_real(text));
  }
  CHECK(to_real("0.5") == 0.5);
  CHECK(to_real("-2.5e-1") == -0.25);
  CHECK(to_real("1e3") == 1000.0);
  CHECK(to_real("0") == 0.0);
}

TEST_CASE("each range of real numbers holds what it says", "[cli]") {
  struct expectation {
    real_range range;
    std::string text;
    bool zero, half, one, two;
  };
  for (const expectation& e : {expectation{above_zero, "a finite number above 0", false, true, true, true},
                               {at_least_zero, "a finite number of at least 0", true, true, true, true},
                               {between_zero_and_one, "a number in (0,1)", false, true, false, false},
                               {zero_to_one, "a number in [0,1]", true, true, true, false},
                               {above_zero_to_one, "a number in (0,1]", false, true, true, false},
                               {any_real, "a finite number", true, true, true, true}}) {
    CAPTURE(e.text);
    CHECK(e.range.text() == e.text);
    CHECK(e.range.holds(0.0) == e.zero);
    CHECK(e.range.holds(0.5) == e.half);
    CHECK(e.range.holds(1.0) == e.one);
    CHECK(e.range.holds(2.0) == e.two);
    CHECK_FALSE(e.range.holds(std::numeric_limits<double>::infinity()));
    CHECK_FALSE(e.range.holds(std::numeric_limits<double>::quiet_NaN()));
  }
}

TEST_CASE("an optional number stays empty where it is not given, and the help shows the default of another", "[cli]") {
  CLI::App app;
  std::optional<int> models;
  std::size_t batch = 8;
  add_whole(app, "--models", models, "M", 1, 9);
  add_whole(app, "--batch", batch, "rows", 1, 64);
  CHECK_THAT(app.help(), Catch::Contains("--models WHOLE ") && Catch::Contains("--batch WHOLE=8"));
  app.parse("");
  CHECK_FALSE(models);
  app.parse("--batch 64 --models 9");
  CHECK(models == 9);
  CHECK(batch == 64);
  CHECK_THROWS_WITH(app.parse("--batch 65"), "--batch: expected a whole number from 1 to 64, got 65");
}

TEST_CASE("every numeric option of every command refuses what is no number in its range", "[cli]") {
  program list;
  const strings commands = commands_of(list);
  CHECK(commands.size() >= 8);
  std::size_t checked = 0;
  for (const std::string& command : commands) {
    program p;
    for (const numeric_option& option : numeric_options(p, command)) {
      CAPTURE(command, option.name);
      CHECK((option.type == "WHOLE" || option.type == "REAL"));  // made by add_whole or add_real
      strings line{command};
      for (const auto& [name, value] : others(p, command)) {
        if (name == option.name) continue;
        line.push_back(name);
        if (!value.empty()) line.push_back(value);
      }
      for (const std::string& value : option.type == "FLOAT" || option.type == "REAL" ? no_real : no_whole) {
        strings with_value = line;
        with_value.insert(with_value.end(), {option.name, value});
        p.refuses(with_value, "certssb: " + option.name + ": expected a");
      }
      ++checked;
    }
  }
  CHECK(checked >= 30);
}
