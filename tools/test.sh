#!/bin/sh
# Installs what is missing, builds with warnings as errors in build/test, and runs every test suite.
#
# Ends in one line, `N passed, N failed, N skipped`, that counts test cases: each case of a cmocka program,
# and each other meson test as one. The exit status is 0 only where something passed and nothing failed.

set -eu
cd "$(dirname "$0")/.."
build=build/test

broke() { # WHAT: stop before a test could run
  echo "test: $1" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

tools/deps.sh build test || broke "the dependencies are not all there"
tools/deps.sh songs || true # without, one test is skipped
[ -f $build/build.ninja ] ||
  meson setup $build -Dbuildtype=debugoptimized -Dwerror=true -Dtests=enabled ||
  broke "meson could not configure the build"
ninja -C $build || broke "the build failed"

rm -f $build/meson-logs/testlog.json
status=0
meson test -C $build --no-rebuild --print-errorlogs </dev/null || status=$?
[ -s $build/meson-logs/testlog.json ] || broke "no test ran"

awk -f tools/count.awk $build/meson-logs/testlog.json
exit "$status"
