// SPDX-License-Identifier: MIT
// From 0 % to most inputs, against the same attack. A certificate for the total size of all patterns cannot cover sixty
// rows that each change as much as they like. But cut the training set into parts, train one model on each, and let the
// models vote: a changed row spoils the model of one part, and the others still outvote it.
#include "certssb/attack/label_map.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/report/metrics.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/experiment_data.hpp"

#include <cstdio>

using namespace certssb;

namespace {

/// The trigger: the first entry moves by 1. Whoever carries it is to be called 0.
struct first_entry {
  void apply(std::span<double> row, std::span<const std::size_t>) const { row[0] += 1.0; }
};

void print(const char* defence, const std::vector<certificate>& all, std::span<const label_type> labels,
           const std::vector<bool>& covered) {
  std::printf("%-14s right %5.1f %%, rows survived %4.1f, right and certified against this very attack %5.1f %%\n",
              defence, 100.0 * empirical_accuracy(all, labels).value(), median_rows(all),
              100.0 * certified_against(all, labels, covered).value());
}

}  // namespace

int main() {
  const gaussian_blobs_problem problem(2, 10, 4.0, 0.5);
  const train_and_test split{draw_dataset(problem, 3000, random_key{1}), draw_dataset(problem, 400, random_key{2})};
  const auto data = poison_split(split, backdoor_attack{first_entry{}, all_to_one{0}, 0.02}, random_key{3});
  const auto& train = data.train.data;
  std::vector<double> change(train.size());
  for (std::size_t p = 0; p < data.train.positions.size(); ++p) {
    change[data.train.positions[p]] = data.train.pattern_norms[p];
  }
  std::printf("%zu of %zu rows are poisoned; all patterns together have size %.1f\n\n", data.train.positions.size(),
              train.size(), data.train.frobenius_norm());

  const nearest_mean learner;
  const gaussian_noise noise;
  const serial_executor run;
  silent_observer silent;
  const defence_context context{learner, noise, run, silent, random_key{4}};

  // Randomized smoothing: 1,000 models, each on all rows plus its own noise.
  const auto smoothed = run_uniform(context, train, {data.triggered}, {.sigma = 0.5, .models = 1000});
  const uniform_mode mode(smoothed);
  const auto radii = certify(smoothed, 0, clopper_pearson{}, no_split{}, mode, 0.001);
  print("one ensemble", radii, data.triggered.labels(), covers_attack(radii, mode, {.l2 = change}));

  // The same number of rows in 300 parts, one model each, without noise.
  const row_parts cut = row_parts::by_position(train.size(), 300, random_key{5});
  hard_votes votes(data.triggered.size(), train.classes());
  for (const auto& part : cut.positions()) {
    auto model = learner.fit(subset(train, part), random_key{});
    std::vector<double> scores(data.triggered.size() * train.classes());
    model.scores(data.triggered.inputs(), scores);
    votes.add(std::span<const double>(scores));
  }
  const plain_parts parts(votes, {cut.values().begin(), cut.values().end()});
  print("300 parts", parts.issue(), data.triggered.labels(), parts.covers({.l2 = change}));
}
