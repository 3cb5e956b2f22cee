// SPDX-License-Identifier: MIT
// Brief: files of TorchScript as networks, made here and by Python, sound and hostile; and the program that trains them.
#include "support.hpp"

#include "certssb/backend/torch/script.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

using namespace certssb;
using Catch::Contains;
using torch_test::accuracy;
using torch_test::lines;
using torch_test::scores_of;

namespace {

/// A folder of its own for each test, gone after it.
class script_folder {
public:
  script_folder() : path_(std::filesystem::temp_directory_path() / ("certssb_torch_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~script_folder() { std::filesystem::remove_all(path_); }
  script_folder(const script_folder&) = delete;
  script_folder& operator=(const script_folder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  /// A linear network of 64 inputs whose weights no layer of Python's holds; with `method` more code.
  [[nodiscard]] std::string linear(const std::string& name, const std::string& method = "") const {
    torch::jit::Module module("made_here");
    module.register_parameter("w", torch::full({64, 2}, 0.01).requires_grad_(true), false);
    module.define("def forward(self, x):\n  return x.flatten(1).matmul(self.w)\n");
    if (!method.empty()) module.define(method);
    module.save(file(name));
    return file(name);
  }

private:
  std::filesystem::path path_;
};

const char* const reset_method = "def reset_parameters(self):\n  self.w.uniform_(-0.1, 0.1)\n";

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

torch_classifier trained(const std::string& file, initial_weights weights, std::uint64_t seed = 1,
                         std::size_t epochs = 60) {
  return torch_learner(torchscript_networks(file, weights), {.epochs = epochs, .batch = 16, .learning_rate = 0.01})
      .fit(lines(64, 8), random_key{seed});
}

}  // namespace

CATCH_TEST_CASE("a TorchScript file is trained from its weights or from fresh ones", "[torch]") {
  const script_folder folder;
  const auto rows = lines(64, 8);
  const std::string plain = folder.linear("plain.pt");
  const std::string with_reset = folder.linear("reset.pt", reset_method);
  CATCH_CHECK(accuracy(trained(plain, initial_weights::file), rows) > 0.85);
  CATCH_CHECK_THROWS_WITH(trained(plain, initial_weights::fresh),
                          Contains("plain.pt does not tell how its parameter w begins"));

  const auto scores = [&](initial_weights weights, std::uint64_t seed) {
    return scores_of(trained(with_reset, weights, seed), rows.inputs());
  };
  CATCH_CHECK(scores(initial_weights::fresh, 1) == scores(initial_weights::fresh, 1));
  CATCH_CHECK(torch_test::slope_error(trained(with_reset, initial_weights::fresh), rows.inputs(), 0.01F) < 1e-3);

  // After a step of almost nothing the weights are still where they began: those of the file name no class.
  const auto at_start = [&](initial_weights weights, std::uint64_t seed) {
    const torch_learner method(torchscript_networks(with_reset, weights),
                               {.epochs = 1, .batch = 64, .learning_rate = 1e-12});
    return scores_of(method.fit(rows, random_key{seed}), rows.inputs());
  };
  for (const float score : at_start(initial_weights::file, 1)) CATCH_CHECK(score == Approx(0.5));
  CATCH_CHECK(at_start(initial_weights::fresh, 1) != at_start(initial_weights::fresh, 2));
}

CATCH_TEST_CASE("a hostile file of TorchScript costs a line", "[torch]") {
  const script_folder folder;
  const std::string whole = bytes_of(folder.linear("sound.pt"));
  const std::string bad = folder.file("bad.pt");
  const auto refused = [&](const std::string& bytes) {
    std::ofstream(bad, std::ios::binary) << bytes;
    try {
      static_cast<void>(trained(bad, initial_weights::file, 1, 1));
      return std::string();
    } catch (const certssb::error& e) {
      return std::string(e.what());
    }
  };
  CATCH_CHECK_THROWS_WITH(torchscript_networks(folder.file("none.pt"), initial_weights::file),
                          Contains("none.pt: is no file"));
  CATCH_CHECK_THAT(refused(""), Contains("expected a TorchScript file"));
  CATCH_CHECK_THAT(refused("weights = ..."), Contains("expected a TorchScript file"));
  for (const std::size_t kept : {whole.size() - 1, whole.size() / 2, std::size_t{10}}) {
    CATCH_CHECK_THAT(refused(whole.substr(0, kept)), Contains("bad.pt: PytorchStreamReader failed"));
  }
  for (std::size_t i = 0; i < whole.size(); i += 53) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
    CATCH_CHECK(refused(flipped).find('\n') == std::string::npos);  // read, or refused in a line
  }

  torch::jit::Module empty("empty");
  empty.define("def forward(self, x):\n  return x.flatten(1)\n");
  empty.save(bad);
  CATCH_CHECK_THROWS_WITH(torchscript_networks(bad, initial_weights::file), Contains("no parameters to train"));
  torch::jit::Module silent("silent");
  silent.register_parameter("w", torch::zeros({1}).requires_grad_(true), false);
  silent.save(bad);
  CATCH_CHECK_THROWS_WITH(torchscript_networks(bad, initial_weights::file), Contains("no method forward"));
  torch::jit::Module wrong("wrong");
  wrong.register_parameter("w", torch::zeros({1}).requires_grad_(true), false);
  wrong.define("def forward(self, x):\n  return [x * self.w]\n");
  wrong.save(bad);
  CATCH_CHECK_THROWS_WITH(trained(bad, initial_weights::file), Contains("torch: Expected Tensor but got"));
}

CATCH_TEST_CASE("networks that Python wrote are trained here", "[torch]") {
  const std::string python = CERTSSB_TORCH_PYTHON;
  if (python.empty()) {
    CATCH_WARN("skipped: there is no python3-torch");
    return;
  }
  const script_folder folder;
  const std::string command = python + " " CERTSSB_SOURCE_DIR "/tests/torch/networks.py " + folder.file("");
  CATCH_REQUIRE(std::system(command.c_str()) == 0);
  const auto rows = lines(64, 8);
  for (const initial_weights weights : {initial_weights::fresh, initial_weights::file}) {
    for (const char* const name : {"layers.pt", "exported.pt", "traced.pt"}) {
      CATCH_CAPTURE(name);
      const auto model = trained(folder.file(name), weights);
      CATCH_CHECK(accuracy(model, rows) > 0.85);
      CATCH_CHECK(scores_of(model, rows.inputs()) == scores_of(trained(folder.file(name), weights), rows.inputs()));
      CATCH_CHECK(torch_test::slope_error(model, rows.inputs(), 3e-3F) < 5e-3);
    }
  }
  CATCH_CHECK_THROWS_WITH(trained(folder.file("dropout.pt"), initial_weights::fresh), Contains("draws random numbers"));
  CATCH_CHECK_THROWS_WITH(trained(folder.file("own.pt"), initial_weights::fresh), Contains("its parameter part.w"));
  CATCH_CHECK_THROWS_WITH(trained(folder.file("state.pt"), initial_weights::file), Contains("constants.pkl"));

#ifdef CERTSSB_PROGRAM
  const std::string run = CERTSSB_PROGRAM
      " run --quiet --json --classes 1,0 --train-rows 256 --test-rows 64 --models 4 --allow-no-certificate --seed 1 "
      "--epochs 1 --ascent-steps 1 --defences rab,cert-ssb --threads 2 --out ";
  const std::string out = folder.file("answer.json");
  const auto status = [&](const std::string& where, const std::string& model) {
    return std::system(
        (run + folder.file(where) + " --model torchscript:" + folder.file(model) + " > " + out + " 2>&1").c_str());
  };
  CATCH_CHECK(status("fresh", "mnist.pt") == 0);
  CATCH_CHECK_THAT(bytes_of(out), !Contains("initial_weights_saw_no_training_row"));
  CATCH_CHECK(status("file", "mnist.pt --initial-weights file") == 0);
  CATCH_CHECK_THAT(bytes_of(out), Contains("initial_weights_saw_no_training_row"));
  CATCH_CHECK(status("none", "none.pt") != 0);
  CATCH_CHECK_THAT(bytes_of(out), Contains("none.pt: is no file"));
  CATCH_CHECK(
      std::system(
          (CERTSSB_PROGRAM " verify " + folder.file("file") + " --replay 2 --quiet > " + out + " 2>&1").c_str()) == 0);
#endif
}
