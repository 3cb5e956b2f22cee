// SPDX-License-Identifier: MIT
#include "certssb/io/npy.hpp"

#include "certssb/report/gnuplot.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>

using namespace certssb;

namespace {

/// A file as NumPy writes it: magic, version 1, header padded to 64 bytes, values.
std::string numpy_file(const std::string& dictionary, const std::string& values) {
  std::string header = dictionary;
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 255U);
  file += static_cast<char>(header.size() >> 8U);
  return file + header + values;
}

template <class Scalar>
std::string bytes_of(const std::vector<Scalar>& values) {
  std::string bytes(values.size() * sizeof(Scalar), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

class folder_of_files {
public:
  std::filesystem::path put(const std::string& name, const std::string& content) {
    write_file(folder_.path() / name, content);
    return folder_.path() / name;
  }

private:
  detail::temporary_folder folder_;
};

}  // namespace

TEST_CASE("arrays that NumPy wrote are read with their shape, in any order of the header's keys", "[report]") {
  folder_of_files files;
  const std::string values = bytes_of<double>({1.5, -2.0, 3.25, 4.0, 5.0, 6.0});
  for (const char* header : {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }",
                             "{'shape': (2, 3), 'descr': '<f8', 'fortran_order': False}"}) {
    const auto array = read_npy_reals(files.put("a.npy", numpy_file(header, values)));
    CHECK(array.shape == std::vector<std::size_t>{2, 3});
    CHECK(array.values == std::vector<double>{1.5, -2.0, 3.25, 4.0, 5.0, 6.0});
  }
  const auto narrow = read_npy_reals(files.put(
      "b.npy", numpy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", bytes_of<float>({0.5F, 8.0F}))));
  CHECK(narrow.values == std::vector<double>{0.5, 8.0});
}

TEST_CASE("headers that older NumPy wrote are read, and what is refused is said", "[io]") {
  folder_of_files files;
  const std::string values = bytes_of<double>({1.5, -2.0});
  for (const char* header : {"{u'descr': u'<f8', 'fortran_order': False, 'shape': (2L,), }",
                             "{'descr':\t'<f8',\t'fortran_order':\tFalse,\r\n'shape': ( 2 , ) }",
                             "{\"descr\": \"<f8\", \"fortran_order\": False, \"shape\": (1L, 2L)}"}) {
    CHECK(read_npy_reals(files.put("a.npy", numpy_file(header, values))).values == std::vector<double>{1.5, -2.0});
  }
  const auto says = [&](const std::string& header, const std::string& why) {
    CHECK_THROWS_WITH(read_npy_reals(files.put("a.npy", numpy_file(header, values))), Catch::Contains(why));
  };
  says("{'descr': '<f8', 'fortran_order': False, 'shape': (0x2,), }", "not a .npy header");
  says("{'descr': '<f8', 'fortran_order': False, 'shape': (two,), }", "expected extents that are decimal numbers");
  says("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }", "records of several");
  says("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2), }", "got Fortran order");
  says("{'descr': '<U4', 'fortran_order': False, 'shape': (2,), }", "got <U4");
}

TEST_CASE("a header longer than 127 bytes is read", "[report]") {
  folder_of_files files;
  const std::string header =
      "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1, 1, 2), }" + std::string(100, ' ');
  const auto array = read_npy_integers(files.put("a.npy", numpy_file(header, bytes_of<std::int64_t>({-1, 7}))));
  CHECK(array.shape == std::vector<std::size_t>{1, 1, 1, 2});
  CHECK(array.values == std::vector<std::int64_t>{-1, 7});
}

TEST_CASE("what is written is read back bit for bit", "[report]") {
  folder_of_files files;
  const std::vector<double> reals{0.1, -0.0, 1e-308, std::numeric_limits<double>::infinity()};
  const auto back = read_npy_reals(files.put("r.npy", npy_bytes<double>({4}, reals)));
  CHECK(bytes_of(back.values) == bytes_of(reals));
  const std::vector<std::int64_t> counts{0, -1, std::numeric_limits<std::int64_t>::max(), 4, 5, 6};
  const auto table = read_npy_integers(files.put("i.npy", npy_bytes<std::int64_t>({3, 2}, counts)));
  CHECK(table.shape == std::vector<std::size_t>{3, 2});
  CHECK(table.values == counts);
  CHECK(read_npy_reals(files.put("e.npy", npy_bytes<float>({0, 5}, {}))).shape == std::vector<std::size_t>{0, 5});
  CHECK_THROWS_AS(npy_bytes<float>({3}, std::vector<float>{1.0F}), argument_error);
}

TEST_CASE("a file that does not hold what its header says is refused before anything is allocated", "[report]") {
  folder_of_files files;
  const std::string eight(8, '\0');
  const auto refused = [&](const std::string& content) {
    const auto path = files.put("bad.npy", content);
    CHECK_THROWS_AS(read_npy_reals(path), data_error);
    CHECK_THROWS_WITH(read_npy_reals(path), Catch::Contains(path.string()));
  };
  const auto with = [&](const std::string& header, const std::string& values) { refused(numpy_file(header, values)); };
  refused("");
  refused("not an array at all, but long enough");
  refused(std::string("\x93NUMPY\x09\x00\x10\x00", 10) + std::string(40, ' '));
  refused(std::string("\x93NUMPY\x01\x00\xff\xff", 10) + "{}");
  with("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", eight);
  with("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", eight + "x");
  with("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", eight);
  with("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,), }", eight);
  with("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", eight);
  with("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 1), }", eight);
  with("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", eight);
  with("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", eight);
  with("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", eight);
  with("{'descr': '<f8', 'fortran_order': False}", eight);
  with("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", eight);
  with("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", eight);
  CHECK_THROWS_WITH(read_npy_reals("/no/such/file.npy"), Catch::Contains("no such file"));
}
