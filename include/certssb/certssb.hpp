// SPDX-License-Identifier: MIT
#pragma once
// Brief: placeholder while stages land.

#include "certssb/version.hpp"
