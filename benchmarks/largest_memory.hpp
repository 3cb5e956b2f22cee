// SPDX-License-Identifier: MIT
#pragma once
// Brief: the largest memory this process has had so far.

#include <sys/resource.h>

/// Brief: in MiB.
inline double largest_memory() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024.0;
}
