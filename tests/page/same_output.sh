#!/bin/sh
# SPDX-License-Identifier: ISC

# Whether two programs print the same, and something.
#
#   same_output.sh PROGRAM OTHER

set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" >"$folder/one"
"$2" >"$folder/other"
[ -s "$folder/one" ] || {
  echo "$1 prints nothing"
  exit 1
}
cmp "$folder/one" "$folder/other"
echo "$(wc -l <"$folder/one") lines are the same"
