#!/bin/sh
# SPDX-License-Identifier: ISC

# Compiles each public header alone, in strict C11 and in C++17, for each scalar where that matters.
#
#   headers.sh ROOT      compilers from $CC and $CXX

set -eu
root=$1
cc=${CC:-cc}
cxx=${CXX:-c++}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# Headers that include scalar.h, by others or themselves.
scalar_headers() {
  found='scalar.h'
  before=
  while [ "$found" != "$before" ]; do
    before=$found
    pattern=$(echo "$found" | tr ' ' '|')
    found=$(cd "$root/include/rollsmith" &&
      { echo scalar.h; grep -lE "^# *include <rollsmith/($pattern)>" -- *.h || true; } | sort -u | tr '\n' ' ' | sed 's/ $//')
  done
  echo "$found"
}

for path in "$root"/include/rollsmith/*.h; do
  header=${path##*/}
  printf '#include <rollsmith/%s>\nextern int not_empty;\n' "$header" >"$place/$header.c"
done

compile() { # HEADERS FLAVOUR COMPILER...: one run for all of them
  files=$(for header in $1; do [ ! -e "$place/$header.c" ] || echo "$place/$header.c"; done)
  flavour=$2
  [ -n "$files" ] || return 0
  shift 2
  # shellcheck disable=SC2086 # one argument a file
  "$@" -Wall -Wextra -Wpedantic -Werror -I"$root/include" ${flavour:+"-D$flavour"} -fsyntax-only $files || {
    echo "a header does not compile alone: $* ${flavour:+-D$flavour}"
    return 1
  }
}

# All headers, and for the other scalars those that know one.
compile_all() { # COMPILER...
  status=0
  compile "$(cd "$root/include/rollsmith" && echo ./*.h)" '' "$@" || status=1
  compile "$(scalar_headers)" RS_SCALAR_DOUBLE "$@" || status=1
  compile "$(scalar_headers)" RS_SCALAR_COMPLEX "$@" || status=1
  return $status
}

# shellcheck disable=SC2086 # ccache cc
compile_all $cc -x c -std=c11 &
in_c=$!
status=0
if command -v "$cxx" >/dev/null 2>&1; then
  compile_all "$cxx" -x c++ -std=c++17 || status=1
else
  echo "skipped: no C++ compiler, the headers were tried in C alone"
fi
wait $in_c || status=1
exit $status
