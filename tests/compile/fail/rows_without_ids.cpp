// SPDX-License-Identifier: MIT
// Expect first: certssb: your rows have no const ids() that gives a span of std::uint32_t
// Rows of one's own need ids, since noise is drawn by id; 64-bit ones do not fit.
#include "certssb/ensemble/member.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cstdint>
#include <span>
#include <vector>

using array = certssb::host_array<float>;

struct own_rows {
  using tensor_type = array;
#ifdef CERTSSB_CONTROL
  using id = std::uint32_t;
#else
  using id = std::uint64_t;
#endif
  static std::size_t size() { return 1; }
  static std::size_t classes() { return 2; }
  std::span<const certssb::label_type> labels() const { return labels_; }
  std::span<const id> ids() const { return ids_; }
  std::span<const std::size_t> row_shape() const { return shape_; }
  static array make(std::size_t n) { return {std::vector<float>(n), 1}; }
  static void gather(std::span<const std::size_t>, array&) {}

  std::vector<certssb::label_type> labels_{0};
  std::vector<id> ids_{0};
  std::vector<std::size_t> shape_{1};
};

struct constant_model {
  static std::size_t classes() { return 2; }
  static void scores(const array&, std::span<float> out) {
    for (float& score : out) score = 0.5F;
  }
};

struct constant_learner {
  static constant_model fit(const auto&, const certssb::random_key&) { return {}; }
};

void call(const own_rows& rows, const certssb::training_scales& scales);
void call(const own_rows& rows, const certssb::training_scales& scales) {
  (void)certssb::fit_member(constant_learner{}, rows, scales, certssb::gaussian_noise{}, {}, 0);
}
