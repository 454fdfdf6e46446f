#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs a table of calls, and compares the status that each ends with. One that fails says why, in a line that begins
# with the name of the program, and leaves no file behind.
#
#   statuses.sh TABLE ROOT     with the folder of rollsmith in $PATH

set -u
table=$1
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/work"
cd "$place/work" || exit 1
sh "$here/fixtures.sh" "$2" with-model || exit 1
calls=0
failures=0

complain() {
  echo "FAILED: $call: $*"
  failures=$((failures + 1))
}

files() {
  find . ! -name 'o.*' ! -name 'o-*' | sort
}

files >../before
while read -r wanted call; do
  case $wanted in
  '#'* | '') continue ;;
  esac
  calls=$((calls + 1))
  input=/dev/null
  command=$call
  case $call in
  *' | '*)
    input=${call##* | }
    command=${call% | *}
    ;;
  esac
  # shellcheck disable=SC2002 # a pipe is what is to be read
  cat "$input" | timeout 600 sh -c "$command" >../out 2>../err
  got=$?
  [ "$got" = "$wanted" ] || complain "status $got, wanted $wanted: $(tail -n 1 ../err)"
  [ "$got" = 0 ] || tail -n 1 ../err | grep -q '^rollsmith' || complain "says nothing: $(tail -n 1 ../err)"
  [ "$got" = 0 ] || [ -z "$(find . -name 'o.*')" ] || complain "leaves $(find . -name 'o.*')"
  files | cmp -s - ../before || complain "makes or removes files"
  rm -f o.* o-*
done <"$table"
echo "$calls calls"
[ "$failures" = 0 ]
