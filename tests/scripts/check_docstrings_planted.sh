#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_docstrings.sh finds each kind of violation when one is planted, and none in files that have none.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/{include/vote,examples/cli,docs/howto}

status=0
expect_report() { # FRAGMENT FILE LINE...
  printf '%s\n' "${@:3}" >"$house/$2"
  local report
  if report=$("$here/check_docstrings.sh" "$house") || [[ $report != "$2:"*"$1"* || $report == *$'\n'* ]]; then
    printf 'planted in %s: %s\nexpected one report of "%s", got:\n%s\n' "$2" "${*:3}" "$1" "$report"
    status=1
  fi
  rm "$house/$2"
}

printf '%s\n' '// SPDX-License-Identifier: MIT' '#pragma once' '// Brief: in order.' '' \
  '/// Brief: f(x); a word: another.' '/// Members:' '///' '///     f(x)     a table' '///' '/// Maths: x = y.' \
  '/// Shapes: x [n].' '/// Units: none.' '/// Requires: x > 0.' '/// Throws: argument_error.' '/// Cost: none.' \
  '/// Determinism: a function of x.' '/// Reference: somebody.' 'int f(int x);  ///< Throws: nothing' '' \
  '/// Throws: argument_error.' 'int g();' '/// Brief: h.' 'int h();' >"$house/include/vote/good.hpp"
printf '%s\n' '// never detail::x' 'mydetail::y();' >"$house/examples/cli/good.cpp"
printf '%s\n' 'detail::x in prose' '```cpp' 'certssb::f();' '```' >"$house/docs/howto/good.md"
printf '%s\n' '```cpp' 'f();' '```' >"$house/README.md"
"$here/check_docstrings.sh" "$house" || { echo 'files in order were reported'; status=1; }

bad=include/vote/bad.hpp
expect_report 'sections are in order: Maths after Throws' $bad '/// Brief: f.' '/// Throws: error.' '/// Maths: x.'
expect_report 'sections are in order: Throws after Cost' $bad '  /// Cost: none.' '  /// Throws: error.' '  int f();'
expect_report 'a section occurs once: Throws' $bad '/// Throws: error.' '/// Throws: another.'
expect_report 'a section begins its comment line' $bad '/// Brief: f. Throws: error.'
expect_report 'a section begins its comment line' $bad '/// Maths: x' '/// y. Reference:' '/// somebody.'
expect_report 'a section begins its comment line' $bad '// Brief: f; Cost: none.'
expect_report 'each section has a line of its own' $bad '/// Throws, cost, determinism: as f.'
mapfile -t long < <(yes '' | head -n 301)
expect_report 'at most 300 lines' $bad "${long[@]}"
expect_report 'private' examples/bad.cpp 'const certssb::detail::stopwatch watch;'
expect_report 'private' examples/bad.cpp '#include "certssb/model/detail/step.hpp"'
expect_report 'private' examples/bad.cpp '  using namespace certssb::detail;'
expect_report 'private' examples/cli/bad.hpp '  detail::stopwatch watch;'
expect_report 'private' docs/howto/bad.md 'words' '```cpp' 'certssb::detail::f();' '```'
expect_report 'private' README.md '```' 'detail::f();' '```'
exit "$status"
