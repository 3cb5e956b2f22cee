// SPDX-License-Identifier: MIT
#pragma once
// Brief: pictures that a network can learn from, so that it works on them as it does in earnest.

#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace bench {

using namespace certssb;

/// Brief: two classes of 28x28 pictures: one half of each is brighter.
inline dataset<host_array<float>> make_pictures(std::size_t n) {
  std::vector<float> values(n * 784);
  std::vector<label_type> labels(n);
  random_stream stream(random_key{1, stage::synthetic});
  for (std::size_t i = 0; i < n; ++i) {
    labels[i] = static_cast<label_type>(i % 2);
    for (std::size_t k = 0; k < 784; ++k) {
      const double bright = (k % 28 < 14) == (i % 2 == 0) ? 0.5 : 0.1;
      values[i * 784 + k] = static_cast<float>(bright + 0.4 * stream.uniform());
    }
  }
  return {host_array<float>(std::move(values), 784), std::move(labels), 2, {1, 28, 28}};
}

}  // namespace bench
