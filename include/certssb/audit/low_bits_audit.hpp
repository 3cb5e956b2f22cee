// SPDX-License-Identifier: MIT
#pragma once
// Brief: members that look at the lowest bits of their noisy rows, sampled in the arithmetic that the library uses.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: Gaussian noise added in floating point and released as it comes out: what the auditor refutes.
struct ungridded_noise {
  using certified_norm = l2_norm;
  using law = gaussian_noise;

  template <class Scalar>
  requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
  void fill(const random_key& key, std::span<Scalar> out) const { fill_normal(key, out); }
};

/// Brief: an ensemble on rows of zeros, which an attacker may change to rows of 2^-7. A member names class A if a small
/// entry has places that the sum of 2^-7 and noise can't have, or else if its entries are small in the mean.
/// Maths: next to -2^-7 draws are whole multiples of units of the scalar there, and so are their sums with 2^-7; a small
/// draw alone is a multiple of a unit 8 times as fine or finer. Without low bits p_A = Phi(threshold).
template <class Scalar, class Noise>
class low_bits_ensemble {
public:
  static constexpr double moved = 0x1p-7;
  static constexpr double sigma = 0.5;
  static constexpr std::size_t entries = 4096;  ///< of all rows; moved * sqrt(entries) is 1 sigma

  low_bits_ensemble(std::size_t rows, double threshold, const random_key& key)
      : rows_(rows), threshold_(threshold), key_(key.at(stage::train_noise)) {}

  /// Brief: how many of `members` new members name A with all entries at `value`.
  [[nodiscard]] std::int64_t ask(double value, std::size_t members) {
    std::int64_t count = 0;
    std::vector<std::uint32_t> ids(rows_);
    std::iota(ids.begin(), ids.end(), 0U);
    const std::vector<double> scales(rows_, sigma);
    for (std::size_t i = 0; i < members; ++i) {
      host_array<Scalar> batch(std::vector<Scalar>(entries, static_cast<Scalar>(value)), entries / rows_);
      perturb(batch, ids, std::span<const double>(scales), noise_, key_.for_model(asked_++));
      count += names_a(batch.values) ? 1 : 0;
    }
    return count;
  }

  [[nodiscard]] const Noise& noise() const noexcept { return noise_; }

private:
  [[nodiscard]] bool names_a(const std::vector<Scalar>& values) const {
    constexpr double unit = moved * static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2.0;
    double sum = 0.0;
    bool small = false;
    for (const Scalar value : values) {
      const auto x = static_cast<double>(value);
      sum += x;
      small |= std::abs(x) < moved / 8.0 && x / unit != std::floor(x / unit);
    }
    return small || sum < threshold_ * sigma * std::sqrt(static_cast<double>(entries));
  }

  std::size_t rows_;
  double threshold_;
  random_key key_;
  Noise noise_;
  std::uint32_t asked_ = 0;
};

/// Brief: certifies the votes of 1,000 members at alpha 1e-6, then moves all entries together, to where the claim ends
/// and beyond.
/// Maths: a move counts as violating if 2,000 new members show, at confidence 1 - 1e-6, that the other class has more
/// than half of the votes. Tightness is the least such move over the claim, of 1/4, 1/2, 1, 2 and 4 sigma.
template <class Scalar, class Noise>
[[nodiscard]] claim_outcome attack_by_low_bits(const instance_draws& draws) {
  constexpr double alpha = 1e-6;
  using ensemble = low_bits_ensemble<Scalar, Noise>;
  const std::size_t rows = std::size_t{1} << draws.count(0, 3);
  const std::uint64_t seed = draws.stream().word();
  ensemble members(rows, draws.between(0.5, 0.8), random_key{.seed = seed << 32U | draws.stream().word()});
  const auto mode = uniform_mode::from_parts(training_scales::constant(rows, ensemble::sigma), members.noise());
  const double lower = clopper_pearson::lower(members.ask(0.0, 1000), 1000, alpha);
  const double budget = mode.budget(lower, 1.0 - lower);
  if (!(budget > 0.0)) return {};
  claim_outcome found{.claimed = true};
  for (const double times : {0.25, 0.5, 1.0, 2.0, 4.0}) {
    const double value = times * ensemble::moved;
    const change all{std::vector<double>(ensemble::entries, value)};
    if (clopper_pearson::lower(2000 - members.ask(value, 2000), 2000, alpha) <= 0.5) continue;
    found.violated = detail::covers(mode, budget, all, rows);
    found.tightness = times / budget;
    break;
  }
  return found;
}

/// Brief: the library's releases, in float or double: low bits say nothing, and the half space is all that is left.
[[nodiscard]] inline claim_outcome audit_uniform_low_bits(const instance_draws& draws) {
  return draws.coin() ? attack_by_low_bits<float, gaussian_noise>(draws)
                      : attack_by_low_bits<double, gaussian_noise>(draws);
}

/// Brief: the same members on sums in floating point.
[[nodiscard]] inline claim_outcome audit_ungridded(const instance_draws& draws) {
  return draws.coin() ? attack_by_low_bits<float, ungridded_noise>(draws)
                      : attack_by_low_bits<double, ungridded_noise>(draws);
}

}  // namespace v1
}  // namespace certssb
