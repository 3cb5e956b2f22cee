// SPDX-License-Identifier: MIT
#pragma once
// Brief: runs on small images, each of under a second, and what `verify` finds once something in them is changed.

#include "program.hpp"

#include "certssb/io/sha256.hpp"

#include <cstring>
#include <map>
#include <utility>

namespace cli_test {

using certssb::json;
using words = std::vector<std::string>;

/// Images of 16 x 16, brighter to the left or to the right; those of a test set lie all the way between two classes.
class small_images {
public:
  explicit small_images(program& p) : folder_(p.path("data")) {
    std::filesystem::create_directory(folder_);
    write("train", 380, 12);
    write("t10k", 24, 60);
  }

  [[nodiscard]] std::string name() const { return "idx:" + folder_; }

private:
  static std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255U);
    return bytes;
  }

  /// Class 0 bright on the left, 1 on the right, 2 nowhere; `mixed` of a hundred: how far into the other class.
  void write(const std::string& name, std::uint32_t n, std::uint32_t mixed) const {
    std::string images = big_endian(0x803) + big_endian(n) + big_endian(16) + big_endian(16);
    std::string labels = big_endian(0x801) + big_endian(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t label = i % 3;
      const std::uint32_t other = mixed * (i * 7 % 11) / 12;
      labels += static_cast<char>(label);
      for (std::uint32_t p = 0; p < 256; ++p) {
        const std::uint32_t side = p % 16 < 8 ? 0 : 1;
        const std::uint32_t share = label == side ? 100 - other : label == 2 ? 0 : other;
        images += static_cast<char>(60 + share + (i * 31 + p * 17) % 5);
      }
    }
    certssb::write_file(folder_ + "/" + name + "-images-idx3-ubyte", images);
    certssb::write_file(folder_ + "/" + name + "-labels-idx1-ubyte", labels);
  }

  std::string folder_;
};

/// A run of under a second, and its folder.
class small_run {
public:
  small_run(program& p, const std::map<std::string, std::string>& more, const words& repeated = {})
      : program_(p), folder_(p.path("run")) {
    if (!std::filesystem::exists(p.path("data"))) small_images{p};
    std::map<std::string, std::string> options{{"--dataset", "idx:" + p.path("data")},
                                               {"--classes", "1,0"},
                                               {"--defences", "rab,cert-ssb"},
                                               {"--delta", "0.2"},
                                               {"--models", "14"},
                                               {"--alpha", "0.02"},
                                               {"--epochs", "2"},
                                               {"--batch", "8"},
                                               {"--ascent-steps", "2"},
                                               {"--ascent-draws", "2"},
                                               {"--threads", "2"},
                                               {"--seed", "7"},
                                               {"--out", folder_}};
    for (const auto& [name, value] : more) options[name] = value;
    words line{"run", "--quiet", "--overwrite"};
    for (const auto& [name, value] : options) line.insert(line.end(), {name, value});
    line.insert(line.end(), repeated.begin(), repeated.end());
    const answer a = p.run(line);
    CAPTURE(line, a.errors);
    REQUIRE(a.status == 0);
    results_ = read("results.json");
  }

  [[nodiscard]] std::string read(const std::string& name) const { return certssb::read_file(folder_ + "/" + name); }
  [[nodiscard]] json results() const { return json::parse(results_); }

  answer verify(const words& more = {}) {
    words line{"verify", folder_, "--json"};
    line.insert(line.end(), more.begin(), more.end());
    return program_.run(line);
  }

  /// What it leaves unchecked, line by line.
  json verifies(const words& more = {}) {
    const answer a = verify(more);
    CAPTURE(more, a.out, a.errors);
    REQUIRE(a.status == 0);
    CHECK(a.object()["violations"].empty());
    CHECK(a.object()["checked"].get<int>() > 100);
    return a.object()["not_checked"];
  }

  /// Writes a file, and its size into files.txt.
  void write(const std::string& name, const std::string& content) {
    certssb::write_file(folder_ + "/" + name, content);
    std::string list = read("files.txt");
    const std::size_t end = list.find(" " + name + "\n");
    REQUIRE(end != std::string::npos);
    const std::size_t begin = list.rfind('\n', end) + 1;
    certssb::write_file(folder_ + "/files.txt", list.replace(begin, end - begin, std::to_string(content.size())));
  }

  /// The same, and its digest into the results, which are kept so.
  void forge(const std::string& name, const std::string& content) {
    write(name, content);
    json changed = results();
    changed["arrays"][name] = certssb::sha256(content);
    forge(changed);
  }
  void forge(const json& changed) {
    results_ = changed.dump();
    write("results.json", results_);
  }

  /// With results that break the schema.
  void refuses(const json& changed, const std::string& naming) {
    write("results.json", changed.dump());
    program_.refuses({"verify", folder_, "--json"}, naming);
    write("results.json", results_);
  }

  /// With other results.
  void finds(const json& changed, const std::string& naming, const words& more = {}) {
    write("results.json", changed.dump());
    finds_as_it_is(naming, more);
    write("results.json", results_);
  }

  /// With another file, `mended`: its digest is made that of the changed file.
  void finds(const std::string& name, const std::string& content, const std::string& naming, bool mended = true) {
    const std::string kept = read(name);
    REQUIRE(kept != content);
    write(name, content);
    json changed = results();
    if (mended) changed["arrays"][name] = certssb::sha256(content);
    finds(changed, naming);
    write(name, kept);
  }

  /// With one value of an array changed.
  template <class Scalar>
  void finds_value(const std::string& name, std::size_t at, Scalar value, const std::string& naming) {
    finds(name, with_value(name, at, value), naming);
  }

  /// An array with another value in one place.
  template <class Scalar>
  [[nodiscard]] std::string with_value(const std::string& name, std::size_t at, Scalar value) const {
    std::string bytes = read(name);
    std::memcpy(bytes.data() + header_of(bytes) + at * sizeof(Scalar), &value, sizeof(Scalar));
    return bytes;
  }

  /// How many bytes stand before an array's values.
  [[nodiscard]] static std::size_t header_of(const std::string& bytes) {
    return 10 + static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  }

  /// As it is.
  void finds_as_it_is(const std::string& naming, const words& more = {}) {
    const answer a = verify(more);
    CAPTURE(more, a.errors);
    CHECK(a.status == 1);
    CHECK_THAT(a.object()["violations"].dump(), Catch::Contains(naming));
  }

private:
  program& program_;
  std::string folder_;
  std::string results_;
};

inline std::vector<words> cells_of(const std::string& table) {
  std::vector<words> rows(1);
  std::string cell;
  for (const char c : table) {
    if (c != ',' && c != '\n') {
      cell += c;
      continue;
    }
    rows.back().push_back(std::exchange(cell, {}));
    if (c == '\n') rows.emplace_back();
  }
  rows.pop_back();
  return rows;
}

inline std::size_t place_of(const std::vector<words>& rows, const std::string& name) {
  const auto at = static_cast<std::size_t>(std::ranges::find(rows[0], name) - rows[0].begin());
  REQUIRE(at < rows[0].size());
  return at;
}

inline words column(const std::string& table, const std::string& name) {
  const std::vector<words> rows = cells_of(table);
  words cells;
  for (std::size_t r = 1; r < rows.size(); ++r) cells.push_back(rows[r][place_of(rows, name)]);
  return cells;
}

/// The table with a cell of one column doubled, the first that is above 0.
inline std::string doubled(const std::string& table, const std::string& name) {
  std::vector<words> rows = cells_of(table);
  const std::size_t at = place_of(rows, name);
  const auto row = std::find_if(rows.begin() + 1, rows.end(), [&](const words& r) { return std::stod(r[at]) > 0.0; });
  REQUIRE(row != rows.end());
  (*row)[at] = std::to_string(2.0 * std::stod((*row)[at]));
  std::string changed;
  for (const words& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) changed.append(c > 0 ? "," : "").append(cells[c]);
    changed += '\n';
  }
  return changed;
}

/// How the defence `certified` is run in a mode.
struct mode_case {
  std::string mode;
  std::string norm;
  std::map<std::string, std::string> options;
  words repeated;
};

inline std::vector<mode_case> every_mode(const std::string& scales) {
  const std::map<std::string, std::string> frozen{{"--train-scales", scales}};
  const std::map<std::string, std::string> flipped{
      {"--train-scales", scales}, {"--models", "40"}, {"--flip-probability", "0.3"}};
  const std::map<std::string, std::string> selector{{"--trusted-rows", "60"}};
  const words independent{"--assume", "scales_independent_of_features"};
  const words independent_of_labels{"--assume", "scales_independent_of_features", "--assume",
                                    "scales_independent_of_labels"};
  const words fixed{"--assume", "selector_fixed_independently_of_data"};
  return {{"uniform", "l2", {}, {}},
          {"frozen", "l2", frozen, independent},
          {"floor", "l2", {}, {}},
          {"ledger", "l2", {}, {}},
          {"quantised", "l2", selector, fixed},
          {"semi_elastic", "l2", selector, fixed},
          {"semi_elastic",
           "l2",
           {{"--trusted-rows", "60"}, {"--rows-changed", "one"}, {"--rate", "0.004"}, {"--semi-elasticity", "0.05"}},
           fixed},
          {"uniform_l1", "l1", {}, {}},
          {"laplace_l1", "l1", {}, {}},
          {"knn1_exact", "l2", {}, {}},
          {"given_scales", "l2", {}, {}},
          {"given_scales", "l2", {{"--test-noise-scale", "own"}, {"--test-noise", "one"}}, {}},
          {"given_scales", "l2", {{"--ascent-estimator", "grid"}}, {}},
          {"uniform", "l2", {{"--test-noise-scale", "own"}}, {}},
          {"memory", "l2_of_test_inputs", {}, {}},
          {"uniform+joint", "l2", {{"--rate", "0.004"}, {"--delta", "0.1"}}, {}},
          {"frozen+joint", "l2", frozen, independent},
          {"floor+joint", "l2", {{"--test-noise", "mean:2"}}, {}},
          {"ledger+joint", "l2", {}, {}},
          {"quantised+joint", "l2", selector, fixed},
          {"uniform+label-noise", "l2", {{"--models", "40"}, {"--flip-probability", "0.3"}}, {}},
          {"frozen+label-noise", "l2", flipped, independent_of_labels},
          {"uniform+joint+label-noise", "l2", {{"--models", "40"}, {"--flip-probability", "0.3"}}, {}}};
}

inline std::vector<double> two_scales(std::size_t n) {
  std::vector<double> scales(n, 0.5);
  for (std::size_t i = 0; i < n; i += 3) scales[i] = 0.6;
  return scales;
}

inline constexpr std::size_t rows_of_two_classes = 254;

}  // namespace cli_test
