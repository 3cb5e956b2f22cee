// SPDX-License-Identifier: MIT
// Adaptive training with a certificate. A ledger owns the training rows. Training sees them only through noisy
// releases, each charged to the row that it shows, up to the cap of the row. The radius follows from the caps, for all
// scales that training chooses on its way.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/run/defences.hpp"

#include <array>
#include <cstdio>

int main() {
  using namespace certssb;
  const gaussian_blobs_problem problem(2, 4, 8.0, 0.5);
  auto rows = draw_dataset(problem, 200, random_key{1});
  const auto test = draw_dataset(problem, 3, random_key{6});
  const gaussian_noise noise;

  // Enough for three looks at every row at scale .5, or for more looks at larger scales. The rows are moved into the
  // ledger.
  noise_ledger ledger(std::move(rows), exposure_caps<l2_norm>::exposures(200, 0.5, 3), noise, random_key{3});

  // The loop of Cert-SSB: six epochs, with new noise on each row in each of them, at a scale that grows as the model
  // becomes sure of the row.
  const auto inner = logistic_learner<double>({.epochs = 6, .batch = 20, .learning_rate = 0.1});
  const ledger_learner learner(inner, {.initial = 0.5, .ceiling = 3.0, .rate = 1.0});

  const serial_executor run;
  silent_observer silent;
  const defence_context context{learner, noise, run, silent, random_key{4}};
  const auto outcome = run_ledger(context, ledger, {test}, {.sigma = 0.5, .models = 60});
  const ledger_mode mode(outcome, assume::rows_read_only_through_the_ledger{});
  for (const certificate& c : certify(outcome, 0, clopper_pearson{}, no_split{}, mode, 0.001)) {
    std::printf("class %d, budget %.3f, radius %.3f: %s\n", static_cast<int>(c.predicted), c.budget, c.radius.value(),
                outcome_name(c.result).data());
  }

  auto account = ledger.open(60);  // one more member
  auto seen = account.make(1);
  account.release(std::array{std::size_t{7}}, std::array{0.3}, seen);
  try {
    account.release(std::array{std::size_t{7}}, std::array{0.8}, seen);
  } catch (const argument_error& refused) {
    std::printf("%s\n", refused.what());
  }
}
