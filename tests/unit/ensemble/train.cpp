// SPDX-License-Identifier: MIT
#include "certssb/ensemble/train.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/centroid_model.hpp"

#include <atomic>
#include <catch2/catch.hpp>

using namespace certssb;

namespace {

using array = host_array<float>;

dataset<array> toy() { return {array({0.1F, 0.2F, 0.8F, 0.9F, 0.0F, 0.3F, 0.7F, 1.0F}, 2), {0, 1, 0, 1}, 2, {2}}; }

// Hands back the rows it was given, as a member saw them, in two epochs.
struct recording_learner {
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

silent_observer silent;

}  // namespace

TEST_CASE("regression: a member sees the same noise in every epoch, each member its own", "[ensemble]") {
  const auto rows = toy();
  const auto scales = noise_scales(std::vector<double>{0.5, 1.0, 0.25, 2.0});
  const auto members =
      train_ensemble(recording_learner{}, rows, scales, gaussian_noise{}, random_key{7}, 3, serial_executor{}, silent);
  for (const auto& member : members) CHECK(member.first == member.second);
  CHECK(members[0].first != members[1].first);
  // Row i's noise is the draw of its own stream times its own scale.
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<float> draw(2);
    gaussian_noise{}.fill(random_key{7}.at(stage::train_noise).for_model(1).for_sample(static_cast<std::uint32_t>(i)),
                          std::span(draw));
    for (std::size_t k = 0; k < 2; ++k) {
      const float clean = rows.inputs().values[2 * i + k];
      CHECK(members[1].first[2 * i + k] == clean + static_cast<float>(scales[i]) * draw[k]);
    }
  }
}

TEST_CASE("members do not depend on threads nor on how many there are", "[ensemble]") {
  const auto rows = toy();
  const auto scales = noise_scales::constant(4, 0.5);
  const auto train = [&](const auto& run, std::size_t models) {
    return train_ensemble(recording_learner{}, rows, scales, gaussian_noise{}, random_key{7}, models, run, silent);
  };
  const auto serial = train(serial_executor{}, 5);
  const auto threaded = train(tbb_executor(2), 5);
  const auto fewer = train(tbb_executor(2), 2);
  for (std::size_t m = 0; m < 5; ++m) CHECK(serial[m].first == threaded[m].first);
  for (std::size_t m = 0; m < 2; ++m) CHECK(serial[m].first == fewer[m].first);
}

TEST_CASE("training reports each member and stops when the observer says so", "[ensemble]") {
  const auto rows = toy();
  const auto scales = noise_scales::constant(4, 0.5);
  std::size_t seen = 0;
  auto stop_at_two = [&](const progress& now) {
    CHECK(now.total == 6);
    seen = now.done;
    return now.done < 2;
  };
  CHECK_THROWS_AS(train_ensemble(recording_learner{}, rows, scales, gaussian_noise{}, random_key{7}, 6,
                                 serial_executor{}, stop_at_two),
                  cancelled);
  CHECK(seen == 2);
}

TEST_CASE("no models and scales that do not fit are refused", "[ensemble]") {
  const auto rows = toy();
  const auto train = [&](std::size_t scales, std::size_t models) {
    return train_ensemble(recording_learner{}, rows, noise_scales::constant(scales, 0.5), gaussian_noise{},
                          random_key{7}, models, serial_executor{}, silent);
  };
  CHECK_THROWS_AS(train(4, 0), argument_error);
  CHECK_THROWS_AS(train(3, 1), argument_error);
  CHECK_THROWS_AS(noise_scales(std::vector<double>{0.5, -1.0}), argument_error);
  CHECK_THROWS_AS(noise_scales(std::vector<double>{std::nan("")}), argument_error);
}
