#!/bin/sh
# SPDX-License-Identifier: ISC

# Compares what a shared library exports with what a public header, and those that it includes, declare, as the
# compiler reads them.
#
#   exports.sh LIBRARY ROOT HEADER      compiler from $CC

set -eu
library=$1
root=$2
header=$3
cc=${CC:-cc}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

nm --version 2>/dev/null | grep -q GNU || {
  echo "skipped: needs GNU nm"
  exit 77
}

declared() { # FLAG...: names of functions and variables, for one scalar
  echo "#include <rollsmith/$header>" |
    $cc -std=c11 "$@" -I"$root/include" -E -P - | grep -v '^#pragma' | tr '\n' ' ' |
    awk '{
      gsub(/\{[^{}]*\}/, "{"); gsub(/\{[^{}]*\}/, "{") # the insides of types and functions
      count = split($0, pieces, /;|static inline[^{]*\{/)
      for (i = 1; i <= count; ++i) {
        piece = pieces[i] ~ /^ *typedef/ ? "" : pieces[i]
        while (match(piece, /rs_[a-z0-9_]+ *[(\[]|rs_[a-z0-9_]+ *$/)) {
          name = substr(piece, RSTART, RLENGTH)
          piece = substr(piece, RSTART + RLENGTH)
          gsub(/[^a-z0-9_]/, "", name)
          print name
        }
      }
    }' | sort -u
}

declared >"$place/float"
declared -DRS_SCALAR_DOUBLE >"$place/double"
declared -DRS_SCALAR_COMPLEX >"$place/complex"
sort -u "$place/float" "$place/double" "$place/complex" >"$place/declared"
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort -u >"$place/shown"

[ "$(wc -l <"$place/float")" -gt 50 ] || {
  echo "the headers are not understood: $(wc -l <"$place/float") names"
  exit 1
}
status=0
comm -13 "$place/declared" "$place/shown" | grep . && {
  echo "^ exported, but in no public header"
  status=1
}
scalars='float double'
[ "$header" != grad.h ] || scalars="$scalars complex" # which has no machines
for scalar in $scalars; do
  comm -23 "$place/$scalar" "$place/shown" | grep . && {
    echo "^ declared for $scalar, but not exported"
    status=1
  }
done
exit "$status"
