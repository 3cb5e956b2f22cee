// SPDX-License-Identifier: MIT
#pragma once
// Brief: the training of Cert-SSB: rows get new noise in every epoch, at scales that follow the model. Every release of
// a row is charged to a ledger.

#include "certssb/core/expect.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/noise_ledger.hpp"
#include "certssb/sigma/estimator.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the scales of a row's exposures.
struct exposure_options {
  double initial = 0.5;  ///< the scale of the first exposure, and the smallest scale
  double ceiling = 3.0;  ///< the largest scale; a row whose cap allows no smaller one is shown no more
  double rate = 0.05;    ///< step in log sigma per unit of sigma * |gap|/2; 0 keeps every scale at `initial`
  double clamp = 0.02;   ///< probabilities are clamped to [clamp, 1 - clamp]

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(std::isfinite(initial) && initial > 0.0, "exposures: initial scale must be finite and positive, got ",
           initial);
    expect(std::isfinite(ceiling) && ceiling >= initial, "exposures: ceiling must be finite and at least ", initial,
           ", got ", ceiling);
    expect(std::isfinite(rate) && rate >= 0.0, "exposures: rate must be finite and >= 0, got ", rate);
    expect(clamp > 0.0 && clamp < 0.5, "exposures: clamp must lie in (0, 0.5), got ", clamp);
  }
};

/// Brief: the rows of an account as a learner reads them. Each read is a release at the present scale of the row, as
/// long as its cap allows; later reads repeat the last release, which costs nothing.
/// Maths: sigma follows |gap| of the model's scores at the released row z, a function of releases alone. The pathwise
/// derivative is not used: it needs the noise in z, and z minus its noise is the raw row.
/// Requires: one object serves one thread at a time.
/// Cost: memory for one release of every row.
template <class Account>
class released_rows {
public:
  using tensor_type = typename Account::tensor_type;
  using scalar = scalar_of<tensor_type>;
  using traits = tensor_traits<tensor_type>;

  /// Requires: `account` outlives the view.
  /// Throws: argument_error for settings out of range, and if a cap allows no release below the ceiling.
  released_rows(Account& account, const exposure_options& options)
      : account_(account),
        options_(options),
        proxy_(options.clamp),
        scales_(account.size(), options.initial),
        shown_(account.size(), 0.0),
        one_(account.make(1)),
        last_(account.make(account.size())),
        row_(traits::row_size(one_)) {
    options_.validate();
    for (std::size_t i = 0; i < account.size(); ++i) {
      expect(account.smallest_scale(i) <= options_.ceiling, "released_rows: the cap ", account.cap(i), " of row ", i,
             " allows no release at a scale up to ", options_.ceiling);
    }
  }

  [[nodiscard]] std::size_t size() const { return account_.size(); }
  [[nodiscard]] std::size_t classes() const { return account_.classes(); }
  [[nodiscard]] auto labels() const { return account_.labels(); }
  [[nodiscard]] auto ids() const { return account_.ids(); }
  [[nodiscard]] auto row_shape() const { return account_.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return account_.make(n); }
  /// Brief: of the last release of row i; 0 before the first, when there is no noise to state.
  [[nodiscard]] double noise_variance(std::size_t i) const {
    return shown_[i] * shown_[i] * stated_variance<typename Account::noise_type>();
  }

  void gather(std::span<const std::size_t> positions, tensor_type& out) const {
    for (const std::size_t i : positions) {
      const double scale = std::max(scales_[i], account_.smallest_scale(i));
      if (scale > options_.ceiling) continue;
      account_.release(std::span(&i, 1), std::span(&scale, 1), one_);
      shown_[i] = scale;
      traits::read(one_, 0, row_);
      traits::write(last_, i, row_);
    }
    traits::gather(last_, positions, out);
  }

  /// Brief: updates the scales of the rows of a batch by the model's scores.
  template <classifier<tensor_type> Model>
  void adapt(Model& model, std::span<const std::size_t> positions, const tensor_type& batch) const {
    if (options_.rate == 0.0) return;
    const std::size_t classes = account_.classes();
    scores_.resize(positions.size() * classes);
    model.scores(batch, std::span(scores_));
    std::vector<double> p(classes);
    for (std::size_t j = 0; j < positions.size(); ++j) {
      std::ranges::transform(std::span(scores_).subspan(j * classes, classes), p.begin(),
                             [](scalar score) { return static_cast<double>(score); });
      const auto a = static_cast<std::size_t>(account_.labels()[positions[j]]);
      const top_two top = find_top_two(std::span<const double>(p));
      const std::size_t b = top.first == a ? top.second : top.first;
      if (std::isnan(p[a]) || std::isnan(p[b])) continue;  // a model that diverged moves no scale
      double& sigma = scales_[positions[j]];
      const double gradient = detached_estimator{}.gradient(proxy_, {.p_a = p[a], .p_b = p[b]}, sigma);
      sigma = std::clamp(sigma * std::exp(options_.rate * sigma * gradient), options_.initial, options_.ceiling);
    }
  }

private:
  Account& account_;
  exposure_options options_;
  radius_proxy proxy_;
  mutable std::vector<double> scales_;
  mutable std::vector<double> shown_;  ///< the scale of each row's last release
  mutable tensor_type one_;
  mutable tensor_type last_;
  mutable std::vector<scalar> row_;
  mutable std::vector<scalar> scores_;
};

/// Brief: a training procedure on an account: its releases and a key in, classifier out.
template <class Learner, class Account>
concept account_learner = requires(const Learner& l, Account& account, const random_key& key) {
  { l.fit(account, key) } -> classifier<typename Account::tensor_type>;
};

/// Brief: `Inner` on released rows: with the bundled learner, one exposure per row and epoch, at a scale that grows
/// with the gap between its class and the best other one.
/// Reference: the published Cert-SSB training loop, here within a cap and with scales reset for every member.
template <class Inner>
class ledger_learner {
public:
  /// Throws: argument_error for settings out of range.
  ledger_learner(Inner inner, const exposure_options& options) : inner_(std::move(inner)), options_(options) {
    options_.validate();
  }

  template <class Account>
  [[nodiscard]] auto fit(Account& account, const random_key& key) const {
    return inner_.fit(released_rows<Account>(account, options_), key);
  }

private:
  Inner inner_;
  exposure_options options_;
};

/// Brief: member m of a ledger, on an account of its own.
/// Requires: `key` is not the ledger's.
/// Determinism: a function of (ledger, key, m).
template <class Ledger, account_learner<typename Ledger::account_type> Learner>
[[nodiscard]] auto fit_ledger_member(const Learner& method, Ledger& ledger, const random_key& key, std::size_t m) {
  auto account = ledger.open(m);
  return method.fit(account, key.for_model(static_cast<std::uint32_t>(m)));
}

}  // namespace v1
}  // namespace certssb
