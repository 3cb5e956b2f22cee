// SPDX-License-Identifier: MIT
#include "certssb/core/number_text.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>

using namespace certssb;

TEST_CASE("text is a number only if all of it is one, in decimal", "[core]") {
  CHECK(to_whole<std::int8_t>("-128") == -128);
  for (const char* const text : {"128", "010", "0x10", "+1", "1.5", "1e3", " 1", "1 ", "", "-0", "one"}) {
    CAPTURE(text);
    CHECK_FALSE(to_whole<std::int8_t>(text));
  }
  CHECK(to_real("-2.5e-1") == -0.25);
  for (const char* const text : {"inf", "nan", "1e999", "0x1p3", "01", "1,5", ""}) {
    CAPTURE(text);
    CHECK_FALSE(to_real(text));
  }
  CHECK(std::isinf(parse_number<double>("inf").value()));
}

TEST_CASE("a range holds the ends that belong to it, and says so", "[core]") {
  constexpr real_range half_open{.low = 0.0, .high = 0.5, .with_low = true};
  CHECK(half_open.holds(0.0));
  CHECK_FALSE(half_open.holds(0.5));
  CHECK_FALSE(half_open.holds(std::nan("")));
  CHECK(half_open.text() == "a number in [0,0.5)");
  CHECK(above_zero.text() == "a finite number above 0");
}
