#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_headers.sh COMPILER FLAGS_FILE INCLUDE_FOLDER
# Every header compiles when it is the only one included, and when it is included twice. Two at a time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ $# -eq 4 ]]; then # the call for one header, made by xargs below
  # shellcheck source-path=SCRIPTDIR source=check.sh
  source "$here/check.sh"
  printf '#include "%s"\n#include "%s"\n' "$4" "$4" | check "$1" "$2" - || {
    echo "$4 does not compile alone, or not twice, with $1"
    exit 1
  }
  exit 0
fi

cd "$3"
find . -name '*.hpp' -printf '%P\0' | sort -z | xargs -0 -n 1 -P 2 "$here/$(basename "$0")" "$1" "$2" "$3"
