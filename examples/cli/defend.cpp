// SPDX-License-Identifier: MIT
#include "defend.hpp"

#include "arrays.hpp"
#include "certssb/backend/tbb.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/sigma/estimator.hpp"
#include "certssb/sigma/grid.hpp"
#include "certssb/sigma/knn_selector.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>

namespace certssb::cli {

namespace {

auto learner_of(const defence_settings& s, const surroundings& run) {
  return cnn_learner<float>({.epochs = s.epochs,
                             .batch = run.options.batch,
                             .learning_rate = 1e-3,
                             .averaged_tail = s.averaged_tail,
                             .stop = run.stop});
}

/// One defence of one run: its settings, its executor, its test inputs.
class defence_run {
  static constexpr double least_extra = 0.1;  ///< of sigma: the smallest extra noise that mode floor looks at
  static constexpr double enclosure_gap = 1e-3;
  static constexpr std::uint32_t purpose_of_ledger = 101;

  [[nodiscard]] const image_rows& train() const { return run_.data.train.data; }
  [[nodiscard]] std::span<const image_rows* const> tests() const { return tests_; }
  [[nodiscard]] auto learner() const { return learner_of(settings_, run_); }

  [[nodiscard]] defence_work finished(defence_outcome<float> outcome, std::vector<stopping_point> stopping) const {
    outcome.name = name_;
    return {std::move(outcome), {}, {}, std::move(stopping)};
  }

  template <class Learner, class Noise>
  [[nodiscard]] auto context(const Learner& learner, const Noise& noise) const {
    return defence_context<Learner, Noise, tbb_executor, progress_line>{learner, noise, executor_, run_.line, run_.key};
  }

  /// Calls work(learner), whose members flip labels where the mode asks for it.
  template <class Work>
  [[nodiscard]] defence_work with_labels(const Work& work) const {
    if (name_ == "certified" && run_.options.requested().label_noise) {
      return work(flipping_learner(learner(), run_.options.flip_probability));
    }
    return work(learner());
  }

  template <class Work>
  [[nodiscard]] defence_work with_estimator(const Work& work) const {
    const std::string& name = run_.options.ascent_estimator;
    if (name == grid_search::name) return work(grid_search{});
    return name == pathwise_estimator::name ? work(pathwise_estimator{}) : work(detached_estimator{});
  }

public:
  defence_run(const std::string& name, const surroundings& run)
      : name_(name),
        run_(run),
        settings_(run.options.settings(name)),
        executor_(run.threads),
        tests_{&run.data.clean, &run.data.triggered} {}

  /// Calls work(rule), the rule being the early stopping that the options ask for, or none.
  template <class Work>
  defence_work stopped(const Work& work) const {
    if (!run_.options.stop_at_radius) return finished(work(train_all), {});
    const double p0 = normal_cdf(*run_.options.stop_at_radius / run_.options.sigma);
    early_stopping rule(decision_rule(run_.options.alpha, run_.data.classes.size(), p0),
                        run_.data.clean.size() + run_.data.triggered.size(), run_.options.decide_fraction);
    auto outcome = work(rule);
    return finished(std::move(outcome), rule.points());
  }

  [[nodiscard]] defence_work uniform() const { return with_noise(gaussian_noise{}); }

  template <class Noise>
  [[nodiscard]] defence_work with_noise(const Noise& noise) const {
    return with_labels([&](const auto& learner) {
      return stopped([&](auto& rule) {
        return run_uniform(context(learner, noise), train(), tests(), settings_.smoothing, rule);
      });
    });
  }

  [[nodiscard]] defence_work frozen(const noise_scales& scales) const {
    return with_labels([&](const auto& learner) {
      return stopped([&](auto& rule) {
        return run_frozen(context(learner, gaussian_noise{}), train(), scales, tests(), settings_.smoothing, rule);
      });
    });
  }

  [[nodiscard]] defence_work floor() const {
    ascent_options extra = run_.options.ascent();
    extra.initial = extra.floor = least_extra * run_.options.sigma;
    extra.ceiling = std::max(extra.floor, run_.options.sigma);
    return with_estimator([&](const auto& estimator) {
      return stopped([&](auto& rule) {
        return run_floor(context(learner(), gaussian_noise{}), estimator, train(), tests(), settings_.smoothing, extra,
                         extra_noise::once, rule);
      });
    });
  }

  /// One exposure an epoch, all together as much as one at sigma.
  [[nodiscard]] defence_work ledger() const {
    const double first = run_.options.sigma * std::sqrt(static_cast<double>(settings_.epochs));
    expect(run_.options.sigma_max >= first, "--sigma-max: mode ledger shows each row ", settings_.epochs, " times, at ",
           first, " at least, got ", run_.options.sigma_max);
    const ledger_learner method(
        learner(), {.initial = first, .ceiling = run_.options.sigma_max, .rate = run_.options.ascent_rate});
    noise_ledger ledger(image_rows(train()), exposure_caps<l2_norm>::exposures(train().size(), first, settings_.epochs),
                        gaussian_noise{}, run_.key.derive(purpose_of_ledger));
    return stopped([&](auto& rule) {
      return run_ledger(context(method, gaussian_noise{}), ledger, tests(), settings_.smoothing, rule);
    });
  }

  [[nodiscard]] defence_work selected() const {
    const image_rows& trusted = *run_.data.trusted;
    knn_selector_options options{.initial = run_.options.sigma,
                                 .elasticity = run_.options.semi_elasticity,
                                 .floor = 0.5 * run_.options.sigma,
                                 .ceiling = 2.0 * run_.options.sigma};
    options.neighbours = std::min(options.neighbours, trusted.size());
    const std::vector<double> among = knn_selector(trusted, options).distances(trusted, executor_);
    options.centre = std::accumulate(among.begin(), among.end(), 0.0) / static_cast<double>(among.size());
    const knn_selector selector(trusted, options);
    if (run_.options.requested().base == "semi_elastic") return frozen(selector.elastic(train(), executor_));
    quantised_scales found = selector.quantised(train(), run_.options.grid_width, executor_);
    defence_work done = frozen(found.scales);
    done.constant_within = std::move(found.constant_within);
    return done;
  }

  [[nodiscard]] defence_work sample_specific() const {
    const test_scale at = settings_.test_noise_scale == "own" ? test_scale::own : test_scale::common;
    const defence_work done = with_estimator([&](const auto& estimator) {
      return stopped([&](auto& rule) {
        return run_sample_specific(context(learner(), gaussian_noise{}), estimator, train(), tests(),
                                   settings_.smoothing, run_.options.ascent(), at, rule);
      });
    });
    std::size_t samples = train().size();
    for (const image_rows* test : tests_) samples += at == test_scale::own ? test->size() : 0;
    run_.options.say.tell(concatenate(name_, ": noise scales of ", samples, " samples found in ",
                                      decimal(1000.0 * done.outcome.ascent_seconds / static_cast<double>(samples), 3),
                                      " ms each"));
    return done;
  }

  [[nodiscard]] defence_work exact_neighbours() const {
    const detail::stopwatch watch;
    const auto scales = noise_scales::constant(train().size(), run_.options.sigma);
    defence_work done = finished(detail::outcome_of<float>("", scales, {}, watch), {});
    progress_counter counter(run_.line, "nearest neighbours", tests_.size());
    for (const image_rows* test : tests_) {
      done.exact_bounds.push_back(
          bound_neighbours(enclose_neighbours(train(), scales, test->inputs(), enclosure_gap, executor_)));
      const double sigma = settings_.smoothing.test_sigma.value_or(run_.options.sigma);
      done.outcome.ballots.push_back(
          {noise_scales::constant(test->size(), sigma), vote_counts(test->size(), test->classes()), {}, {}});
      counter.advance();
    }
    done.outcome.train_seconds = watch.seconds();
    return done;
  }

private:
  std::string name_;
  const surroundings& run_;
  defence_settings settings_;
  tbb_executor executor_;
  std::array<const image_rows*, 2> tests_;
};

}  // namespace

undefended_outcome train_undefended(const surroundings& run) {
  const auto learner = learner_of(run.options.settings("rab"), run);
  const gaussian_noise noise;
  const tbb_executor executor(run.threads);
  return run_undefended(defence_context{learner, noise, executor, run.line, run.key}, run.data.train.data,
                        run.data.clean, run.data.triggered, run.options.target);
}

defence_work defend(const std::string& name, const surroundings& run) {
  const defence_run defence(name, run);
  if (name == "rab") return defence.uniform();
  if (name == "cert-ssb") return defence.sample_specific();
  const std::string mode = run.options.requested().base;
  if (mode == "uniform_l1") return defence.with_noise(uniform_noise{});
  if (mode == "laplace_l1") return defence.with_noise(laplace_noise{});
  if (mode == "frozen") {
    const noise_scales scales = read_scales(run.options.train_scales, run.data.train.data.size());
    expect(scales.size() == run.data.train.data.size(), run.options.train_scales, ": expected a scale for each of ",
           run.data.train.data.size(), " training rows, got ", scales.size());
    return defence.frozen(scales);
  }
  if (mode == "floor") return defence.floor();
  if (mode == "ledger") return defence.ledger();
  if (mode == "quantised" || mode == "semi_elastic") return defence.selected();
  if (mode == "given_scales") return defence.sample_specific();
  if (mode == "knn1_exact") return defence.exact_neighbours();
  return defence.uniform();
}

}  // namespace certssb::cli
