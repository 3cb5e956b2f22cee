// SPDX-License-Identifier: MIT
#include "certssb/vote/block.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

using namespace certssb;

namespace {

/// Brief: scores that name `vote` among `classes`.
std::vector<float> naming(std::size_t vote, std::size_t classes) {
  std::vector<float> scores(classes, 0.0F);
  scores[vote] = 1.0F;
  return scores;
}

/// Brief: three members from the fifth on, on two sets of two and one inputs, K = 3 and 300.
block_answer<float> three_members(bool keep_scores, bool own_scales) {
  const auto answer = [&](std::size_t m) {
    std::vector<float> first = naming(m % 3, 3);
    const std::vector<float> second = naming((m + 1) % 3, 3);
    first.insert(first.end(), second.begin(), second.end());
    std::vector<member_answer<float>> given{{std::move(first), {}}, {naming(37 * m, 300), {}}};
    if (own_scales) given[0].own_scales = {0.5, static_cast<double>(m)};
    return given;
  };
  return answer_block<float>({5, 3}, answer, std::vector<set_shape>{{2, 3}, {1, 300}}, keep_scores);
}

/// Brief: the bytes with 8 of them replaced by a number.
std::string with_number(std::string bytes, std::size_t at, std::uint64_t number) {
  std::memcpy(bytes.data() + at, &number, sizeof number);
  return bytes;
}

constexpr std::size_t mark = 16;  // bytes before the first number

}  // namespace

TEST_CASE("votes take as few bytes as the classes need, and are read back", "[vote]") {
  for (const auto& [classes, width] : {std::pair{2U, 1U}, {256U, 1U}, {257U, 2U}, {65536U, 2U}, {65537U, 4U}}) {
    CAPTURE(classes);
    hard_votes votes(2, classes);
    CHECK(votes.bytes_per_vote() == width);
    std::vector<float> scores = naming(classes - 1, classes);
    const std::vector<float> second = naming(classes / 2, classes);
    scores.insert(scores.end(), second.begin(), second.end());
    votes.add(std::span<const float>(scores));
    votes.add(std::span<const float>(scores));
    CHECK(votes.members() == 2);
    CHECK(votes.bytes().size() == 4 * width);
    CHECK(votes(1, 0) == static_cast<label_type>(classes - 1));
    CHECK(votes.of_member(1) == std::vector<label_type>{classes - 1, classes / 2});
    CHECK(hard_votes({votes.bytes().begin(), votes.bytes().end()}, 2, classes) == votes);
  }
}

TEST_CASE("votes are placed by member, in any order", "[vote]") {
  hard_votes two(1, 3);
  for (const std::size_t vote : {2U, 1U}) two.add(std::span<const float>(naming(vote, 3)));
  hard_votes whole(1, 3);
  whole.place(3, two, 2);
  whole.place(0, two, 1);
  CHECK(whole.members() == 5);
  CHECK(whole(0, 0) == 2);
  CHECK(whole(3, 0) == 2);
  CHECK(whole(4, 0) == 1);
}

TEST_CASE("votes refuse shapes and classes that do not fit", "[vote]") {
  CHECK_THROWS_WITH(hard_votes(0, 2), "hard_votes: needs at least 1 sample");
  CHECK_THROWS_WITH(hard_votes(1, 1), "hard_votes: classes must lie in [2, 2^32], got 1");
  CHECK_THROWS_WITH(hard_votes({0, 1, 2}, 1, 2), "hard_votes: a vote must lie in [0, 2), got 2");
  CHECK_THROWS_WITH(hard_votes({0, 1, 0}, 2, 2), "hard_votes: 3 bytes do not make whole members of 2 votes of 1 bytes");
  CHECK_THROWS_WITH(hard_votes({0, 1, 0}, 1, 300),
                    "hard_votes: 3 bytes do not make whole members of 1 votes of 2 bytes");
  hard_votes votes(2, 2);
  CHECK_THROWS_AS(votes.add(std::span<const float>(naming(0, 2))), argument_error);
  CHECK_THROWS_AS(votes.of_member(0), argument_error);
  CHECK_THROWS_AS(votes.place(0, hard_votes(1, 2), 0), argument_error);
  CHECK_THROWS_AS(votes.place(0, hard_votes(2, 2), 1), argument_error);
  CHECK(hard_votes().members() == 0);
}

TEST_CASE("blocks cover the members once, the last may be smaller", "[vote]") {
  CHECK(blocks_between(0, 10, 4) == std::vector<member_block>{{0, 4}, {4, 4}, {8, 2}});
  CHECK(blocks_between(3, 5, 16) == std::vector<member_block>{{3, 2}});
  CHECK(blocks_between(3, 3, 16).empty());
  CHECK_THROWS_AS(blocks_between(0, 1, 0), argument_error);
}

TEST_CASE("an answer is the same after it was saved and loaded", "[vote]") {
  for (const bool scores : {false, true}) {
    for (const bool scales : {false, true}) {
      const auto answer = three_members(scores, scales);
      CHECK(answer.sets[0].scores.size() == (scores ? 18 : 0));
      CHECK(answer.sets[0].own_scales.size() == (scales ? 6 : 0));
      CHECK(answer.sets[1].own_scales.empty());
      CHECK(answer.sets[1].votes(2, 0) == 259);
      CHECK(load_answer<float>(save_answer(answer)) == answer);
    }
  }
}

TEST_CASE("a member that diverged is saved and loaded with its votes", "[vote]") {
  const auto broken = [](std::size_t) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    return std::vector<member_answer<float>>{{{nan, 0.25F}, {}}};
  };
  const auto answer = answer_block<float>({0, 1}, broken, std::vector<set_shape>{{1, 2}}, true);
  const auto loaded = load_answer<float>(save_answer(answer));
  CHECK(loaded.sets[0].votes(0, 0) == 1);
  CHECK(std::isnan(loaded.sets[0].scores[0]));
}

TEST_CASE("saved answers that are cut, longer, or of something else are refused", "[vote]") {
  const std::string bytes = save_answer(three_members(true, true));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE_THROWS_AS(load_answer<float>(std::string_view(bytes).substr(0, size)), data_error);
  }
  CHECK_THROWS_WITH(load_answer<float>(bytes + "x"), "saved answer: 1 bytes follow its end");
  CHECK_THROWS_WITH(load_answer<float>("PK" + bytes.substr(2)),
                    "saved answer: expected the mark certssb answer 1, got something else");
  CHECK_THROWS_WITH(load_answer<double>(bytes), "saved answer: expected scores of 8 bytes, got 4");
}

TEST_CASE("saved answers whose numbers lie are refused before anything is allocated", "[vote]") {
  const std::string bytes = save_answer(three_members(true, true));
  // Numbers: width, first, count, sets; samples, classes, kept of the first set; then its six votes.
  for (std::size_t place = 0; place < 7; ++place) {
    for (const std::uint64_t lie : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1} << 40U, ~std::uint64_t{0}}) {
      CAPTURE(place, lie);
      if (place == 1 && lie < 8) continue;  // any first member is believed
      CHECK_THROWS_AS(load_answer<float>(with_number(bytes, mark + 8 * place, lie)), data_error);
    }
  }
  const std::size_t votes = mark + 7 * 8;
  std::string other_vote = bytes;
  other_vote[votes] = 3;
  CHECK_THROWS_WITH(load_answer<float>(other_vote), "saved answer: hard_votes: a vote must lie in [0, 3), got 3");
  other_vote[votes] = 0;  // member 5 names class 2
  CHECK_THROWS_WITH(load_answer<float>(other_vote), "saved answer: its votes are not those of its scores");
  const double zero = 0.0;
  std::string no_noise = bytes;
  std::memcpy(no_noise.data() + votes + 6 + 18 * sizeof(float), &zero, sizeof zero);
  CHECK_THROWS_WITH(load_answer<float>(no_noise), "saved answer: expected finite and positive noise scales, got 0");
}
