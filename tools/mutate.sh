#!/bin/sh
# SPDX-License-Identifier: ISC

# Breaks single lines of the sources, one after the other, and tells which breaks no test notices: for
# whoever writes tests. What is broken is in tools/mutants.txt; the sources at hand stay as they are, a
# copy of them is built in $MUTANTS (default: build/mutants) with the sanitizers.
#
#   tools/mutate.sh [WORD...]       the mutants whose line in the list has one of the words, or all
#
# Ends in 0 where every mutant is noticed, in 1 where one survives or no longer fits the sources.

set -eu
cd "$(dirname "$0")/.."
place=${MUTANTS:-build/mutants}
mkdir -p "$place"
place=$(cd "$place" && pwd)
list=$PWD/tools/mutants.txt

# Only what has changed is written, so that little is built anew. Git's list also has deleted files, and the
# folders of other work trees within this one.
git ls-files -co --exclude-standard | while IFS= read -r file; do
  [ -f "$file" ] || continue
  copy=$place/source/$file
  cmp -s "$file" "$copy" || { mkdir -p "${copy%/*}" && cp -p "$file" "$copy"; }
done
cd "$place/source"
[ -f ../build/build.ninja ] ||
  meson setup ../build -Doptimization=1 -Ddebug=true -Db_sanitize=address,undefined -Db_lundef=false >../setup.log

# FILE with the only place of TEXT changed to OTHER; fails where there is none, or more than one.
change() { # FILE TEXT OTHER
  TEXT=$2 OTHER=$3 awk '
    BEGIN { text = ENVIRON["TEXT"]; other = ENVIRON["OTHER"] }
    (at = index($0, text)) {
      ++found
      if (index(substr($0, at + 1), text)) ++found
      $0 = substr($0, 1, at - 1) other substr($0, at + length(text))
    }
    { print }
    END { exit found != 1 }' "$1" >../mutant
}

wanted() { # LINE WORD...
  line=$1
  shift
  [ $# -eq 0 ] && return 0
  for word; do
    case $line in *"$word"*) return 0 ;; esac
  done
  return 1
}

# Builds the programs of some tests and runs them: 0 where all pass, 1 where one fails, 2 where they cannot
# be built.
check() { # TEST...
  for test; do
    meson test -C ../build --timeout-multiplier 10 "$test" >../run.log 2>&1 && continue
    grep -q 'ninja: build stopped' ../run.log && return 2
    return 1
  done
}

tab=$(printf '\t')
survivors=0 noticed=0 stale=0
while IFS=$tab read -r file text other tests; do
  case $file in '' | '#'*) continue ;; esac
  wanted "$file $text $tests" "$@" || continue
  if ! change "$file" "$text" "$other"; then
    echo "stale     $file: $text"
    stale=$((stale + 1))
    continue
  fi
  cp -p "$file" ../whole
  cp ../mutant "$file"
  result=0
  # shellcheck disable=SC2086 # several words
  check $tests || result=$?
  case $result in
  0)
    echo "SURVIVES  $file: $text -> $other ($tests)"
    survivors=$((survivors + 1))
    ;;
  1)
    echo "noticed   $file: $text -> $other"
    noticed=$((noticed + 1))
    ;;
  *)
    echo "stale     $file: $text -> $other cannot be built"
    stale=$((stale + 1))
    ;;
  esac
  cp ../whole "$file" # without its old time, so that it is built again
done <"$list"
echo "$noticed noticed, $survivors survive, $stale stale"
[ "$survivors" -eq 0 ] && [ "$stale" -eq 0 ]
