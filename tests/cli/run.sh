#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs a table of command lines and compares what comes of each.
#
#   run.sh TABLE ROOT [with-model [with-meters]]    with the folders of rollsmith and json-check in $PATH
#
# A table is a text; a case is a line `case: NAME` and these below it, the first and last word of which may
# be repeated:
#
#   run: COMMAND       by sh, in a folder of its own with what fixtures.sh makes
#   exit: N            exit status; 0 if it is not given
#   out: REGEX         a line of standard output that must be there; `-`: there must be none at all
#   err: REGEX         the same of standard error, which has no other lines where the command fails
#   json: NAME...      standard output must be one JSON value with these members, `a.0.b` for nested ones
#   makes: FILE...     files that must be there afterwards, and not be empty
#
# A command that fails must leave every file as it was, and none may leave a temporary file.

set -u
table=$1
root=$2
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/fixtures"
(cd "$place/fixtures" && sh "$here/fixtures.sh" "$root" "${3-}" "${4-}") || {
  echo "the fixtures cannot be made"
  exit 1
}
failures=0

snapshot() { # of the files and folders below this one
  find . -type f -exec cksum {} + | sort -k 3
  find . ! -type f | sort
}

complain() {
  complaints="$complaints
    $*"
}

expect_lines() { # STREAM REGEX
  if [ "$2" = - ]; then
    [ ! -s "$place/$1" ] || complain "$1 should be empty: $(head -n 3 "$place/$1")"
  else
    printf "%s\n" "$2" >>"$place/expected-$1"
    grep -Eq -e "$2" "$place/$1" || complain "$1 has no line like: $2; but: $(head -n 3 "$place/$1")"
  fi
}

# What a command that has failed said beyond what is expected.
expect_no_more() {
  if [ -f "$place/expected-err" ] && [ "$got" != 0 ]; then
    grep -Ev -f "$place/expected-err" "$place/err" >"$place/more" &&
      complain "err has more: $(head -n 3 "$place/more")"
  fi
  rm -f "$place"/expected-*
}

begin_case() { # NAME
  name=$1
  complaints=
  wanted=0
  ran=no
  rm -rf "$place/work"
  cp -R "$place/fixtures" "$place/work"
  cd "$place/work" || exit 1
  snapshot >"$place/before"
  echo "[ RUN      ] $name"
}

run_command() { # COMMAND
  expect_no_more
  sh -c "$1" >"$place/out" 2>"$place/err" </dev/null
  got=$?
  ran=yes
}

end_case() {
  expect_no_more
  [ "$ran" = yes ] || complain "there is nothing to run"
  [ "$got" = "$wanted" ] || complain "exit status $got, wanted $wanted: $(tail -n 3 "$place/err")"
  if [ "$wanted" != 0 ]; then
    snapshot >"$place/after"
    cmp -s "$place/before" "$place/after" || complain "files changed: $(diff "$place/before" "$place/after")"
    tail -n 1 "$place/err" | grep -q '^rollsmith' || complain "the last message does not say who speaks"
  fi
  [ -z "$(find . -name '.rollsmith*')" ] || complain "left behind: $(find . -name '.rollsmith*')"
  if [ -z "$complaints" ]; then
    echo "[       OK ] $name"
  else
    failures=$((failures + 1))
    echo "[  FAILED  ] $name$complaints"
  fi
}

name=
while IFS= read -r line || [ -n "$line" ]; do
  value=${line#*: }
  case $line in
  'case: '*)
    [ -z "$name" ] || end_case
    begin_case "$value"
    ;;
  'run: '*) run_command "$value" ;;
  'exit: '*) wanted=$value ;;
  'out: '*) expect_lines out "$value" ;;
  'err: '*) expect_lines err "$value" ;;
  'json: '*)
    # shellcheck disable=SC2086 # names are several words
    json-check $value <"$place/out" >"$place/json" 2>&1 || complain "$(cat "$place/json")"
    ;;
  'makes: '*)
    for file in $value; do
      [ -s "$file" ] || complain "$file was not made"
    done
    ;;
  '#'* | '') ;;
  *)
    echo "$table: what is this? $line"
    exit 1
    ;;
  esac
done <"$table"
[ -n "$name" ] || {
  echo "$table: no case"
  exit 1
}
end_case
[ "$failures" = 0 ] || exit 1
