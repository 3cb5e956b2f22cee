// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of the defences whose parts vote.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/part_failures.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/attainable_parts.hpp"
#include "certssb/run/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: noise draws per vote, from none, one or mean:k.
[[nodiscard]] inline std::size_t draws_of(std::string_view test_noise) {
  if (test_noise == "none") return 0;
  if (test_noise == "one") return 1;
  std::size_t draws = 0;
  constexpr std::string_view mean = "mean:";
  if (test_noise.starts_with(mean)) {
    const std::string_view count = test_noise.substr(mean.size());
    const auto [end, failure] = std::from_chars(count.data(), count.data() + count.size(), draws);
    if (failure != std::errc{} || end != count.data() + count.size()) draws = 0;
  }
  expect(draws >= 1 && draws <= 1'000'000, "test_noise: expected none, one or mean:k with k from 1 to 10^6, got ",
         test_noise);
  return draws;
}

/// Brief: the defences whose members are bundled learners chosen by name. Their defaults were chosen on held-out training
/// rows (docs/sound_settings.md).
[[nodiscard]] inline defence_settings settings_of_parts(const training_settings& t, const part_settings& p,
                                                        bool smoothed) {
  defence_settings d;
  d.name = smoothed ? "smoothed-parts" : "parts";
  d.mode = mode_request::parse(smoothed ? "uniform+parts" : "parts");
  d.model = p.model.value_or("nearest-mean");
  d.map = input_map_of(p.map.value_or(smoothed ? "mean-4" : "square-root"));
  d.parts = p.parts.value_or(std::max<std::size_t>(1, p.training_rows / (smoothed ? 12 : 5)));
  if (!smoothed) d.elect = election::parse(p.election);
  d.epochs = t.epochs.value_or(10);
  d.batch = t.batch;
  d.learning_rate = t.learning_rate;
  d.averaged_tail = t.averaged_tail.value_or(0.0);
  d.test_noise = smoothed ? t.test_noise.value_or("none") : "none";
  d.smoothing = {.sigma = smoothed ? p.sigma.value_or(1.0) : t.sigma,
                 .test_sigma = {},
                 .own_scales = {},
                 .models = smoothed ? p.members.value_or(200) : d.parts * d.elect.models_per_row,
                 .vote = {draws_of(d.test_noise)},
                 .keep_scores = false,
                 .keep_votes = !smoothed};
  d.smoothing.test_sigma = d.smoothing.sigma;
  d.test_noise_scale = concatenate(d.smoothing.sigma);
  return d;
}

/// Brief: where the training set is cut, the level of one part's report and how many may be false.
inline void settle_parts(const certification_settings& c, const part_settings& p, defence_settings& d) {
  d.cut = part_by_of(p.part_by);
  if (!d.smoothed_parts()) return;
  expect(p.election == "plurality", "election: ", p.election,
         " is of plain parts; with smoothing inside, as in the defence ", d.name, ", only plurality has a statement");
  expect(
      d.cut != part_by::content,
      "part_by: expected position or id with smoothing inside parts, since a small change of a row's content moves it "
      "to another part, got content");
  expect(!c.stop_at_radius, "stop_at_radius: early stopping is of one ensemble, not of parts");
  expect(c.bound_name() == clopper_pearson::name, "bound: +parts bounds hard votes by ", clopper_pearson::name,
         ", got ", c.bound_name());
  const auto models = static_cast<std::int64_t>(d.smoothing.models);
  const double alpha = c.alpha;
  d.alpha_part = p.alpha_part.value_or(best_alpha_part(d.parts, models, alpha));
  d.failures = allowed_failures(d.parts, d.alpha_part, alpha);
  expect(c.allow_no_certificate || attain_parts(d.parts, models, d.alpha_part, alpha).budget > 0.0, "parts: ", d.parts,
         " parts of ", models, " models at alpha_part ", d.alpha_part,
         " can certify nothing; allow_no_certificate runs them");
}

}  // namespace detail

}  // namespace v1
}  // namespace certssb
