#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_layers.sh FOLDER      (FOLDER is include/certssb)
# Each header includes only what its place allows, and keeps the rules of a header-only library. Prints one line a
# violation, "file: rule: line"; status 1 when there is one.
set -euo pipefail

# What stage NAME may include of our own, besides itself: every entry before it, backend only core, tensor and contracts.
order=(core tensor io data attack noise model sigma ensemble vote bound radius certificate storage report run audit verify)
# These files know all the stages; no stage includes them.
roots='certssb.hpp version.hpp fwd.hpp'

cd "$1"
status=0
violation() {
  echo "$1: $2: $3"
  status=1
}

position() {
  local i
  for i in "${!order[@]}"; do
    if [[ ${order[i]} == "$1" ]]; then
      echo "$i"
      return
    fi
  done
  echo -1
}

check_include() { # FILE INCLUDED
  local from=${1%%/*} to=${2%%/*}
  if [[ $2 == version.hpp || $to == "$from" ]]; then return; fi
  if [[ $from == "$1" ]]; then # a root
    if [[ $to == backend ]]; then violation "$1" 'no header outside backend/ includes backend/' "$2"; fi
    return
  fi
  if [[ " $roots " == *" $2 "* ]]; then
    violation "$1" 'a stage includes none of the headers that know all stages' "$2"
  elif [[ $from == backend ]]; then
    if [[ $to != core && $to != tensor && $2 != */concept.hpp ]]; then
      violation "$1" 'backend/ includes only core/, tensor/ and concept.hpp of the stages' "$2"
    fi
  elif [[ $to == backend ]]; then
    violation "$1" 'no header outside backend/ includes backend/' "$2"
  elif [[ $from == verify ]]; then
    if [[ $to != core && $to != io && $2 != report/results.hpp && $2 != report/json.hpp ]]; then
      violation "$1" 'verify/ includes only core/, io/ and the schema of results' "$2"
    fi
  elif (($(position "$from") < 0)); then
    violation "$1" 'not in a known stage' "$from"
  elif (($(position "$to") < 0 || $(position "$to") > $(position "$from"))); then
    violation "$1" 'a stage includes only itself, core/, tensor/ and the stages to its left' "$2"
  fi
}

forbid() { # RULE PATTERN FILE: no line matches, comments left out
  local line
  while IFS= read -r line; do
    violation "$3" "$1" "$line"
  done < <(sed 's|//.*||' "$3" | grep -E -- "$2" || true)
}

while IFS= read -r -d '' file; do
  if [[ $(head -n 1 "$file") != '// SPDX-License-Identifier: MIT' ]]; then
    violation "$file" 'the first line is the SPDX line' "$(head -n 1 "$file")"
  fi
  if [[ $(sed -n 2p "$file") != '#pragma once' ]]; then
    violation "$file" 'the second line is #pragma once' "$(sed -n 2p "$file")"
  fi
  if [[ $(sed -n 3p "$file") != '// Brief: '* ]]; then
    violation "$file" 'the third line is // Brief: ...' "$(sed -n 3p "$file")"
  fi
  while IFS= read -r included; do
    check_include "$file" "$included"
  done < <(sed -nE 's|^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]certssb/([^>"]+)[>"].*|\1|p' "$file")
  forbid 'our own headers are included as "certssb/..."' '^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^c]|c[^e])' "$file"
  forbid 'the library prints nothing' '#[[:space:]]*include[[:space:]]*<(iostream|print)>' "$file"
  forbid 'no <execution>' '#[[:space:]]*include[[:space:]]*<execution>' "$file"
  forbid 'no using namespace in a header' 'using[[:space:]]+namespace' "$file"
  forbid 'a macro begins with CERTSSB_' '#[[:space:]]*define[[:space:]]+([^C]|C[^E]|CE[^R])' "$file"
  forbid 'no distribution or device of the standard library' 'std::[a-z_]+_distribution|random_device' "$file"
done < <(find . -name '*.hpp' -printf '%P\0' | sort -z)
exit "$status"
