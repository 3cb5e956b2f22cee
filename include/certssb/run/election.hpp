// SPDX-License-Identifier: MIT
#pragma once
// Brief: how the models of plain parts elect a class.

#include "certssb/core/expect.hpp"

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace certssb {
inline namespace v1 {

enum class election_rule {
  plurality,  ///< the class that most models name
  run_off,    ///< two rounds; the second is between the two classes with most votes
  finite      ///< plurality of k d models, of which d see each row
};

/// Brief: a rule, and how many models see a row.
struct election {
  election_rule rule = election_rule::plurality;
  std::size_t models_per_row = 1;

  /// Brief: plurality, run-off, or finite:d.
  /// Throws: argument_error for any other text, and d outside 1 .. 10000.
  [[nodiscard]] static election parse(std::string_view text) {
    constexpr std::string_view finite = "finite:";
    if (text == "plurality") return {};
    if (text == "run-off") return {election_rule::run_off, 1};
    std::size_t d = 0;
    if (text.starts_with(finite)) {
      const std::string_view number = text.substr(finite.size());
      const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), d);
      if (failure != std::errc{} || end != number.data() + number.size()) d = 0;
    }
    expect(d >= 1 && d <= 10'000, "election: expected plurality, run-off or finite:d with d from 1 to 10000, got ",
           text);
    return {election_rule::finite, d};
  }

  [[nodiscard]] std::string name() const {
    if (rule == election_rule::finite) return concatenate("finite:", models_per_row);
    return rule == election_rule::run_off ? "run-off" : "plurality";
  }
};

}  // namespace v1
}  // namespace certssb
