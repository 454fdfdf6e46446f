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

# Counts the cases in meson's log, a JSON object a line, after naming those skipped and why.
count() {
  awk '
    function field(key, rest) { # a string of the object, its escapes left as they are
      rest = $0
      if (!sub("^.*\"" key "\": \"", "", rest)) return ""
      gsub(/\\"/, "\001", rest)
      sub(/".*/, "", rest)
      return rest
    }
    function take(mark) { # how often the mark stands in the line
      return gsub(mark, "&")
    }
    function listed(mark) { # N of "[  MARK  ] N test(s), listed below"
      if (!match($0, "\\[ *" mark " *\\] [0-9]+ test\\(s\\), listed")) return 0
      mark = substr($0, RSTART, RLENGTH)
      gsub(/[^0-9]/, "", mark)
      return mark + 0
    }
    function plain(text) {
      gsub(/\\n|\\t|\\r/, " ", text)
      gsub(/\001/, "\"", text)
      gsub(/  +/, " ", text)
      sub(/^skipped: /, "", text)
      return text
    }
    function tell_skipped_cases(text, parts, n, i, name) {
      n = split(text, parts, /\[ RUN      \] /)
      for (i = 2; i <= n; ++i) {
        if (!match(parts[i], /\[  SKIPPED \] /)) continue
        name = substr(parts[i], 1, index(parts[i], "\\n") - 1)
        print "skipped: " test ": " name ": " plain(substr(parts[i], length(name) + 3, RSTART - length(name) - 3))
      }
    }
    function tell_skipped_test(text) {
      sub(/(\\n)+$/, "", text)
      sub(/^.*\\n/, "", text)
      print "skipped: " test ": " plain(text)
    }
    {
      test = $0
      sub(/^[^:]*: "/, "", test)
      sub(/".*/, "", test)
      text = field("stdout")
      result = field("result")
      ok = take("\\[       OK \\] ")
      bad = listed("FAILED")
      left = listed("SKIPPED")
      if (ok + bad + left == 0) {
        ok = result == "OK" || result == "EXPECTEDFAIL"
        left = result == "SKIP"
      } else {
        tell_skipped_cases(text)
      }
      if (result == "SKIP") tell_skipped_test(text)
      if (result !~ /^(OK|EXPECTEDFAIL|SKIP)$/ && !bad) bad = 1
      passed += ok; failed += bad; skipped += left
    }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }
  ' "$1"
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

count $build/meson-logs/testlog.json
exit "$status"
