#!/bin/sh
# SPDX-License-Identifier: ISC

# debian/*.symbols list what the libraries export.
#
#   symbols.sh ROOT BUILD

set -eu
nm --version 2>/dev/null | grep -q GNU || {
  echo "skipped: needs GNU nm"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/tools" "$place/debian"
cp "$1/tools/symbols.sh" "$place/tools"
cp "$1"/debian/*.symbols "$place/debian"
cp "$1/meson.build" "$place"
"$place/tools/symbols.sh" "$2" >/dev/null
diff -u "$1/debian" "$place/debian" | grep '^[-+]' || exit 0
echo "the symbols of a library have changed; bring debian/*.symbols up to date by: tools/symbols.sh $2"
exit 1
