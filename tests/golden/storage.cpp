// SPDX-License-Identifier: MIT
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace certssb;

namespace {

void check_case(const nlohmann::json& c, storage_policy policy, const char* expected_key) {
  const auto dim = c["dim"].get<std::size_t>();
  std::vector<double> centres;
  for (const auto& row : c["centers"]) {
    for (const double value : row.get<std::vector<double>>()) centres.push_back(value);
  }
  const auto labels = c["labels"].get<std::vector<label_type>>();
  const auto radii = c["radii"].get<std::vector<double>>();
  const auto answers = storage_update(host_array<double>(centres, dim), std::span<const label_type>(labels),
                                      std::span<const double>(radii), policy);
  REQUIRE(answers.size() == c[expected_key].size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i);
    const auto& expected = c[expected_key][i];
    const int by = answers[i].by ? static_cast<int>(*answers[i].by) : -1;
    CHECK(answers[i].label == expected["label"].get<label_type>());
    CHECK(answers[i].radius == Approx(expected["radius"].get<double>()).epsilon(golden::relative));
    CHECK(event_name(answers[i].event) == expected["event"].get<std::string>());
    CHECK(by == expected["by"].get<int>());
    CHECK(answers[i].stored == expected["stored"].get<bool>());
  }
}

}  // namespace

TEST_CASE("storage-update equals the golden vectors under both policies", "[storage][golden]") {
  const auto& cases = golden::part("storage_update");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    CAPTURE(c["name"].get<std::string>());
    check_case(c, storage_policy::min, "expected");
    check_case(c, storage_policy::slack, "expected_slack_policy");
  }
}
