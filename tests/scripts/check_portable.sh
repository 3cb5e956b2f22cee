#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_portable.sh TARGET INCLUDE_FOLDER FOLDER       (TARGET is x86-64, avx2 or arm64)
# certssb/certssb.hpp, with every stage but no oneTBB, compiles for the target, and knows which it is. For arm64 the other
# libraries' headers, the same on every machine, are linked into FOLDER, since a cross compiler has no use for the rest.
set -euo pipefail
target=$1 include=$2 folder=$3
compiler=g++
libraries=(-isystem /usr/include/eigen3)
case $target in
x86-64) flags=(-march=x86-64) expected='x86-64' ;;
avx2) flags=(-mavx2 -mfma) expected='x86-64 with AVX2 and FMA' ;;
arm64)
  compiler=aarch64-linux-gnu-g++ flags=(-Wno-psabi) expected='arm64'
  rm -rf "$folder"
  mkdir -p "$folder"
  for name in boost zlib.h zconf.h; do ln -s "/usr/include/$name" "$folder/$name"; done
  libraries+=(-isystem "$folder")
  ;;
esac

"$compiler" -std=c++20 -O1 "${flags[@]}" -I "$include" "${libraries[@]}" -Wall -Wextra -Werror -Wno-maybe-uninitialized \
  -Wno-uninitialized -fsyntax-only -x c++ - <<END
#include "certssb/certssb.hpp"
static_assert(certssb::instruction_set() == "$expected");
END
