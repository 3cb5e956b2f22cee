// SPDX-License-Identifier: MIT
#pragma once
// Brief: the library, in the order in which data flow through it.
// Some headers are left out. These ask for a library of their own: backend/{eigen,xtensor,tbb}.hpp, io/, verify/, run/
// (but for run/defences.hpp), and the pictures and web page of report/. These would add two thirds to the time to
// compile: audit/, the explanations of single samples (report/explanation_text.hpp), and the smoothed nearest neighbour
// (certificate/knn1_exact.hpp).

#include "certssb/version.hpp"

// What all stages stand on: errors, keyed randomness, the normal law, executors, observers; what a tensor is.
#include "certssb/core/error.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/core/same_bits.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/core/system_key.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/contiguous.hpp"
#include "certssb/tensor/host_array.hpp"

// Data: labelled rows, from files or from known laws.
#include "certssb/data/any_rows.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/distinct_ids.hpp"
#include "certssb/data/idx_reader.hpp"
#include "certssb/data/row_sets.hpp"
#include "certssb/data/split.hpp"
#include "certssb/data/subset.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/data/synthetic_models.hpp"
#include "certssb/data/value_ranges.hpp"

// Attack: triggers and label maps make the poisoned set.
#include "certssb/attack/blend_trigger.hpp"
#include "certssb/attack/concept.hpp"
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/measure.hpp"
#include "certssb/attack/named.hpp"
#include "certssb/attack/no_trigger.hpp"
#include "certssb/attack/pixel_trigger.hpp"
#include "certssb/attack/poison.hpp"

// Noise: a distribution, one scale per row, noisy rows; a ledger of what each row has been shown.
#include "certssb/noise/augmented_rows.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/exposure.hpp"
#include "certssb/noise/flipped_labels.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/noise_ledger.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/noise/uniform.hpp"

// Model: the ladder of abilities, networks made of layers, a learner.
#include "certssb/model/any_rows_learner.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/initialiser.hpp"
#include "certssb/model/layer/channels_last.hpp"
#include "certssb/model/layer/concept.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/dense.hpp"
#include "certssb/model/layer/max_pool.hpp"
#include "certssb/model/layer/relu.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/loss.hpp"
#include "certssb/model/optimiser.hpp"
#include "certssb/model/sequential.hpp"
#include "certssb/model/small_cnn.hpp"

// Sigma: stochastic gradient ascent on each sample's own noise scale.
#include "certssb/sigma/ascent.hpp"
#include "certssb/sigma/concept.hpp"
#include "certssb/sigma/estimator.hpp"
#include "certssb/sigma/grid.hpp"
#include "certssb/sigma/knn_selector.hpp"
#include "certssb/sigma/named_search.hpp"
#include "certssb/sigma/options.hpp"
#include "certssb/sigma/proxy.hpp"

// Ensemble: M members, each trained on its own noisy draw of the training set.
#include "certssb/ensemble/adaptive_learner.hpp"
#include "certssb/ensemble/augmented_learner.hpp"
#include "certssb/ensemble/ledger_learner.hpp"
#include "certssb/ensemble/member.hpp"

// Vote: what is left of the members' answers.
#include "certssb/vote/block.hpp"
#include "certssb/vote/collect.hpp"
#include "certssb/vote/concept.hpp"
#include "certssb/vote/defence_outcome.hpp"
#include "certssb/vote/hard_votes.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/member_scores.hpp"
#include "certssb/vote/split_votes.hpp"
#include "certssb/vote/stopped_votes.hpp"
#include "certssb/vote/vote_count.hpp"

// Bound: confidence bounds of p_A and p_B, and what choosing A costs.
#include "certssb/bound/alpha_split.hpp"
#include "certssb/bound/betting.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/concept.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/hoeffding_bentkus.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/kl_chernoff.hpp"
#include "certssb/bound/maurer_pontil.hpp"
#include "certssb/bound/memoised.hpp"
#include "certssb/bound/mixture.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/bound/part_failures.hpp"
#include "certssb/bound/randomised_clopper_pearson.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/bound/stopping.hpp"

// Radius: from bounds and scales to how far the training features may be moved.
#include "certssb/radius/attainable.hpp"
#include "certssb/radius/attainable_parts.hpp"
#include "certssb/radius/concept.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/radius/label_flips.hpp"
#include "certssb/radius/laplace_l1.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/radius/semi_elastic.hpp"
#include "certssb/radius/uniform_l1.hpp"
#include "certssb/radius/worst_rows.hpp"

// Certificate: the result, and the modes that say what it means.
#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/certified_radius.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/l1_rows.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/memory_facts.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/certificate/plan.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/stated_mode.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"

// Storage: storage-update keeps regions of different labels apart.
#include "certssb/storage/memory.hpp"
#include "certssb/storage/region.hpp"
#include "certssb/storage/region_store.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/storage/update_rule.hpp"

// Report: the numbers, each with its denominator.
#include "certssb/report/curve.hpp"
#include "certssb/report/metrics.hpp"
#include "certssb/report/text_table.hpp"

// All of it in one flow.
#include "certssb/run/defences.hpp"
