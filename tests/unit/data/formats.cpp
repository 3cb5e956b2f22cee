// SPDX-License-Identifier: MIT
// Brief: small files in each format, as they should be and not.
#include "certssb/data/array_reader.hpp"
#include "certssb/data/cifar_reader.hpp"
#include "certssb/data/csv_reader.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/gnuplot.hpp"

#include <catch2/catch.hpp>

using namespace certssb;

namespace {

class data_files {
public:
  std::filesystem::path put(const std::string& name, const std::string& content) {
    write_file(folder_.path() / name, content);
    return folder_.path() / name;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

private:
  detail::temporary_folder folder_;
};

/// A row of CIFAR: labels, then 3072 pixels that count on from `first`.
std::string cifar_row(const std::string& labels, unsigned first) {
  std::string row = labels;
  for (unsigned p = 0; p < 3072; ++p) row += static_cast<char>((first + p) % 251);
  return row;
}

}  // namespace

TEST_CASE("CIFAR's binary files are read, coarse labels left out", "[data]") {
  data_files files;
  for (int batch = 1; batch <= 5; ++batch) {
    files.put("data_batch_" + std::to_string(batch) + ".bin",
              cifar_row(std::string(1, static_cast<char>(batch)), 7) + cifar_row("\x09", 8));
  }
  files.put("test_batch.bin", cifar_row(std::string(1, '\0'), 250));
  const image_set train = read_cifar_folder(files.folder(), cifar_version::ten, idx_split::train);
  CHECK(train.labels == std::vector<std::uint8_t>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9});
  CHECK(train.row_shape == std::vector<std::size_t>{3, 32, 32});
  CHECK(train.pixels.size() == 10 * 3072);
  CHECK(train.pixels[0] == 7);
  CHECK(train.pixels[3072 + 1] == 9);
  const image_set test = read_cifar_folder(files.folder(), cifar_version::ten, idx_split::test);
  CHECK(test.labels == std::vector<std::uint8_t>{0});
  CHECK(test.pixels[1] == 0);

  files.put("train.bin", cifar_row("\x13\x63", 3));
  files.put("test.bin", cifar_row(std::string("\x01\x00", 2), 4));
  CHECK(read_cifar_folder(files.folder(), cifar_version::hundred, idx_split::train).labels[0] == 99);
  CHECK(read_cifar_folder(files.folder(), cifar_version::hundred, idx_split::test).pixels[0] == 4);

  const auto refused = [&](const std::string& content, const std::string& why) {
    files.put("test_batch.bin", content);
    CHECK_THROWS_AS(read_cifar_folder(files.folder(), cifar_version::ten, idx_split::test), data_error);
    CHECK_THROWS_WITH(read_cifar_folder(files.folder(), cifar_version::ten, idx_split::test),
                      Catch::Contains("test_batch.bin: ") && Catch::Contains(why));
  };
  refused("", "expected rows of 3073 bytes, got 0 bytes");
  refused(cifar_row("\x01", 0).substr(1), "expected rows of 3073 bytes, got 3072 bytes");
  refused(cifar_row("\x0a", 0), "row 0: expected a label below 10, got 10");
  std::filesystem::remove(files.folder() / "data_batch_3.bin");
  CHECK_THROWS_WITH(read_cifar_folder(files.folder(), cifar_version::ten, idx_split::train),
                    Catch::Contains("data_batch_3.bin: no such file"));
}

TEST_CASE("tables are scaled by ranges that are given, by name, number or for all others", "[data]") {
  data_files files;
  const auto table = files.put("t.csv", "height,kind,\"weight, kg\"\n150,1,60\n200,0,100\n");
  const auto ranges = files.put("r.csv", "column,low,high\nheight,100,200\n*,50,150\n");
  const labelled_rows rows = read_labelled_csv(table, {"kind", true, ranges});
  CHECK(rows.labels == std::vector<std::uint8_t>{1, 0});
  CHECK(rows.values == std::vector<float>{0.5F, 0.1F, 1.0F, 0.5F});
  CHECK(rows.row_shape == std::vector<std::size_t>{2});
  CHECK(read_labelled_csv(table, {"2", true, ranges}).labels == rows.labels);
  const auto bare = files.put("b.csv", "150,60,1\n200,100,0\n");
  const auto numbered = files.put("n.csv", "column,low,high\n1,100,200\n2,50,150\n");
  CHECK(read_labelled_csv(bare, {"3", false, numbered}).values == rows.values);

  const class_selection classes = class_selection::all(rows.labels_alone());
  const auto data = select_rows(rows, classes, 1);
  CHECK(data.size() == 1);
  CHECK(data.labels()[0] == 1);
  CHECK(data.row_size() == 2);
}

TEST_CASE("tables that cannot be used are refused with line and column", "[data]") {
  data_files files;
  const auto ranges = files.put("r.csv", "column,low,high\n*,0,10\n");
  const auto refused = [&](const std::string& text, const std::string& why, const std::string& label = "y") {
    const auto table = files.put("t.csv", text);
    CHECK_THROWS_WITH(read_labelled_csv(table, {label, true, ranges}),
                      Catch::Contains("t.csv") && Catch::Contains(why));
  };
  refused("a,y\n1,0\n,1\n", "line 3, column 1 (a): expected a number, got nothing");
  refused("a,y\n1,0\n?,1\n", "line 3, column 1 (a): expected a number, got ?");
  refused("a,y\n1,\n", "line 2, column 2 (y): expected a whole number, got nothing");
  refused("a,y\n1,spam\n", "line 2, column 2 (y): expected a whole number, got spam");
  refused("a,y\n1,256\n", "line 2, column 2: expected labels from 0 to 255, got 256");
  refused("a,y\n11,0\n", "line 2, column 1: expected a number from 0 to 10, got 11");
  refused("a,y\nnan,0\n", "line 2, column 1: expected a number from 0 to 10, got nan");
  refused("a,y\n1,0,3\n", "line 2: expected 2 columns, got 3");
  refused("a,y\n", "holds no rows");
  refused("", "empty file");
  refused("y\n1\n", "at least 1 other column");
  refused("a,y\n1,0\n", "expected one column z, got 0", "z");
  refused("a,y\n1,0\n", "expected a column from 1 to 2, got 3", "3");
  const auto table = files.put("t.csv", "a,y\n1,0\n");
  CHECK_THROWS_WITH(read_labelled_csv(table, {"", true, ranges}), Catch::Contains("label_column: expected"));
  CHECK_THROWS_WITH(read_labelled_csv(table, {"y", true, ""}),
                    Catch::Contains("column_ranges: expected a file") && Catch::Contains("known beforehand"));
  const auto bad = [&](const std::string& text, const std::string& why) {
    const auto file = files.put("bad.csv", text);
    CHECK_THROWS_WITH(read_labelled_csv(table, {"y", true, file}), Catch::Contains("bad.csv") && Catch::Contains(why));
  };
  bad("column,low,high\nb,0,1\n", "line 2: there is no column b");
  bad("column,low,high\n2,0,1\n", "line 2: there is no column 2");
  bad("column,low,high\na,1,1\n", "line 2: expected low < high, got 1 and 1");
  bad("column,low,high\na,nan,1\n", "line 2: expected low < high");
  bad("column,low,high\na,0,1\n1,0,1\n", "line 3: column 1 has a range already");
  bad("column,low,high\n", "column 1 (a) has no range");
  bad("low,high\n0,1\n", "expected one column column, got 0");
}

TEST_CASE("texts of columns and labels become the numbers that the caller gave them", "[data]") {
  data_files files;
  const auto ranges = files.put("r.csv", "column,low,high\n*,0,4\n");
  const std::map<std::string, category_map> categories{{"proto", {{"tcp", 0.0}, {"udp", 1.0}, {"a, b", 4.0}}},
                                                       {"kind", {{"good", 2.0}, {"bad", 0.0}}}};
  const auto read = [&](const std::string& text, const std::map<std::string, category_map>& maps) {
    return read_labelled_csv(files.put("t.csv", text), {"kind", true, ranges, maps});
  };
  const labelled_rows rows = read("proto,kind,size\nudp,bad,2\n\"a, b\",good,1\n", categories);
  CHECK(rows.values == std::vector<float>{0.25F, 0.5F, 1.0F, 0.25F});
  CHECK(rows.labels == std::vector<std::uint8_t>{0, 2});
  CHECK(rows.label_names == std::vector<std::string>{"bad", "1", "good"});
  CHECK(rows.columns == std::vector<std::string>{"proto", "size"});
  const auto bare = files.put("b.csv", "udp,0\ntcp,1\n");
  CHECK(read_labelled_csv(bare, {"2", false, ranges, {{"1", {{"udp", 4.0}, {"tcp", 1.0}}}}}).values ==
        std::vector<float>{1.0F, 0.25F});

  CHECK_THROWS_WITH(
      read("proto,kind,size\nicmp,bad,2\n", categories),
      Catch::Contains("t.csv: line 2, column 1: expected one of the 3 categories of this column, got icmp"));
  CHECK_THROWS_WITH(
      read("proto,kind,size\ntcp,bad,2\ntcp,,2\n", categories),
      Catch::Contains("t.csv: line 3, column 2: expected one of the 2 categories of this column, got nothing"));
  CHECK_THROWS_WITH(read("proto,kind\ntcp,bad\n", {{"kinds", {{"bad", 0.0}}}}),
                    Catch::Contains("expected one column kinds"));
  CHECK_THROWS_WITH(read("proto,kind\n1,bad\n", {{"kind", {{"bad", 0.5}}}}),
                    Catch::Contains("a different whole number from 0 to 255 for each label, got 0.5 for bad"));
  CHECK_THROWS_WITH(read("proto,kind\n1,bad\n", {{"kind", {{"bad", 1.0}, {"good", 1.0}}}}),
                    Catch::Contains("got 1 for good"));
  CHECK_THROWS_WITH(read("proto,kind\ntcp,0\n", {{"1", {{"tcp", 0.0}}}, {"proto", {{"tcp", 1.0}}}}),
                    Catch::Contains("column proto has categories already"));
  CHECK_THROWS_WITH(read("proto,kind\ntcp,0\n", {{"proto", {{"tcp", 9.0}}}}),
                    Catch::Contains("column 1: expected a number from 0 to 4, got 9"));
}

TEST_CASE("arrays of inputs and labels are read; bytes are pixels, other types need ranges", "[data]") {
  data_files files;
  const std::vector<std::uint8_t> pixels{0, 255, 51, 102, 0, 0, 255, 0};
  const auto x = files.put("x.npy", npy_bytes<std::uint8_t>({2, 2, 2}, pixels));
  const auto y = files.put("y.npy", npy_bytes<std::int64_t>({2}, std::vector<std::int64_t>{3, 0}));
  const labelled_rows images = read_labelled_arrays(x, y, "");
  CHECK(images.row_shape == std::vector<std::size_t>{1, 2, 2});
  CHECK(images.values == std::vector<float>{0.0F, 1.0F, 0.2F, 0.4F, 0.0F, 0.0F, 1.0F, 0.0F});
  CHECK(images.labels == std::vector<std::uint8_t>{3, 0});

  const auto reals = files.put("r.npy", npy_bytes<double>({2, 2}, std::vector<double>{-1.0, 5.0, 1.0, 0.0}));
  const auto ranges = files.put("r.csv", "column,low,high\n1,-1,1\n2,0,10\n");
  CHECK(read_labelled_arrays(reals, y, ranges).values == std::vector<float>{0.0F, 0.5F, 1.0F, 0.0F});
  CHECK_THROWS_WITH(read_labelled_arrays(reals, y, ""),
                    Catch::Contains("column_ranges: expected a file") && Catch::Contains("holds <f8, not bytes"));
  const auto narrow = files.put("n.csv", "column,low,high\n*,0,10\n");
  CHECK_THROWS_WITH(read_labelled_arrays(reals, y, narrow),
                    Catch::Contains("row 0, column 1: expected a number from 0 to 10, got -1"));
  const auto three = files.put("three.npy", npy_bytes<std::int64_t>({3}, std::vector<std::int64_t>{0, 1, 0}));
  CHECK_THROWS_WITH(read_labelled_arrays(x, three, ""), Catch::Contains("expected labels of shape [2]"));
  const auto flat = files.put("f.npy", npy_bytes<std::uint8_t>({2}, std::vector<std::uint8_t>{1, 2}));
  CHECK_THROWS_WITH(read_labelled_arrays(flat, y, ""), Catch::Contains("expected inputs of shape [N, ...]"));
  const auto none = files.put("none.npy", npy_bytes<std::uint8_t>({0, 4}, {}));
  CHECK_THROWS_WITH(read_labelled_arrays(none, y, ""), Catch::Contains("got 2 axes and 0 values"));
}
