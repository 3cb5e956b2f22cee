// SPDX-License-Identifier: MIT
// Expect first: certssb: your tensor has no certssb::tensor_traits<your tensor>
// A type whose tensor_traits nobody wrote is no tensor.
#include "certssb/data/dataset.hpp"
#include "certssb/tensor/host_array.hpp"

#include <vector>

struct picture {
  std::vector<float> pixels;
};

#ifdef CERTSSB_CONTROL
using inputs = certssb::host_array<float>;
#else
using inputs = picture;
#endif

std::size_t rows(const certssb::dataset<inputs>& data);
std::size_t rows(const certssb::dataset<inputs>& data) { return data.size(); }
