// SPDX-License-Identifier: MIT
#pragma once
// Brief: the certificates of learners with a closed form, and of members on bags.

#include "certssb/certificate/closed_certificates.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/run/issued_certificates.hpp"
#include "certssb/run/trained_defence.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: what the mode with these facts says, issued.
template <class Facts>
[[nodiscard]] issued_certificates issue_in_mode(std::vector<certificate> certificates) {
  issued_certificates issued{.mode = std::string(Facts::name),
                             .certified = Facts::certified,
                             .norm = std::string(Facts::norm),
                             .assumptions = {Facts::assumptions.begin(), Facts::assumptions.end()},
                             .conditional_on = {},
                             .certificates = std::move(certificates)};
  const auto kept = std::make_shared<const std::vector<certificate>>(issued.certificates);
  if (Facts::norm != l2_norm::name) {
    issued.covers = [kept](const attack_extent& attack, bool) { return cover_by_rows(*kept, attack); };
    return issued;
  }
  issued.covers = [kept](const attack_extent& attack, bool) { return cover_by_length(*kept, attack); };
  issued.per_pattern = [kept](std::size_t rows) {
    std::vector<double> norms;
    for (const certificate& c : *kept) {
      norms.push_back(c.radius.value() / std::sqrt(static_cast<double>(rows)) * (1.0 - 0x1p-50));
    }
    return norms;
  };
  return issued;
}

}  // namespace detail

/// Brief: the certificates of a learner with a closed form.
template <std::floating_point Scalar>
[[nodiscard]] issued_certificates issue_closed_form(const trained_defence<Scalar>& trained, std::size_t which) {
  const closed_form& closed = *trained.closed;
  const std::string& mode = trained.settings.mode.base;
  if (mode == knn_vote_facts::name) {
    return detail::issue_in_mode<knn_vote_facts>(certificates_of_neighbours(trained.ballots[which].votes));
  }
  const closed_answers& answers = closed.answers[which];
  if (mode == nearest_mean_facts::name) {
    return detail::issue_in_mode<nearest_mean_facts>(certificates_of_means(answers, closed.class_counts));
  }
  return detail::issue_in_mode<bagged_nearest_facts>(certificates_of_bags<bagged_nearest_facts>(
      bounds_of_bags(answers), trained.train_scales.size(), trained.settings.bag));
}

/// Brief: the certificates of members on bags, from the bounds of their votes.
template <std::floating_point Scalar>
[[nodiscard]] issued_certificates issue_bagging(const trained_defence<Scalar>& trained, const bounded_votes& bounds) {
  return detail::issue_in_mode<bagging_facts>(
      certificates_of_bags<bagging_facts>(bounds, trained.train_scales.size(), trained.settings.bag));
}

}  // namespace v1
}  // namespace certssb
