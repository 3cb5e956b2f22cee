// SPDX-License-Identifier: MIT
#include "certssb/noise/noise_ledger.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace certssb;

namespace {

template <class Scalar>
using rows_of = dataset<host_array<Scalar>>;

template <class Scalar = double>
rows_of<Scalar> three_rows() {
  return {host_array<Scalar>({0.0, 0.1, 0.2, 0.3, 0.4, 0.5}, 2), {0, 1, 0}, 2, {2}, {}, {30, 20, 10}};
}

using caps = exposure_caps<l2_norm>;
using ledger_type = noise_ledger<rows_of<double>, gaussian_noise>;
using account_type = ledger_type::account_type;

struct l1_unit_noise {
  using certified_norm = l1_norm;
  void fill(const random_key&, std::span<double> out) const { std::ranges::fill(out, 1.0); }
};

template <class Account>
auto release(Account& account, std::vector<std::size_t> positions, std::vector<double> scales) {
  auto out = account.make(positions.size());
  account.release(positions, scales, out);
  return out.values;
}

// Nothing that reads rows takes a ledger or an account, and an account is not doubled.
template <class T>
concept gives_rows = requires(T& t, std::span<const std::size_t> positions, host_array<double>& out) {
  t.gather(positions, out);
};
static_assert(row_source<rows_of<double>> && gives_rows<rows_of<double>>);
static_assert(!row_source<ledger_type> && !gives_rows<ledger_type>);
static_assert(!row_source<account_type> && !gives_rows<account_type>);
static_assert(!std::copy_constructible<account_type> && std::movable<account_type>);
static_assert(!std::constructible_from<ledger_type, rows_of<double>&, caps, gaussian_noise, random_key>);

}  // namespace

TEST_CASE("a release is the row plus its scale times the next draw of its own stream", "[noise]") {
  ledger_type ledger(three_rows(), caps({100.0, 100.0, 100.0}), gaussian_noise{}, random_key{5});
  auto account = ledger.open(7);
  const random_key key = random_key{5}.at(stage::train_noise).for_model(7);
  for (std::uint32_t t = 0; t < 3; ++t) {
    std::vector<double> draw(2);
    gaussian_noise{}.fill(key.for_sample(20).for_draw(t), std::span(draw));
    const double scale = 0.5 + t;
    const auto z = release(account, {1}, {scale});
    std::vector<double> expected{0.2, 0.3};
    gaussian_noise{}.release(key.for_sample(20).for_draw(t), scale, std::span(expected));
    CHECK(z == expected);
    CHECK(z[0] == Approx(0.2 + scale * draw[0]).margin(0.5001 * usual_grid_step));
    CHECK(z[1] == Approx(0.3 + scale * draw[1]).margin(0.5001 * usual_grid_step));
  }
  CHECK(account.releases(1) == 3);
  CHECK(account.releases(0) == 0);
  CHECK(std::ranges::equal(account.labels(), std::vector<label_type>{0, 1, 0}));
  CHECK(account.classes() == 2);
  CHECK(account.row_shape().front() == 2);
}

TEST_CASE("precisions add up to the cap and not beyond", "[noise]") {
  ledger_type ledger(three_rows(), caps::exposures(3, 0.5, 20), gaussian_noise{}, random_key{5});
  auto account = ledger.open(0);
  CHECK(account.cap(0) == 80.0);
  for (int t = 0; t < 20; ++t) release(account, {0}, {0.5});
  CHECK(account.spent(0) == 80.0);
  CHECK(std::isinf(account.smallest_scale(0)));
  CHECK_THROWS_WITH(release(account, {0}, {2.0}),
                    "ledger_account: row 0 has spent 80 of its cap 80; a release at scale 2 would bring it to 80.25");
  CHECK(account.spent(1) == 0.0);
  CHECK(account.smallest_scale(1) == Approx(1.0 / std::sqrt(80.0)).epsilon(1e-15));
}

TEST_CASE("a release that overspends charges and shows nothing, not even of the rows before it", "[noise]") {
  const auto attempt = [](bool spoil) {
    ledger_type ledger(three_rows(), caps({4.0, 4.0, 4.0}), gaussian_noise{}, random_key{5});
    auto account = ledger.open(0);
    auto out = account.make(3);
    out.values = {9, 9, 9, 9, 9, 9};
    if (spoil) {
      CHECK_THROWS_AS(account.release(std::vector<std::size_t>{2, 0, 1}, std::vector<double>{1.0, 1.0, 0.4}, out),
                      argument_error);
      // Twice in one call counts twice: 2 * 1/.6^2 > 4.
      CHECK_THROWS_AS(account.release(std::vector<std::size_t>{2, 0, 2}, std::vector<double>{0.6, 1.0, 0.6}, out),
                      argument_error);
      CHECK(out.values == std::vector<double>{9, 9, 9, 9, 9, 9});
      for (const std::size_t i : {0U, 1U, 2U}) {
        CHECK(account.spent(i) == 0.0);
        CHECK(account.releases(i) == 0);
      }
    }
    return release(account, {0, 1, 2}, {0.5, 0.5, 0.5});
  };
  CHECK(attempt(true) == attempt(false));
}

TEST_CASE("the smallest scale on offer is affordable, and the next smaller one is not", "[noise]") {
  random_stream stream(random_key{6, stage::audit});
  for (int trial = 0; trial < 300; ++trial) {
    ledger_type ledger(three_rows(), caps(std::vector<double>(3, 0.1 + 50.0 * stream.uniform())), gaussian_noise{},
                       random_key{5});
    auto account = ledger.open(0);
    release(account, {0}, {account.smallest_scale(0) * (1.0 + stream.uniform())});
    const double scale = account.smallest_scale(0);
    CHECK_THROWS_AS(release(account, {0}, {scale * (1.0 - 1e-14)}), argument_error);
    CHECK_NOTHROW(release(account, {0}, {scale}));
    CHECK(account.spent(0) <= account.cap(0));
  }
}

TEST_CASE("prices are rounded up and effective scales down, by no more than an ulp or two", "[noise]") {
  random_stream stream(random_key{7, stage::audit});
  for (int trial = 0; trial < 10000; ++trial) {
    const double scale = std::exp(6.0 * stream.uniform() - 3.0);
    const auto exact = static_cast<long double>(scale);
    const auto square = static_cast<long double>(exposure_cost<l2_norm>(scale)) * exact * exact;
    const auto linear = static_cast<long double>(exposure_cost<l1_norm>(scale)) * exact;
    // The products themselves are good to a few 2^-64.
    CHECK(square >= 1.0L - 0x1p-61L);
    CHECK(square <= 1.0L + 0x1p-51L);
    CHECK(linear >= 1.0L - 0x1p-61L);
    CHECK(linear <= 1.0L + 0x1p-51L);
    const double back = caps::exposures(1, scale).effective_scales()[0];
    CHECK(back <= scale);
    CHECK(back >= scale * (1.0 - 0x1p-51));
  }
  CHECK(caps::exposures(2, 0.5, 20).effective_scales()[1] == Approx(0.11180339887498948).epsilon(1e-15));
  CHECK(caps({4.0}).effective_scales()[0] == 0.5);
  CHECK(exposure_caps<l1_norm>::exposures(1, 0.5, 3).effective_scales()[0] == Approx(1.0 / 6.0).epsilon(1e-15));
}

TEST_CASE("sums of prices are never rounded down", "[noise]") {
  CHECK(detail::add_up(4.0, 76.0) == 80.0);
  CHECK(detail::add_up(1.0, 1e-30) == std::nextafter(1.0, 2.0));
  CHECK(detail::add_up(1e-30, 1.0) == std::nextafter(1.0, 2.0));
  random_stream stream(random_key{8, stage::audit});
  for (int trial = 0; trial < 10000; ++trial) {
    const double a = 10.0 * stream.uniform();
    const double b = 1e-3 * stream.uniform();
    CHECK(static_cast<long double>(detail::add_up(a, b)) >= static_cast<long double>(a) + static_cast<long double>(b));
  }
}

TEST_CASE("exposures to noise that certifies in L1 add linearly", "[noise]") {
  noise_ledger<rows_of<double>, l1_unit_noise> ledger(three_rows(), exposure_caps<l1_norm>({4.0, 4.0, 4.0}), {},
                                                      random_key{5});
  auto account = ledger.open(0);
  CHECK(release(account, {0}, {0.5})[0] == 0.5);
  CHECK(account.spent(0) == 2.0);
  CHECK(account.smallest_scale(0) == 0.5);
  CHECK_THROWS_AS(release(account, {0}, {0.25}), argument_error);
}

TEST_CASE("a float scale is applied no smaller than it is charged", "[noise]") {
  // Unit noise on a row of zeros shows the scale that was applied.
  struct ones {
    using certified_norm = l2_norm;
    void fill(const random_key&, std::span<float> out) const { std::ranges::fill(out, 1.0F); }
  };
  rows_of<float> zeros(host_array<float>({0.0F}, 1), {0}, 2, {1});
  noise_ledger<rows_of<float>, ones> ledger(std::move(zeros), caps({1e9}), {}, random_key{5});
  auto account = ledger.open(0);
  random_stream stream(random_key{9, stage::audit});
  for (int trial = 0; trial < 1000; ++trial) {
    const double scale = 0.1 + stream.uniform();
    CHECK(static_cast<double>(release(account, {0}, {scale})[0]) >= scale);
  }
}

TEST_CASE("an account opens once per member, and members draw their own noise", "[noise]") {
  ledger_type ledger(three_rows(), caps({4.0, 4.0, 4.0}), gaussian_noise{}, random_key{5});
  auto first = ledger.open(0);
  auto second = ledger.open(1);
  CHECK(release(first, {0}, {1.0}) != release(second, {0}, {1.0}));
  CHECK_THROWS_WITH(ledger.open(1), "noise_ledger: the account of member 1 was opened before");
  CHECK_THROWS_AS(ledger.open(std::size_t{1} << 24U), argument_error);
}

TEST_CASE("caps, scales and positions out of range are refused", "[noise]") {
  CHECK_THROWS_WITH(caps({4.0, 0.0}), "exposure_caps: a cap must be finite and positive, got 0");
  CHECK_THROWS_AS(caps({std::nan("")}), argument_error);
  CHECK_THROWS_AS(caps({std::numeric_limits<double>::infinity()}), argument_error);
  CHECK_THROWS_AS(caps(std::vector<double>{}), argument_error);
  CHECK_THROWS_AS(caps::exposures(3, 0.5, 0), argument_error);
  CHECK_THROWS_AS(caps::exposures(3, -0.5), argument_error);
  CHECK_THROWS_WITH(ledger_type(three_rows(), caps({4.0}), gaussian_noise{}, random_key{5}),
                    "noise_ledger: 3 rows but 1 caps");
  ledger_type ledger(three_rows(), caps({4.0, 4.0, 4.0}), gaussian_noise{}, random_key{5});
  auto account = ledger.open(0);
  CHECK_THROWS_AS(release(account, {3}, {1.0}), argument_error);
  CHECK_THROWS_AS(release(account, {0, 1}, {1.0}), argument_error);
  for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(release(account, {0}, {bad}), argument_error);
  }
  CHECK(account.spent(0) == 0.0);
}
