// SPDX-License-Identifier: MIT
// Expect: row_source
// A learner written for rows takes no account of a ledger, only the releases a ledger_learner makes of it.
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/ledger_learner.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

using namespace certssb;

using book_type = noise_ledger<dataset<host_array<float>>, gaussian_noise>;

void train(book_type& book);
void train(book_type& book) {
  auto account = book.open(0);
#ifdef CERTSSB_CONTROL
  static_cast<void>(ledger_learner(logistic_learner<float>(), exposure_options{}).fit(account, random_key{}));
#else
  static_cast<void>(logistic_learner<float>().fit(account, random_key{}));
#endif
}
