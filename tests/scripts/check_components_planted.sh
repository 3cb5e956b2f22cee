#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_components_planted.sh COMPONENTS_FILE: check_components.sh finds each kind of violation when one is planted.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
table=$(realpath "$1")
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/{core,io,verify,new}

status=0
expect_report() { # REPORT: there is this one and no other
  local report
  if report=$("$here/check_components.sh" "$table" "$house") || [[ $report != "$1" ]]; then
    printf 'expected: %s\ngot: %s\n' "$1" "$report"
    status=1
  fi
}

echo '#include <boost/math/special_functions/erf.hpp>' >"$house/core/normal.hpp"
printf '#include "certssb/%s"\n' io/files.hpp core/normal.hpp >"$house/verify/verify.hpp"
echo '#include <openssl/evp.h>' >"$house/io/files.hpp"
"$here/check_components.sh" "$table" "$house" || { echo 'headers in order were reported'; status=1; }

echo '#include <png.h>' >"$house/io/files.hpp"
expect_report $'io/files.hpp: component io lacks PNG\nio/files.hpp: component verify lacks PNG'
echo '#include <fftw/fftw.h>' >"$house/io/files.hpp"
expect_report 'io/files.hpp: <fftw/fftw.h> is of no known package'
echo '' >"$house/io/files.hpp"
echo '' >"$house/new/thing.hpp"
expect_report 'new/thing.hpp: belongs to no component'
exit "$status"
