// SPDX-License-Identifier: MIT
#include "certssb/ensemble/member.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/collect.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

using namespace certssb;

namespace {

using array = host_array<float>;

dataset<array> toy() { return {array({0.1F, 0.2F, 0.8F, 0.9F, 0.0F, 0.3F, 0.7F, 1.0F}, 2), {0, 1, 0, 1}, 2, {2}}; }

// Hands back the rows it was given, as a member saw them, in two epochs.
struct float_recorder {
  struct recorded {
    std::vector<float> first, second;
    std::size_t classes() const { return 2; }
    void scores(const array&, std::span<float> out) const { std::ranges::fill(out, 0.5F); }
  };
  template <class Rows>
  recorded fit(const Rows& rows, const random_key&) const {
    auto all = rows.make(rows.size());
    const std::vector<std::size_t> forward{0, 1, 2, 3};
    rows.gather(forward, all);
    recorded seen{all.values, {}};
    for (const std::size_t i : {std::size_t{2}, std::size_t{0}, std::size_t{3}, std::size_t{1}}) {
      auto one = rows.make(1);
      rows.gather(std::span(&i, 1), one);
      seen.second.resize(8);
      std::ranges::copy(one.values, seen.second.begin() + static_cast<std::ptrdiff_t>(2 * i));
    }
    return seen;
  }
};

using recorded = float_recorder::recorded;

std::vector<recorded> members_of(const dataset<array>& rows, const training_scales& scales, std::size_t models) {
  std::vector<recorded> members;
  for (std::size_t m = 0; m < models; ++m) {
    members.push_back(fit_member(float_recorder{}, rows, scales, gaussian_noise{}, random_key{7}, m));
  }
  return members;
}

/// Brief: the ensemble's ballot on one input, where each member scores class 1 by the first value it was trained on.
template <class Executor, class Observer>
ballot<float> ballot_of(const dataset<array>& rows, std::size_t scales, std::size_t models, const Executor& workers,
                        Observer& watch) {
  const auto each = training_scales::constant(scales, 0.5);
  std::vector<ballot<float>> ballots;
  ballots.push_back({test_scales::constant(1, 1.0), vote_counts(1, 2), {}, {}});
  const auto answer = [&](std::size_t m) {
    const recorded member = fit_member(float_recorder{}, rows, each, gaussian_noise{}, random_key{7}, m);
    return std::vector<member_answer<float>>{{{0.0F, member.first[0]}, {}}};
  };
  collect_votes(models, answer, ballots, {.keep_scores = true}, workers, watch, train_all);
  return std::move(ballots[0]);
}

silent_observer silent;

}  // namespace

TEST_CASE("regression: a member sees the same noise in every epoch, each member its own", "[ensemble]") {
  const auto rows = toy();
  const auto scales = training_scales(std::vector<double>{0.5, 1.0, 0.25, 2.0});
  const auto members = members_of(rows, scales, 3);
  for (const auto& member : members) CHECK(member.first == member.second);
  CHECK(members[0].first != members[1].first);
  // Row i's noise is the draw of its own stream times its own scale.
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<float> draw(2);
    gaussian_noise{}.fill(random_key{7}.at(stage::train_noise).for_model(1).for_sample(static_cast<std::uint32_t>(i)),
                          std::span(draw));
    for (std::size_t k = 0; k < 2; ++k) {
      const float clean = rows.inputs().values[2 * i + k];
      // As near as the grid of the noise lets it be.
      CHECK(members[1].first[2 * i + k] ==
            Approx(clean + static_cast<float>(scales[i]) * draw[k]).margin(0.5001 * usual_grid_step));
    }
  }
}

TEST_CASE("members do not depend on threads nor on how many there are", "[ensemble]") {
  const auto rows = toy();
  const auto serial = ballot_of(rows, 4, 5, serial_executor{}, silent).scores;
  const auto threaded = ballot_of(rows, 4, 5, tbb_executor(2), silent).scores;
  const auto fewer = ballot_of(rows, 4, 2, tbb_executor(2), silent).scores;
  CHECK(serial == threaded);
  CHECK(std::ranges::equal(std::span(serial).first(4), fewer));
  CHECK(serial[1] != serial[3]);
}

TEST_CASE("training reports each member and stops when the observer says so", "[ensemble]") {
  std::size_t seen = 0;
  auto stop_at_two = [&](const progress& now) {
    CHECK(now.total == 6);
    seen = now.done;
    return now.done < 2;
  };
  CHECK_THROWS_AS(ballot_of(toy(), 4, 6, serial_executor{}, stop_at_two), cancelled);
  CHECK(seen == 2);
}

TEST_CASE("no models and scales that do not fit are refused", "[ensemble]") {
  CHECK_THROWS_AS(ballot_of(toy(), 4, 0, serial_executor{}, silent), argument_error);
  CHECK_THROWS_AS(ballot_of(toy(), 3, 1, serial_executor{}, silent), argument_error);
  CHECK_THROWS_AS(fit_member(float_recorder{}, toy(), training_scales::constant(4, 0.5), gaussian_noise{},
                             random_key{7}, std::size_t{1} << 24U),
                  argument_error);
  CHECK_THROWS_AS(training_scales(std::vector<double>{0.5, -1.0}), argument_error);
  CHECK_THROWS_AS(training_scales(std::vector<double>{std::nan("")}), argument_error);
}
