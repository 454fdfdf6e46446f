#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs each fuzz target for a while, from its corpus, and tells how many inputs it tried.
#
#   run.sh BUILD SECONDS [NAME...]     where meson was told -Dfuzz=true; all targets, if none is named
#
# An input that crashes a target, or takes it 10 seconds or 1 GiB, is kept in BUILD/tests/fuzz, and the status is 1.

set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)/tests/fuzz
seconds=$2
shift 2
[ $# -gt 0 ] || set -- config ingest log midi_in model preset roll state
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
status=0

for name in "$@"; do
  mkdir -p "$place/$name"
  dictionary=
  [ ! -r "$here/$name.dict" ] || dictionary=-dict=$here/$name.dict
  # shellcheck disable=SC2086 # which may be none
  if "$build/fuzz_$name" $dictionary -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$build/$name-" "$place/$name" "$here/corpus/$name" >"$place/said" 2>&1; then
    echo "$name: $(awk '/number_of_executed_units/ { print $2 }' "$place/said") inputs"
  else
    echo "$name: FAILED"
    tail -n 30 "$place/said"
    status=1
  fi
done
exit "$status"
