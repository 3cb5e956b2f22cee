// SPDX-License-Identifier: MIT
#pragma once
// Brief: golden.json and partition.json: values computed by SciPy, apart from this library.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace golden {

inline const nlohmann::json& part(const std::string& name) {
  static const nlohmann::json all =
      nlohmann::json::parse(std::ifstream(CERTSSB_SOURCE_DIR "/tests/golden/golden.json"));
  return all.at(name);
}

/// Brief: a part of partition.json, the vectors of parts, bags and nearest means.
inline const nlohmann::json& partition(const std::string& name) {
  static const nlohmann::json all =
      nlohmann::json::parse(std::ifstream(CERTSSB_SOURCE_DIR "/tests/golden/partition.json"));
  return all.at(name);
}

/// Brief: relative tolerance of the vectors, as their file states it.
inline constexpr double relative = 1e-9;

/// Brief: equal to a value of the vectors, up to this tolerance.
inline Approx close(const nlohmann::json& value, double margin = 1e-14) {
  return Approx(value.get<double>()).epsilon(relative).margin(margin);
}

}  // namespace golden
