// SPDX-License-Identifier: MIT
// Brief: PyTorch's tensors, and networks trained on them and on the host.
#include "support.hpp"

#include "certssb/backend/torch/networks.hpp"
#include "certssb/backend/torch/tensor.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/data/idx_reader.hpp"
#include "certssb/data/subset.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/model/any_learner.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/run/defences.hpp"

#include <numbers>
#include <stop_token>
#include <thread>

using namespace certssb;
using Catch::Contains;
using torch_test::accuracy;
using torch_test::host;
using torch_test::in_torch;
using torch_test::lines;
using torch_test::scores_of;
using torch_test::slope_error;

static_assert(directional_classifier<torch_classifier, torch::Tensor>);
static_assert(directional_classifier<torch_classifier, host>);
static_assert(!classifier<torch_classifier, host_array<double>>);

namespace {

/// A network without corners, so that differences are near its slopes, with batch norm.
auto smooth_network(std::span<const std::size_t>, std::size_t classes) {
  return torch::nn::Sequential(torch::nn::Conv2d(1, 4, 3), torch::nn::BatchNorm2d(4), torch::nn::Tanh(),
                               torch::nn::Flatten(), torch::nn::Linear(4 * 6 * 6, static_cast<std::int64_t>(classes)));
}

auto linear_network(std::span<const std::size_t> row_shape, std::size_t classes) {
  std::size_t size = 1;
  for (const std::size_t extent : row_shape) size *= extent;
  return torch::nn::Sequential(torch::nn::Flatten(),
                               torch::nn::Linear(static_cast<std::int64_t>(size), static_cast<std::int64_t>(classes)));
}

/// x^3, which knows no derivative in forward mode.
struct cube : torch::autograd::Function<cube> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    context->save_for_backward({x});
    return x * x * x;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradient) {
    const torch::Tensor x = context->get_saved_variables().front();
    return {gradient.front() * 3 * x * x};
  }
};

class cubes : public torch::nn::Module {
public:
  cubes() : out_(register_module("out", torch::nn::Linear(64, 2))) {}
  torch::Tensor forward(const torch::Tensor& x) { return out_(cube::apply(x.flatten(1))); }

private:
  torch::nn::Linear out_;
};

/// log p_1 - log p_0 of each row.
std::vector<double> log_odds(const torch_classifier& model, const host& inputs) {
  const std::vector<float> scores = scores_of(model, inputs);
  std::vector<double> odds;
  for (std::size_t i = 0; i < scores.size(); i += 2) {
    odds.push_back(std::log(static_cast<double>(scores[i + 1])) - std::log(static_cast<double>(scores[i])));
  }
  return odds;
}

}  // namespace

CATCH_TEST_CASE("a tensor of PyTorch does what a host array does", "[torch]") {
  using of_torch = tensor_traits<torch::Tensor>;
  using of_host = tensor_traits<host>;
  const auto rows = lines(6, 4);
  const auto same = in_torch(rows);
  const auto numbers = [](const torch::Tensor& t) {
    std::vector<float> values(of_torch::rows(t) * of_torch::row_size(t));
    of_torch::read(t, 0, values);
    return values;
  };
  const std::vector<std::size_t> positions{5, 0, 5};
  host expected = of_host::make(3, rows.inputs());
  of_host::gather(rows.inputs(), positions, expected);
  torch::Tensor found = of_torch::make(3, same.inputs());
  of_torch::gather(same.inputs(), positions, found);
  CATCH_CHECK(numbers(found) == expected.values);
  CATCH_CHECK(found.sizes().vec() == std::vector<std::int64_t>{3, 1, 4, 4});

  const std::vector<float> scales{0.5F, 2.0F, 0.0F};
  const std::vector<float> noise(expected.values.rbegin(), expected.values.rend());
  of_host::add_scaled(expected, scales, noise);
  of_torch::add_scaled(found, scales, noise);
  CATCH_CHECK(numbers(found) == expected.values);
  of_torch::write(found, 1, std::vector<float>(16, 7.0F));
  CATCH_CHECK(found[1].eq(7.0F).all().item<bool>());
  CATCH_CHECK(!found[2].eq(7.0F).any().item<bool>());
  CATCH_CHECK(of_torch::rows(of_torch::make(0, found)) == 0);

  std::vector<float> part(8);
  CATCH_CHECK_THROWS_WITH(of_torch::read(found, 0, part),
                          Contains("rows 0 and 8 scalars after it exceed 3 rows of 16"));
  CATCH_CHECK_THROWS_WITH(of_torch::gather(same.inputs(), std::vector<std::size_t>{0, 6, 1}, found),
                          Contains("expected a row below 6, got 6"));
  CATCH_CHECK_THROWS_WITH(of_torch::gather(same.inputs(), std::vector<std::size_t>{0}, found),
                          Contains("expected 1 rows of 16 to gather into, got 3 rows of 16"));
  CATCH_CHECK_THROWS_WITH(of_torch::add_scaled(found, scales, part), Contains("3 scales and 48 values, got 3 and 8"));
  CATCH_CHECK_THROWS_WITH(of_torch::make(1, torch::zeros({2, 2}, torch::kFloat64)), Contains("float32, got 2 extents"));
  CATCH_CHECK_THROWS_WITH(of_torch::make(1, found.transpose(2, 3)), Contains("not contiguous"));
}

CATCH_TEST_CASE("the papers' network is as right in PyTorch as the bundled one, through the whole pipeline",
                "[torch]") {
  const auto whole = read_idx_folder(fashion_mnist_folder, idx_split::train);
  const std::vector<label_type> pair{1, 0};
  const auto selection = class_selection::of(pair, whole);
  const host like({}, 784);
  const auto train = make_dataset(whole, selection, 1536, like);
  const auto test = make_dataset(read_idx_folder(fashion_mnist_folder, idx_split::test), selection, 500, like);
  using any = any_learner<host>;
  const gaussian_noise noise;
  const serial_executor run;
  silent_observer silent;
  std::vector<double> right;
  for (const any& method : {any(torch_learner(module_factory<torch_small_cnn>())), any(cnn_learner<float>())}) {
    const defence_context context{method, noise, run, silent, random_key{3}};
    const auto result = run_uniform(context, train, {test}, {.sigma = 0.25, .models = 3});
    double count = 0.0;
    for (std::size_t i = 0; i < test.size(); ++i) {
      count += static_cast<label_type>(result.ballots[0].votes[i].top()) == test.labels()[i];
    }
    right.push_back(count / static_cast<double>(test.size()));
    const uniform_mode mode(result);
    CATCH_CHECK(certify(result, 0, clopper_pearson{}, no_split{}, mode, 0.05).size() == test.size());
  }
  CATCH_CAPTURE(right[0], right[1]);
  CATCH_CHECK(right[0] > 0.9);
  CATCH_CHECK(std::abs(right[0] - right[1]) <= 0.02);
}

CATCH_TEST_CASE("members follow keys, not threads or where their rows are", "[torch]") {
  const auto rows = lines(96, 8);
  const auto same = in_torch(rows);
  const torch_learner method(smooth_network, {.epochs = 2, .batch = 32});
  const auto member = [&](const auto& data, std::uint64_t seed) {
    return fit_member(method, data, training_scales(std::vector<double>(data.size(), 0.1)), gaussian_noise{},
                      random_key{seed}, 0);
  };
  const std::vector<float> first = scores_of(member(rows, 1), rows.inputs());
  CATCH_CHECK(scores_of(member(same, 1), same.inputs()) == first);
  CATCH_CHECK(scores_of(member(rows, 2), rows.inputs()) != first);
  std::vector<std::vector<float>> others(3);
  {
    std::vector<std::jthread> threads;
    for (std::vector<float>& other : others) {
      threads.emplace_back([&] { other = scores_of(member(rows, 1), rows.inputs()); });
    }
  }
  for (const std::vector<float>& other : others) CATCH_CHECK(other == first);

  // The generator that everybody shares goes on as if nobody had been here.
  torch::manual_seed(4);
  const torch::Tensor undisturbed = torch::rand({4});
  torch::manual_seed(4);
  member(rows, 5);
  CATCH_CHECK(torch::equal(torch::rand({4}), undisturbed));
}

CATCH_TEST_CASE("slopes agree with finite differences", "[torch]") {
  const auto rows = lines(64, 8);
  CATCH_CHECK(slope_error(torch_learner(smooth_network, {.epochs = 2, .batch = 16}).fit(rows, {1}), rows.inputs(),
                          0.01F) < 2e-3);
  const auto without_forward_mode = [](std::span<const std::size_t>, std::size_t) { return std::make_shared<cubes>(); };
  CATCH_CHECK(slope_error(torch_learner(without_forward_mode, {.epochs = 2, .batch = 16}).fit(rows, {1}), rows.inputs(),
                          0.01F) < 2e-3);
  const auto model = torch_learner(smooth_network, {.epochs = 1}).fit(rows, {1});
  std::vector<std::vector<float>> slopes(2, std::vector<float>(128));
  {
    std::vector<std::jthread> threads;
    for (std::vector<float>& found : slopes) {
      threads.emplace_back([&, own = model]() mutable {
        for (int again = 0; again < 20; ++again) {
          std::vector<float> scores(128);
          own.directional_scores(rows.inputs(), rows.inputs(), scores, found);
        }
      });
    }
  }
  CATCH_CHECK(slopes[0] == slopes[1]);
}

CATCH_TEST_CASE("batch norm uses the member's own statistics when asked", "[torch]") {
  const auto rows = lines(96, 8);
  for (const double tail : {0.0, 0.5}) {
    const auto model =
        torch_learner(smooth_network, {.epochs = 12, .batch = 16, .learning_rate = 0.01, .averaged_tail = tail})
            .fit(rows, {1});
    CATCH_CHECK(accuracy(model, rows) > 0.9);
    const std::vector<float> together = scores_of(model, rows.inputs());
    const host one(std::vector<float>(rows.inputs().values.begin(), rows.inputs().values.begin() + 64), 64);
    CATCH_CHECK(scores_of(model, one)[0] == Approx(together[0]).epsilon(1e-4));
  }
}

CATCH_TEST_CASE("the parameters of the last steps are averaged", "[torch]") {
  const auto rows = lines(16, 8);
  const auto after = [&](std::size_t epochs, double tail) {
    const torch_learner method(
        linear_network, {.epochs = epochs, .batch = 16, .optimiser = torch_optimiser::sgd, .averaged_tail = tail});
    return log_odds(method.fit(rows, {1}), rows.inputs());
  };
  const auto one = after(1, 0.0);
  const auto two = after(2, 0.0);
  const auto both = after(2, 1.0);
  const auto last = after(2, 0.5);
  for (std::size_t i = 0; i < one.size(); ++i) {
    CATCH_CHECK(both[i] == Approx(0.5 * (one[i] + two[i])).margin(1e-5));
    CATCH_CHECK(last[i] == Approx(two[i]).margin(1e-5));
  }
}

CATCH_TEST_CASE("the rate follows its schedule", "[torch]") {
  const auto steps = step_rate(0.1, {0.5, 0.75});
  CATCH_CHECK(steps(0.49) == 1.0);
  CATCH_CHECK(steps(0.5) == Approx(0.1));
  CATCH_CHECK(steps(0.9) == Approx(0.01));
  CATCH_CHECK(cosine_rate()(0.0) == 1.0);
  CATCH_CHECK(cosine_rate()(1.0 / 3.0) == Approx(0.75));

  // A rate of 0 from the second step on: as if there had been one step.
  const auto rows = lines(16, 8);
  const auto odds = [&](std::size_t epochs, rate_schedule schedule, torch_optimiser optimiser) {
    const torch_learner method(
        linear_network, {.epochs = epochs, .batch = 16, .optimiser = optimiser, .schedule = std::move(schedule)});
    return log_odds(method.fit(rows, {1}), rows.inputs());
  };
  for (const torch_optimiser optimiser : {torch_optimiser::adam, torch_optimiser::sgd}) {
    CATCH_CHECK(odds(3, step_rate(0.0, {0.1}), optimiser) == odds(1, constant_rate(), optimiser));
    CATCH_CHECK(odds(2, constant_rate(), optimiser) != odds(1, constant_rate(), optimiser));
  }
}

CATCH_TEST_CASE("what cannot be trained is refused in a line", "[torch]") {
  const auto rows = lines(16, 8);
  const auto fit = [&](auto factory, torch_training options = {}) {
    return torch_learner(std::move(factory), std::move(options)).fit(rows, {1});
  };
  CATCH_CHECK_THROWS_WITH(fit([](std::span<const std::size_t>, std::size_t) {
                            return torch::nn::Sequential(torch::nn::Flatten(), torch::nn::Linear(64, 2),
                                                         torch::nn::Dropout());
                          }),
                          Contains("draws random numbers when it is trained"));
  CATCH_CHECK_THROWS_WITH(fit([](std::span<const std::size_t>, std::size_t) {
                            return torch::nn::Sequential(torch::nn::Flatten(), torch::nn::Linear(64, 3));
                          }),
                          "torch: expected the network to give 16 x 2 scores, got 2 extents, 48 numbers");
  CATCH_CHECK_THROWS_WITH(fit([](std::span<const std::size_t>, std::size_t) {
                            return torch::nn::Sequential(torch::nn::Flatten(), torch::nn::Linear(60, 2));
                          }),
                          "torch: mat1 and mat2 shapes cannot be multiplied (16x64 and 60x2)");
  CATCH_CHECK_THROWS_WITH(
      fit([](std::span<const std::size_t>, std::size_t) { return torch::nn::Sequential(torch::nn::Flatten()); }),
      "torch: the network has no parameters to train");
  CATCH_CHECK_THROWS_WITH(fit(module_factory<torch_small_cnn>()), Contains("at least 16 x 16 pixels, got 8 x 8"));
  CATCH_CHECK_THROWS_WITH(fit(linear_network, {.learning_rate = 0.0}), Contains("learning_rate must be finite"));
  CATCH_CHECK_THROWS_WITH(fit(linear_network, {.momentum = 1.0}), Contains("momentum must be in [0,1), got 1"));
  CATCH_CHECK_THROWS_WITH(fit(linear_network, {.schedule = [](double) { return -1.0; }}),
                          Contains("expected a learning rate >= 0 of the schedule, got -0.001"));
  std::stop_source stop;
  stop.request_stop();
  CATCH_CHECK_THROWS_AS(fit(linear_network, {.stop = stop.get_token()}), cancelled);
  auto model = fit(linear_network);
  std::vector<float> scores(2);
  CATCH_CHECK_THROWS_WITH(model.scores(host({1.0F, 2.0F}, 2), scores), "torch: expected rows of 64 scalars, got 2");
}
