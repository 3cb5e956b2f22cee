#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# build_and_test.sh SOURCE PRESET FOLDER TEST_FOLDERS [CMAKE_OPTION...]
# Builds a preset's test programs in FOLDER, those of TEST_FOLDERS (separated by ;) or, where that is empty, all, and runs
# them.
set -euo pipefail
cmake -S "$1" --preset "$2" -B "$3" -DCERTSSB_TEST_FOLDERS="$4" -DCERTSSB_TEST_PROOFS=OFF -DCERTSSB_BUILD_EXAMPLES=OFF \
  -DCERTSSB_BUILD_PROGRAM=OFF -DCERTSSB_BUILD_TESTS=ON "${@:5}" >/dev/null
cmake --build "$3" --parallel 2
ctest --test-dir "$3" --output-on-failure --no-tests=error --parallel 2
