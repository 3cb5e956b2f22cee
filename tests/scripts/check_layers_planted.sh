#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_layers.sh finds each kind of violation when one is planted, and none in a header that has none.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/{vote,verify,backend,elsewhere}

plant() { # FILE LINE...: a header that is in order but for the lines
  printf '%s\n' '// SPDX-License-Identifier: MIT' '#pragma once' '// Brief: planted.' "${@:2}" >"$house/$1"
}

status=0
expect_report() { # FRAGMENT FILE LINE...
  plant "${@:2}"
  local report
  if report=$("$here/check_layers.sh" "$house") || [[ $report != *"$1"* ]]; then
    printf 'planted in %s: %s\nexpected a report of "%s", got:\n%s\n' "$2" "${*:3}" "$1" "$report"
    status=1
  fi
  rm "$house/$2"
}

plant vote/good.hpp '#include "certssb/core/expect.hpp"' '#include "certssb/noise/scales.hpp"' \
  '#include <vector>  // not <iostream>' '#define CERTSSB_GOOD 1'
"$here/check_layers.sh" "$house" || { echo 'a header in order was reported'; status=1; }

expect_report 'stages to its left' vote/bad.hpp '#include "certssb/storage/region.hpp"'
expect_report 'outside backend/' vote/bad.hpp '#include "certssb/backend/eigen.hpp"'
expect_report 'outside backend/' certssb.hpp '#include "certssb/backend/eigen.hpp"'
expect_report 'know all stages' vote/bad.hpp '#include <certssb/certssb.hpp>'
expect_report 'the schema of results' verify/bad.hpp '#include "certssb/bound/hoeffding.hpp"'
expect_report 'the schema of results' verify/bad.hpp '#include "certssb/report/metrics.hpp"'
expect_report 'only core/, tensor/ and concept.hpp' backend/bad.hpp '#include "certssb/noise/scales.hpp"'
expect_report 'known stage' elsewhere/bad.hpp '#include "certssb/core/expect.hpp"'
expect_report 'as "certssb/..."' vote/bad.hpp '#include "expect.hpp"'
expect_report 'prints nothing' vote/bad.hpp '#include <iostream>'
expect_report 'no <execution>' vote/bad.hpp '#include <execution>'
expect_report 'using namespace' vote/bad.hpp 'using namespace std;'
expect_report 'begins with CERTSSB_' vote/bad.hpp '#define CHECK 1'
expect_report 'standard library' vote/bad.hpp 'std::normal_distribution<double> draw;'

printf '#pragma once\n' >"$house/vote/bad.hpp"
report=$("$here/check_layers.sh" "$house") && status=1
[[ $report == *'the SPDX line'* && $report == *'// Brief'* ]] || { echo "missing first lines were not reported"; status=1; }
exit "$status"
