#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_accepted.sh COMPILER FLAGS_FILE SOURCE: SOURCE compiles; its static_asserts are the test.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=check.sh
source "$(dirname "${BASH_SOURCE[0]}")/check.sh"
check "$@"
