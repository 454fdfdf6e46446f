#!/bin/sh
# SPDX-License-Identifier: ISC

# Brings debian/*.symbols up to date: what the libraries export, each symbol with the version in which it came.
#
#   tools/symbols.sh [BUILD]    build in place of BUILD
#
# Symbols that are gone are taken out: raise soversion then (doc/releasing.md).

set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
version=$(sed -n "s/^ *version: '\([0-9.]*\)'.*/\1/p" meson.build | head -n 1)

# Lines of the new file: the version of a symbol is that of the old one, where it is there.
update() { # LIBRARY
  package=${1}0
  file=debian/$package.symbols
  touch "$file"
  {
    printf '%s\n' "$1.so.0 $package #MINVER#" "* Build-Depends-Package: librollsmith-dev"
    nm -D --defined-only "$build/src/$1.so" | awk '{ print $3 }' | LC_ALL=C sort |
      awk -v version="$version" -v file="$file" '
        BEGIN { while ((getline line < file) > 0) if (split(line, word, " ") == 2) came[word[1]] = word[2] }
        { symbol = $1 "@Base"; print " " symbol, symbol in came ? came[symbol] : version }'
  } >"$file.new"
  mv "$file.new" "$file"
  echo "$file: $(grep -c @ "$file") symbols"
}

update librollsmith
update librollsmith-grad
