#!/bin/sh
# SPDX-License-Identifier: ISC

# Fails where an object file of the pure layers has a variable that can be written to.
#
#   globals.sh BUILD_FOLDER

set -eu
build=$1

# Name, section and file of each variable, from nm's tables Name|Value|Class|Type|Size|Line|Section.
# What is written only once, by the loader (.data.rel.ro), is constant to us.
writable() {
  find "$build/src/base" "$build/src/grad" "$build/src/rbm" -name '*.o' -exec nm -f sysv {} + 2>/dev/null |
    awk -F '|' -v build="$build/" '
      /^Symbols from / {
        object = substr($0, length("Symbols from ") + 1)
        object = index(object, build) == 1 ? substr(object, length(build) + 1) : object
      }
      $7 ~ /^(\.t?(data|bss)|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ && $4 ~ /OBJECT|TLS/ {
        gsub(/ /, "", $1)
        print object " " $1 " can be written to, in " $7 ": layers 0 to 2 keep their state in arguments"
      }'
}

nm --version 2>/dev/null | grep -q GNU || {
  echo "skipped: needs GNU nm"
  exit 77
}
found=$(writable)
[ -z "$found" ] || {
  echo "$found"
  exit 1
}
