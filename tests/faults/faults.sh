#!/bin/sh
# Each allocation and each system call of a command fails once: the command ends with a message and no status
# of a crash, leaves no temporary file, and its output is what it was or what it should be. Where reads and
# writes are short, it ends as ever.
#
#   faults.sh memory|calls|short ROOT SHIM    with the folders of rollsmith and make_model in $PATH; SHIM is
#                                             fail_memory.so, short_calls for `short`, or else not used
#
# FAULTS_EVERY=N takes one of N.

set -u
kind=$1
root=$2
shim=$3
every=${FAULTS_EVERY:-1}
[ "$kind" != calls ] || command -v strace >/dev/null || {
  echo "there is no strace to make calls fail with"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0
cases=0

for song in "$root"/data/midi/a*.mid; do
  cp "$song" .
done
make_model m.model || exit 1
export OPENBLAS_NUM_THREADS=1 # which otherwise raises SIGINT where a thread cannot be had
small="--set model.hidden=8 --set model.recurrent=8 --set train.epochs=1 --set train.threads=1"

run() { # LABEL WANTED-FILE COMMAND: whose output is the file `output`
  label=$1
  expected=$2
  shift 2
  echo old >output
  rm -f output.state
  timeout 300 "$@" >said 2>err
  status=$?
  cases=$((cases + 1))
  why=
  case $status in
  0 | 1 | 2 | 3) ;;
  127) grep -q 'while loading shared' err || why="status 127" ;;
  *) why="status $status" ;;
  esac
  [ "$kind" != short ] || [ "$status" = 0 ] || why="$why status $status"
  [ -z "$(find . -name '.rollsmith*')" ] || why="$why; left behind"
  [ "$status" = 0 ] || [ -s err ] || why="$why; no message"
  [ "$(cat output)" = old ] || cmp -s output "$expected" || [ "$expected" = any ] || why="$why; output is damaged"
  [ "$status" != 0 ] || [ "$expected" = none ] || cmp -s output "$expected" || [ "$expected" = any ] ||
    why="$why; output is not written"
  rm -f .rollsmith*
  [ -z "$why" ] || {
    echo "FAILED: $label: $why: $(tail -n 1 err)"
    failures=$((failures + 1))
  }
}

fail_memory() { # WANTED COMMAND...
  wanted=$1
  shift
  n=1
  misses=0
  while [ "$misses" -lt 1 ] && [ "$n" -lt 4000 ]; do
    run "allocation $n of: $*" "$wanted" env LD_PRELOAD="$shim" FAIL_AT=$n "$@"
    [ "$status" != 0 ] || misses=$((misses + (n > 400)))
    n=$((n + every))
  done
}

fail_calls() { # WANTED COMMAND...
  wanted=$1
  shift
  for fault in openat:EMFILE openat:EINTR read:EIO read:EINTR write:ENOSPC write:EINTR fsync:EIO fsync:EINTR close:EIO linkat:EIO rename:EIO clone3:EAGAIN; do
    call=${fault%:*}
    n=1
    while [ "$n" -lt 200 ]; do
      run "$fault $n of: $*" "$wanted" strace -f -qq -o log -e trace="$call" \
        -e inject="$call:error=${fault#*:}:when=$n" "$@"
      grep -q INJECTED log || break
      n=$((n + every))
    done
  done
}

fail_short() { # WANTED COMMAND...
  wanted=$1
  shift
  for most in 127 4093; do
    run "$most bytes at most: $*" "$wanted" "$shim" $most "$@"
  done
}

try() { # WANTED COMMAND...
  before=$cases
  "fail_$kind" "$@"
  echo "$((cases - before)) cases of $2 $3"
}

rollsmith ingest -q a*.mid -o wanted.roll || exit 1
rollsmith export -q m.model -o wanted.mid --bars 2 --seed 1 || exit 1
# shellcheck disable=SC2086 # words
rollsmith train -q adeste-fideles.mid -o songs.model $small || exit 1
rollsmith export -q songs.model -o own.mid --bars 2 --seed 1 --no-copy 4 || exit 1
ln -s output output.svg
try wanted.roll rollsmith ingest -q --strict a*.mid -o output
try wanted.mid rollsmith export -q m.model -o output --bars 2 --seed 1
try own.mid rollsmith export -q songs.model -o output --bars 2 --seed 1 --no-copy 4
# Where a file of fonts cannot be read, fontconfig takes another font.
try any rollsmith draw -q m.model -o output.svg
try none rollsmith info m.model
try none rollsmith evaluate -q songs.model adeste-fideles.mid --seed 1 --set evaluate.chains=1 --set evaluate.betas=10 \
  --set evaluate.max_frames=20 --set evaluate.free_run_frames=20
# shellcheck disable=SC2086 # words
try any rollsmith train -q adeste-fideles.mid -o output $small
# With little memory the command ends, and does not wait for threads of OpenBLAS that get none.
for limit in 90000 120000 150000 200000 300000; do
  [ "$kind" = memory ] || break
  cases=$((cases + 1))
  # shellcheck disable=SC2086,SC3045 # words; where there is no such limit, there is nothing to try
  (ulimit -v $limit && OPENBLAS_NUM_THREADS=2 timeout 60 rollsmith train -q adeste-fideles.mid -o output $small) 2>err
  [ $? != 124 ] || {
    echo "FAILED: with $limit kB of memory it does not end: $(cat err)"
    failures=$((failures + 1))
  }
done
echo "$cases cases, $failures failed"
[ "$failures" = 0 ]
