#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_umbrella.sh INCLUDE_FOLDER
# certssb/certssb.hpp includes every public header, but for those that it says it leaves out.
set -euo pipefail
cd "$1"
diff <(sed -nE 's|^#include "(.*)"$|\1|p' certssb/certssb.hpp | grep -vE '^certssb/(report|run)/' | sort) \
  <(find certssb -name '*.hpp' ! -path '*/detail/*' ! -path 'certssb/backend/*' ! -path 'certssb/report/*' ! -path 'certssb/io/*' ! -path 'certssb/run/*' ! -path 'certssb/verify/*' ! -path 'certssb/audit/*' \
    ! -path certssb/certssb.hpp ! -path certssb/data/decode_image.hpp ! -path certssb/data/image_reader.hpp ! -path certssb/certificate/knn1_exact.hpp ! -path certssb/certificate/named.hpp ! -path certssb/bound/smoothed_neighbour.hpp | sort) || {
  echo '(< included in certssb.hpp, > in the folder)'
  exit 1
}
