# SPDX-License-Identifier: ISC

# Counts test cases in meson's testlog.json, an object a line, after naming those skipped and why.
#
# A cmocka program counts by its cases, any other test as one. A program that failed without saying how
# often (it crashed, or ran out of time) counts as one failure more.

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

function listed(mark,    rest, number, sum) { # of all "[  MARK  ] N test(s), listed below"
  for (rest = $0; match(rest, "\\[ *" mark " *\\] [0-9]+ test\\(s\\), listed"); rest = substr(rest, RSTART + RLENGTH)) {
    number = substr(rest, RSTART, RLENGTH)
    gsub(/[^0-9]/, "", number)
    sum += number
  }
  return sum + 0
}

function plain(text) {
  gsub(/\\n|\\t|\\r/, " ", text)
  gsub(/\001/, "\"", text)
  gsub(/  +/, " ", text)
  gsub(/^ *(skipped: )?| +$/, "", text)
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
