// SPDX-License-Identifier: MIT
// Expect first: certssb: tensor_traits<your tensor> has no gather(source, span<const size_t> positions, t)
// Incomplete tensor_traits are refused by name of the missing member.
#include "certssb/data/dataset.hpp"

#include <span>
#include <vector>

struct column {
  std::vector<float> values;
};

template <>
struct certssb::tensor_traits<column> {
  using scalar = float;
  static std::size_t rows(const column& t) { return t.values.size(); }
  static std::size_t row_size(const column&) { return 1; }
  static column make(std::size_t rows, const column&) { return {std::vector<float>(rows)}; }
  static void write(column&, std::size_t, std::span<const float>) {}
  static void read(const column&, std::size_t, std::span<float>) {}
#ifdef CERTSSB_CONTROL
  static void gather(const column&, std::span<const std::size_t>, column&) {}
#endif
  static void add_scaled(column&, std::span<const float>, std::span<const float>) {}
};

std::size_t rows(const certssb::dataset<column>& data);
std::size_t rows(const certssb::dataset<column>& data) { return data.size(); }
