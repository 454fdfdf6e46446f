#!/bin/sh
# Runs programs of random cases with random seeds.
#
#   seeds.sh PROGRAM...
#
# RS_SEEDS in the environment says how many, 10 where it does not. Ends at the first that fails, with its
# seed.

set -eu
runs=${RS_SEEDS:-10}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

for _ in $(seq "$runs"); do
  seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
  for program; do
    RS_TEST_SEED=$seed "$program" >"$out" 2>&1 || {
      cat "$out"
      echo "seeds: fails with RS_TEST_SEED=$seed: $program" >&2
      exit 1
    }
  done
done
echo "$runs seeds, $# programs"
