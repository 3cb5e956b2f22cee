#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_headers.sh COMPILER FLAGS_FILE INCLUDE_FOLDER
# Every header compiles when it is the only one included, and when it is included twice. Two at a time.
# Most of the time would go into what headers include, again and again. So some that many include are compiled beforehand,
# and a header begins with the largest of them that it includes itself: it sees no more than it brings.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=check.sh
source "$here/check.sh"

if [[ $# -eq 5 ]]; then # the call for one header, made by xargs below: COMPILER FLAGS_FILE FOLDER HEADER FIRST
  first=()
  [[ $5 == - ]] || first=(-include "$3/${5//\//_}")
  printf '#include "%s"\n#include "%s"\n' "$4" "$4" | check "$1" "$2" - "${first[@]}" || {
    echo "$4 does not compile alone, or not twice, with $1"
    exit 1
  }
  exit 0
fi

compiled=$(mktemp -d)
trap 'rm -rf "$compiled"' EXIT
cd "$3"

# From the largest to the smallest.
beforehand=(certssb/run/certify_outcome.hpp certssb/run/run_settings.hpp certssb/certificate/named.hpp
  certssb/report/json.hpp certssb/certificate/certify.hpp certssb/model/sequential.hpp
  certssb/bound/clopper_pearson.hpp certssb/core/normal.hpp certssb/data/dataset.hpp)
once=() # Clang instantiates templates again in each file that begins with a compiled header, unless told to do it there.
if "$1" --version | grep -q clang; then once=(-fpch-instantiate-templates); fi
for header in "${beforehand[@]}"; do
  wrapper=$compiled/${header//\//_}
  echo "#include \"$header\"" >"$wrapper"
  "$1" @"$2" "${once[@]}" -x c++-header "$wrapper" -o "$wrapper.gch"
done

# Each header, and the first of those that it includes, itself or through others; - for none.
find . -name '*.hpp' ! -path './certssb/backend/torch/*' -printf '%P\n' | sort | xargs awk -v beforehand="${beforehand[*]}" '
  FNR == 1 { headers[++count] = FILENAME }
  match($0, /^#include "[^"]+"/) { includes[FILENAME] = includes[FILENAME] " " substr($0, 11, RLENGTH - 11) }
  function reach(header,   parts, i, n) {
    if (header in seen) return
    seen[header] = 1
    n = split(includes[header], parts, " ")
    for (i = 1; i <= n; ++i) reach(parts[i])
  }
  END {
    wanted = split(beforehand, roots, " ")
    for (h = 1; h <= count; ++h) {
      split("", seen)
      reach(headers[h])
      first = "-"
      for (r = wanted; r >= 1; --r) if (roots[r] in seen && roots[r] != headers[h]) first = roots[r]
      print headers[h], first
    }
  }' | xargs -n 2 -P 2 "$here/$(basename "$0")" "$1" "$2" "$compiled"
