// SPDX-License-Identifier: MIT
#pragma once
// Brief: the answers of a kept defence to any number of inputs, piece by piece, and what is said of them.

#include "certssb/certificate/certificate.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/run/input_source.hpp"
#include "certssb/run/predict.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what a defence says of inputs: a class or `abstain`, its radius, the rows that may be changed at will (-1: none
/// is certified) and the outcome of each, and the statement of all.
struct predictions {
  std::vector<label_type> labels;
  std::vector<double> radii;
  std::vector<std::int64_t> rows;
  std::vector<std::string> outcomes;
  std::string mode;
  std::string norm;
  double alpha = 0.0;
  std::vector<std::string> assumptions;
  std::vector<std::string> conditional_on;

  void add(const issued_certificates& issued) {
    mode = issued.mode;
    norm = issued.norm;
    assumptions = issued.assumptions;
    conditional_on = issued.conditional_on;
    for (const certificate& c : issued.certificates) {
      alpha = c.alpha;
      labels.push_back(c.label);
      radii.push_back(c.radius.value());
      rows.push_back(c.rows ? static_cast<std::int64_t>(*c.rows) : c.result == outcome::certified ? 0 : -1);
      outcomes.emplace_back(outcome_name(c.result));
    }
  }
};

/// Brief: the ids of `n` inputs: those of a .npy file of whole numbers, or their places 0 .. n - 1.
/// Throws: data_error for ids of another number.
[[nodiscard]] inline std::vector<std::uint32_t> ids_of_inputs(const std::string& file, std::size_t n) {
  expect(n > 0 && n <= std::numeric_limits<std::uint32_t>::max(), "inputs: expected 1 to 2^32 - 1, got ", n);
  std::vector<std::uint32_t> ids(n);
  if (file.empty()) {
    std::iota(ids.begin(), ids.end(), 0U);
    return ids;
  }
  ids = detail::read_ids(file);
  expect<data_error>(ids.size() == n, file, ": expected an id for each of ", n, " inputs, got ", ids.size());
  return ids;
}

/// Brief: asks a kept defence about every input, a piece at a time.
/// Shapes: ids [inputs.size].
/// Throws: cancelled; as kept_defence::answer and the source.
/// Cost: each piece reads every model once. Memory for one piece and one model per thread, and some 50 bytes per answer;
/// of mode memory, for all inputs.
/// Determinism: an answer does not depend on the size of the pieces.
template <class Defence, observer Observer>
[[nodiscard]] predictions predict_inputs(const Defence& defence, const input_source& inputs,
                                         const std::vector<std::uint32_t>& ids, Observer& watch,
                                         std::size_t piece = 2048) {
  if (defence.remembers()) piece = inputs.size;
  predictions all;
  progress_counter counter(watch, "inputs", inputs.size);
  for (std::size_t first = 0; first < inputs.size; first += piece) {
    counter.expect_running();
    const std::size_t count = std::min(piece, inputs.size - first);
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    all.add(
        defence.answer(defence.rows(inputs.read(first, count), {begin, begin + static_cast<std::ptrdiff_t>(count)})));
    counter.advance(count);
  }
  return all;
}

/// Brief: answers as JSON, and a summary in words.
[[nodiscard]] inline report_answer describe_predictions(const predictions& p) {
  const auto named = static_cast<std::size_t>(std::ranges::count_if(p.labels, [](label_type l) { return l >= 0; }));
  std::string text = concatenate(p.labels.size(), " inputs: ", named, " certified, ", p.labels.size() - named,
                                 " abstained; mode ", p.mode, ", alpha ", p.alpha, " for each input.\n");
  for (const std::string& name : p.assumptions) text += "  assumes " + name + "\n";
  for (const std::string& name : p.conditional_on) text += "  conditional on " + name + "\n";
  return {{{"labels", p.labels},
           {"radii", p.radii},
           {"rows", p.rows},
           {"outcomes", p.outcomes},
           {"mode", p.mode},
           {"norm", p.norm},
           {"alpha", p.alpha},
           {"assumptions", p.assumptions},
           {"conditional_on", p.conditional_on}},
          text};
}

}  // namespace v1
}  // namespace certssb
