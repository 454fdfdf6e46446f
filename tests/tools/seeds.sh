#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs programs of random cases with random seeds.
#
#   seeds.sh PROGRAM...
#
# RS_SEEDS in the environment says how many, 10 where it does not. A program that fails is told with its
# seed, and the seeds go on. Ends in 0 where nothing failed.

set -eu
runs=${RS_SEEDS:-10}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

failed=0
for _ in $(seq "$runs"); do
  seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
  for program; do
    RS_TEST_SEED=$seed "$program" >"$out" 2>&1 || {
      cat "$out"
      echo "seeds: fails with RS_TEST_SEED=$seed: $program"
      failed=$((failed + 1))
    }
  done
done
echo "$runs seeds, $# programs, $failed failed"
[ "$failed" -eq 0 ]
