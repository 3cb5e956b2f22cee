# SPDX-License-Identifier: MIT
# The libraries certssb stands on. REQUIRED only for what is built here.

find_package(Boost REQUIRED)
find_package(Eigen3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)

find_package(xtensor QUIET)
find_package(TBB QUIET)
find_package(PNG QUIET)
find_package(OpenSSL QUIET)
find_package(nlohmann_json QUIET)
