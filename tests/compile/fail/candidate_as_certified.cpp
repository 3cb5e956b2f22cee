// SPDX-License-Identifier: MIT
// Expect: certified_radius
// A length that nobody claims does not become a certified radius.
#include "certssb/certificate/certificate.hpp"

using namespace certssb;

certificate make(const candidate_radius& published);
certificate make(const candidate_radius& published) {
  certificate c;
#ifdef CERTSSB_CONTROL
  c.candidate = published;
#else
  c.radius = published;
#endif
  return c;
}
