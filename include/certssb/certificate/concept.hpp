// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a mode is: the statement a radius makes, what it assumes, and what it is conditional on.
//
//   uniform_mode        one constant scale on all training rows (RAB)             radius B sigma
//   frozen_mode         scales that do not depend on the features                 radius B min_i sigma_i
//   ledger_mode         adaptive scales, the precision drawn from row i <= P_i    radius B min_i 1/sqrt(P_i)
//   floor_mode          one release per row at sigma_floor, adapted afterwards    radius B sigma_floor
//   quantised_mode      scales by a selector constant within rho_i of row i       radius min(B min sigma_i, min rho_i)
//   semi_elastic_mode   scales by a selector of slope eta                         radius by bisection
//   uniform_l1_mode     uniform noise                                             L1 radius B lambda
//   laplace_l1_mode     Laplace noise                                             L1 radius B b
//   given_scales_mode   whatever scales the ascent returned, held fixed           radius B min_i sigma_i
//   joint<Mode>         the test input may change too
//   label_noise<Mode>   r labels may change too
//   memory_mode         (storage/memory.hpp) equal answers of one stateful predictor, nothing about training sets
//   published_mode      NOT certified: reproduces the published radius            radius B sigma_x

#include "certssb/certificate/attack_extent.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace certssb {
inline namespace v1 {

/// Brief: names of assumptions and conditions, as written in results.
using name_list = std::span<const std::string_view>;

/// Brief: turns bounds into a budget, a budget into a radius, and says what that radius means.
/// Members: name; certified, a constant: whether the radius is proved; norm, the name of the norm of the radius;
/// assumptions, what the caller asserts; conditional_on(), what is held fixed in the statement.
/// budget(lower, upper): dimensionless, >= 0, 0 if nothing is certified, rounded down.
/// radius(budget, i): the length, over all training rows together, that test sample i's certificate covers; rounded
/// down, 0 for budget 0, never growing as the budget shrinks, and depending on i through scale(i) alone.
/// scale(i): the noise scale that the radius is reported with.
/// rows(): the number of training rows. per_pattern(budget, r): the largest common norm of patterns on r unknown rows
/// that is covered. covers(budget, attack): whether this attack is covered.
/// Optional: samples(), the number of test samples that the mode has scales for; classes(), the only number of classes
/// that the mode is for.
/// A key known before the data are fixed adds the caller's assumption `noise_key_unknown_to_attacker`.
template <class Mode>
concept certificate_mode = requires(const Mode& mode, double real, std::size_t count, const attack_extent& attack) {
  typename std::bool_constant<Mode::certified>;
  { mode.name } -> std::convertible_to<std::string_view>;
  { mode.norm } -> std::convertible_to<std::string_view>;
  { mode.assumptions } -> std::convertible_to<name_list>;
  { mode.conditional_on() } -> std::convertible_to<name_list>;
  { mode.budget(real, real) } -> std::same_as<double>;
  { mode.radius(real, count) } -> std::same_as<double>;
  { mode.scale(count) } -> std::same_as<double>;
  { mode.rows() } -> std::same_as<std::size_t>;
  { mode.per_pattern(real, count) } -> std::same_as<double>;
  { mode.covers(real, attack) } -> std::same_as<bool>;
};

/// Brief: what a mode, its type forgotten or not, says of attacks.
template <class Mode>
concept attack_statement = requires(const Mode& mode, double budget, std::size_t rows, const attack_extent& attack) {
  { mode.rows() } -> std::same_as<std::size_t>;
  { mode.per_pattern(budget, rows) } -> std::same_as<double>;
  { mode.covers(budget, attack) } -> std::same_as<bool>;
};

/// Brief: how many unknown rows, each changed by `norm`, a budget covers.
template <attack_statement Mode>
[[nodiscard]] std::size_t max_rows(const Mode& mode, double budget, double norm) {
  std::size_t covered = 0;
  for (std::size_t refused = mode.rows() + 1; refused - covered > 1;) {
    const std::size_t middle = covered + (refused - covered) / 2;
    (norm < mode.per_pattern(budget, middle) ? covered : refused) = middle;
  }
  return covered;
}

}  // namespace v1
}  // namespace certssb
