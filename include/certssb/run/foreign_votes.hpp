// SPDX-License-Identifier: MIT
#pragma once
// Brief: the votes of models that were trained elsewhere, as arrays hold them, of one ensemble or of one for each part.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/io/npy_array.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: votes from elsewhere on n test samples.
struct foreign_votes {
  std::size_t parts = 0;   ///< of the training set, each with models of its own; 0: one ensemble
  std::size_t models = 0;  ///< in each ensemble
  std::size_t samples = 0;
  std::size_t classes = 0;
  std::vector<vote_counts> counts = {};  ///< one table, or one a part; none where there are scores
  std::vector<double> scores = {};       ///< [M,n,K], of one ensemble
};

namespace detail {

/// Brief: a number with commas between thousands.
[[nodiscard]] inline std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

/// Brief: how many models voted, if that is what every sample's counts sum to.
[[nodiscard]] inline std::int64_t trials_of_sums(std::span<const std::int64_t> values, std::size_t classes,
                                                 const std::string& name) {
  std::int64_t first = 0;
  for (std::size_t at = 0; at < values.size(); at += classes) {
    std::int64_t sum = 0;
    for (const std::int64_t count : values.subspan(at, classes)) {
      expect<data_error>(count >= 0 && count <= (std::int64_t{1} << 53) - sum, name, ": expected counts of votes, got ",
                         count);
      sum += count;
    }
    if (at == 0) first = sum;
    expect<data_error>(sum == first && sum > 0, name, ": the counts of row ", at / classes, " sum to ", sum,
                       ", those of row 0 to ", first, "; the number of trials must be given");
  }
  return first;
}

}  // namespace detail

/// Brief: counts of hard votes. Without `trials` the counts of each sample must have the same sum, which is then the
/// number of models; `name` begins the messages.
/// Shapes: counts [n,K], or [k,n,K] of k parts.
/// Throws: data_error for another shape, fewer than 2 classes, a negative count, or counts above `trials`.
[[nodiscard]] inline foreign_votes votes_of_counts(npy_array<std::int64_t> counts, std::optional<std::int64_t> trials,
                                                   const std::string& name) {
  const std::span<const std::size_t> shape(counts.shape);
  expect<data_error>((shape.size() == 2 || shape.size() == 3) && !counts.values.empty(), name,
                     ": expected counts of shape [n,K], or [k,n,K] of parts, got ", shape_text(shape));
  foreign_votes votes{
      .parts = shape.size() == 3 ? shape[0] : 0, .samples = shape[shape.size() - 2], .classes = shape.back()};
  expect<data_error>(votes.classes >= 2, name, ": expected counts of at least 2 classes, got ", shape_text(shape));
  const std::int64_t most = trials ? *trials : detail::trials_of_sums(counts.values, votes.classes, name);
  votes.models = static_cast<std::size_t>(most);
  const auto width = static_cast<std::ptrdiff_t>(votes.samples * votes.classes);
  for (auto from = counts.values.cbegin(); from != counts.values.cend(); from += width) {
    try {
      votes.counts.emplace_back(std::vector<std::int64_t>(from, from + width), votes.classes, most);
    } catch (const argument_error& wrong) {
      const std::string part = concatenate("part ", votes.counts.size(), ": ");
      throw data_error(concatenate(name, ": ", votes.parts > 0 ? part : "", wrong.what()));
    }
  }
  return votes;
}

/// Brief: the class that every model names, added up.
/// Shapes: predictions [M,n], or [k,M,n] of k parts.
/// Throws: data_error for another shape and for a prediction outside [0, classes); argument_error for fewer than 2
/// classes.
[[nodiscard]] inline foreign_votes votes_of_predictions(const npy_array<std::int64_t>& predictions, std::size_t classes,
                                                        const std::string& name) {
  const std::span<const std::size_t> shape(predictions.shape);
  expect<data_error>((shape.size() == 2 || shape.size() == 3) && !predictions.values.empty(), name,
                     ": expected predictions of shape [M,n], or [k,M,n] of parts, got ", shape_text(shape));
  foreign_votes votes{.parts = shape.size() == 3 ? shape[0] : 0,
                      .models = shape[shape.size() - 2],
                      .samples = shape.back(),
                      .classes = classes};
  expect(classes >= 2 && classes <= 1'000'000, "classes: expected a number from 2 to 1000000, got ", classes);
  for (const std::int64_t label : predictions.values) {
    expect<data_error>(label >= 0 && std::cmp_less(label, classes), name, ": prediction ", label, " is outside [0, ",
                       classes, ")");
  }
  auto next = predictions.values.begin();
  for (std::size_t j = 0; j < std::max<std::size_t>(1, votes.parts); ++j) {
    std::vector<std::int64_t> counts(votes.samples * classes);
    for (std::size_t m = 0; m < votes.models; ++m) {
      for (std::size_t i = 0; i < votes.samples; ++i) ++counts[i * classes + static_cast<std::size_t>(*next++)];
    }
    votes.counts.emplace_back(std::move(counts), classes, static_cast<std::int64_t>(votes.models));
  }
  return votes;
}

/// Brief: the scores of every model.
/// Shapes: scores [M,n,K] in [0,1].
/// Throws: data_error for another shape, or fewer than 2 classes.
[[nodiscard]] inline foreign_votes votes_of_scores(npy_array<double> scores, const std::string& name) {
  const std::span<const std::size_t> shape(scores.shape);
  expect<data_error>(shape.size() == 3 && !scores.values.empty() && shape[2] >= 2, name,
                     ": expected scores of shape [M,n,K], at least 2 classes, got ", shape_text(shape));
  return {.models = shape[0], .samples = shape[1], .classes = shape[2], .scores = std::move(scores.values)};
}

/// Brief: what was understood of an array, as "100 samples, 1,000 models, 10 classes".
[[nodiscard]] inline std::string described(const foreign_votes& votes) {
  const auto counted = [](std::size_t number, const char* what) {
    return detail::grouped(number) + " " + what + (number == 1 ? "" : "s");
  };
  return counted(votes.samples, "sample") + ", " +
         (votes.parts > 0 ? counted(votes.parts, "part") + " of " + counted(votes.models, "model") + " each"
                          : counted(votes.models, "model")) +
         ", " + detail::grouped(votes.classes) + " classes" + (votes.scores.empty() ? "" : ", scores");
}

}  // namespace v1
}  // namespace certssb
