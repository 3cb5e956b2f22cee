// SPDX-License-Identifier: MIT
// Expect: certified_radius
// Storage-update answers with a length. It may shrink a certified radius, never make one.
#include "certssb/storage/storage_update.hpp"

using namespace certssb;

certificate make(certificate c, const stored_answer& answer);
certificate make(certificate c, const stored_answer& answer) {
#ifdef CERTSSB_CONTROL
  c.radius = c.radius.shrunk_to(answer.radius);
#else
  c.radius = certified_radius(answer.radius);
#endif
  return c;
}
