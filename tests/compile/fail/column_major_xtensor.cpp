// SPDX-License-Identifier: MIT
// Expect: column_major
// The rows of a column-major array are not contiguous.
#include "certssb/backend/xtensor.hpp"
#include "certssb/data/dataset.hpp"

#ifdef CERTSSB_CONTROL
using inputs = xt::xarray<float, xt::layout_type::row_major>;
#else
using inputs = xt::xarray<float, xt::layout_type::column_major>;
#endif

std::size_t rows(const certssb::dataset<inputs>& data);
std::size_t rows(const certssb::dataset<inputs>& data) { return data.size(); }
