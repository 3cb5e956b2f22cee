// SPDX-License-Identifier: MIT
#pragma once
// Brief: two types of radius, so that no length is taken for a certificate by accident.

#include "certssb/certificate/concept.hpp"
#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: a length that is not claimed: a published radius, or a region that storage-update is asked for.
/// Throws: argument_error unless it is finite and >= 0.
class candidate_radius {
public:
  constexpr candidate_radius() noexcept = default;
  explicit candidate_radius(double length) : length_(length) {
    expect(std::isfinite(length) && length >= 0.0, "candidate_radius: a radius must be finite and >= 0, got ", length);
  }

  [[nodiscard]] constexpr double value() const noexcept { return length_; }
  [[nodiscard]] constexpr candidate_radius shrunk_to(double length) const noexcept {
    candidate_radius smaller = *this;
    smaller.length_ = std::clamp(length, 0.0, length_);
    return smaller;
  }

private:
  double length_ = 0.0;
};

/// Brief: a radius that a certified mode issued. It can be made smaller; there is no other way to get one.
class certified_radius {
public:
  /// Brief: radius 0, which claims nothing.
  constexpr certified_radius() noexcept = default;

  /// Brief: the radius that a certified mode gives test sample `sample` for this budget.
  template <certificate_mode Mode>
  requires(Mode::certified) [[nodiscard]] static certified_radius
      issue(const Mode& mode, double budget, std::size_t sample) {
    certified_radius issued;
    issued.length_ = candidate_radius(mode.radius(budget, sample)).value();
    return issued;
  }

  /// Brief: the radius that is left of a region of attacks when `rows` rows are touched at will.
  template <class Statement, class Region>
  requires(Statement::certified) [[nodiscard]] static certified_radius
      issue_region(const Statement& statement, const Region& region, std::size_t rows) {
    certified_radius issued;
    issued.length_ = candidate_radius(statement.radius(region, rows)).value();
    return issued;
  }

  [[nodiscard]] constexpr double value() const noexcept { return length_; }
  [[nodiscard]] constexpr certified_radius shrunk_to(double length) const noexcept {
    certified_radius smaller = *this;
    smaller.length_ = std::clamp(length, 0.0, length_);
    return smaller;
  }

private:
  double length_ = 0.0;
};

}  // namespace v1
}  // namespace certssb
