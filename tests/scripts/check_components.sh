#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_components.sh COMPONENTS_FILE FOLDER      (cmake/components.cmake, include/certssb)
# What the headers of a component include, directly or not, comes from the packages of the component and of those that it
# needs; and each header belongs to a component. Prints one line per violation; status 1 when there is one.
set -euo pipefail
table=$(realpath "$1")
cd "$2"

list() { # NAME: the words of set(NAME ...)
  sed -nE "s/^set\($1 (.*)\)\$/\1/p" "$table"
}

packages_of() { # COMPONENT
  local need
  list "certssb_$1_packages"
  for need in $(list "certssb_$1_needs"); do packages_of "$need"; done
}

facts() { # "has COMPONENT PACKAGE", "of COMPONENT HEADER", "our HEADER INCLUDED" and "other HEADER INCLUDED"
  local component package path
  for component in $(list certssb_components); do
    for package in $(packages_of "$component"); do echo "has $component $package"; done
    for path in $(list "certssb_${component}_headers"); do
      [[ ! -e $path ]] || find "$path" -name '*.hpp' -printf "of $component %p\n"
    done
  done
  grep -roE '^ *# *include "certssb/[^"]+"' --include='*.hpp' . | sed -E 's|^\./(.*):.*"certssb/(.*)"$|our \1 \2|'
  grep -roE '^ *# *include <[^>]+[/.][^>]+>' --include='*.hpp' . | sed -E 's|^\./(.*):.*<(.*)>$|other \1 \2|'
  find . -name '*.hpp' -printf 'header %P\n'
}

violations=$(facts | awk '
  BEGIN {
    count = split("boost/ Boost Eigen/ Eigen3 xtensor/ xtensor oneapi/ TBB openssl/ OpenSSL nlohmann/ nlohmann_json " \
                  "torch/ Torch ATen/ Torch zlib.h ZLIB png.h PNG jpeglib.h JPEG", words, " ")
    for (i = 1; i < count; i += 2) package[words[i]] = words[i + 1]
  }
  function check(component, header,    names, count, i) {
    if ((component, header) in seen) return
    seen[component, header] = 1
    count = split(wanted[header], names, " ")
    for (i = 1; i <= count; ++i) {
      if (!((component, names[i]) in has)) print header ": component " component " lacks " names[i]
    }
    count = split(included[header], names, " ")
    for (i = 1; i <= count; ++i) check(component, names[i])
  }
  $1 == "has" { has[$2, $3] = 1 }
  $1 == "of" { owner[$3] = $2 }
  $1 == "our" { included[$2] = included[$2] " " $3 }
  $1 == "other" {
    first = $3
    sub("/.*", "/", first)
    if (first in package) wanted[$2] = wanted[$2] " " package[first]
    else if (first ~ "/$" && first !~ "^(sys|linux)/$") print $2 ": <" $3 "> is of no known package"
  }
  $1 == "header" { headers[++total] = $2 }
  END {
    for (i = 1; i <= total; ++i) {
      if (headers[i] in owner) check(owner[headers[i]], headers[i])
      else print headers[i] ": belongs to no component"
    }
  }')
if [[ -n $violations ]]; then
  sort <<<"$violations"
  exit 1
fi
