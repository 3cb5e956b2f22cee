// SPDX-License-Identifier: MIT
// The same algorithms over different tensors, scalars, noises, models and executors.

#include "certssb/backend/eigen.hpp"
#include "certssb/backend/tbb.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/small_cnn.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/sigma/knn_selector.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/centroid_model.hpp"
#include "support/opaque_tensor.hpp"

#include <catch2/catch.hpp>
#include <cstring>

using namespace certssb;

namespace user {

// A tensor of somebody else's, with the least it takes.
template <class Scalar>
struct grid {
  std::size_t height = 0;
  std::size_t width = 0;
  std::unique_ptr<Scalar[]> cells;
};

// A noise of somebody else's: a fair sign an entry, of variance 1.
struct sign_noise {
  struct certified_norm {
    static constexpr const char* name = "none known";
  };
  template <class Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    for (Scalar& value : out) value = (stream.word() & 1U) != 0U ? Scalar{1} : Scalar{-1};
  }
};

}  // namespace user

template <class Scalar>
struct certssb::tensor_traits<user::grid<Scalar>> : certssb::contiguous_tensor_traits<user::grid<Scalar>, Scalar> {
  using grid = user::grid<Scalar>;
  static std::size_t rows(const grid& t) { return t.height; }
  static std::size_t row_size(const grid& t) { return t.width; }
  static grid make(std::size_t rows, const grid& like) {
    return {rows, like.width, std::make_unique<Scalar[]>(rows * like.width)};
  }
  static Scalar* data(grid& t) { return t.cells.get(); }
  static const Scalar* data(const grid& t) { return t.cells.get(); }
};

namespace {

constexpr std::size_t width = 36;

template <class Tensor>
Tensor prototype() {
  if constexpr (requires { Tensor::from_shape({1, 1, 6, 6}); }) {
    return Tensor::from_shape({1, 1, 6, 6});
  } else if constexpr (requires { tensor_traits<Tensor>::create(1, width); }) {
    return tensor_traits<Tensor>::create(1, width);
  } else if constexpr (std::is_aggregate_v<Tensor> && requires(Tensor t) { t.cells; }) {
    return {1, width, std::make_unique<scalar_of<Tensor>[]>(width)};
  } else if constexpr (requires(Tensor t) { t.row_size; }) {
    return Tensor(std::vector<scalar_of<Tensor>>(width), width);
  } else {
    return Tensor(1, static_cast<Eigen::Index>(width));
  }
}

// `n` rows of two classes: left or right half brighter, the rest noise.
template <class Tensor>
dataset<Tensor> halves(std::size_t n, std::uint64_t seed) {
  using scalar = scalar_of<Tensor>;
  std::vector<scalar> values(n * width);
  std::vector<label_type> labels(n);
  random_stream stream(random_key{seed, stage::synthetic});
  for (std::size_t i = 0; i < n; ++i) {
    labels[i] = static_cast<label_type>(stream.below(2));
    for (std::size_t k = 0; k < width; ++k) {
      const bool bright = (k % 6 < 3) == (labels[i] == 0);
      values[i * width + k] = static_cast<scalar>(static_cast<float>((bright ? 0.5 : 0.2) + 0.3 * stream.uniform()));
    }
  }
  Tensor inputs = tensor_traits<Tensor>::make(n, prototype<Tensor>());
  tensor_traits<Tensor>::write(inputs, 0, values);
  return {std::move(inputs), std::move(labels), 2, {1, 6, 6}};
}

struct answers {
  std::vector<double> train_scales;
  std::vector<std::int64_t> votes;
  bool operator==(const answers&) const = default;
};

template <class Tensor, class Learner, class Noise, class Executor>
answers defend(const Learner& method, const Noise& noise, const Executor& run) {
  const auto train = halves<Tensor>(60, 1);
  const auto test = halves<Tensor>(40, 2);
  silent_observer silent;
  const defence_context context{method, noise, run, silent, random_key{9}};
  const std::array<const dataset<Tensor>*, 1> tests{&test};
  const smoothing_options options{.sigma = 0.3, .models = 5};
  const ascent_options ascent{.initial = 0.3, .floor = 0.1, .steps = 3, .draws = 4, .rate = 0.5};
  const auto outcome = run_sample_specific(context, pathwise_estimator{}, train,
                                           std::span<const dataset<Tensor>* const>(tests), options, ascent);
  const auto scales = outcome.train_scales.values();
  const auto votes = outcome.ballots[0].votes.values();
  return {{scales.begin(), scales.end()}, {votes.begin(), votes.end()}};
}

// The other ways rows reach members: a ledger, and noise with adaptation and flips after it; and a selector's scales.
template <class Tensor, class Executor>
answers expose(const Executor& run) {
  const gaussian_noise noise;
  const auto test = halves<Tensor>(40, 2);
  const std::array<const dataset<Tensor>*, 1> tests{&test};
  const smoothing_options options{.sigma = 0.3, .models = 5};
  silent_observer silent;
  answers all;
  const auto keep = [&](const auto& outcome) {
    const auto votes = outcome.ballots[0].votes.values();
    all.votes.insert(all.votes.end(), votes.begin(), votes.end());
  };

  noise_ledger ledger(halves<Tensor>(60, 1), exposure_caps<l2_norm>::exposures(60, 0.3, 2), noise, random_key{8});
  const ledger_learner on_ledger(test::centroid_learner{}, {.initial = 0.3});
  keep(run_ledger(defence_context{on_ledger, noise, run, silent, random_key{9}}, ledger, tests, options));

  const auto train = halves<Tensor>(60, 1);
  const flipping_learner method(
      adaptive_learner(test::centroid_learner{}, augmented_learner(test::centroid_learner{}, 0.2), pathwise_estimator{},
                       {.initial = 0.3, .floor = 0.1, .steps = 3, .draws = 4, .rate = 0.5}),
      0.1);
  const knn_selector selector(halves<Tensor>(20, 3), {.neighbours = 3, .initial = 0.3, .centre = 1.0});
  const auto scales = selector.quantised(train, 0.01, run).scales;
  all.train_scales.assign(scales.values().begin(), scales.values().end());
  keep(run_frozen(defence_context{method, noise, run, silent, random_key{9}}, train, scales,
                  std::span<const dataset<Tensor>* const>(tests), options));
  return all;
}

template <class Scalar>
using eigen_rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

TEMPLATE_TEST_CASE("every tensor type gives the same scales and votes, one that hides its elements too", "[contract]",
                   float, double) {
  const gaussian_noise noise;
  const test::centroid_learner method;
  const serial_executor run;
  const answers plain = defend<host_array<TestType>>(method, noise, run);
  CHECK(std::ranges::any_of(plain.train_scales, [](double s) { return s != 0.3; }));
  CHECK(plain == defend<xt::xarray<TestType>>(method, noise, run));
  CHECK(plain == defend<xt::xtensor<TestType, 4>>(method, noise, run));
  CHECK(plain == defend<eigen_rows<TestType>>(method, noise, run));
  CHECK(plain == defend<user::grid<TestType>>(method, noise, run));
  CHECK(plain == defend<test::opaque_tensor<TestType>>(method, noise, run));
}

TEMPLATE_TEST_CASE("ledgers, adapters and selectors give the same bits on every tensor and executor", "[contract]",
                   float, double) {
  const answers plain = expose<host_array<TestType>>(serial_executor{});
  CHECK(std::ranges::min(plain.train_scales) < std::ranges::max(plain.train_scales));
  CHECK(plain == expose<xt::xarray<TestType>>(tbb_executor(1)));
  CHECK(plain == expose<eigen_rows<TestType>>(tbb_executor(2)));
  CHECK(plain == expose<user::grid<TestType>>(serial_executor{}));
  CHECK(plain == expose<test::opaque_tensor<TestType>>(tbb_executor(2)));
}

TEMPLATE_TEST_CASE("the bundled softmax regression gives the same bits on every host tensor and executor", "[contract]",
                   float, double) {
  const fit_options fit{.epochs = 1, .batch = 16};
  const gaussian_noise noise;
  const auto method = logistic_learner<TestType>(fit);
  const answers serial = defend<xt::xarray<TestType>>(method, noise, serial_executor{});
  CHECK(serial == defend<host_array<TestType>>(method, noise, serial_executor{}));
  CHECK(serial == defend<xt::xtensor<TestType, 4>>(method, noise, serial_executor{}));
  CHECK(serial == defend<eigen_rows<TestType>>(method, noise, serial_executor{}));
  CHECK(serial == defend<user::grid<TestType>>(method, noise, serial_executor{}));
  CHECK(serial == defend<xt::xarray<TestType>>(method, noise, tbb_executor(1)));
  CHECK(serial == defend<xt::xarray<TestType>>(method, noise, tbb_executor(2)));
}

TEST_CASE("a user's own noise flows through the same headers", "[contract]") {
  const answers own = defend<xt::xarray<float>>(test::centroid_learner{}, user::sign_noise{}, serial_executor{});
  CHECK(own == defend<test::opaque_tensor<float>>(test::centroid_learner{}, user::sign_noise{}, tbb_executor(2)));
  CHECK_FALSE(own == defend<xt::xarray<float>>(test::centroid_learner{}, gaussian_noise{}, serial_executor{}));
}
