// SPDX-License-Identifier: MIT
#include "certssb/certificate/closed_forms.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/core/random.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace certssb;
using closed_form_rows = dataset<host_array<double>>;

namespace {

constexpr value_range far_enough{-100.0, 100.0};

closed_form_rows rows_on_a_line(const std::vector<double>& places, const std::vector<label_type>& labels,
                                std::size_t classes) {
  return closed_form_rows(host_array<double>(places, 1), labels, classes, {1}, far_enough);
}

/// Calls visit(places, labels) with every training set that the removal of at most r rows and the insertion of at most r
/// rows at a few places make.
template <class Visit>
void for_each_poisoned_set(const std::vector<double>& places, const std::vector<label_type>& labels, std::size_t r,
                           std::size_t classes, Visit&& visit) {
  const auto insert = [&](const auto& self, std::vector<double> x, std::vector<label_type> y,
                          std::size_t left) -> void {
    visit(x, y);
    if (left == 0) return;
    x.push_back(0.0);
    y.push_back(0);
    for (const double place : {0.0, 1.5, 9.0}) {
      for (std::size_t c = 0; c < classes; ++c) {
        x.back() = place;
        y.back() = static_cast<label_type>(c);
        self(self, x, y, left - 1);
      }
    }
  };
  const auto remove = [&](const auto& self, const std::vector<double>& x, const std::vector<label_type>& y,
                          std::size_t from, std::size_t left) -> void {
    insert(insert, x, y, r);
    for (std::size_t at = from; left > 0 && at < x.size(); ++at) {
      auto fewer_x = x;
      auto fewer_y = y;
      fewer_x.erase(fewer_x.begin() + static_cast<std::ptrdiff_t>(at));
      fewer_y.erase(fewer_y.begin() + static_cast<std::ptrdiff_t>(at));
      self(self, fewer_x, fewer_y, at, left - 1);
    }
  };
  remove(remove, places, labels, 0, r);
}

}  // namespace

TEST_CASE("no change of as many rows as are survived moves the vote of the nearest, and one more can",
          "[certificate]") {
  random_stream draws(random_key{51});
  const host_array<double> test({0.0}, 1);
  std::size_t survived = 0;
  for (int trial = 0; trial < 40; ++trial) {
    const std::size_t classes = trial % 2 == 0 ? 2 : 3;
    const std::size_t k = 1 + static_cast<std::size_t>(trial) % 5;
    std::vector<double> places;
    std::vector<label_type> labels;
    for (int i = 0; i < 7; ++i) {
      places.push_back(0.5 + 3.0 * draws.uniform());
      labels.push_back(draws.uniform() < 0.7 ? 1
                                             : static_cast<label_type>(draws.uniform() * static_cast<double>(classes)));
    }
    const auto answer = certify_knn_vote(rows_on_a_line(places, labels, classes), test, k).front();
    survived += answer.survives;
    CAPTURE(trial, k, labels, places, answer.label, answer.survives);
    const auto moved_by = [&](std::size_t r) {
      bool moved = false;
      for_each_poisoned_set(places, labels, r, classes, [&](const auto& x, const auto& y) {
        if (x.size() < k || moved) return;
        moved = certify_knn_vote(rows_on_a_line(x, y, classes), test, k).front().label != answer.label;
      });
      return moved;
    };
    if (answer.survives <= 2) CHECK_FALSE(moved_by(answer.survives));
    if (answer.survives <= 1) CHECK(moved_by(answer.survives + 1));
  }
  CHECK(survived > 10);
}

TEST_CASE("bags of the nearest row are certified by rank", "[certificate]") {
  const auto train = rows_on_a_line({0.3, 0.1, 0.2, 5.0}, {1, 0, 0, 1}, 2);
  const host_array<double> tests({0.0, 4.0}, 1);
  const auto all = certify_bagged_nearest(train, tests, 3);
  const bagged_nearest bags(4, 3);
  const auto near = bags.certify(std::vector<label_type>{0, 0, 1, 1}, 2);
  const auto far = bags.certify(std::vector<label_type>{1, 1, 0, 0}, 2);
  REQUIRE(all.size() == 2);
  CHECK(all[0].label == 0);
  CHECK(all[0].lower == near.lower);
  CHECK(all[0].survives == near.survives);
  CHECK(all[0].lower == Approx(1.0 - std::pow(0.5, 3)));
  CHECK(all[1].label == 1);
  CHECK(all[1].lower == far.lower);
}

TEST_CASE("no change of the features below its radius moves the nearest mean", "[certificate]") {
  random_stream draws(random_key{52});
  for (int trial = 0; trial < 30; ++trial) {
    std::vector<double> values;
    std::vector<label_type> labels;
    for (int i = 0; i < 8; ++i) {
      labels.push_back(i % 2 == 0 ? 0 : (i % 4 == 1 ? 1 : 2));
      for (int p = 0; p < 3; ++p) values.push_back(2.0 * draws.uniform() + (p == labels.back() ? 1.0 : 0.0));
    }
    const host_array<double> test({draws.uniform(), draws.uniform(), draws.uniform()}, 3);
    const auto certify = [&](const std::vector<double>& x) {
      return certify_nearest_mean(closed_form_rows(host_array<double>(x, 3), labels, 3, {3}, far_enough), test).front();
    };
    const auto answer = certify(values);
    if (answer.label == abstain) continue;
    for (int attack = 0; attack < 200; ++attack) {
      std::vector<double> change(values.size());
      double norm = 0.0;
      for (std::size_t k = 0; k < change.size(); ++k) {
        // Half of the attacks change all entries, the others pull one class towards the input.
        const std::size_t row = k / 3;
        const bool pulled = labels[row] == attack % 3;
        change[k] = attack % 2 == 0 ? draws.uniform() - 0.5 : (pulled ? test.values[k % 3] - values[k] : 0.0);
        norm += change[k] * change[k];
      }
      auto moved = values;
      for (std::size_t k = 0; k < moved.size(); ++k) {
        if (norm > 0.0) moved[k] += change[k] * answer.radius * (1.0 - 1e-9) / std::sqrt(norm);
      }
      CHECK(certify(moved).label == answer.label);
    }
  }
}

TEST_CASE("certificates with a closed form do not depend on the executor or the rows' type", "[certificate]") {
  random_stream draws(random_key{53});
  std::vector<float> values(60 * 11);
  for (float& value : values) value = static_cast<float>(draws.uniform());
  std::vector<label_type> labels(60);
  for (label_type& label : labels) label = static_cast<label_type>(3.0 * draws.uniform());
  const dataset<host_array<float>> train(host_array<float>(values, 11), labels, 3);
  const host_array<float> tests(std::vector<float>(values.begin() + 110, values.begin() + 220), 11);
  const tbb_executor two(2);
  const auto votes = certify_knn_vote(train, tests, 5);
  const auto votes_of_two = certify_knn_vote(train, tests, 5, two);
  const auto bags = certify_bagged_nearest(train, tests, 4);
  const auto bags_of_two = certify_bagged_nearest(train, tests, 4, two);
  const auto means = certify_nearest_mean(train, tests);
  const auto means_of_two = certify_nearest_mean(train, tests, two);
  for (std::size_t t = 0; t < 10; ++t) {
    CHECK(votes[t].label == votes_of_two[t].label);
    CHECK(votes[t].survives == votes_of_two[t].survives);
    CHECK(bags[t].lower == bags_of_two[t].lower);
    CHECK(means[t].radius == means_of_two[t].radius);
    // The test inputs are training rows 10 to 19, so the nearest row is the row itself.
    CHECK(certify_knn_vote(train, tests, 1)[t].label == labels[10 + t]);
  }
}

TEST_CASE("closed forms refuse what they cannot use, by name", "[certificate]") {
  const auto train = rows_on_a_line({0.0, 1.0}, {0, 1}, 2);
  const host_array<double> two_wide({0.0, 1.0}, 2);
  const host_array<double> test({0.0}, 1);
  CHECK_THROWS_WITH(certify_knn_vote(train, test, 0), Catch::Contains("from 1 to the 2 training rows, got 0"));
  CHECK_THROWS_WITH(certify_knn_vote(train, test, 3), Catch::Contains("from 1 to the 2 training rows, got 3"));
  CHECK_THROWS_WITH(certify_bagged_nearest(train, test, 0), Catch::Contains("at least 1 row"));
  CHECK_THROWS_WITH(certify_knn_vote(train, two_wide, 1), Catch::Contains("knn_vote: training rows of 1 entries but"));
  CHECK_THROWS_WITH(certify_bagged_nearest(train, two_wide, 1), Catch::Contains("test inputs of 2"));
  CHECK_THROWS_WITH(certify_nearest_mean(train, two_wide), Catch::Contains("nearest_mean: training rows of 1"));
  // An even number of neighbours: a tie goes to the lower label, and survives nothing.
  const auto tied = certify_knn_vote(train, test, 2).front();
  CHECK(tied.label == 0);
  CHECK(tied.survives == 0);
}
