// SPDX-License-Identifier: MIT
#pragma once
// Brief: explains one test sample of a defence with a closed form, or of members on bags, from the folder of the run.

#include "certssb/certificate/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/explanation_form.hpp"
#include "certssb/report/json_parse.hpp"
#include "certssb/report/results.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/explain_parts.hpp"
#include "certssb/run/saved_run.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: what the rows of one sample answer: counts of votes, distances or probabilities, of each class.
struct row_answers {
  std::string what;
  json values = json::array();
  std::string words;
};

[[nodiscard]] inline row_answers answers_of_rows(const saved_run& run, const defence_result& d,
                                                 const evaluation_result& stated, const saved_ballot& ballot,
                                                 std::size_t sample) {
  const std::size_t classes = ballot.classes();
  const bool of_means = stated.mode == nearest_mean_facts::name;
  row_answers found;
  found.what = of_means ? "distances" : stated.mode == bagged_nearest_facts::name ? "probabilities" : "votes";
  npy_array<double> real;
  if (found.what != "votes") {
    const auto file = run.folder / d.name / (found.what + "_" + stated.inputs + ".npy");
    real = read_npy_reals(file);
    expect<data_error>(real.shape == ballot.votes.shape, file.string(), ": expected shape [", ballot.size(), ",",
                       classes, "]");
  }
  for (std::size_t c = 0; c < classes; ++c) {
    const std::size_t at = sample * classes + c;
    const bool counted = found.what == "votes";
    if (counted) {
      found.values.push_back(ballot.votes.values[at]);
    } else {
      found.values.push_back(real.values[at]);
    }
    const std::string value = counted ? concatenate(ballot.votes.values[at]) : decimal(real.values[at], 4);
    found.words += concatenate(found.words.empty() ? "" : ", ",
                               run.results.data.class_words(static_cast<std::int64_t>(c)), ": ", value);
  }
  return found;
}

}  // namespace detail

/// Brief: what the rows answer for one sample, what that withstands, and how much the attack of the run is beside it.
/// Throws: data_error if files are missing or do not fit.
[[nodiscard]] inline part_explanation explain_rows(const saved_run& run, const defence_result& d,
                                                   const evaluation_result& stated, const saved_ballot& ballot,
                                                   std::size_t sample) {
  const auto [predicted, label, rows, radius] = detail::stated_sample(ballot.samples, stated.mode, sample);
  const detail::row_answers answers = detail::answers_of_rows(run, d, stated, ballot, sample);
  double square = 0.0;
  for (const double length : run.pattern_l2) square += length * length;
  const bool known = std::isfinite(run.results.data.pattern_l2_frobenius);
  part_explanation e;
  e.object = {{"defence", d.name},
              {"mode", stated.mode},
              {"predicted", predicted},
              {"label", label},
              {"certified", rows >= 0},
              {answers.what, answers.values},
              {"rows", rows >= 0 ? json(rows) : json(nullptr)},
              {"radius", radius},
              {"poisoned_rows", run.results.data.poisoned_rows},
              {"patterns_together", known ? json(std::sqrt(square)) : json(nullptr)}};
  e.text = "\nDefence " + d.name + ", mode " + mode_text(stated) + "\n";
  const std::string predicted_class = run.results.data.class_words(predicted);
  const std::string right = predicted == label ? ", which is right." : ", which is wrong.";
  e.text += detail::item("verdict", rows >= 0 ? concatenate("Certified: ", predicted_class, right)
                                              : concatenate("Not certified; ", predicted_class, " leads."));
  e.text += detail::item("meaning", meaning_of(stated.mode));
  e.text += detail::item("answers", answers.what + ": " + answers.words + ".");
  if (rows >= 0 && stated.norm == "rows") {
    e.text += detail::item("rows",
                           concatenate("The class stays whatever happens to ", rows, " rows, in features and labels."));
  } else if (rows >= 0) {
    e.text += detail::item(
        "radius", "The class stays as long as all changes of features together are below " + decimal(radius, 4) + ".");
  }
  const std::string by = known ? " by " + decimal(std::sqrt(square), 4) + " together." : ": by how much is not known.";
  e.text += detail::item("attack", concatenate("The attack of this run changed ", run.results.data.poisoned_rows,
                                               " rows, and their features", by));
  return e;
}

}  // namespace v1
}  // namespace certssb
