// SPDX-License-Identifier: MIT
// Expect: Mode::certified
// A mode that is not certified issues no certified radius.
#include "certssb/certificate/certified_radius.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/uniform.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using mode_type = uniform_mode;
#else
using mode_type = published_mode;
#endif

certified_radius make(const mode_type& mode);
certified_radius make(const mode_type& mode) { return certified_radius::issue(mode, 1.0, 0); }
