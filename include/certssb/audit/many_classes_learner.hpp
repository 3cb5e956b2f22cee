// SPDX-License-Identifier: MIT
#pragma once
// Brief: a learner of more than two classes for which the radius of both bounds, p_A and p_B, is exact.

#include "certssb/audit/concept.hpp"
#include "certssb/audit/half_space_learner.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a member names A where the noisy margin of a half space exceeds `edge`, B where it is below 0, and one of the
/// other classes, each as often, in between.
/// Maths: p_A = Phi((m - edge)/tau), p_B = Phi(-m/tau). Where no other class is as likely as B, B takes the lead once
/// the margin falls by m - edge/2, which is tau (PhiInv(p_A) - PhiInv(p_B)) / 2: as far as the certificate says.
class many_classes_learner {
public:
  /// Brief: `others` is the number of classes besides A and B.
  /// Throws: argument_error without other classes, or unless 0 < edge.
  many_classes_learner(half_space_learner scores, double edge, std::size_t others)
      : scores_(std::move(scores)), edge_(edge), others_(static_cast<double>(others)) {
    expect(others > 0, "many_classes_learner: needs at least 1 class besides A and B");
    expect(edge > 0.0, "many_classes_learner: the edge must be positive, got ", edge);
  }

  [[nodiscard]] std::size_t rows() const noexcept { return scores_.rows(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return scores_.dimension(); }
  [[nodiscard]] change blank() const { return scores_.blank(); }
  [[nodiscard]] std::vector<change> worst(const geometry& g) const { return scores_.worst(g); }
  [[nodiscard]] change worst_patterns(std::size_t r) const { return scores_.worst_patterns(r); }

  [[nodiscard]] double against(const change& c) const {
    return normal_cdf((edge_ - scores_.margin(c)) / scores_.spread());
  }
  /// Brief: p_A less the share of the likeliest other class.
  [[nodiscard]] double lead(const change& c) const { return 1.0 - against(c) - likeliest_other(c); }
  /// Brief: p_A and the share of the likeliest other class before any change, rounded so that a claim from them is true.
  [[nodiscard]] share_bounds bounds() const {
    return {std::nextafter(1.0 - against(blank()), 0.0), likeliest_other(blank()) * (1.0 + 0x1p-50)};
  }

private:
  [[nodiscard]] double likeliest_other(const change& c) const {
    const double b = normal_cdf(-scores_.margin(c) / scores_.spread());
    return std::max(b, (against(c) - b) / others_);
  }

  half_space_learner scores_;
  double edge_;
  double others_;
};

static_assert(audited_learner<many_classes_learner>);

}  // namespace v1
}  // namespace certssb
