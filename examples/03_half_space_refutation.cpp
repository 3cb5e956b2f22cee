// SPDX-License-Identifier: MIT
// Why the published radius certifies nothing. It multiplies the margin of the votes by the noise scale of the TEST
// input. But an attacker poisons TRAINING rows, and the noise on these rows decides how far they must be changed. The
// learner here is simple enough to poison by hand: inside the published radius the answer changes, and inside the sound
// one it does not.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <array>
#include <cmath>
#include <cstdio>

using namespace certssb;
using array = host_array<double>;

namespace {

const array test_input({1.0, 0.5}, 2);
const std::vector<label_type> labels{1, 1, 1, 0, 0, 0};

/// Class 1 if w . x > 0: a half-space.
struct half_space {
  std::array<double, 2> w;
  static std::size_t classes() { return 2; }
  void scores(const array& x, std::span<double> out) const {
    out[1] = x.values[0] * w[0] + x.values[1] * w[1] > 0.0 ? 1.0 : 0.0;
    out[0] = 1.0 - out[1];
  }
};

/// w is the mean of the rows of class 1 minus the mean of those of class 0.
struct mean_learner {
  template <row_source Rows>
  half_space fit(const Rows& rows, const random_key&) const {
    array seen = rows.make(6);
    rows.gather(std::array<std::size_t, 6>{0, 1, 2, 3, 4, 5}, seen);
    half_space model{};
    for (std::size_t k = 0; k < 12; ++k) model.w[k % 2] += (labels[k / 2] == 1 ? 1.0 : -1.0) * seen.values[k] / 3.0;
    return model;
  }
};

/// The votes of a thousand members, each trained on its own noise of scale 1, on the test input.
vote_counts vote(const std::vector<double>& rows) {
  const dataset<array> train(array(rows, 2), labels, 2, {2}, {-9.0, 9.0});
  vote_counts votes(1, 2);
  for (std::size_t m = 0; m < 1000; ++m) {
    const half_space member =
        fit_member(mean_learner{}, train, training_scales::constant(6, 1.0), gaussian_noise{}, random_key{5}, m);
    std::array<double, 2> scores{};
    member.scores(test_input, scores);
    votes.add(std::span<const double>(scores));
  }
  return votes;
}

}  // namespace

int main() {
  const std::vector<double> rows{1.0, 0.6, 0.8, 0.2, 1.2, 0.4, -0.9, -0.5, -1.1, -0.1, -1.0, -0.6};
  const vote_counts votes = vote(rows);
  // The scale of the training rows, and that of the test input, which ascent has enlarged.
  const auto sound = uniform_mode::from_parts(training_scales::constant(6, 1.0), gaussian_noise{});
  const auto published = published_mode::from_parts(test_scales({1.5}), gaussian_noise{});
  const double holds = certify(votes, clopper_pearson{}, no_split{}, sound, 0.001)[0].stated_radius();
  const double claimed = certify(votes, clopper_pearson{}, no_split{}, published, 0.001)[0].stated_radius();
  std::printf("sound radius %.2f, published radius %.2f\n\n", holds, claimed);

  std::printf(" poison size   votes for 0, 1   answer   inside sound?   inside published?\n");
  for (const double size : {0.0, 0.98 * holds, 3.0, 0.98 * claimed}) {
    // The worst poison moves the rows of class 1 away from the test input, and those of class 0 towards it.
    std::vector<double> poisoned = rows;
    const double step = size / std::sqrt(6.0) / std::hypot(1.0, 0.5);
    for (std::size_t k = 0; k < 12; ++k) poisoned[k] -= (labels[k / 2] == 1 ? step : -step) * test_input.values[k % 2];
    const vote_counts now = vote(poisoned);
    std::printf("%12.2f   %8d, %4d   %6d   %13s   %17s\n", size, static_cast<int>(now[0].counts[0]),
                static_cast<int>(now[0].counts[1]), static_cast<int>(now[0].top()), size < holds ? "yes" : "no",
                size < claimed ? "yes" : "no");
  }
  std::printf("\nThe answer changes inside the published radius: it is refuted, not merely unproved.\n");
}
