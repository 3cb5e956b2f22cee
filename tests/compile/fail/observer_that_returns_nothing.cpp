// SPDX-License-Identifier: MIT
// Expect first: certssb: your observer has no operator()(const progress&) that returns bool, false to cancel
// An observer that cannot say whether to go on.
#include "certssb/core/executor.hpp"
#include "certssb/vote/collect.hpp"

#include <vector>

#ifdef CERTSSB_CONTROL
using answered = bool;
#else
using answered = void;
#endif

void call(std::vector<certssb::ballot<float>>& ballots);
void call(std::vector<certssb::ballot<float>>& ballots) {
  auto watch = [](const certssb::progress&) { return answered(true); };
  const auto answer = [](std::size_t) { return std::vector<certssb::member_answer<float>>{}; };
  certssb::collect_votes(1, answer, ballots, {}, certssb::serial_executor{}, watch, certssb::train_all);
}
