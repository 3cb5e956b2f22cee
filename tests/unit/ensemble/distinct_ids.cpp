// SPDX-License-Identifier: MIT
// Noise is drawn by id: rows of one's own that repeat an id are refused wherever noise is added to them.
#include "certssb/data/distinct_ids.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/noise/augmented_rows.hpp"
#include "certssb/noise/flipped_labels.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/noise_ledger.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/member_scores.hpp"
#include "support/centroid_model.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <utility>
#include <vector>

using namespace certssb;
using array = host_array<double>;
using id_list = std::vector<std::uint32_t>;

namespace {

/// Brief: a user's row source: the rows of a data set under ids of its own, which nobody has checked.
class relabelled_rows {
public:
  using tensor_type = array;
  explicit relabelled_rows(id_list ids)
      : rows_(array({0.0, 0.2, 0.4, 0.6}, 1), {0, 0, 1, 1}, 2), ids_(std::move(ids)) {}

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t classes() const { return rows_.classes(); }
  [[nodiscard]] auto labels() const { return rows_.labels(); }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return ids_; }
  [[nodiscard]] auto row_shape() const { return rows_.row_shape(); }
  [[nodiscard]] array make(std::size_t n) const { return rows_.make(n); }
  void gather(std::span<const std::size_t> positions, array& out) const { rows_.gather(positions, out); }

private:
  dataset<array> rows_;
  id_list ids_;
};

static_assert(row_source<relabelled_rows>);

const relabelled_rows distinct({7, 3, 9, 1});
const relabelled_rows repeated({7, 3, 9, 3});

}  // namespace

TEST_CASE("ids that repeat are found, next to each other or not, and ids that do not are accepted", "[ensemble]") {
  const auto check = [](const id_list& ids) { expect_distinct_ids("rows", std::span<const std::uint32_t>(ids)); };
  for (const id_list& ids : {id_list{}, id_list{5}, id_list{0, 1, 2}, id_list{9, 0, 4}}) CHECK_NOTHROW(check(ids));
  for (const id_list& ids : {id_list{5, 5}, id_list{5, 1, 5}, id_list{0, 5, 5, 9}, id_list{9, 5, 2, 5}}) {
    CHECK_THROWS_WITH(check(ids), "rows: ids repeat: 5 is that of two rows");
  }
}

TEST_CASE("a member, the views of noisy rows and flipped labels, and the ledger refuse ids that repeat", "[ensemble]") {
  const auto scales = training_scales::constant(4, 0.5);
  const gaussian_noise noise;
  const auto fit = [&](const relabelled_rows& rows) {
    return fit_member(test::centroid_learner{}, rows, scales, noise, random_key{1}, 0);
  };
  CHECK_NOTHROW(fit(distinct));
  CHECK_THROWS_WITH(fit(repeated), "noisy_rows: ids repeat: 3 is that of two rows");
  CHECK_THROWS_AS(augmented_rows(repeated, scales, noise, {}), argument_error);
  CHECK_NOTHROW(augmented_rows(distinct, scales, noise, {}));
  CHECK_THROWS_AS(flipped_labels(repeated, 0.1, {}), argument_error);
  CHECK_NOTHROW(flipped_labels(distinct, 0.1, {}));
  using caps = exposure_caps<l2_norm>;
  using ledger_type = noise_ledger<relabelled_rows, gaussian_noise>;
  CHECK_THROWS_AS(ledger_type(relabelled_rows(repeated), caps::exposures(4, 0.5, 1), noise, {}), argument_error);
  CHECK_NOTHROW(ledger_type(relabelled_rows(distinct), caps::exposures(4, 0.5, 1), noise, {}));
}

TEST_CASE("votes and the ascent refuse test inputs whose ids repeat", "[ensemble]") {
  const gaussian_noise noise;
  auto member =
      fit_member(test::centroid_learner{}, distinct, training_scales::constant(4, 0.5), noise, random_key{1}, 0);
  const auto scores = [&](const relabelled_rows& rows) {
    return member_scores(member, rows, test_scales::constant(4, 0.5), noise, {}, random_key{2}, 0);
  };
  CHECK_NOTHROW(scores(distinct));
  CHECK_THROWS_WITH(scores(repeated), "member_scores: ids repeat: 3 is that of two rows");
  silent_observer silent;
  const auto search = [&](const relabelled_rows& rows) {
    return ascend(pathwise_estimator{}, member, rows, rows.labels(), ascent_options{}, noise, random_key{3},
                  serial_executor{}, silent);
  };
  CHECK_NOTHROW(search(distinct));
  CHECK_THROWS_WITH(search(repeated), "ascend: ids repeat: 3 is that of two rows");
}
