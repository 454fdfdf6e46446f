#!/bin/sh
# SPDX-License-Identifier: ISC

# The description for software catalogues is valid, and each file that names a version names this one.
#
#   metainfo.sh ROOT VERSION

set -eu
root=$1
version=$2
failed=0

pattern=$(echo "$version" | sed 's/\./\\./g')
metainfo=share/metainfo/io.github.rollsmith.rollsmith.metainfo.xml

says() { # FILE HEADING PATTERN: the first line that is a heading matches the pattern
  grep -m 1 -e "$2" "$root/$1" | grep -q -e "$3" || {
    echo "$1:1: the first version is not $version"
    failed=1
  }
}

says debian/changelog '^rollsmith (' "($pattern-[0-9]*)"
says NEWS.md '^## ' "^## $pattern\$"
says $metainfo '<release ' "version=\"$pattern\""
[ "$failed" -eq 0 ] || exit 1

command -v appstreamcli >/dev/null 2>&1 || {
  echo "skipped: appstreamcli is not installed; the versions agree"
  exit 77
}
appstreamcli validate --no-net "$root/$metainfo"
