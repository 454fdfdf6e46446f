#!/bin/sh
# SPDX-License-Identifier: ISC

# Holds the C files of src/ that are built against the checks of .clang-tidy, where clang-tidy is installed.
#
#   tidy.sh ROOT BUILD quick|analyzer     quick: all checks but those of the analyzer, which take minutes

set -eu
command -v clang-tidy >/dev/null 2>&1 || {
  echo "skipped: clang-tidy is not installed"
  exit 77
}
case $3 in
quick) checks="-clang-analyzer-*" ;;
analyzer) checks="-bugprone-*,-misc-*,-performance-*,-portability-*,-readability-*" ;;
esac
build=$2
cd "$1"
# One file a process: with several, the analyzer of version 14 takes va_start() for missing. Assertions are
# compiled in, since they tell the analyzer what cannot be.
found=$(sed -n 's|.*"file": "[./]*/\(src/[^"]*\.c\)".*|\1|p' "$build/compile_commands.json" | sort -u |
  xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 \
    clang-tidy -p "$build" --quiet --extra-arg=-UNDEBUG --checks="$checks" 2>&1 |
  grep -E '(error|warning): ' | sort -u) || true
[ -z "$found" ] || {
  echo "$found"
  exit 1
}
