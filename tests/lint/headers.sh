#!/bin/sh
# Compiles each public header alone, in strict C11 and in C++17, for each scalar.
#
#   headers.sh ROOT      compilers from $CC and $CXX

set -eu
root=$1
cc=${CC:-cc}
cxx=${CXX:-c++}
failed=0

compiles() { # HEADER FLAVOUR COMPILER...
  header=$1
  flavour=$2
  shift 2
  printf '#include <rollsmith/%s>\nextern int not_empty;\n' "$header" |
    "$@" -Wall -Wextra -Wpedantic -Werror -I"$root/include" ${flavour:+"-D$flavour"} -fsyntax-only - || {
    echo "rollsmith/$header does not compile alone: $* ${flavour:+-D$flavour}"
    failed=1
  }
}

for path in "$root"/include/rollsmith/*.h; do
  for flavour in '' RS_SCALAR_DOUBLE RS_SCALAR_COMPLEX; do
    compiles "${path##*/}" "$flavour" "$cc" -x c -std=c11
    if command -v "$cxx" >/dev/null 2>&1; then
      compiles "${path##*/}" "$flavour" "$cxx" -x c++ -std=c++17
    fi
  done
done
command -v "$cxx" >/dev/null 2>&1 || echo "skipped: no C++ compiler, the headers were tried in C alone"
exit "$failed"
