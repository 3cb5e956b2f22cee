// SPDX-License-Identifier: MIT
#pragma once
// Brief: what nearly every test program includes of other libraries; compiled once per build (tests/CMakeLists.txt).
// Nothing of ours, so that a change of one header builds again only what includes it.

#include <catch2/catch.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <span>
#include <sstream>
#include <string>
#include <vector>
