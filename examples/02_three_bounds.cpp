// SPDX-License-Identifier: MIT
// How sure are the votes? Three bounds of the same probability, from the same hundred models. The true probability p_A
// is below a bound with probability at most alpha. The radius is sigma * PhiInv(bound), so a tighter bound gives a
// larger radius at no cost. All three are valid; they differ in how much of the votes they use.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/mixture.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <cstdio>
#include <vector>

namespace {

using namespace certssb;

void show(const char* what, const bounded_top& top) {
  const double budget = gaussian_l2::budget(top.lower, top.upper);
  std::printf("%-38s p_A >= %.3f   radius %.3f\n", what, top.lower, gaussian_l2::scaled(budget, 0.5));
}

}  // namespace

int main() {
  // A hundred models score one test input: class 1 gets between .90 and .99, except from three models, which give .2.
  std::vector<double> scores;
  for (int m = 0; m < 100; ++m) {
    const double score = m % 33 == 5 ? 0.2 : 0.90 + 0.01 * (m % 10);
    scores.insert(scores.end(), {1.0 - score, score});
  }
  const score_table soft(std::span<const double>(scores), 100, 1, 2);
  vote_counts hard(1, 2);
  for (std::size_t m = 0; m < 100; ++m) hard.add(std::span<const double>(scores).subspan(2 * m, 2));
  std::printf("hard votes: %d of 100 for class 1; mean score %.3f; sigma .5, alpha .001\n\n",
              static_cast<int>(hard[0].counts[1]), soft[0].means[1]);

  show("hard votes, Hoeffding (any law)", no_split::bound_top(hard[0], hoeffding{}, 0.001));
  show("hard votes, Clopper-Pearson (exact)", no_split::bound_top(hard[0], clopper_pearson{}, 0.001));
  show("mean scores, Hoeffding (any law)", no_split::bound_top(soft[0], hoeffding{}, 0.001));
  show("mean scores, mixture (sees spread)", no_split::bound_top(soft[0], mixture{}, 0.001));
  std::printf("\nHard and soft votes are two classifiers: bound the one that is deployed.\n");
}
