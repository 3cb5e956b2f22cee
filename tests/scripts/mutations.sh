#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# mutations.sh SOURCE_DIR COMPILER      (the root of the repository)
# Plants one fault at a time in a copy of the headers of radii, certificates and their bounds, builds a small test program against the copy, and
# demands that it fails. A fault whose text is not found exactly once, or that does not compile, is an error. Prints one
# line per fault that no test notices; status 1 when there is one.
set -euo pipefail
source_dir=$(realpath "$1")
compiler=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags=(-std=c++20 -O0 -I "$work" -I "$source_dir/tests" -isystem /usr/include/eigen3 "-DCERTSSB_SOURCE_DIR=\"$source_dir\"")

build() { # INCLUDE_DIR TEST PROGRAM
  "$compiler" -I "$1" "${flags[@]}" -include "$work/catch.hpp" "$source_dir/tests/$2" "$work/main.o" -o "$3" -lcrypto -lz
}

# Plants and tests one fault; what goes wrong is written to OUT.
try_fault() { # OUT FILE TEST FROM TO
  local out=$1 file=$2 test=$3 from=$4 to=$5 copy=$1.include text found
  mkdir "$copy"
  cp -r "$source_dir/include/certssb" "$copy/certssb"
  found=$(grep -oF -- "$from" "$copy/certssb/$file" | wc -l) || true
  if ((found != 1)); then
    echo "$file: expected once, found $found times: $from" >"$out"
    return
  fi
  text=$(<"$copy/certssb/$file")
  printf '%s\n' "${text/"$from"/"$to"}" >"$copy/certssb/$file"
  if ! build "$copy" "$test" "$out.program" 2>"$out.errors"; then
    echo "$file: does not compile: $to: $(grep -m 1 error "$out.errors")" >"$out"
  elif "$out.program" >/dev/null; then
    echo "$file: not noticed by $test: $from -> $to" >"$out"
  fi
  rm -rf "$copy" "$out.program"
}

jobs_at_once=$(nproc)
count=0
fault() { # FILE TEST FROM TO
  while (($(jobs -rp | wc -l) >= jobs_at_once)); do wait -n; done
  count=$((count + 1))
  try_fault "$work/fault-$(printf '%02d' "$count")" "$@" &
}

# The heavy header once, and the tests as they are, which must pass.
echo '#include <catch2/catch.hpp>' >"$work/catch.hpp"
"$compiler" "${flags[@]}" -x c++-header "$work/catch.hpp" -o "$work/catch.hpp.gch" &
"$compiler" "${flags[@]}" -c "$source_dir/tests/support/main.cpp" -o "$work/main.o"
wait
for test in unit/radius/{gaussian_l2,parts,part_frontier,bagging,nearest_mean}.cpp golden/{radii,modes}.cpp \
  unit/certificate/{flags,part_statement}.cpp unit/bound/part_failures.cpp; do
  build "$source_dir/include" "$test" "$work/as_it_is"
  "$work/as_it_is" >/dev/null || {
    echo "$test fails without a fault"
    exit 1
  }
done

# The largest scale for the smallest, and the other way round.
fault radius/gaussian_l2.hpp golden/radii.cpp 'return scaled(budget, scales.smallest());' 'return scaled(budget, scales.largest());'
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp 'std::greater<>{}' 'std::less<>{}'
fault radius/worst_rows.hpp unit/certificate/flags.cpp 'weight = sum += weight' 'weight = sum + weight'
# Twice the budget, its square, and one rounded up.
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp '0.5 * (a - b) -' '(a - b) -'
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp 'budget / std::sqrt(precision)' 'budget / precision'
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp '- 0x1p-51 * (std::abs(a)' '+ 0x1p-40 * (std::abs(a)'
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp 'sum += ratio * ratio;' 'sum += ratio;'
fault radius/uniform_l1.hpp golden/modes.cpp 'std::nextafter(lower - upper, 0.0)' '2.0 * (lower - upper)'
fault radius/laplace_l1.hpp golden/modes.cpp '0.5 * (std::log(a) - std::log(b))' '(std::log(a) - std::log(b))'
# One row too few; a size that equals the budget; a test row, its draws or what it used up forgotten.
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp 'i < r; ++i) sum' 'i + 1 < r; ++i) sum'
fault radius/gaussian_l2.hpp unit/radius/gaussian_l2.cpp 'return weighted_size(norms, scales) < budget;' 'return weighted_size(norms, scales) < budget * (1.0 + 1e-14);'
fault certificate/joint.hpp unit/certificate/flags.cpp 'std::min(mode_.radius(budget, sample), gaussian_l2::scaled(budget, sigma_))' 'mode_.radius(budget, sample)'
fault certificate/joint.hpp unit/certificate/flags.cpp '(mode_.precisions().sum(rows) + 1.0 / (sigma_ * sigma_))' '(mode_.precisions().sum(rows))'
fault certificate/joint.hpp unit/certificate/flags.cpp 'mode_.covers(std::sqrt((budget - used) * (budget + used)) * (1.0 - 0x1p-50), attack)' 'mode_.covers(budget, attack)'
fault certificate/joint.hpp unit/certificate/flags.cpp 'std::sqrt(static_cast<double>(test.draws))' '1.0'
# Changed labels forgotten, or their number; the distance within which scales are constant forgotten.
fault certificate/label_noise.hpp unit/certificate/flags.cpp 'attack.changed_labels <= flips_.changed() && ' ''
fault radius/label_flips.hpp unit/certificate/flags.cpp 'if (r_ == 0) return' 'if (r_ >= 0) return'
fault certificate/quantised.hpp unit/certificate/flags.cpp 'std::min(gaussian_rows::radius(budget, sample), least_)' 'gaussian_rows::radius(budget, sample)'
# Of parts: ties, one more part, third classes, failures, abstainers and labels forgotten; the energy of a touched part and
# of a moved test input not taken off; one false report too few.
fault radius/parts.hpp unit/radius/parts.cpp 'counts_[c] - (c < y ? 1 : 0)' 'counts_[c]'
fault radius/parts.hpp unit/radius/parts.cpp 'return (least - abstaining_) / 2 - failures;' 'return (least - abstaining_) / 2 + 1 - failures;'
fault radius/parts.hpp unit/radius/parts.cpp '2 * lost_leader + (all - lost_leader - lost_of[c])' '2 * lost_leader'
fault radius/parts.hpp unit/radius/parts.cpp 'worth + abstaining_ + 2 * failures <= gap(c)' 'worth + abstaining_ <= gap(c)'
fault radius/parts.hpp unit/certificate/part_statement.cpp 'worth + abstaining_ + 2 * failures <= gap(c)' 'worth + 2 * failures <= gap(c)'
fault radius/part_frontier.hpp unit/radius/part_frontier.cpp '- 2 * (rows + failures_)' '- 2 * failures_'
fault radius/part_frontier.hpp unit/radius/part_frontier.cpp 'sums[m] - sums[from] - paid' 'sums[m] - sums[from] - 0.0'
fault radius/part_frontier.hpp unit/radius/part_frontier.cpp 'price(a, paid) < saved' 'price(a, paid) > saved'
fault bound/part_failures.hpp unit/bound/part_failures.cpp 'static_cast<double>(f) + 1.0' 'static_cast<double>(f) + 2.0'
fault certificate/part_statement.hpp unit/certificate/part_statement.cpp 'relabelled[j] || !(spent[j]' '!(spent[j]'
fault certificate/part_statement.hpp unit/certificate/part_statement.cpp 'joint_ ? square_over(attack.test_l2, test_scale_) : 0.0' '0.0'
fault certificate/part_statement.hpp unit/certificate/part_statement.cpp 'frontier.energy(rows, square_over(middle, test_scale_))' 'frontier.energy(rows)'
fault radius/bagging.hpp unit/radius/bagging.cpp '2.0 - 2.0 * std::pow' '1.0 - std::pow'
fault radius/nearest_mean.hpp unit/radius/nearest_mean.cpp 'mine / (mine + theirs) * theirs' 'mine + theirs'
# A scale for its square.
fault certificate/gaussian_rows.hpp unit/certificate/flags.cpp 'precisions.push_back(1.0 / (sigma * sigma))' 'precisions.push_back(1.0 / sigma)'
wait

unnoticed=$(cat "$work"/fault-?? 2>/dev/null || true)
if [[ -n $unnoticed ]]; then
  echo "$unnoticed"
  exit 1
fi
echo "each of $count faults was noticed"
