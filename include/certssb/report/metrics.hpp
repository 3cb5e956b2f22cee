// SPDX-License-Identifier: MIT
#pragma once
// Brief: the numbers of a report, each with its denominator. All fractions are of all n samples; a sample counts at r
// when its radius exceeds r.

#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a sum over samples, and the number of samples.
struct ratio {
  double numerator;
  std::int64_t denominator;

  [[nodiscard]] double value() const noexcept { return numerator / static_cast<double>(denominator); }
};

namespace detail {

/// Brief: the sum of term(i) over n samples.
template <class Term>
ratio ratio_over(std::string_view what, std::size_t n, Term&& term) {
  expect(n > 0, what, ": no samples");
  ratio total{0.0, static_cast<std::int64_t>(n)};
  for (std::size_t i = 0; i < n; ++i) total.numerator += static_cast<double>(term(i));
  return total;
}

inline void expect_labels(std::string_view what, std::size_t n, std::size_t labels) {
  expect(n == labels, what, ": ", n, " samples but ", labels, " labels");
}

}  // namespace detail

/// Brief: CRA at r: the share of samples that are certified and right.
/// Throws: argument_error for no samples, another number of labels, or r not finite and >= 0. The other metrics throw
/// the same.
[[nodiscard]] inline ratio certified_accuracy(std::span<const certificate> certificates,
                                              std::span<const label_type> labels, double r) {
  detail::expect_labels("certified_accuracy", certificates.size(), labels.size());
  expect(std::isfinite(r) && r >= 0.0, "certified_accuracy: the radius must be finite and >= 0, got ", r);
  return detail::ratio_over("certified_accuracy", labels.size(), [&](std::size_t i) {
    const certificate& c = certificates[i];
    return c.has_radius() && c.stated_radius() > r && c.label == labels[i];
  });
}

/// Brief: CRR at r: the share of samples that are certified, right or wrong.
[[nodiscard]] inline ratio certified_ratio(std::span<const certificate> certificates, double r) {
  expect(std::isfinite(r) && r >= 0.0, "certified_ratio: the radius must be finite and >= 0, got ", r);
  return detail::ratio_over("certified_ratio", certificates.size(), [&](std::size_t i) {
    return certificates[i].has_radius() && certificates[i].stated_radius() > r;
  });
}

/// Brief: ERA on triggered inputs, accuracy on clean ones: the share of samples whose predicted class is right,
/// certified or not.
[[nodiscard]] inline ratio empirical_accuracy(std::span<const label_type> predicted,
                                              std::span<const label_type> labels) {
  detail::expect_labels("empirical_accuracy", predicted.size(), labels.size());
  return detail::ratio_over("empirical_accuracy", labels.size(),
                            [&](std::size_t i) { return predicted[i] == labels[i]; });
}
[[nodiscard]] inline ratio empirical_accuracy(std::span<const certificate> certificates,
                                              std::span<const label_type> labels) {
  detail::expect_labels("empirical_accuracy", certificates.size(), labels.size());
  return detail::ratio_over("empirical_accuracy", labels.size(),
                            [&](std::size_t i) { return certificates[i].predicted == labels[i]; });
}

/// Brief: ASR: the share of triggered inputs that are called the target.
[[nodiscard]] inline ratio attack_success(std::span<const label_type> predicted, std::span<const label_type> wanted) {
  detail::expect_labels("attack_success", predicted.size(), wanted.size());
  return detail::ratio_over("attack_success", predicted.size(),
                            [&](std::size_t i) { return predicted[i] == wanted[i]; });
}
[[nodiscard]] inline ratio attack_success(std::span<const label_type> predicted, label_type target) {
  return detail::ratio_over("attack_success", predicted.size(), [&](std::size_t i) { return predicted[i] == target; });
}
[[nodiscard]] inline ratio attack_success(std::span<const certificate> certificates, label_type target) {
  return detail::ratio_over("attack_success", certificates.size(),
                            [&](std::size_t i) { return certificates[i].predicted == target; });
}

/// Brief: ACR: the mean over all samples of the radius if the label is right, and 0 otherwise.
[[nodiscard]] inline ratio average_certified_radius(std::span<const certificate> certificates,
                                                    std::span<const label_type> labels) {
  detail::expect_labels("average_certified_radius", certificates.size(), labels.size());
  return detail::ratio_over("average_certified_radius", labels.size(), [&](std::size_t i) {
    const certificate& c = certificates[i];
    return c.has_radius() && c.label == labels[i] ? c.stated_radius() : 0.0;
  });
}

/// Brief: the share of samples without a named class.
[[nodiscard]] inline ratio abstention(std::span<const certificate> certificates) {
  return detail::ratio_over("abstention", certificates.size(),
                            [&](std::size_t i) { return certificates[i].label == abstain; });
}

/// Brief: whether each sample's certificate covers one attack.
/// Shapes: result [n].
/// Cost: one test for each budget.
template <attack_statement Mode>
[[nodiscard]] std::vector<bool> covers_attack(std::span<const certificate> certificates, const Mode& mode,
                                              const attack_extent& attack) {
  std::map<double, bool> known;
  std::vector<bool> covered;
  covered.reserve(certificates.size());
  for (const certificate& c : certificates) {
    if (c.result != outcome::certified) {
      covered.push_back(false);
      continue;
    }
    const auto [found, unknown] = known.try_emplace(c.budget);
    if (unknown) found->second = mode.covers(c.budget, attack);
    covered.push_back(found->second);
  }
  return covered;
}

/// Brief: certified and right against one attack: the share of samples whose label is right and whose certificate
/// covers this attack.
/// Shapes: covered [n], as covers_attack gives it.
[[nodiscard]] inline ratio certified_against(std::span<const certificate> certificates,
                                             std::span<const label_type> labels, const std::vector<bool>& covered) {
  detail::expect_labels("certified_against", certificates.size(), labels.size());
  detail::expect_labels("certified_against", certificates.size(), covered.size());
  return detail::ratio_over("certified_against", labels.size(),
                            [&](std::size_t i) { return covered[i] && certificates[i].label == labels[i]; });
}
template <attack_statement Mode>
[[nodiscard]] ratio certified_against(std::span<const certificate> certificates, std::span<const label_type> labels,
                                      const Mode& mode, const attack_extent& attack) {
  return certified_against(certificates, labels, covers_attack(certificates, mode, attack));
}

/// Brief: the share of samples that are certified, right, and stay so when any `rows` rows are changed at will.
[[nodiscard]] inline ratio rows_accuracy(std::span<const certificate> certificates, std::span<const label_type> labels,
                                         std::size_t rows) {
  detail::expect_labels("rows_accuracy", certificates.size(), labels.size());
  return detail::ratio_over("rows_accuracy", labels.size(), [&](std::size_t i) {
    const certificate& c = certificates[i];
    return c.rows && *c.rows >= rows && c.label == labels[i];
  });
}

namespace detail {

/// Brief: for an even number of values, the mean of the middle two.
[[nodiscard]] inline double median(std::vector<double> values) {
  expect(!values.empty(), "median: no samples");
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

}  // namespace detail

/// Brief: the median over samples of the number of rows that may be changed at will; an abstention counts 0.
[[nodiscard]] inline double median_rows(std::span<const certificate> certificates) {
  std::vector<double> rows;
  for (const certificate& c : certificates) rows.push_back(static_cast<double>(c.rows.value_or(0)));
  return detail::median(std::move(rows));
}

/// Brief: the median over samples of the radius that is left when `rows` rows are changed at will.
[[nodiscard]] inline double median_radius(std::span<const certificate> certificates, std::size_t rows) {
  std::vector<double> radii;
  for (const certificate& c : certificates) radii.push_back(c.radius_at(rows));
  return detail::median(std::move(radii));
}

/// Brief: the median over samples of the largest common pattern norm covered on `rows` unknown poisoned rows. A sample
/// without a certificate counts 0, so that mode `published` has median 0.
/// Cost: one norm for each budget.
template <attack_statement Mode>
[[nodiscard]] double median_per_pattern(std::span<const certificate> certificates, const Mode& mode, std::size_t rows) {
  expect(!certificates.empty(), "median_per_pattern: no samples");
  std::map<double, double> norm_of;
  std::vector<double> norms;
  norms.reserve(certificates.size());
  for (const certificate& c : certificates) {
    const auto [found, unknown] = norm_of.try_emplace(c.result == outcome::certified ? c.budget : 0.0);
    if (unknown) found->second = mode.per_pattern(found->first, rows);
    norms.push_back(found->second);
  }
  return detail::median(std::move(norms));
}

}  // namespace v1
}  // namespace certssb
