#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# build_and_test.sh SOURCE PRESET FOLDER [TEST_FOLDERS]
# Builds a preset's test programs in FOLDER, all or those of TEST_FOLDERS (separated by ;), and runs them.
set -euo pipefail
cmake -S "$1" --preset "$2" -B "$3" -DCERTSSB_TEST_FOLDERS="${4-}" -DCERTSSB_TEST_PROOFS=OFF \
  -DCERTSSB_BUILD_EXAMPLES=OFF -DCERTSSB_BUILD_PROGRAM=OFF -DCERTSSB_BUILD_TESTS=ON >/dev/null
cmake --build "$3" --parallel 2
ctest --test-dir "$3" --output-on-failure --no-tests=error
