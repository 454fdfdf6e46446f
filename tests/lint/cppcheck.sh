#!/bin/sh
# SPDX-License-Identifier: ISC

# Holds the C files of some folders against cppcheck, where that is installed.
#
#   cppcheck.sh ROOT FOLDER...

set -eu
command -v cppcheck >/dev/null 2>&1 || {
  echo "skipped: cppcheck is not installed"
  exit 77
}
cd "$1"
shift
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
  -Iinclude -Isrc -Itests -Itests/kit "$@"
