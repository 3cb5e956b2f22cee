#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_refused.sh COMPILER FLAGS_FILE SOURCE
# SOURCE does not compile, and the compiler says what its line "// Expect: ..." announces (a fixed string); a line
# "// Expect first: ..." announces words of the first error. That it compiles with CERTSSB_CONTROL defined, which takes the
# misuse out, so that nothing else is at fault, is a test of its own.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=check.sh
source "$(dirname "${BASH_SOURCE[0]}")/check.sh"

expected=$(sed -nE 's|^// Expect( first)?: ||p' "$3")
[[ -n $expected ]] || { echo "$3 has no line '// Expect: ...'"; exit 1; }

if said=$(check "$@" 2>&1); then
  echo "$3 compiles, and should not"
  exit 1
fi
if grep -q '^// Expect first: ' "$3"; then said=$(grep -m1 'error: ' <<<"$said"); fi
if ! grep -qF -- "$expected" <<<"$said"; then
  printf 'expected the message: %s\ngot:\n%s\n' "$expected" "$said"
  exit 1
fi
