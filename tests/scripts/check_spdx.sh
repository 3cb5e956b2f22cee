#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_spdx.sh PROJECT_FOLDER
# Every source, script and CMake file names its licence in its first two lines.
set -euo pipefail
cd "$1"
status=0
while IFS= read -r -d '' file; do
  if ! head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT'; then
    echo "$file: no SPDX line at its top"
    status=1
  fi
done < <(find include tests examples benchmarks cmake CMakeLists.txt quickstart.sh .ci -type f \
  \( -name '*.hpp' -o -name '*.cpp' -o -name '*.sh' -o -name '*.awk' -o -name '*.cmake' -o -name 'CMakeLists.txt' \
  -o -path .ci/run \) -print0)
exit "$status"
