// SPDX-License-Identifier: MIT
// Brief: `run` on a table, on arrays and on colour images, each of under a few seconds, and what it refuses.
#include "program.hpp"

#include "certssb/report/png.hpp"

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
  REQUIRE(j["changes"].size() == 5);
  CHECK(j["changes"][0]["columns"].get<int>() >= 1);
  const json& change = j["changes"][0]["most"][0];
  CHECK((change["column"] == "first" || change["column"] == "second"));
  CHECK(std::abs(change["triggered"].get<double>() - change["clean"].get<double>()) <= 0.2);
  CHECK(read_file(p.path("run/report.html")).find("What the attacker changes") != std::string::npos);

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
  refuses({"--model", "magic"},
          "--model: expected small-cnn, logistic, mlp, nearest-mean, nearest-neighbours, resnet-cifar, resnet18 or "
          "torchscript:FILE, got magic");
  refuses({"--initial-weights", "file"}, "--initial-weights: file is for torchscript:FILE models, got model small-cnn");
  more = table;
  more.insert(more.end(), {"--defences", "rab", "--attack", "blending"});
  refuses(more, "small_cnn: expected rows {channels, height, width} or {height, width}");

  for (const char* model : {"mlp", "nearest-mean", "nearest-neighbours"}) {
    CAPTURE(model);
    more = table;
    more.insert(more.end(), {"--model", model, "--attack", "blending", "--batch", "8", "--defences", "rab,cert-ssb",
                             "--ascent-estimator", "grid"});
    std::vector<std::string> words = quick_run("csv:" + p.path("t.csv"), p.path(model), more);
    *std::next(std::ranges::find(words, "--epochs")) = "20";
    const answer b = p.run(words);
    CAPTURE(b.errors);
    REQUIRE(b.status == 0);
    const json trained = b.object();
    CHECK(trained["defences"][0]["evaluations"][0]["empirical_accuracy"].get<double>() > 0.9);
    const json& own = trained["defences"][0]["settings"];
    CHECK(own["model"] == model);
    CHECK(own["epochs"].is_null() == (model != std::string("mlp")));
    CHECK(own["neighbours"] == (model == std::string("nearest-neighbours") ? json(15) : json()));
    CHECK(p.run({"verify", p.path(model), "--replay", "3", "--quiet"}).status == 0);
  }
  refuses({"--model", "nearest-neighbours", "--defences", "cert-ssb"},
          "--ascent-estimator: pathwise needs slopes, but the scores of nearest-neighbours are steps");
  refuses({"--model", "nearest-mean", "--mode", "ledger"}, "--model: mode ledger shows rows once per epoch");
}

TEST_CASE("a table of texts is run on by the numbers that the caller gave them", "[cli]") {
  program p;
  std::string text = "colour,kind,size\n";
  for (int i = 0; i < 120; ++i) text += i % 2 == 0 ? "red,ham,1\n" : "blue,spam,9\n";
  write_file(p.path("t.csv"), text);
  write_file(p.path("r.csv"), "column,low,high\ncolour,0,1\n*,0,10\n");
  write_file(p.path("c.json"), R"({"colour": {"red": 0, "blue": 1}, "kind": {"ham": 0, "spam": 1}})");
  std::vector<std::string> more{"--label-column", "kind",         "--column-ranges", p.path("r.csv"),
                                "--test-share",   "0.25",         "--defences",      "nearest-mean",
                                "--model",        "nearest-mean", "--attack",        "blending"};
  std::vector<std::string> named = more;
  named.insert(named.end(), {"--categories", p.path("c.json"), "--classes", "spam,ham"});
  const answer a = p.run(quick_run("csv:" + p.path("t.csv"), p.path("run"), named));
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  CHECK(a.object()["data"]["class_names"] == json({"ham", "spam"}));
  CHECK(a.object()["defences"][0]["evaluations"][0]["empirical_accuracy"] == 1.0);
  CHECK(p.run({"verify", p.path("run"), "--data", "--quiet"}).status == 0);
  const answer explained = p.run({"report", p.path("run"), "--sample", "0"});
  CHECK_THAT(explained.out, Catch::Contains("(ham)") && Catch::Contains("(spam)"));
  p.refuses(quick_run("csv:" + p.path("t.csv"), p.path("o"), more), "expected a whole number, got ham");
  named.back() = "spam,eggs";
  p.refuses(quick_run("csv:" + p.path("t.csv"), p.path("o"), named),
            "--classes: expected names of labels, such as ham");
  write_file(p.path("c.json"), R"({"colour": {"red": "x"}})");
  p.refuses(quick_run("csv:" + p.path("t.csv"), p.path("o"), named), "c.json: colour.red: expected a number");
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

TEST_CASE("folders of images are run on, and the report names their classes", "[cli]") {
  program p;
  const auto put = [&](const std::string& name, std::size_t side, bool left) {
    picture image{side, side, 1, std::vector<std::uint8_t>(side * side, 60)};
    for (std::size_t at = 0; at < side * side; ++at) {
      if ((at % side < side / 2) == left) image.pixels[at] = 160;
    }
    make_folder(std::filesystem::path(p.path(name)).parent_path());
    write_file(p.path(name), png_bytes(image));
  };
  for (int i = 0; i < 40; ++i) {
    put("photos/train/left/" + std::to_string(i) + ".png", 16, true);
    put("photos/train/right/" + std::to_string(i) + ".png", 16, false);
    put("photos/train/other/" + std::to_string(i) + ".png", 16, false);
    if (i < 10) put("photos/val/left/" + std::to_string(i) + ".png", 16, true);
    if (i < 6) put("photos/val/right/" + std::to_string(i) + ".png", 16, false);
  }
  const std::vector<std::string> chosen{"--classes", "right,left", "--batch", "8", "--defences", "rab,nearest-mean"};
  std::vector<std::string> more = chosen;
  more.insert(more.end(), {"--resize", "8x9"});
  const answer a = p.run(quick_run("images:" + p.path("photos"), p.path("run"), more));
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json data = a.object()["data"];
  CHECK(data["train"] == 80);
  CHECK(data["test"] == 16);
  CHECK(data["row_shape"] == json({1, 8, 9}));
  CHECK(data["classes"] == json({0, 2}));
  CHECK(data["class_names"] == json({"left", "right"}));
  CHECK(a.object()["defences"][0]["evaluations"][0]["empirical_accuracy"] == 1.0);
  CHECK(read_file(p.path("run/report.html")).find(", class right") != std::string::npos);
  CHECK(p.run({"verify", p.path("run"), "--data", "--quiet"}).status == 0);
  const auto again =
      p.run({"run", "--config", p.path("run/results.json"), "--out", p.path("again"), "--quiet", "--json"});
  REQUIRE(again.status == 0);
  const auto but_for_the_page = [](json results) {
    results["arrays"].erase("report.html");  // it says how long the run took
    return results["arrays"];
  };
  CHECK(but_for_the_page(again.object()) == but_for_the_page(a.object()));

  const auto refuses = [&](const std::string& place, std::vector<std::string> words, const std::string& why) {
    words.insert(words.begin(), chosen.begin(), chosen.end());
    p.refuses(quick_run("images:" + p.path(place), p.path("other"), std::move(words)), why);
  };
  refuses("photos", {"--test-share", "0.5"}, "has a test set of its own");
  refuses("photos", {"--resize", "64"}, "--resize: expected height x width such as 64x48");
  refuses("photos", {"--channels", "2"}, "--channels: expected 1 (grey) or 3");
  refuses("photos/train", {}, "--test-share: expected the share of the rows");
  p.refuses(quick_run("images:" + p.path("photos"), p.path("other"), {}),
            "--classes: there is no folder 1; expected names of folders, such as left,other, or all");
  put("photos/train/left/z.png", 17, true);
  refuses("photos", {}, "make them of one size with --resize HxW");
  p.refuses(quick_run("cifar10:x", p.path("other"), {"--resize", "4x4"}),
            "--resize and --channels are for images, not for");
  const answer split = p.run(quick_run("images:" + p.path("photos/train"), p.path("split"),
                                       {"--classes", "all", "--resize", "8x8", "--test-share", "0.25", "--defences",
                                        "nearest-mean", "--part-map", "none"}));
  CAPTURE(split.errors);
  REQUIRE(split.status == 0);
  CHECK(split.object()["data"]["train"] == 91);
  CHECK(split.object()["data"]["class_names"] == json({"left", "other", "right"}));
  CHECK(p.run({"verify", p.path("split"), "--data", "--quiet"}).status == 0);
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
