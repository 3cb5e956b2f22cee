// SPDX-License-Identifier: MIT
#pragma once
// Brief: arguments that are numbers, lists, or names of .npy files.

#include "certssb/core/label.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certssb::cli {

/// Brief: the parts of a list, cut at commas.
[[nodiscard]] std::vector<std::string> split(std::string_view list);

/// Brief: a whole argument as a number, or nothing.
[[nodiscard]] std::optional<double> as_real(std::string_view text);

/// Brief: radii such as `0,0.1,0.5`; `a,b,...,c` stands for steps of b - a.
[[nodiscard]] std::vector<double> parse_radii(const std::string& list);

/// Brief: a number for all rows, or a .npy file of one number a row.
[[nodiscard]] std::vector<double> read_row_values(const std::string& number_or_file,
                                                  std::size_t rows_of_a_common_value);

/// Brief: the same, of noise scales.
[[nodiscard]] noise_scales read_scales(const std::string& number_or_file, std::size_t rows_of_a_common_scale);

/// Brief: n labels, each in [lowest, classes).
[[nodiscard]] std::vector<label_type> read_labels(const std::string& path, std::size_t n, label_type lowest,
                                                  std::size_t classes);

/// Brief: rows of reals, all axes but the first made one.
[[nodiscard]] host_array<double> read_rows(const std::string& path, std::size_t n);

}  // namespace certssb::cli
