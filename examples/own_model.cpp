// SPDX-License-Identifier: MIT
// Your own model: a learner with `fit`, and the classifier that it makes, with `classes` and `scores`. Nothing else is
// needed.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/run/defences.hpp"

#include <cstdio>

using namespace certssb;
using array = host_array<double>;

// ---- required members ---------------------------------------------------------------------------

struct threshold_classifier {
  double threshold;
  static std::size_t classes() { return 2; }
  void scores(const array& x, std::span<double> out) const {
    for (std::size_t j = 0; j < x.values.size(); ++j) {
      out[2 * j + 1] = x.values[j] > threshold ? 1.0 : 0.0;
      out[2 * j] = 1.0 - out[2 * j + 1];
    }
  }
};

struct threshold_learner {
  template <row_source Rows>
  threshold_classifier fit(const Rows& rows, const random_key&) const {
    return {0.5 * (mean_of(rows, 0) + mean_of(rows, 1))};
  }

  // ---- helper -----------------------------------------------------------------------------------
  template <row_source Rows>
  static double mean_of(const Rows& rows, label_type label) {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.labels()[i] == label) positions.push_back(i);
    }
    auto batch = rows.make(positions.size());
    rows.gather(positions, batch);
    double sum = 0.0;
    for (const double value : batch.values) sum += value;
    return sum / static_cast<double>(positions.size());
  }
};

// ---- the result, checked ------------------------------------------------------------------------

int main() {
  const dataset<array> train(array({0.0, 0.25, 0.75, 1.0}, 1), {0, 0, 1, 1}, 2, {1});
  const dataset<array> test(array({0.0, 1.0}, 1), {0, 1}, 2, {1});

  const threshold_learner method;
  const gaussian_noise noise;
  const serial_executor run;
  silent_observer silent;
  const defence_context context{method, noise, run, silent, random_key{2}};
  const auto result = run_uniform(context, train, {test}, {.sigma = 0.1, .models = 100, .vote = {.draws = 0}});

  const uniform_mode mode(result);
  for (const certificate& c : certify(result, 0, clopper_pearson{}, no_split{}, mode, 0.001)) {
    std::printf("class %d, radius %.3f\n", static_cast<int>(c.label), c.radius.value());
  }
}
