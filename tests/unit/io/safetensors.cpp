// SPDX-License-Identifier: MIT
#include "certssb/io/safetensors.hpp"

#include "certssb/io/safetensors_stack.hpp"
#include "certssb/report/gnuplot.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>

using namespace certssb;

namespace {

/// A file as the format says: the length of the header, the header, the arrays.
std::string safetensors_of(const std::string& header, const std::string& arrays) {
  const std::uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + arrays;
}

class place_of_tensors {
public:
  std::filesystem::path put(const std::string& content) {
    write_file(path(), content);
    return path();
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "a.safetensors"; }

  void refuses(const std::string& content, const std::string& why) {
    CAPTURE(content.substr(std::min<std::size_t>(8, content.size())));
    CHECK_THROWS_WITH(read_safetensors_header(put(content)), Catch::Contains(why));
    CHECK_THROWS_AS(read_safetensors_header(path()), data_error);
  }

private:
  detail::temporary_folder folder_;
};

}  // namespace

TEST_CASE("a safetensors header is read with its arrays in the order of their bytes", "[io]") {
  place_of_tensors p;
  const auto header = read_safetensors_header(p.put(
      safetensors_of("{ \"b\": {\"shape\":[2], \"data_offsets\":[8,12], \"dtype\":\"F16\"},\n\"a\":{\"dtype\":\"F32\","
                     "\"shape\":[1,2],\"data_offsets\":[0,8]},\"__metadata__\":{\"made\":\"by hand\"},"
                     "\"none\":{\"dtype\":\"I64\",\"shape\":[0,7],\"data_offsets\":[12,12]}}   ",
                     std::string(12, 'x'))));
  REQUIRE(header.entries.size() == 3);
  CHECK(header.entries[0].name == "a");
  CHECK(header.entries[0].shape == std::vector<std::size_t>{1, 2});
  CHECK(header.entries[1].type == "F16");
  CHECK(header.entries[1].begin == 8);
  CHECK(header.entries[2].name == "none");
  CHECK(header.bytes() == 12);
  CHECK(header.metadata.at("made") == "by hand");
  CHECK(read_safetensors_header(p.put(safetensors_of("{}", ""))).entries.empty());
}

TEST_CASE("safetensors files that lie are refused before anything is allocated", "[io]") {
  place_of_tensors p;
  const std::string a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
  const std::string eight(8, '\0');
  static_cast<void>(read_safetensors_header(p.put(safetensors_of("{" + a + "}", eight))));
  p.refuses("short", "expected a safetensors file, got 5 bytes");
  p.refuses(std::string(8, '\xff'), "its header claims 18446744073709551615 bytes, the file has 8");
  p.refuses(safetensors_of("{" + a + "}", "").substr(0, 30), "its header claims");
  p.refuses(safetensors_of("{" + a + "}", eight.substr(1)), "the header asks for 8 bytes of arrays, the file has 7");
  p.refuses(safetensors_of("{" + a + "}", eight + "x"), "the header asks for 8 bytes of arrays, the file has 9");
  p.refuses(safetensors_of("{" + a + "," + a + "}", eight), "a key comes twice");
  const std::string overlapping = "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}";
  p.refuses(safetensors_of("{" + a + "," + overlapping + "}", eight), "expected b in bytes 8 to 12, got 4 to 8");
  const std::string behind = "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9,10]}";
  p.refuses(safetensors_of("{" + a + "," + behind + "}", eight + "xx"), "expected b in bytes 8 to 9, got 9 to 10");
  const auto one = [](const std::string& type, const std::string& shape, const std::string& offsets) {
    return safetensors_of(
        "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}",
        std::string(8, '\0'));
  };
  p.refuses(one("F32", "[4294967296,4294967296]", "[0,8]"), "holds more values than any file can");
  p.refuses(one("F32", "[3]", "[0,8]"), "expected a in bytes 0 to 12, got 0 to 8");
  p.refuses(one("F32", "[2]", "[8,0]"), "expected a in bytes 0 to 8, got 8 to 0");
  p.refuses(one("F31", "[2]", "[0,8]"), "of type F31, which is not known");
  for (const char* shape : {"[-2]", "[2.5]", "2", "[2", "[99999999999999999999]"}) {
    p.refuses(one("F32", shape, "[0,8]"), "not a safetensors header");
  }
  p.refuses(one("F32", "[2]", "[0]"), "not a safetensors header");
  p.refuses(safetensors_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", eight), "not a safetensors header");
  p.refuses(safetensors_of("{\"\\u0061\":1}", ""), "not a safetensors header");
  p.refuses(safetensors_of("[]", ""), "not a safetensors header");
  p.refuses(safetensors_of("{} x", ""), "not a safetensors header");
}

TEST_CASE("models of one shape share a file, whose bytes do not depend on the order in which they come", "[io]") {
  place_of_tensors p;
  const auto model = [](float first) {
    const std::vector<float> weights{first, first + 1};
    const std::vector<std::int64_t> count{static_cast<std::int64_t>(first)};
    return std::vector<saved_tensor>{save_tensor("w", {2}, std::span<const float>(weights)),
                                     save_tensor("n", {}, std::span<const std::int64_t>(count))};
  };
  std::vector<std::string> files;
  for (const std::vector<std::size_t>& order : {std::vector<std::size_t>{0, 1, 3, 4}, {4, 0, 3, 1}}) {
    {
      safetensors_stack_writer writer(p.path(), {2, 3}, {{"version", "1"}});
      CHECK(!writer.started());
      for (const std::size_t m : order) writer.put(m, model(static_cast<float>(10 * m)));
      CHECK_THROWS_WITH(writer.put(6, model(0)), Catch::Contains("expected a model below 6, got 6"));
      const std::vector<float> longer(3);
      CHECK_THROWS_WITH(writer.put(2, std::vector{save_tensor("w", {3}, std::span<const float>(longer)), model(0)[1]}),
                        Catch::Contains("w has not the same shape in all models"));
    }
    files.push_back(read_file(p.path()));
  }
  CHECK(files[0] == files[1]);
  // 6 models of 2 floats, then 6 whole numbers: where the format puts them.
  const std::size_t start = files[0].size() - 6 * (8 + 8);
  CHECK(start % 8 == 0);
  float value = 0;
  std::memcpy(&value, files[0].data() + start + 3 * 8 + 4, 4);
  CHECK(value == 31.0F);
  std::int64_t whole = -1;
  std::memcpy(&whole, files[0].data() + start + 6 * 8 + 4 * 8, 8);
  CHECK(whole == 40);

  const safetensors_stack stack(p.path(), {2, 3});
  CHECK(stack.metadata().at("version") == "1");
  CHECK(load_tensor<float>(stack.read(3), "w") == std::vector<float>{30, 31});
  CHECK(load_tensor<std::int64_t>(stack.read(4), "n") == std::vector<std::int64_t>{40});
  CHECK(load_tensor<float>(stack.read(5), "w") == std::vector<float>{0, 0});
  CHECK_THROWS_WITH(load_tensor<double>(stack.read(3), "w"), Catch::Contains("expected 2 scalars F64 in w"));
  CHECK_THROWS_WITH(load_tensor<double>(stack.read(3), "v"), Catch::Contains("expected an array v"));
  CHECK_THROWS_AS(stack.read(6), data_error);
  CHECK_THROWS_WITH(safetensors_stack(p.path(), {3, 2}), Catch::Contains("w does not hold 6 models"));
}
