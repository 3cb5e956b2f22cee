// SPDX-License-Identifier: MIT
#pragma once
// Brief: the elections of plain parts besides plurality: finite aggregation and run-off, a second, plain implementation.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: who is elected, and how many parts, or rows of different hashes, may be changed at will.
struct elected {
  std::int64_t leader;
  std::int64_t rows;
};

/// Brief: counts of labels.
[[nodiscard]] inline std::vector<std::int64_t> counts_of(std::span<const std::int64_t> labels, std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (const std::int64_t label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

/// Brief: plurality of models of which those at (hash + shift) mod k see a row: for each rival the dearest hashes are
/// taken while the votes suffice.
[[nodiscard]] inline elected elect_finite(std::span<const std::int64_t> labels, std::size_t classes,
                                          std::span<const std::int64_t> shifts) {
  const std::vector<std::int64_t> counts = counts_of(labels, classes);
  const std::int64_t y = std::ranges::max_element(counts) - counts.begin();
  const std::size_t k = labels.size();
  auto least = static_cast<std::int64_t>(k);
  for (std::int64_t c = 0; c < static_cast<std::int64_t>(classes); ++c) {
    if (c == y) continue;
    std::vector<std::int64_t> worth(k);
    for (std::size_t h = 0; h < k; ++h) {
      for (const std::int64_t shift : shifts) {
        const std::int64_t label = labels[(h + static_cast<std::size_t>(shift)) % k];
        worth[h] += 1 + (label == y ? 1 : 0) - (label == c ? 1 : 0);
      }
    }
    std::ranges::sort(worth, std::ranges::greater{});
    std::int64_t left = counts[static_cast<std::size_t>(y)] - counts[static_cast<std::size_t>(c)] - (c < y ? 1 : 0);
    std::int64_t rows = 0;
    for (const std::int64_t one : worth) {
      left -= one;
      if (left < 0) break;
      ++rows;
    }
    least = std::min(least, rows);
  }
  return {y, least};
}

/// Brief: the two classes with most votes go on, and the models choose between them.
/// Shapes: orders [k,K], each model's classes, its favourite first.
[[nodiscard]] inline elected elect_run_off(std::span<const std::int64_t> orders, std::size_t classes) {
  const std::size_t k = orders.size() / classes;
  std::vector<std::vector<std::int64_t>> above(classes, std::vector<std::int64_t>(classes));  // models: a before b
  std::vector<std::int64_t> first(classes);
  for (std::size_t m = 0; m < k; ++m) {
    const auto order = orders.subspan(m * classes, classes);
    ++first[static_cast<std::size_t>(order[0])];
    for (std::size_t a = 0; a < classes; ++a) {
      for (std::size_t b = a + 1; b < classes; ++b) {
        ++above[static_cast<std::size_t>(order[a])][static_cast<std::size_t>(order[b])];
      }
    }
  }
  std::vector<std::size_t> ranked(classes);
  std::iota(ranked.begin(), ranked.end(), std::size_t{0});
  std::ranges::stable_sort(ranked, std::ranges::greater{}, [&](std::size_t c) { return first[c]; });
  const std::size_t low = std::min(ranked[0], ranked[1]);
  const std::size_t high = std::max(ranked[0], ranked[1]);
  const std::size_t y = above[low][high] >= above[high][low] ? low : high;
  const std::size_t s = y == low ? high : low;
  const auto lead = [&](std::size_t p, std::size_t q) { return first[p] - first[q] + (q > p ? 1 : 0); };
  const auto half = [](std::int64_t z) { return (std::max<std::int64_t>(z, 0) + 1) / 2; };
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t p = 0; p < classes; ++p) {
    if (p == y) continue;
    for (std::size_t q = p + 1; q < classes; ++q) {
      if (q == y) continue;
      const std::int64_t i = std::max<std::int64_t>(0, lead(y, p));
      const std::int64_t j = std::max<std::int64_t>(0, lead(y, q));
      least = std::min(least, std::max({half(i), half(j), (i + j + 2) / 3}));
    }
    const std::int64_t to_final = p == s ? 0 : half(lead(s, p));
    least = std::min(least, std::max(to_final, half(above[y][p] - above[p][y] + (p > y ? 1 : 0))));
  }
  return {static_cast<std::int64_t>(y), least - 1};
}

/// Brief: whether the winner of the run-off stays whatever the lost models prefer. The attacker makes all of them put a
/// rival first, or shares them among two that are to leave the winner behind.
[[nodiscard]] inline bool run_off_stays(std::span<const std::int64_t> orders, std::size_t classes, std::int64_t winner,
                                        const std::vector<bool>& lost) {
  const auto y = static_cast<std::size_t>(winner);
  std::vector<std::int64_t> first(classes);
  std::vector<std::int64_t> for_rival(classes);  // models that prefer it to the winner, the lost ones included
  std::int64_t spare = 0;
  for (std::size_t m = 0; m < lost.size(); ++m) {
    const auto order = orders.subspan(m * classes, classes);
    if (lost[m]) {
      ++spare;
      for (std::int64_t& count : for_rival) ++count;
      continue;
    }
    ++first[static_cast<std::size_t>(order[0])];
    for (std::size_t place = 0; order[place] != winner; ++place) ++for_rival[static_cast<std::size_t>(order[place])];
  }
  // The models that a class lacks to come before another.
  const auto lacks = [&](std::size_t c, std::size_t than) {
    return std::max<std::int64_t>(0, first[than] - first[c] + (c < than ? 0 : 1));
  };
  for (std::size_t c = 0; c < classes; ++c) {
    if (c == y) continue;
    bool in_final = true;
    for (std::size_t t = 0; t < classes; ++t) {
      if (t == y || t == c) continue;
      if (lacks(c, y) + lacks(t, y) <= spare) return false;
      in_final = in_final && lacks(c, t) <= spare;
    }
    const auto all = static_cast<std::int64_t>(lost.size());
    const bool wins = c < y ? 2 * for_rival[c] >= all : 2 * for_rival[c] > all;
    if (in_final && wins) return false;
  }
  return true;
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
