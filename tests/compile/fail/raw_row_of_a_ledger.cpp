// SPDX-License-Identifier: MIT
// Expect: no member named
// An account hands out noisy releases; raw rows it does not have.
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/noise_ledger.hpp"
#include "certssb/tensor/host_array.hpp"

#include <vector>

using namespace certssb;

using array = host_array<float>;
using book_type = noise_ledger<dataset<array>, gaussian_noise>;

void read(book_type& book, const std::vector<std::size_t>& positions, const std::vector<double>& scales, array& out);
void read(book_type& book, const std::vector<std::size_t>& positions, const std::vector<double>& scales, array& out) {
  auto account = book.open(0);
  account.release(positions, scales, out);
#ifndef CERTSSB_CONTROL
  account.gather(positions, out);
#endif
}
