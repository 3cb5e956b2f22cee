// SPDX-License-Identifier: MIT
// Brief: kept models: `predict` gives a run's own certificates to the bit, whatever the batch; `defend`; what is refused.
#include "program.hpp"
#include "small_run.hpp"

#include <cstdlib>

using namespace certssb;
using cli_test::answer;
using cli_test::column;
using cli_test::program;
using cli_test::small_run;

namespace {

/// The test images of classes 1 and 0 as bytes, [n,1,16,16], and their ids, as the files have them.
void put_test_images(program& p, const std::vector<std::size_t>& places, const std::string& name) {
  const std::string images = read_file(p.path("data/t10k-images-idx3-ubyte"));
  std::vector<std::uint8_t> pixels;
  std::vector<std::int64_t> ids;
  for (const std::size_t i : places) {
    for (std::size_t at = 0; at < 256; ++at) pixels.push_back(static_cast<std::uint8_t>(images[16 + i * 256 + at]));
    ids.push_back(static_cast<std::int64_t>(i));
  }
  write_file(p.path(name + ".npy"), npy_bytes<std::uint8_t>({places.size(), 1, 16, 16}, pixels));
  write_file(p.path(name + "_ids.npy"), npy_bytes<std::int64_t>({ids.size()}, ids));
}

std::vector<std::size_t> places_of(const std::vector<std::string>& ids) {
  std::vector<std::size_t> places;
  for (const std::string& id : ids) places.push_back(std::stoul(id));
  return places;
}

json predicts(program& p, const std::string& defence, const std::string& name) {
  const answer a = p.run({"predict", p.path("run"), "--defence", defence, "--inputs", p.path(name + ".npy"), "--ids",
                          p.path(name + "_ids.npy"), "--json", "--quiet", "--threads", "2"});
  CAPTURE(defence, a.errors);
  REQUIRE(a.status == 0);
  return a.object();
}

/// Compares the answers with the rows of a table of samples, from row `first` on; how many are certified.
std::size_t check_samples(const json& found, const std::string& table, std::size_t first) {
  const std::string mode = found["mode"];
  const std::vector<std::string> radii = column(table, "radius_" + mode);
  const std::vector<std::string> outcomes = column(table, "outcome_" + mode);
  const std::vector<std::string> predicted = column(table, "predicted");
  const bool counts_rows = table.find("rows_" + mode) != std::string::npos;
  std::size_t certified = 0;
  for (std::size_t i = 0; i < found["labels"].size(); ++i) {
    CAPTURE(mode, i);
    CHECK(found["radii"][i].get<double>() == std::stod(radii[first + i]));
    CHECK(found["outcomes"][i] == outcomes[first + i]);
    const bool named = outcomes[first + i] == "certified";
    certified += named ? 1 : 0;
    CHECK(found["labels"][i].get<int>() == (named ? std::stoi(predicted[first + i]) : -1));
    const int rows = counts_rows ? std::stoi(column(table, "rows_" + mode)[first + i]) : named ? 0 : -1;
    CHECK(found["rows"][i].get<int>() == rows);
  }
  return certified;
}

/// Predicts the test set of a run at once, and a part of it alone.
void check_own_test_set(program& p, const small_run& run, const std::string& defence) {
  CAPTURE(defence);
  const std::string table = run.read(defence + "/samples_clean.csv");
  const std::vector<std::size_t> places = places_of(column(table, "id"));
  put_test_images(p, places, "all");
  const json all = predicts(p, defence, "all");
  REQUIRE(all["labels"].size() == places.size());
  const std::size_t certified = check_samples(all, table, 0);
  CHECK((certified > 0 || defence == "bagging"));  // whose 14 bags are too few for this alpha
  put_test_images(p, {places.begin() + 3, places.begin() + 8}, "some");
  static_cast<void>(check_samples(predicts(p, defence, "some"), table, 3));
}

}  // namespace

TEST_CASE("predict gives a run's own certificates, to the bit, for whole and for part", "[cli]") {
  program p;
  {
    const small_run run(p,
                        {{"--defences", "rab,cert-ssb,certified,parts,smoothed-parts,nearest-mean,bagging"},
                         {"--part-members", "20"},
                         {"--part-sigma", "0.1"},
                         {"--part-map", "none"},
                         {"--sigma", "0.2"}},
                        {"--keep-models"});
    for (const char* defence : {"rab", "cert-ssb", "certified", "parts", "smoothed-parts", "nearest-mean", "bagging"}) {
      check_own_test_set(p, run, defence);
    }
    CHECK(run.results()["arrays"].contains("cert-ssb/base_models.safetensors"));
    // The triggered inputs, as the run kept them for its regions.
    const npy_array<double> kept = read_npy_reals(p.path("run/inputs_triggered.npy"));
    const std::vector<float> pixels(kept.values.begin(), kept.values.end());
    const std::string table = run.read("cert-ssb/samples_triggered.csv");
    put_test_images(p, places_of(column(table, "id")), "triggered");
    write_file(p.path("triggered.npy"), npy_bytes<float>({kept.shape[0], 1, 16, 16}, pixels));
    static_cast<void>(check_samples(predicts(p, "cert-ssb", "triggered"), table, 0));
    CHECK(p.run({"verify", p.path("run"), "--quiet"}).status == 0);
  }
  const std::map<std::string, std::string> quick{{"--defences", "certified"}, {"--model", "logistic"}};
  const auto in_mode = [&](const std::string& mode, std::map<std::string, std::string> more) {
    more.insert(quick.begin(), quick.end());
    more["--mode"] = mode;
    const small_run run(p, more, {"--keep-models"});
    check_own_test_set(p, run, "certified");
  };
  in_mode("ledger", {});
  in_mode("floor", {});
  in_mode("laplace_l1", {{"--stop-at-radius", "0.05"}});
  in_mode("given_scales", {{"--test-noise-scale", "own"}, {"--bound", "mixture"}, {"--models", "30"}});
  in_mode("uniform+parts", {{"--parts", "9"}, {"--model", "nearest-mean"}});
  in_mode("uniform", {{"--model", "nearest-neighbours"}});
  {
    std::map<std::string, std::string> more{{"--election", "run-off"}, {"--defences", "parts"}};
    check_own_test_set(p, small_run(p, more, {"--keep-models"}), "parts");
    more["--election"] = "finite:2";
    check_own_test_set(p, small_run(p, more, {"--keep-models"}), "parts");
  }
}

TEST_CASE("defend keeps models that answer new inputs; what does not fit is refused", "[cli]") {
  program p;
  const cli_test::small_images images(p);
  const std::string out = p.path("run");
  const std::vector<std::string> words{
      "defend", "--dataset", images.name(), "--classes", "1,0", "--models", "12", "--alpha", "0.02", "--epochs",
      "2",      "--batch",   "8",           "--sigma",   "0.2", "--seed",   "7",  "--out",   out,    "--quiet"};
  answer a = p.run(words);
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json results = json::parse(read_file(out + "/results.json"));
  CHECK(results["config"]["attack"] == "none");
  CHECK(results["data"]["poisoned_rows"] == 0);
  CHECK(p.run({"verify", out, "--quiet"}).status == 0);
  CHECK(p.run({"report", out}).status == 0);

  put_test_images(p, {0, 1, 3}, "new");
  const std::string inputs = p.path("new.npy");
  p.start({"predict", out, "--inputs", inputs, "--json", "--quiet"});  // two at once
  program other;
  const answer second = other.run({"predict", out, "--inputs", inputs, "--json", "--quiet", "--threads", "1"});
  a = p.finish();
  REQUIRE(a.status == 0);
  CHECK(a.out == second.out);
  const json found = a.object();
  CHECK(found["labels"].size() == 3);
  CHECK(found["mode"] == "uniform");
  CHECK(found["alpha"] == 0.02);
  CHECK(p.run({"predict", out, "--inputs", inputs, "--quiet", "--out", p.path("answers.json")}).status == 0);
  CHECK(json::parse(read_file(p.path("answers.json"))) == found);

  const auto refuses = [&](const std::string& what, const std::string& why) {
    p.refuses({"predict", out, "--inputs", what, "--quiet"}, why);
  };
  refuses("none", "inputs: expected FILE.npy, csv:FILE or images:FOLDER, got none");
  write_file(p.path("wide.npy"), npy_bytes<std::uint8_t>({2, 16, 17}, std::vector<std::uint8_t>(2 * 16 * 17)));
  refuses(p.path("wide.npy"), "expected inputs whose rows have shape [1,16,16], got [2,16,17]");
  std::vector<float> bright(256, 0.5F);
  bright[5] = 1.5F;
  write_file(p.path("bright.npy"), npy_bytes<float>({1, 16, 16}, bright));
  refuses(p.path("bright.npy"), "row 0, column 6: expected a number from 0 to 1, got 1.5");
  refuses("csv:" + p.path("data"), "the run's rows are not those of a table");
  write_file(p.path("ids.npy"), npy_bytes<std::int64_t>({3}, std::vector<std::int64_t>{4, 4, 5}));
  p.refuses({"predict", out, "--inputs", inputs, "--ids", p.path("ids.npy"), "--quiet"}, "ids repeat: 4");
  p.refuses({"predict", out, "--inputs", inputs, "--defence", "rab", "--quiet"}, "holds the defences certified");

  const std::string models = out + "/certified/models.safetensors";
  const auto python = [&](const std::string& script, const std::string& arguments) {
    write_file(p.path("script.py"), script);
    const std::string said = p.path("python");
    const std::string line = "python3 " + p.path("script.py") + " " + arguments + " > " + said + " 2>&1";
    return std::system(line.c_str()) == 0 ? read_file(said) : std::string();
  };
  if (!python("print(1)", "").empty()) {
    // 12 models of small-cnn: 16 filters of 5 x 5, 32 of 5 x 5 x 16, 512 units on 32 x 16 / 16 values, 2 classes.
    CHECK(python(R"(import json, struct, sys
file = open(sys.argv[1], "rb")
length, = struct.unpack("<Q", file.read(8))
header = json.loads(file.read(length))
del header["__metadata__"]
print([header["layer_%d.weight" % n]["shape"] for n in (1, 2, 4)], end=" ")
print(len(file.read()) == max(entry["data_offsets"][1] for entry in header.values()))
)",
                 models) == "[[12, 16, 25], [12, 32, 400], [12, 2, 512]] True\n");
    if (!python("import numpy; print(1)", "").empty()) {
      std::string page = read_file(std::string(CERTSSB_SOURCE_DIR) + "/docs/keep_and_predict.md");
      page.erase(0, page.find("```python\n") + 10);
      page.erase(page.find("```"));
      page.replace(page.find("defended"), 8, out);
      CHECK_THAT(python(page, ""), Catch::Contains("'layer_1.weight': (12, 16, 25)"));
    }
  }
  const std::string kept = read_file(models);
  std::string changed = kept;
  changed[changed.size() - 5] = static_cast<char>(changed[changed.size() - 5] ^ 1);
  write_file(models, changed);
  refuses(inputs, "models.safetensors: expected SHA-256");
  const auto forge = [&](const std::string& content) {
    write_file(models, content);
    json mended = results;
    mended["arrays"]["certified/models.safetensors"] = sha256(content);
    write_file(out + "/results.json", mended.dump());
  };
  std::string next = kept;
  next.replace(next.find("\"certssb_models\":\"1\""), 20, "\"certssb_models\":\"2\"");
  forge(next);
  refuses(inputs, "expected models of version 1, got 2");
  forge(kept.substr(0, kept.size() - 1));
  refuses(inputs, "bytes of arrays, the file has");
  std::filesystem::remove(models);
  refuses(inputs, "models.safetensors: no such file");

  const small_run plain(p, {{"--defences", "rab"}});
  refuses(inputs, "its models were not kept; run with keep_models, or defend");
  std::vector<std::string> several = words;
  several.insert(several.end(), {"--overwrite", "--defences", "rab,parts"});
  p.refuses(several, "--defences: expected one");
  several.back() = "knn-vote";
  p.refuses(several, "keep_models: knn-vote in mode knn_vote trains no models");
}
