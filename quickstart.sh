#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh Debian 12 to a running certssb; see usage() below.
set -euo pipefail

usage() {
  cat <<'END'
Usage: ./quickstart.sh demo | build | lesson N | test [all | torch] | bench

  demo      build, run the main job on Fashion-MNIST, and say where its report is (runs/demo/report.html)
  build     leave the program at build/release/bin/certssb
  lesson N  build and run lesson N, examples/0N_*.cpp
  test      build the program and its tests with GCC and run them
  test all  run what `test` leaves out: examples, the documentation's code, rules of the house, misuse that must not
            compile, each header alone, the other compiler, the sanitizers, projects that use certssb
  test torch
            build the program with networks of PyTorch (build/torch), and run their tests
  bench     build the benchmarks and leave them in build/bench/bin

Each first installs the Debian packages it needs and does not find (as root, or by sudo without a password).
END
}

build_packages=(g++ cmake ninja-build pkg-config libeigen3-dev libxtensor-dev libtbb-dev libboost-dev
  libcli11-dev nlohmann-json3-dev libpng-dev libjpeg-dev zlib1g-dev libssl-dev)
run_packages=(gnuplot-nox dataset-fashion-mnist)
test_packages=(catch2)
torch_packages=(libtorch-dev libopenblas0-pthread python3-torch)
all_packages=(clang libclang-rt-dev "${torch_packages[@]}")
bench_packages=(libbenchmark-dev)

stop() { # LINE...: unusable surroundings
  printf '%s\n' "$@" >&2
  exit 2
}

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

install_missing() { # PACKAGE...
  local package missing=() as_root=(env DEBIAN_FRONTEND=noninteractive)
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then return; fi

  command -v apt-get >/dev/null || stop "Packages missing (names as in Debian 12): ${missing[*]}" \
    'There is no apt-get here to install them.'
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null || stop "Packages missing: ${missing[*]}" \
      "Installing them needs root: sudo apt-get install ${missing[*]}"
    as_root=(sudo -n "${as_root[@]}")
  fi
  echo "Installing what is missing: ${missing[*]}"
  "${as_root[@]}" apt-get update -q </dev/null
  "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
}

# One compiler a core, but no more than one for each 2 GiB of memory.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 2097152)}' /proc/meminfo)
  echo $((memory < 1 ? 1 : memory < cores ? memory : cores))
}

build() { # PRESET [BUILD_OPTION...]
  cmake --build "build/$1" --parallel "$(jobs)" "${@:2}" </dev/null
}

build_program() {
  cmake --preset release -DCERTSSB_BUILD_TESTS=OFF </dev/null
  build release --target certssb_program
}

run_lesson() { # N
  local lessons=(examples/0"${1-}"_*.cpp) name
  if [[ ! ${1-} =~ ^[1-9]$ || ! -e ${lessons[0]} ]]; then
    stop 'Usage: ./quickstart.sh lesson N, with one of' "$(printf '  %s\n' examples/0[1-9]_*.cpp)"
  fi
  name=$(basename "${lessons[0]}" .cpp)
  install_missing "${build_packages[@]}"
  cmake --preset release -DCERTSSB_BUILD_EXAMPLES=ON -DCERTSSB_BUILD_TESTS=OFF </dev/null
  build release --target "example_$name"
  "build/release/bin/example_$name" </dev/null
}

run_tests() { # ON|OFF, whether examples and proofs are also built, CTEST_OPTION...
  cmake --preset release -DCERTSSB_BUILD_TESTS=ON -DCERTSSB_BUILD_EXAMPLES="$1" -DCERTSSB_TEST_PROOFS="$1" \
    -DCERTSSB_TEST_LONG="$1" </dev/null
  build release
  ctest --test-dir build/release --output-on-failure --no-tests=error --parallel "$(jobs)" "${@:2}" </dev/null
}

run_torch_tests() {
  cmake --preset release -B build/torch -DCERTSSB_WITH_TORCH=ON -DCERTSSB_BUILD_EXAMPLES=OFF -DCERTSSB_TEST_FOLDERS=torch \
    -DCERTSSB_TEST_PROOFS=OFF -DCERTSSB_TEST_LONG=OFF </dev/null
  build torch
  ctest --test-dir build/torch --output-on-failure --no-tests=error --label-regex '^torch$' </dev/null
}

cd "$(dirname "${BASH_SOURCE[0]}")"
case ${1-} in
demo)
  install_missing "${build_packages[@]}" "${run_packages[@]}"
  build_program
  mkdir -p runs
  build/release/bin/certssb run --out runs/demo --overwrite </dev/null
  echo "Report: $PWD/runs/demo/report.html"
  ;;
build)
  install_missing "${build_packages[@]}"
  build_program
  echo "Program: $PWD/build/release/bin/certssb"
  ;;
lesson) run_lesson "${2-}" ;;
test)
  install_missing "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}"
  case ${2-} in
  '') run_tests OFF ;;
  all)
    install_missing "${all_packages[@]}"
    run_tests ON --label-regex '^all$'
    ;;
  torch)
    install_missing "${torch_packages[@]}"
    run_torch_tests
    ;;
  *)
    usage >&2
    exit 2
    ;;
  esac
  ;;
bench)
  install_missing "${build_packages[@]}" "${bench_packages[@]}"
  cmake --preset bench </dev/null
  build bench
  echo "Benchmarks: $PWD/build/bench/bin"
  ;;
-h | --help) usage ;;
*)
  usage >&2
  exit 2
  ;;
esac
