#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs the tests of the suite unit as OpenBLAS runs on other processors: for the search of tests that fail
# now and then, or on some machines.
#
#   tools/soak.sh BUILD [ROUNDS]    10 rounds if not said, in a folder that is built
#
# A round is the suite once with each of OpenBLAS's kinds of processor that this one can stand for. What
# fails is told with its log, and the rounds go on. Ends in 0 where nothing failed.

set -eu
build=$1
rounds=${2:-10}

# kind of processor | what /proc/cpuinfo says of one that can stand for it
kinds='
Haswell  avx2
Zen      avx2
Nehalem  sse4_2
SkylakeX avx512f
'

can() { # FLAG
  grep -sqw "$1" /proc/cpuinfo
}

failed=0
for round in $(seq "$rounds"); do
  for kind in $(echo "$kinds" | while read -r name flag; do [ -z "$name" ] || ! can "$flag" || echo "$name"; done); do
    log=soak-$round-$kind
    if OPENBLAS_CORETYPE=$kind meson test -C "$build" --no-rebuild --suite unit --timeout-multiplier 0 \
      --logbase "$log" >/dev/null 2>&1; then
      verdict=passed
      rm -f "$build/meson-logs/$log".*
    else
      verdict="FAILED, $build/meson-logs/$log.txt"
      failed=$((failed + 1))
    fi
    echo "round $round, $kind: $verdict"
  done
done
[ "$failed" -eq 0 ]
