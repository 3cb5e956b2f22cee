#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# consume.sh KIND COMPILER SOURCE PREFIX FOLDER [COMPONENT ERROR [CMAKE_OPTION...]]
# Builds and runs a program that uses certssb, in FOLDER, made anew; or asks for a COMPONENT that cannot be had.
set -euo pipefail
kind=$1 compiler=$2 source=$3 prefix=$4 folder=$5
here=$source/tests/consumer
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

with_cmake() { # OPTION...
  cmake -S "$here/$kind" -B . -G Ninja -DCMAKE_CXX_COMPILER="$compiler" "$@"
  cmake --build . --parallel 2
  ./consumer
  ./everything
  if [[ $kind == find_package ]]; then ./files; fi
}

case $kind in
find_package) with_cmake -DCMAKE_PREFIX_PATH="$prefix" ;;
readme) # the lines of the README, in a project of their own
  {
    printf 'cmake_minimum_required(VERSION 3.21)\nproject(consumer LANGUAGES CXX)\n'
    printf 'add_executable(app %s)\n' "$here/everything.cpp"
    # shellcheck disable=SC2016  # backquotes of Markdown
    sed -n '/^```cmake$/,/^```$/ { /^```/d; p }' "$source/README.md"
  } >CMakeLists.txt
  cmake -S . -B build -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build build
  build/app
  ;;
add_subdirectory) with_cmake -DCERTSSB_SOURCE_DIR="$source" ;;
plain_include)
  "$compiler" -std=c++20 -I "$source/include" "$here/main.cpp" -o consumer
  ./consumer
  ;;
pkg_config)
  export PKG_CONFIG_PATH=$prefix/share/pkgconfig
  read -ra flags <<<"$(pkg-config --cflags --libs certssb)"
  "$compiler" -std=c++20 "$here/main.cpp" "${flags[@]}" -o consumer
  ./consumer
  ;;
*_component) # the error, when CMake has wrapped its lines, holds the expected words
  if said=$(cmake -S "$here/missing_component" -B . -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENT="$6" "${@:8}" 2>&1); then
    echo "component $6 was found"
    exit 1
  fi
  error=$(sed -n '/^CMake Error/,$p' <<<"$said" | tr -s ' \n' ' ')
  [[ $error == *"$7"* ]] || { printf 'expected the error: %s\ngot:\n%s\n' "$7" "$said"; exit 1; }
  ;;
esac
