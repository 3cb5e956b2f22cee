// SPDX-License-Identifier: MIT
// The target certssb_test_precompiled needs a source to compile precompiled.hpp for.
