#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh BUILD SOURCE PREFIX
# Installs, moves the result to PREFIX, and reads it over: no target but ours, no compile flag, no path of this machine;
# the program runs from there, where it was built.
set -euo pipefail
build=$1 source=$2 prefix=$3
rm -rf "$prefix" "$prefix.first"
cmake --install "$build" --prefix "$prefix.first" >/dev/null
mv "$prefix.first" "$prefix"

if [[ -e $build/bin/certssb ]]; then "$prefix/bin/certssb" --version; fi

descriptions=("$prefix"/share/cmake/certssb/*.cmake "$prefix/share/pkgconfig/certssb.pc")
if grep -nE -- "-march|INTERFACE_COMPILE_OPTIONS|INTERFACE_COMPILE_DEFINITIONS|$source|$build|$prefix" "${descriptions[@]}"; then
  echo 'the lines above must not be installed'
  exit 1
fi
if grep -hE '^add_(library|executable)\(' "$prefix"/share/cmake/certssb/certssb-*.cmake |
  grep -vE '^add_library\(certssb::[a-z]+ INTERFACE IMPORTED\)$'; then
  echo 'the targets above must not be exported'
  exit 1
fi
diff <(cd "$source/include" && find . -name '*.hpp' | sort) <(cd "$prefix/include" && find . -type f | sort)
