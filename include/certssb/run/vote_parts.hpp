// SPDX-License-Identifier: MIT
#pragma once
// Brief: the votes of models that are trained on parts of the training set, or on one part under noise. Linear models
// vote many at once.

#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/row_sets.hpp"
#include "certssb/data/split.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/run/defence_context.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/vote/collect.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a model whose hard votes can be taken together with those of others: linear_votes(models, rows), [models, n],
/// or none where these models are not linear.
template <class Model, class Rows>
concept votes_together = requires(std::span<const Model> models, const Rows& rows) {
  { Model::linear_votes(models, rows) } -> std::same_as<std::optional<std::vector<label_type>>>;
};

/// Brief: the model of one part; without rows, all classes have the same score, so that the lowest is named.
template <class Model>
struct part_model {
  std::optional<Model> model;
  std::size_t count;

  [[nodiscard]] std::size_t classes() const noexcept { return count; }
  template <tensor Tensor>
  void scores(const Tensor& x, std::span<scalar_of<Tensor>> out) {
    if (model) {
      model->scores(x, out);
    } else {
      std::ranges::fill(out, scalar_of<Tensor>{1} / static_cast<scalar_of<Tensor>>(count));
    }
  }
};

namespace detail {

/// Brief: ballots without votes, which also keep each model's votes.
template <class Rows>
[[nodiscard]] auto empty_ballots(const row_sets<Rows>& tests, double sigma) {
  std::vector<ballot<scalar_of<typename Rows::tensor_type>>> ballots;
  for (std::size_t k = 0; k < tests.size(); ++k) {
    const std::size_t n = tests[k].size();
    ballots.push_back({test_scales::constant(n, sigma),
                       vote_counts(n, tests[k].classes()),
                       {},
                       {},
                       hard_votes(n, tests[k].classes())});
  }
  return ballots;
}

/// Brief: the votes of parts first .. last - 1 on every set of test inputs, [models, n] each; none if their models are
/// not linear. A part without rows votes for class 0; in the product another model stands in its place, so that no other
/// part's scores are rounded otherwise when a part loses its last row.
template <class Model, class Fit, class Rows>
[[nodiscard]] std::optional<std::vector<std::vector<label_type>>> votes_of_block(std::size_t first, std::size_t last,
                                                                                 const Fit& fit,
                                                                                 const row_sets<Rows>& tests) {
  std::vector<std::optional<Model>> fitted;
  for (std::size_t j = first; j < last; ++j) fitted.push_back(fit(j).model);
  const auto any = std::ranges::find_if(fitted, [](const auto& model) { return model.has_value(); });
  std::vector<Model> models;
  if (any != fitted.end()) {
    for (const std::optional<Model>& model : fitted) models.push_back(model ? *model : **any);
  }
  std::vector<std::vector<label_type>> all(tests.size());
  for (std::size_t k = 0; k < tests.size(); ++k) {
    const std::size_t n = tests[k].size();
    all[k].resize(fitted.size() * n);
    if (models.empty()) continue;
    auto votes = Model::linear_votes(std::span<const Model>(models), tests[k]);
    if (!votes) return std::nullopt;
    for (std::size_t m = 0; m < fitted.size(); ++m) {
      if (fitted[m])
        std::copy_n(votes->begin() + static_cast<std::ptrdiff_t>(m * n), n,
                    all[k].begin() + static_cast<std::ptrdiff_t>(m * n));
    }
  }
  return all;
}

}  // namespace detail

/// Brief: how models without noise are trained and vote.
struct plain_vote_options {
  bool rows_repeat = false;  ///< positions are those of bags, whose rows may come several times
  bool keep_scores = false;  ///< keep every model's scores, [k,n,K]
};

/// Brief: the votes of `models` models without noise on every test input; fit(j) gives model j as a part_model.
/// Shapes: the ballots count as many votes and keep them, [models,n].
/// Throws: cancelled; whatever `fit` throws.
/// Cost: linear models vote by one matrix product for 64 of them, unless scores are kept, [models,n,K].
/// Determinism: the same votes for any executor.
template <class Context, class Fit, class Rows>
[[nodiscard]] auto vote_plainly(const Context& context, const Fit& fit, std::size_t models, const row_sets<Rows>& tests,
                                const random_key& key, bool keep_scores) {
  using model = typename std::remove_cvref_t<decltype(fit(std::size_t{}).model)>::value_type;
  auto ballots = detail::empty_ballots(tests, 1.0);
  if constexpr (votes_together<model, Rows>) {
    constexpr std::size_t together = 64;
    const std::size_t blocks = (models + together - 1) / together;
    progress_counter counter(context.watch, "parts", blocks);
    std::vector<std::vector<std::vector<label_type>>> named(blocks);
    std::atomic<bool> linear{!keep_scores};
    context.workers.for_each(blocks, [&](std::size_t b) {
      counter.expect_running();
      if (!linear) return;
      const std::size_t last = std::min(models, (b + 1) * together);
      auto votes = detail::votes_of_block<model>(b * together, last, fit, tests);
      linear = linear && votes.has_value();
      if (votes) named[b] = *std::move(votes);
      counter.advance();
    });
    if (linear) {
      for (std::size_t k = 0; k < tests.size(); ++k) {
        const std::size_t n = tests[k].size();
        ballots[k].member_votes = hard_votes(n, tests[k].classes());
        for (const auto& block : named) {
          for (std::size_t at = 0; at < block[k].size(); at += n) {
            const std::span<const label_type> votes(block[k].data() + at, n);
            ballots[k].votes.add_votes(votes);
            ballots[k].member_votes.add_votes(votes);
          }
        }
      }
      return ballots;
    }
  }
  std::vector<test_scales> scales;
  for (std::size_t k = 0; k < tests.size(); ++k) scales.push_back(test_scales::constant(tests[k].size(), 1.0));
  return vote_on(context, key, fit, tests, std::move(scales),
                 {.models = models, .vote = {.draws = 0}, .keep_scores = keep_scores, .keep_votes = true}, train_all);
}

/// Brief: one model per part, trained without noise on the rows of the part alone, with one vote on every test input.
/// Shapes: positions [k], the rows of each part; the ballots count k votes and keep them, [k,n].
/// Throws: cancelled; whatever the learner throws.
/// Cost: one training per part, and as vote_plainly.
/// Determinism: a function of rows, positions and key, for any executor.
template <class Context, class Rows>
[[nodiscard]] auto vote_plain_parts(const Context& context, const Rows& rows,
                                    const std::vector<std::vector<std::size_t>>& positions,
                                    const row_sets_of<Rows>& tests, const random_key& key,
                                    const plain_vote_options& options = {}) {
  using model = fitted<std::remove_cvref_t<decltype(context.method)>, Rows>;
  const auto fit = [&](std::size_t j) {
    part_model<model> part{{}, rows.classes()};
    if (positions[j].empty()) return part;
    const std::span<const std::size_t> places(positions[j]);
    const Rows own = options.rows_repeat ? resample(rows, places) : subset(rows, places);
    part.model.emplace(context.method.fit(own, key.for_model(static_cast<std::uint32_t>(j))));
    context.shelf.keep(j, *part.model);
    return part;
  };
  return vote_plainly(context, fit, positions.size(), tests, key, options.keep_scores);
}

/// Brief: the votes of members without test noise by one matrix product; none if they are not linear.
template <class Model, class Rows>
requires votes_together<Model, Rows>
[[nodiscard]] auto vote_linearly(std::span<const Model> members, const row_sets<Rows>& tests,
                                 const smoothing_options& options) {
  std::optional ballots = detail::empty_ballots(tests, options.test_sigma.value_or(options.sigma));
  for (std::size_t k = 0; k < tests.size(); ++k) {
    const auto votes = Model::linear_votes(members, tests[k]);
    if (!votes) {
      ballots.reset();
      break;
    }
    const std::size_t n = tests[k].size();
    for (std::size_t at = 0; at < votes->size(); at += n) {
      (*ballots)[k].votes.add_votes(std::span<const label_type>(votes->data() + at, n));
    }
  }
  return ballots;
}

/// Brief: the votes of an ensemble at one common noise scale, as run_uniform takes them. Linear members without test
/// noise vote together.
/// Throws: as run_uniform.
/// Cost: as run_uniform; linear members vote by one matrix product.
/// Determinism: as run_uniform.
template <class Context, class Rows>
[[nodiscard]] auto vote_uniform(const Context& context, const Rows& rows, const row_sets_of<Rows>& tests,
                                const smoothing_options& options) {
  using model = fitted<std::remove_cvref_t<decltype(context.method)>, member_rows<Rows, noise_of<Context>>>;
  if constexpr (votes_together<model, Rows>) {
    if (options.vote.draws == 0) {
      const random_key key = detail::key_for(context.key, detail::purpose::uniform_members);
      const training_scales scales = training_scales::constant(rows.size(), options.sigma);
      std::vector<model> members;
      members.reserve(options.models);
      for (std::size_t m = 0; m < options.models; ++m) {
        members.push_back(fit_member(context.method, rows, scales, context.noise, key, m));
        context.shelf.keep(m, members.back());
      }
      if (auto ballots = vote_linearly(std::span<const model>(members), tests, options)) return *std::move(ballots);
    }
  }
  return run_uniform(context, rows, tests, options).ballots;
}

}  // namespace v1
}  // namespace certssb
