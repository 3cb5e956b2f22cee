// SPDX-License-Identifier: MIT
#include "certssb/data/synthetic.hpp"
#include "certssb/ensemble/adaptive_learner.hpp"
#include "certssb/ensemble/augmented_learner.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"

#include <catch2/catch.hpp>

using namespace certssb;

namespace {

using rows_type = dataset<host_array<double>>;

// Keeps what it was shown in two passes over the rows.
struct recording_learner {
  struct recorded {
    std::vector<double> first, second;
    std::vector<label_type> labels;
    std::size_t classes() const { return 2; }
    void scores(const host_array<double>&, std::span<double> out) const { std::ranges::fill(out, 0.5); }
  };
  template <class Rows>
  recorded fit(const Rows& rows, const random_key&) const {
    std::vector<std::size_t> all(rows.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    auto once = rows.make(all.size());
    auto again = rows.make(all.size());
    rows.gather(all, once);
    rows.gather(all, again);
    const std::span<const label_type> labels = rows.labels();
    return {once.values, again.values, {labels.begin(), labels.end()}};
  }
};

const gaussian_blobs_problem problem{2, 3, 4.0, 0.5};
const auto base = logistic_learner<double>({.epochs = 2, .batch = 16, .learning_rate = 0.05});
const ascent_options search{.initial = 0.4, .floor = 0.2, .ceiling = 1.0, .steps = 4, .draws = 8, .rate = 0.5};

/// Normal draws that are added in floating point, at any scale.
struct plain_normals {
  using certified_norm = l2_norm;
  template <class Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    fill_normal(key, out);
  }
};

rows_type rows() { return draw_dataset(problem, 60, random_key{1}); }

template <class Learner>
auto member(const Learner& method, std::size_t m = 2) {
  return fit_member(method, rows(), training_scales::constant(60, 0.5), gaussian_noise{}, random_key{3}, m);
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> d(a.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = a[i] - b[i];
  return d;
}

}  // namespace

TEST_CASE("extra noise is added to the member's own noisy rows, once or at every read", "[ensemble]") {
  const auto plain = member(recording_learner{});
  const auto once = member(adaptive_learner(base, recording_learner{}, pathwise_estimator{}, search));
  const auto fresh =
      member(adaptive_learner(base, recording_learner{}, pathwise_estimator{}, search, extra_noise::every_read));
  const auto constant = member(augmented_learner(recording_learner{}, 0.3));
  CHECK(once.first == once.second);
  CHECK(fresh.first != fresh.second);
  CHECK(constant.first != constant.second);
  CHECK(fresh.first == once.first);  // the first draw is the same
  CHECK(once.labels == plain.labels);

  // What is added is not the noise that is there already: the two are uncorrelated. 180 products of independent
  // normals: the bound 4.8917 standard errors has a false-alarm chance of 1e-6.
  const auto raw = rows();
  const auto eps = difference(plain.first, raw.inputs().values);
  const auto eta = difference(constant.first, plain.first);
  double product = 0.0;
  for (std::size_t i = 0; i < eps.size(); ++i) product += eps[i] / 0.5 * eta[i] / 0.3;
  CHECK(std::abs(product) < 4.8917 * std::sqrt(180.0));
}

TEST_CASE("each row has an extra scale of its own within the range, another in another member", "[ensemble]") {
  // Of the same draws at two constant scales, the ratio of what was added is the ratio of the scales.
  const auto added = [](const ascent_options& options, std::size_t m) {
    const auto plain = member(recording_learner{}, m);
    return difference(member(adaptive_learner(base, recording_learner{}, pathwise_estimator{}, options), m).first,
                      plain.first);
  };
  const auto unit = [&](std::size_t m) {
    auto options = search;
    options.initial = options.floor = options.ceiling = 1.0;
    return added(options, m);
  };
  const auto scales = [&](std::size_t m) {
    const auto whole = unit(m);
    const auto part = added(search, m);
    std::vector<double> tau;
    for (std::size_t i = 0; i < part.size(); i += 3) tau.push_back(part[i] / whole[i]);
    return tau;
  };
  const auto tau = scales(2);
  CHECK(std::ranges::min(tau) >= 0.2 * (1.0 - 1e-6));
  CHECK(std::ranges::max(tau) <= 1.0 + 1e-6);
  CHECK(std::ranges::max(tau) > 1.01 * std::ranges::min(tau));
  const auto other = scales(5);
  double apart = 0.0;
  for (std::size_t i = 0; i < tau.size(); ++i) apart = std::max(apart, std::abs(tau[i] - other[i]));
  CHECK(apart > 1e-3);
}

TEST_CASE("with a range that collapses to nothing the adapter is the learner inside it", "[ensemble]") {
  ascent_options none{.initial = 1e-300, .floor = 1e-300, .ceiling = 1e-300, .steps = 2, .draws = 2};
  const auto plain = member(base);
  for (const extra_noise drawn : {extra_noise::once, extra_noise::every_read}) {
    const auto collapsed = member(adaptive_learner(base, base, pathwise_estimator{}, none, drawn, plain_normals{}));
    CHECK(std::ranges::equal(collapsed.parameters(), plain.parameters()));
  }
  ascent_options one{.initial = 0.3, .floor = 0.3, .ceiling = 0.3, .steps = 2, .draws = 2};
  const auto fixed = member(adaptive_learner(base, base, pathwise_estimator{}, one, extra_noise::every_read));
  CHECK(std::ranges::equal(fixed.parameters(), member(augmented_learner(base, 0.3)).parameters()));
  CHECK_FALSE(std::ranges::equal(fixed.parameters(), plain.parameters()));
}

TEST_CASE("a flipping learner shows the rows as they are under flipped labels, each member its own", "[ensemble]") {
  const auto plain = member(recording_learner{});
  const auto flipped = member(flipping_learner(recording_learner{}, 0.3));
  CHECK(flipped.first == plain.first);
  CHECK(flipped.labels != plain.labels);
  CHECK(flipped.labels == member(flipping_learner(recording_learner{}, 0.3)).labels);
  CHECK(flipped.labels != member(flipping_learner(recording_learner{}, 0.3), 3).labels);
  // Around another adapter, everything inside sees the flipped labels.
  const adaptive_learner inside(base, recording_learner{}, pathwise_estimator{}, search);
  CHECK(member(flipping_learner(inside, 0.3)).labels == flipped.labels);
  CHECK_THROWS_AS(member(flipping_learner(recording_learner{}, 0.7)), argument_error);
}

TEST_CASE("adapters refuse scales out of range", "[ensemble]") {
  CHECK_THROWS_AS(augmented_learner(recording_learner{}, 0.0), argument_error);
  CHECK_THROWS_AS(augmented_learner(recording_learner{}, std::nan("")), argument_error);
  CHECK_THROWS_AS(adaptive_learner(base, recording_learner{}, pathwise_estimator{}, {.floor = -1.0}), argument_error);
}
