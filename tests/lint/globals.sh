#!/bin/sh
# Fails where an object file of the pure layers has a variable that can be written to.
#
#   globals.sh BUILD_FOLDER

set -eu
build=$1

# Name, section and file of each variable, from nm's table Name|Value|Class|Type|Size|Line|Section.
# What is written only once, by the loader (.data.rel.ro), is constant to us.
writable() {
  find "$build/src/base" "$build/src/grad" "$build/src/rbm" -name '*.o' 2>/dev/null |
    while read -r object; do
      nm -f sysv "$object" | awk -F '|' -v object="${object#"$build"/}" '
        $7 ~ /^(\.t?(data|bss)|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ && $4 ~ /OBJECT|TLS/ {
          gsub(/ /, "", $1)
          print object ": " $1 " can be written to, in " $7 ": layers 0 to 2 keep their state in arguments"
        }'
    done
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
