#!/bin/sh
# SPDX-License-Identifier: ISC

# tools/count.awk on logs as meson writes them.
#
#   count.sh ROOT

set -eu
root=$1
wrong=0

says() { # WANTED LINE...: what is said of a log of these lines
  wanted=$1
  shift
  said=$(printf '%s\n' "$@" | awk -f "$root/tools/count.awk")
  [ "$said" = "$wanted" ] || {
    wrong=1
    echo "wanted: $wanted"
    echo "said:   $said"
  }
}

fine='{"name": "unit / a", "stdout": "[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n[       OK ] two\n", "result": "OK", "env": {"X": "\"result\": \"FAIL\""}}'
left='{"name": "unit / b", "stdout": "[ RUN      ] one\nno \"songs\" here\n[  SKIPPED ] one\n", "result": "OK", "stderr": "[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] one\n"}'
bad='{"name": "unit / c", "stdout": "[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n[  FAILED  ] two\n", "result": "FAIL", "stderr": "[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] two\n"}'
crashed='{"name": "unit / d", "stdout": "[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n", "result": "FAIL"}'
script='{"name": "lint / e", "stdout": "all is well: [  FAILED  ] is only a word\n", "result": "OK"}'
broken='{"name": "cli / f", "result": "FAIL"}'
late='{"name": "cli / g", "stdout": "", "result": "TIMEOUT"}'
nowhere='{"name": "live / h", "stdout": "looking\nskipped: no MIDI system\n", "result": "SKIP"}'

says '2 passed, 0 failed, 0 skipped' "$fine"
says 'skipped: unit / b: one: no "songs" here
0 passed, 0 failed, 1 skipped' "$left"
says '1 passed, 2 failed, 0 skipped' "$bad"
says '1 passed, 1 failed, 0 skipped' "$crashed"
says '1 passed, 0 failed, 0 skipped' "$script"
says '0 passed, 1 failed, 0 skipped' "$broken"
says '0 passed, 1 failed, 0 skipped' "$late"
says 'skipped: live / h: no MIDI system
0 passed, 0 failed, 1 skipped' "$nowhere"
twice='{"name": "unit / i", "stdout": "[       OK ] one\n[       OK ] one\n", "result": "FAIL", "stderr": "[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] two\n[  FAILED  ] 2 test(s), listed below:\n"}'
says '2 passed, 3 failed, 0 skipped' "$twice"
says '6 passed, 5 failed, 0 skipped' "$fine" "$bad" "$crashed" "$script" "$broken" "$late" "$script"
exit $wrong
