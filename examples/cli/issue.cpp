// SPDX-License-Identifier: MIT
#include "issue.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/storage/memory.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

namespace certssb::cli {

namespace {

/// Bounds the votes: those of early stopping by what is valid at any time, hard votes as counts, else all scores.
bounded_votes bound_ballot(const ballot<float>& votes, const run_options& o) {
  if (o.stop_at_radius) {
    return bound_votes(stopped_votes(votes.votes), jeffreys_sequence{}, every_class{}, o.alpha);
  }
  const std::string name = o.bound_name();
  if (name == clopper_pearson::name) return bound_votes(votes.votes, clopper_pearson{}, no_split{}, o.alpha);
  if (name == jeffreys_sequence::name) return bound_votes(votes.votes, jeffreys_sequence{}, every_class{}, o.alpha);
  const score_table scores(std::span<const float>(votes.scores), static_cast<std::size_t>(votes.votes.trials()),
                           votes.votes.samples(), votes.votes.classes());
  return bound_votes(scores, named_bound<mean_score>(name), no_split{}, o.alpha);
}

template <certificate_mode Mode>
issued issue_in(const bounded_votes& votes, const Mode& mode) {
  const name_list assumptions = mode.assumptions;
  const name_list conditions = mode.conditional_on();
  return {std::string(mode.name),
          Mode::certified,
          std::string(mode.norm),
          {assumptions.begin(), assumptions.end()},
          {conditions.begin(), conditions.end()},
          issue(votes, mode),
          [mode](std::span<const certificate> all, std::size_t rows) { return median_per_pattern(all, mode, rows); },
          [mode](std::span<const certificate> all, std::span<const label_type> labels, const attack_extent& attack) {
            return certified_against(all, labels, mode, attack);
          },
          {}};
}

/// Issues in a mode with the flags asked for, where it takes them.
template <class Mode>
issued issue_with_flags(const bounded_votes& votes, const Mode& mode, const run_options& o) {
  const mode_request wanted = o.requested();
  const auto with_labels = [&](const auto& inner) {
    if constexpr (label_noise_base<std::remove_cvref_t<decltype(inner)>>) {
      if (wanted.label_noise) {
        const label_flips flips(o.flip_probability, static_cast<std::uint32_t>(o.flipped_labels));
        return issue_in(votes, label_noise(inner, flips, assume::labels_flipped_in_every_member{},
                                           assume::scales_independent_of_labels{}));
      }
    }
    return issue_in(votes, inner);
  };
  if constexpr (std::derived_from<Mode, gaussian_rows>) {
    if (wanted.joint) {
      const smoothing_options& s = o.settings("certified").smoothing;
      return with_labels(joint(mode, test_noise{*s.test_sigma, s.vote.draws}, gaussian_noise{},
                               assume::test_scale_fixed_beforehand{}));
    }
  }
  return with_labels(mode);
}

issued update_storage(issued before, const images& inputs, const run_options& o, evaluation_times& times) {
  const detail::stopwatch watch;
  const auto answers =
      storage_update(inputs, std::span<const certificate>(before.certificates),
                     o.storage == "min" ? storage_policy::min : storage_policy::slack, tbb_executor(o.threads));
  before.certificates = after_storage(before.certificates, answers);
  for (const char* event : {"keep", "trim", "adopt", "abstain"}) before.storage_events[event] = 0;
  for (const stored_answer& answer : answers) ++before.storage_events[std::string(event_name(answer.event))];
  times.storage_s += watch.seconds();
  return before;
}

/// The uniform certificates, remembered by one predictor that answers the samples in order.
issued remember(const bounded_votes& votes, const noise_scales& scales, const images& inputs, const run_options& o) {
  const std::vector<certificate> asked = issue(votes, uniform_mode(scales, gaussian_noise{}));
  const auto answers =
      storage_update(inputs, std::span<const certificate>(asked),
                     o.storage == "min" ? storage_policy::min : storage_policy::slack, tbb_executor(o.threads));
  issued result = issue_in(votes, memory_mode(answers));
  result.certificates = remembered(asked, answers);
  return result;
}

/// The certificates of the defence `certified`, in the mode asked for.
issued issue_certified(const defence_work& work, const bounded_votes& votes, const images& inputs,
                       const run_options& o) {
  const gaussian_noise noise;
  const noise_scales& scales = work.outcome.train_scales;
  const std::string mode = o.requested().base;
  if (mode == "frozen") {
    return issue_with_flags(votes, frozen_mode(scales, noise, assume::scales_independent_of_features{}), o);
  }
  if (mode == "floor") return issue_with_flags(votes, floor_mode(scales, noise), o);
  if (mode == "ledger") {
    std::vector<double> caps;
    for (const double sigma : scales.values()) caps.push_back(1.0 / (sigma * sigma));
    return issue_with_flags(votes, ledger_mode(caps, noise, assume::rows_read_only_through_the_ledger{}), o);
  }
  if (mode == "quantised") {
    return issue_with_flags(
        votes, quantised_mode(scales, work.constant_within, noise, assume::selector_fixed_independently_of_data{}), o);
  }
  if (mode == "semi_elastic") {
    const elasticity selector{o.semi_elasticity, tensor_traits<images>::row_size(inputs),
                              o.rows_changed == "one" ? changed_rows::one : changed_rows::many};
    return issue_in(votes, semi_elastic_mode(scales, selector, noise, assume::selector_fixed_independently_of_data{}));
  }
  if (mode == "uniform_l1") return issue_in(votes, uniform_l1_mode(scales, uniform_noise{}));
  if (mode == "laplace_l1") return issue_in(votes, laplace_l1_mode(scales, laplace_noise{}));
  if (mode == "knn1_exact") return issue_in(votes, knn1_exact_mode(scales));
  if (mode == "given_scales") return issue_in(votes, given_scales_mode(scales, noise, false));
  if (mode == "memory") return remember(votes, scales, inputs, o);
  return issue_with_flags(votes, uniform_mode(scales, noise), o);
}

}  // namespace

std::vector<issued> issue_all(const defence_work& work, std::size_t which, const workload& data, const run_options& o,
                              evaluation_times& times) {
  const gaussian_noise noise;
  const defence_outcome<float>& defence = work.outcome;
  const images& inputs = data.inputs(which).inputs();
  const ballot<float>& votes = defence.ballots[which];
  std::vector<issued> all;
  const detail::stopwatch watch;
  const bounded_votes bounded = work.exact_bounds.empty() ? bound_ballot(votes, o) : work.exact_bounds[which];
  if (defence.name == "rab") {
    all.push_back(issue_in(bounded, uniform_mode(defence.train_scales, noise)));
  } else if (defence.name == "certified") {
    all.push_back(issue_certified(work, bounded, inputs, o));
  } else {
    const bool own = o.settings(defence.name).own_test_scale();
    all.push_back(issue_in(bounded, given_scales_mode(defence.train_scales, noise, own)));
    all.push_back(issue_in(bounded, published_mode(votes.scales, noise)));
  }
  times.certify_s += watch.seconds();
  if (defence.name == "cert-ssb") all.push_back(update_storage(all.back(), inputs, o, times));
  return all;
}

}  // namespace certssb::cli
