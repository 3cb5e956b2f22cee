// SPDX-License-Identifier: MIT
// Brief: arrays of every type and order, in files and in archives that are made here byte by byte.
#include "certssb/io/any_array.hpp"

#include "certssb/report/gnuplot.hpp"

#include <catch2/catch.hpp>

#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstring>

using namespace certssb;

namespace {

std::string npy_of(const std::string& type, bool fortran, const std::string& shape, const std::string& values) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n";
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 255U);
  file += static_cast<char>(header.size() >> 8U);
  return file + header + values;
}

template <class Scalar>
std::string raw(const std::vector<Scalar>& values) {
  std::string bytes(values.size() * sizeof(Scalar), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 255U);
  return text;
}

std::string deflated(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct entry {
  std::string name;
  std::string content;
  bool deflate = false;
  std::uint64_t claimed = 0;  ///< unpacked bytes, where they are a lie
  bool sizes_of_8_bytes = false;
};

std::string archive_of(const std::vector<entry>& entries) {
  std::string file;
  std::string list;
  for (const entry& e : entries) {
    const std::string packed = e.deflate ? deflated(e.content) : e.content;
    const std::uint64_t unpacked = e.claimed > 0 ? e.claimed : e.content.size();
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(e.content.data()), static_cast<uInt>(e.content.size()));
    const std::string method = little(e.deflate ? 8 : 0, 2);
    const bool longer = e.sizes_of_8_bytes;
    const std::string sizes = longer ? std::string(8, '\xff') : little(packed.size(), 4) + little(unpacked, 4);
    const std::string extra =
        longer ? little(1, 2) + little(16, 2) + little(unpacked, 8) + little(packed.size(), 8) : "";
    const std::string tail = little(e.name.size(), 2) + little(extra.size(), 2);
    const std::uint64_t begin = file.size();
    file += "PK\x03\x04" + little(20, 2) + little(0, 2) + method + little(0, 4) + little(crc, 4) + sizes + tail +
            e.name + extra + packed;
    list += "PK\x01\x02" + little(20, 2) + little(20, 2) + little(0, 2) + method + little(0, 4) + little(crc, 4) +
            sizes + tail + little(0, 2) + little(0, 4) + little(0, 4) + little(begin, 4) + e.name + extra;
  }
  return file + list + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
         little(list.size(), 4) + little(file.size(), 4) + little(0, 2);
}

class place_for_arrays {
public:
  std::string put(const std::string& name, const std::string& content) {
    write_file(folder_.path() / name, content);
    return (folder_.path() / name).string();
  }

private:
  detail::temporary_folder folder_;
};

}  // namespace

TEST_CASE("every usual type is read as whole numbers and as reals", "[io]") {
  place_for_arrays files;
  const auto both = [&]<class Scalar>(const std::string& type, const std::vector<Scalar>& values) {
    CAPTURE(type);
    const std::string file = files.put("a.npy", npy_of(type, false, "(3,)", raw(values)));
    CHECK(read_any_integers(file).values == std::vector<std::int64_t>(values.begin(), values.end()));
    CHECK(read_any_reals(file).values == std::vector<double>(values.begin(), values.end()));
  };
  both("|i1", std::vector<std::int8_t>{-128, 0, 127});
  both("<i2", std::vector<std::int16_t>{-3, 0, 300});
  both("<i4", std::vector<std::int32_t>{-70000, 0, 1});
  both("<i8", std::vector<std::int64_t>{-5'000'000'000, 0, 1});
  both("|u1", std::vector<std::uint8_t>{255, 0, 1});
  both("<u2", std::vector<std::uint16_t>{65535, 0, 1});
  both("<u4", std::vector<std::uint32_t>{4'000'000'000, 0, 1});
  both("<u8", std::vector<std::uint64_t>{4'000'000'000, 0, 1});
  both("|b1", std::vector<std::uint8_t>{1, 0, 1});
  both("<f4", std::vector<float>{-1.0F, 0.0F, 7.0F});
  both("<f8", std::vector<double>{-1.0, 0.0, 1e15});
}

TEST_CASE("floats of 16 bits have the values that their bits say", "[io]") {
  place_for_arrays files;
  // 1.5, -2, largest 65504, smallest 2^-24, -0, infinity.
  const std::vector<std::uint16_t> bits{0x3E00, 0xC000, 0x7BFF, 0x0001, 0x8000, 0x7C00};
  const auto values = read_any_reals(files.put("h.npy", npy_of("<f2", false, "(6,)", raw(bits)))).values;
  CHECK(values == std::vector<double>{1.5, -2.0, 65504.0, 0x1p-24, -0.0, std::numeric_limits<double>::infinity()});
  CHECK(std::signbit(values[4]));
  CHECK(std::isnan(
      read_any_reals(files.put("n.npy", npy_of("<f2", false, "(1,)", raw<std::uint16_t>({0x7E00})))).values[0]));
}

TEST_CASE("Fortran order is turned into C order", "[io]") {
  place_for_arrays files;
  std::vector<std::int32_t> fortran;
  std::vector<std::int64_t> expected;
  for (int k = 0; k < 4; ++k) {  // value 100 i + 10 j + k, the first index fastest
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) fortran.push_back(100 * i + 10 * j + k);
    }
  }
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 4; ++k) expected.push_back(100 * i + 10 * j + k);
    }
  }
  const auto array = read_any_integers(files.put("f.npy", npy_of("<i4", true, "(2, 3, 4)", raw(fortran))));
  CHECK(array.shape == std::vector<std::size_t>{2, 3, 4});
  CHECK(array.values == expected);
  CHECK(read_any_integers(files.put("e.npy", npy_of("<i4", true, "(0, 3)", ""))).values.empty());
}

TEST_CASE("values that would change are refused", "[io]") {
  place_for_arrays files;
  const auto integers = [&](const std::string& type, const std::string& values, const std::string& why) {
    const std::string file = files.put("a.npy", npy_of(type, false, "(1,)", values));
    CHECK_THROWS_WITH(read_any_integers(file), Catch::StartsWith(file) && Catch::Contains(why));
  };
  integers("<f8", raw<double>({0.5}), "expected whole numbers, got 0.5");
  integers("<f8", raw<double>({std::nan("")}), "got nan");
  integers("<f8", raw<double>({1e300}), "got 1e+300");
  integers("<u8", raw<std::uint64_t>({~std::uint64_t{0}}), "expected numbers below 2^63, got 18446744073709551615");
  integers(">i8", raw<std::int64_t>({1}), "little-endian, got >i8");
  integers("<c8", raw<std::int64_t>({1}), "got <c8");
  const std::string large = files.put("l.npy", npy_of("<i8", false, "(1,)", raw<std::int64_t>({(1LL << 53) + 1})));
  CHECK_THROWS_WITH(read_any_reals(large), Catch::Contains("expected numbers up to 2^53"));
}

TEST_CASE("members of an archive are read by name, stored or deflated", "[io]") {
  place_for_arrays files;
  const std::string votes = npy_of("<i8", false, "(2, 2)", raw<std::int64_t>({9, 1, 2, 8}));
  const std::string labels = npy_of("<i8", false, "(2,)", raw<std::int64_t>({0, 1}));
  for (const bool deflate : {false, true}) {
    for (const bool longer : {false, true}) {
      const std::string file =
          files.put("a.npz", archive_of({{"votes.npy", votes, deflate, 0, longer}, {"y.npy", labels, !deflate}}));
      CHECK(read_any_integers(file + ":votes").values == std::vector<std::int64_t>{9, 1, 2, 8});
      CHECK(read_any_integers(file + ":y").values == std::vector<std::int64_t>{0, 1});
      CHECK_THROWS_WITH(read_any_integers(file),
                        Catch::Contains("holds 2 arrays (votes, y); name one as FILE.npz:NAME"));
      CHECK_THROWS_WITH(read_any_integers(file + ":x"), Catch::Contains("expected one of the members votes, y, got x"));
    }
  }
  CHECK(read_any_integers(files.put("one.npz", archive_of({{"y.npy", labels}}))).values.size() == 2);
}

TEST_CASE("hostile archives are refused", "[io]") {
  place_for_arrays files;
  const std::string votes = npy_of("<i8", false, "(2, 2)", raw<std::int64_t>({9, 1, 2, 8}));
  const auto refused = [&](const std::string& content, const std::string& why) {
    const std::string file = files.put("bad.npz", content);
    CAPTURE(why);
    CHECK_THROWS_AS(read_any_integers(file + ":v"), data_error);
    CHECK_THROWS_WITH(read_any_integers(file + ":v"), Catch::StartsWith(file) && Catch::Contains(why));
  };
  const std::string good = archive_of({{"v.npy", votes, true}});
  refused("", "got something else or a truncated one");
  refused("no archive", "got something else or a truncated one");
  refused(good.substr(0, good.size() - 5), "got something else or a truncated one");
  refused(archive_of({{"v.npy", votes, true, 1'000'000'000'000}}).substr(0), "more than");
  refused(archive_of({{"v.npy", votes, true, votes.size() + 1}}), "is not what the archive's list says");
  refused(archive_of({{"v.npy", votes, false, 7}}), "is not what the archive's list says");
  refused(archive_of({{"v.npy", votes}, {"v.npy", votes}}), "has two members v");
  refused(archive_of({{"v.npy", "no array, but long enough"}}), "expected a .npy file");
  refused(archive_of({{"v.npy", npy_of("<i8", false, "(4611686018427387904,)", "")}}), "the header");
  std::string changed = good;
  changed[45] = static_cast<char>(changed[45] ^ 4);  // within the packed bytes
  CHECK_THROWS_AS(read_any_integers(files.put("flip.npz", changed) + ":v"), data_error);
  // Every cut and every changed byte ends in a value or in a data_error.
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string other = good;
    other[at] = static_cast<char>(other[at] ^ 0xff);
    for (const std::string& content : {other, good.substr(0, at)}) {
      const std::string file = files.put("any.npz", content);
      try {
        const auto values = read_any_integers(file + ":v").values;
        CHECK(values == std::vector<std::int64_t>{9, 1, 2, 8});
      } catch (const data_error&) {
      }
    }
  }
}
