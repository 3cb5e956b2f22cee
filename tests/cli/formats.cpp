// SPDX-License-Identifier: MIT
// Brief: `run` on a table, on arrays and on colour images, each of under a few seconds, and what it refuses.
#include "program.hpp"

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

/// 240 rows of two columns, the classes apart; sorted by label, as spambase is.
std::string small_table() {
  std::string text = "first,kind,second\n";
  for (int i = 0; i < 240; ++i) {
    const int kind = i < 120 ? 0 : 1;
    text += std::to_string(10 + 60 * kind + i % 20) + "," + std::to_string(kind) + "," + std::to_string(i % 7) + "\n";
  }
  return text;
}

std::vector<std::string> quick_run(const std::string& data, const std::string& out, std::vector<std::string> more) {
  std::vector<std::string> words{"run",      "--dataset", data,      "--out",   out,       "--seed",  "7",
                                 "--models", "11",        "--alpha", "0.01",    "--sigma", "0.1",     "--threads",
                                 "2",        "--epochs",  "3",       "--delta", "0.2",     "--quiet", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("a table is split by the key, trained on, reported and verified", "[cli]") {
  program p;
  write_file(p.path("t.csv"), small_table());
  write_file(p.path("r.csv"), "column,low,high\nfirst,0,100\n*,0,10\n");
  const std::vector<std::string> table{"--label-column", "kind",         "--column-ranges",
                                       p.path("r.csv"),  "--test-share", "0.25"};
  std::vector<std::string> more{"--model", "logistic", "--attack",   "blending",
                                "--batch", "8",        "--defences", "rab,cert-ssb"};
  more.insert(more.end(), table.begin(), table.end());
  const answer a = p.run(quick_run("csv:" + p.path("t.csv"), p.path("run"), more));
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json j = a.object();
  CHECK(j["data"]["train"] == 180);
  CHECK(j["data"]["test"] == 60);
  CHECK(j["data"]["row_shape"] == json({2}));
  CHECK(j["config"]["model"] == "logistic");
  CHECK(j["config"]["label_column"] == "kind");
  CHECK(p.run({"verify", p.path("run"), "--data", "--quiet"}).status == 0);
  CHECK(p.run({"report", p.path("run")}).status == 0);

  const auto refuses = [&](std::vector<std::string> words, const std::string& why) {
    p.refuses(quick_run("csv:" + p.path("t.csv"), p.path("other"), std::move(words)), why);
  };
  refuses({}, "--label-column: expected the name or number");
  refuses({"--label-column", "kind"}, "--column-ranges: expected a file with each column's range");
  refuses({"--label-column", "kind", "--column-ranges", p.path("r.csv")},
          "--test-share: expected the share of the rows");
  refuses({"--label-column", "kind", "--column-ranges", p.path("r.csv"), "--test-share", "1"},
          "--test-share: expected");
  refuses({"--header", "maybe"}, "header: expected yes or no, got maybe");
  refuses({"--model", "magic"}, "model: expected small-cnn or logistic, got magic");
  more = table;
  more.insert(more.end(), {"--defences", "rab", "--attack", "blending"});
  refuses(more, "small_cnn: expected rows {channels, height, width} or {height, width}");
}

TEST_CASE("arrays with a test set of their own are run on", "[cli]") {
  program p;
  std::filesystem::create_directory(p.path("arrays"));
  const auto put = [&](const std::string& prefix, std::size_t n) {
    std::vector<double> inputs;
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < n; ++i) {
      labels.push_back(static_cast<std::int64_t>(i % 2));
      for (std::size_t c = 0; c < 3; ++c) inputs.push_back(i % 2 == 0 ? 0.1 : 0.8 + 0.01 * static_cast<double>(c));
    }
    p.put("arrays/" + prefix + "inputs.npy", {n, 3}, inputs);
    p.put("arrays/" + prefix + "labels.npy", {n}, labels);
  };
  put("", 90);
  put("test_", 30);
  write_file(p.path("r.csv"), "column,low,high\n*,0,1\n");
  const answer a = p.run(quick_run("npy:" + p.path("arrays"), p.path("run"),
                                   {"--model", "logistic", "--attack", "blending", "--batch", "8", "--defences",
                                    "rab,nearest-mean", "--column-ranges", p.path("r.csv"), "--train-rows", "80"}));
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  CHECK(a.object()["data"]["train"] == 80);
  CHECK(a.object()["data"]["test"] == 30);
  CHECK(a.object()["defences"][1]["evaluations"][0]["empirical_accuracy"] == 1.0);
  CHECK(p.run({"verify", p.path("run"), "--data", "--quiet"}).status == 0);
  p.refuses(
      quick_run("npy:" + p.path("arrays"), p.path("o"), {"--test-share", "0.2", "--column-ranges", p.path("r.csv")}),
      "has a test set of its own");
  p.refuses(quick_run("npy:" + p.path("absent"), p.path("o"), {}), "inputs.npy: no such file");
  p.refuses(quick_run("magic:x", p.path("o"), {}), "or csv:FILE, got magic:x");
}

TEST_CASE("colour images of CIFAR's format are run on", "[cli]") {
  program p;
  std::filesystem::create_directory(p.path("cifar"));
  const auto put = [&](const std::string& name, int n) {
    std::string bytes;
    for (int i = 0; i < n; ++i) {
      bytes += static_cast<char>(i % 2);
      for (int c = 0; c < 3; ++c) bytes += std::string(1024, static_cast<char>(i % 2 == 0 ? 30 + c : 120 - c));
    }
    write_file(p.path("cifar/" + name + ".bin"), bytes);
  };
  for (const char* name : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"})
    put(name, 8);
  put("test_batch", 6);
  const answer a = p.run(quick_run("cifar10:" + p.path("cifar"), p.path("run"), {"--batch", "8", "--defences", "rab"}));
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  CHECK(a.object()["data"]["train"] == 40);
  CHECK(a.object()["data"]["row_shape"] == json({3, 32, 32}));
  CHECK(p.run({"verify", p.path("run"), "--quiet"}).status == 0);
  p.refuses(quick_run("cifar10:" + p.path("cifar"), p.path("o"), {"--test-share", "0.5"}), "--test-share: is for data");
  p.refuses(quick_run("cifar100:" + p.path("cifar"), p.path("o"), {}), ".bin: no such file");
}
