# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Sourced by the check scripts: how they call a compiler. Usage: check COMPILER FLAGS_FILE SOURCE [OPTION...]
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
check() {
  local compiler=$1 flags_file=$2 source=$3
  shift 3
  "$compiler" @"$flags_file" "${warnings[@]}" -fsyntax-only "$@" -x c++ "$source"
}
