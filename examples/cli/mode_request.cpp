// SPDX-License-Identifier: MIT
#include "mode_request.hpp"

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <array>

namespace certssb::cli {

namespace {

constexpr auto bases =
    std::to_array<std::string_view>({"uniform", "frozen", "floor", "ledger", "quantised", "semi_elastic", "uniform_l1",
                                     "laplace_l1", "knn1_exact", "given_scales", "memory"});
constexpr auto joint_bases = std::to_array<std::string_view>({"uniform", "frozen", "floor", "ledger", "quantised"});
constexpr auto label_noise_bases = std::to_array<std::string_view>({"uniform", "frozen"});

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

template <class List>
std::string joined(const List& list) {
  std::string line;
  for (const std::string_view name : list) {
    if (!line.empty()) line += ", ";
    line += name;
  }
  return line;
}

}  // namespace

mode_request mode_request::parse(std::string_view text) {
  mode_request request;
  std::string_view left = text;
  for (bool first = true; first || !left.empty(); first = false) {
    const std::size_t plus = left.find('+');
    const std::string_view part = left.substr(0, plus);
    left = plus == std::string_view::npos ? std::string_view{} : left.substr(plus + 1);
    if (first) {
      expect(contains(bases, part), "--mode: expected one of ", joined(bases), ", got ", text);
      request.base = part;
    } else {
      expect(part == "joint" || part == "label-noise", "--mode: expected the flags +joint and +label-noise, got ",
             text);
      (part == "joint" ? request.joint : request.label_noise) = true;
    }
  }
  expect(!request.joint || contains(joint_bases, request.base), "--mode: +joint goes with ", joined(joint_bases),
         ", not with ", request.base);
  expect(!request.label_noise || contains(label_noise_bases, request.base), "--mode: +label-noise goes with ",
         joined(label_noise_bases), ", not with ", request.base);
  return request;
}

}  // namespace certssb::cli
