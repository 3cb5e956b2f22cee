#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_headers.sh COMPILER FLAGS_FILE INCLUDE_FOLDER
# Every header compiles when it is the only one included, and when it is included twice. Two at a time.
# Most of the time would go into what headers include, again and again. So some that many include are compiled first, and
# kept; a header begins with the largest of them that it includes itself: it sees no more than it brings.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=check.sh
source "$here/check.sh"

if [[ $# -eq 5 ]]; then # the call for one header, made by xargs below: COMPILER FLAGS_FILE KEPT_FOLDER HEADER BEGIN
  twice=$3/${4//\//_}
  printf '#include "%s"\n#include "%s"\n' "$4" "$4" >"$twice"
  case $5 in
  keep)
    options=(-x c++-header -o "$twice.gch")
    # Clang instantiates templates again in each file that begins with a kept header, unless told to do it there.
    if "$1" --version | grep -q clang; then options+=(-fpch-instantiate-templates); fi
    ;;
  alone) options=(-x c++ -fsyntax-only) ;;
  *) options=(-x c++ -fsyntax-only -include "$3/${5//\//_}") ;;
  esac
  "$1" @"$2" "${warnings[@]}" "${options[@]}" "$twice" || {
    echo "$4 does not compile alone, or not twice, with $1"
    exit 1
  }
  exit 0
fi

kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
cd "$3"

# From the largest to the smallest.
first=(certssb/run/trained_defence.hpp certssb/verify/bounds.hpp certssb/verify/gaussian_modes.hpp
  certssb/certificate/named.hpp certssb/bound/clopper_pearson.hpp certssb/core/normal.hpp certssb/io/npy.hpp
  certssb/report/json_parse.hpp certssb/model/detail/matrix_map.hpp certssb/io/files.hpp
  certssb/data/distinct_ids.hpp certssb/model/layer/concept.hpp certssb/core/expect.hpp)
printf '%s keep\n' "${first[@]}" | xargs -n 2 -P 2 "$here/$(basename "$0")" "$1" "$2" "$kept"

# Each of the others, and the largest kept header that it includes, itself or through others. tests/torch includes those
# of PyTorch.
find . -name '*.hpp' ! -path './certssb/backend/torch/*' -printf '%P\n' | sort | xargs awk -v first="${first[*]}" '
  FNR == 1 { headers[++count] = FILENAME }
  match($0, /^#include "[^"]+"/) { includes[FILENAME] = includes[FILENAME] " " substr($0, 11, RLENGTH - 11) }
  function reach(header,   parts, i, n) {
    if (header in seen) return
    seen[header] = 1
    n = split(includes[header], parts, " ")
    for (i = 1; i <= n; ++i) reach(parts[i])
  }
  END {
    wanted = split(first, kept, " ")
    for (h = 1; h <= count; ++h) {
      split("", seen)
      reach(headers[h])
      begin = "alone"
      for (k = wanted; k >= 1; --k) if (kept[k] in seen) begin = kept[k]
      if (begin != headers[h]) print headers[h], begin
    }
  }' | xargs -n 2 -P 2 "$here/$(basename "$0")" "$1" "$2" "$kept"
