// SPDX-License-Identifier: MIT
#include "certssb/run/vote_parts.hpp"

#include "certssb/data/synthetic.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

using namespace certssb;

namespace {

using rows_of_votes = dataset<host_array<double>>;

/// Names class 1 if it is of an odd part; counts how many models voted at once.
struct counted_model {
  std::size_t part;
  static inline std::size_t together = 0;

  static std::optional<std::vector<label_type>> linear_votes(std::span<const counted_model> models,
                                                             const rows_of_votes& rows) {
    together = models.size();
    std::vector<label_type> votes;
    for (const counted_model& model : models) votes.insert(votes.end(), rows.size(), model.part % 2);
    return votes;
  }
};

std::vector<label_type> votes_without(const std::vector<std::size_t>& empty) {
  const rows_of_votes test = draw_dataset<double>(gaussian_blobs_problem(2, 2, 2.0, 1.0), 2, random_key{.seed = 3});
  const auto fit = [&](std::size_t j) {
    part_model<counted_model> part{{}, 2};
    if (std::ranges::find(empty, j) == empty.end()) part.model = counted_model{j};
    return part;
  };
  counted_model::together = 0;
  return detail::votes_of_block<counted_model>(3, 7, fit, row_sets<rows_of_votes>{test})->front();
}

}  // namespace

TEST_CASE("a part without rows leaves the product of the other parts as it is, and votes for class 0", "[run][parts]") {
  CHECK(votes_without({}) == std::vector<label_type>{1, 1, 0, 0, 1, 1, 0, 0});
  CHECK(counted_model::together == 4);
  CHECK(votes_without({3}) == std::vector<label_type>{0, 0, 0, 0, 1, 1, 0, 0});
  CHECK(counted_model::together == 4);
  CHECK(votes_without({4, 5}) == std::vector<label_type>{1, 1, 0, 0, 0, 0, 0, 0});
  CHECK(counted_model::together == 4);
  CHECK(votes_without({3, 4, 5, 6}) == std::vector<label_type>(8, 0));
  CHECK(counted_model::together == 0);
}
