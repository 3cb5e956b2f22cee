// SPDX-License-Identifier: MIT
// Brief: a learner with its type erased has the bits of the learner in it, and its classifiers are copied whole.
#include "certssb/model/any_learner.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <vector>

using namespace certssb;

namespace {

/// A classifier that counts, in its own memory, how often it was asked.
struct counting_classifier {
  float asked = 0.0F;
  static std::size_t classes() { return 2; }
  void scores(const host_array<float>&, std::span<float> out) {
    asked += 1.0F;
    for (float& score : out) score = asked;
  }
  void directional_scores(const host_array<float>& x, const host_array<float>&, std::span<float> out,
                          std::span<float> slopes) {
    scores(x, out);
    for (float& slope : slopes) slope = -asked;
  }
};

}  // namespace

static_assert(directional_classifier<any_classifier<host_array<float>>, host_array<float>>);

TEST_CASE("a learner with its type erased has the bits of the learner in it", "[model]") {
  const auto rows = model_test::separable_rows<float>(40);
  const auto plain = logistic_learner<float>({.epochs = 3, .batch = 8});
  auto model = plain.fit(rows, random_key{4});
  auto erased = any_learner<host_array<float>>(plain).fit(rows, random_key{4});
  CHECK(erased.classes() == 2);
  std::vector<float> scores(80);
  std::vector<float> slopes(80);
  std::vector<float> expected_scores(80);
  std::vector<float> expected_slopes(80);
  model.directional_scores(rows.inputs(), rows.inputs(), std::span(expected_scores), std::span(expected_slopes));
  erased.directional_scores(rows.inputs(), rows.inputs(), scores, slopes);
  CHECK(scores == expected_scores);
  CHECK(slopes == expected_slopes);
  erased.scores(rows.inputs(), scores);
  CHECK(scores == expected_scores);
  CHECK(erased.get_if<logistic<float>>() != nullptr);
  CHECK(erased.get_if<counting_classifier>() == nullptr);
}

TEST_CASE("copies of a classifier with its type erased do not share its memory", "[model]") {
  const host_array<float> one({0.0F}, 1);
  std::vector<float> score(2);
  any_classifier<host_array<float>> first(counting_classifier{});
  first.scores(one, score);
  any_classifier<host_array<float>> second(first);
  second.scores(one, score);
  second.scores(one, score);
  CHECK(score[0] == 3.0F);
  first.scores(one, score);
  CHECK(score[0] == 2.0F);
  first = second;
  first.scores(one, score);
  CHECK(score[0] == 4.0F);
  CHECK(second.get_if<counting_classifier>()->asked == 3.0F);
}
