#!/bin/sh
# SPDX-License-Identifier: ISC

# Installs what is missing, builds with warnings as errors in build/test, and runs the tests.
#
#   tools/test.sh [SUITE...]    unit, lint, cli and live, if none is named; `extended` is what takes longer
#
# RS_TEST_DATA in the environment names a folder of songs that are not part of the project: tests that need
# some are skipped without.
#
# Ends in one line, `N passed, N failed, N skipped`, that counts test cases: each case of a cmocka program,
# and each other meson test as one. The exit status is 0 only where something passed and nothing failed.

set -eu
cd "$(dirname "$0")/.."
build=build/test
[ $# -gt 0 ] || set -- unit lint cli live

broke() { # WHAT: stop before a test could run
  echo "test: $1" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

tools/deps.sh build test || broke "the dependencies are not all there"
case " $* " in
*" extended "*) tools/deps.sh extended songs || true ;; # without, some tests are skipped
*" analysis "*) tools/deps.sh analysis || true ;;
*" data "*) tools/deps.sh songs || true ;;
esac
if [ -f $build/build.ninja ]; then
  { ninja -C $build build.ninja && meson configure $build -Dlab=true; } || broke "meson could not configure the build"
else
  meson setup $build -Dbuildtype=debugoptimized -Dwerror=true -Dtests=enabled -Dlab=true ||
    broke "meson could not configure the build"
fi
ninja -C $build || broke "the build failed"

rm -f $build/meson-logs/testlog.json
for suite; do
  shift
  set -- "$@" --suite "$suite"
done
status=0
# Timeouts end what hangs: on a busy machine, tests take some times as long as they are thought to. One
# more process than there are processors, since some tests wait most of the time.
processes=$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1))
meson test -C $build --no-rebuild --print-errorlogs --timeout-multiplier 6 --num-processes "$processes" \
  "$@" </dev/null || status=$?
[ -s $build/meson-logs/testlog.json ] || broke "no test ran"

awk -f tools/count.awk $build/meson-logs/testlog.json
exit "$status"
