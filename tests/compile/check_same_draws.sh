#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_same_draws.sh COMPILER FLAGS_FILE SOURCE EXPECTED FOLDER
# SOURCE, built for several instruction sets, with and without fused multiply-add, prints what the file EXPECTED holds.
set -euo pipefail
compiler=$1 flags_file=$2 source=$3 expected=$4 folder=$5

builds=(-O0 -O2 '-O3 -march=native' '-O3 -march=native -ffp-contract=fast')
if grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then
  builds+=('-O3 -mavx2 -mfma')
else
  echo 'this machine has no AVX2 with FMA: that build is left out'
fi

mkdir -p "$folder"
status=0
for build in "${builds[@]}"; do
  read -ra flags <<<"$build"
  "$compiler" @"$flags_file" "${flags[@]}" "$source" -o "$folder/program"
  diff "$expected" <("$folder/program") || { echo "other bits with $compiler $build"; status=1; }
done
exit "$status"
