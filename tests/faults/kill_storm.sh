#!/bin/sh
# SPDX-License-Identifier: ISC

# A training, one that goes on, an ingest and an export are killed at each fsync, linkat and rename of their saves
# and at writes all over them: what stands at the output can be read at every moment, and is the old file or the new
# one. A training that goes on from there ends in the same bytes as one that was never killed. The same where the
# disk is full from some write on, and on a small file system that fills up.
#
#   kill_storm.sh ROOT CALL...    with the folder of rollsmith in $PATH: kills at these calls, `space` is a full disk
#
# STORM_EVERY=N takes one of N.
#
# Of n writes, each is tried up to the 40th, and then one of n / 40: a state has hundreds.

set -u
root=$1
shift
calls=$*
every=${STORM_EVERY:-1}
least=0 # kills
epochs=6 # of the training, the first two of which are not disturbed where it goes on
command -v strace >/dev/null || {
  echo "there is no strace to kill with"
  exit 77
}
export OPENBLAS_NUM_THREADS=1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0
kills=0
full=0
cp "$root/data/midi/adeste-fideles.mid" "$root/data/midi/aura-lee.mid" .
train="rollsmith train -q adeste-fideles.mid aura-lee.mid --set model.hidden=4 --set model.recurrent=4
  --set train.threads=1 --set train.streams=1 --set train.validate_every=1 --set train.ais_betas=10
  --set train.free_run_frames=16 --seed 1"
more="$train --epochs $epochs --resume"

complain() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

begin() { # as after two epochs
  cp begun.model m.model && cp begun.model.state m.model.state
}

# Temporary files that are there, into $left, and how many, into $left_count.
look_for_left() {
  set -- .rollsmith*
  [ -e "$1" ] || shift
  left=$*
  left_count=$#
}

# The model is whole, and the training goes on to the same end.
resumes() { # LABEL [WANTED]
  rollsmith info -q m.model || complain "$1: the model cannot be read"
  $more -o m.model || complain "$1: it cannot be resumed"
  cmp -s m.model "${2:-end.model}" || complain "$1: it does not end in the same bytes"
  look_for_left
  [ "$left_count" -le 1 ] || complain "$1: left behind: $left"
}

after() { # N: the next place
  echo $(($1 + every + $1 / 40))
}

# The output is the old one or the new one, and the command does its work when it is run again.
whole() { # LABEL WANTED COMMAND...
  label=$1
  wanted=$2
  shift 2
  [ "$(cat output)" = old ] || cmp -s output "$wanted" || complain "$label: the output is neither old nor new"
  "$@" || complain "$label: it fails when it is run again"
  cmp -s output "$wanted" || complain "$label: run again, it writes something else"
  look_for_left
  [ "$left_count" = 0 ] || complain "$label: left behind: $left"
}

killed() { # CALL N COMMAND...: whether it came to that
  call=$1
  n=$2
  shift 2
  strace -f -qq -o log -e trace="$call" -e inject="$call:signal=KILL:when=$n" "$@" 2>/dev/null
  [ $? = 137 ] && kills=$((kills + 1))
}

# shellcheck disable=SC2086 # words
$train --epochs 2 -o begun.model && cp begun.model end.model && cp begun.model.state end.model.state &&
  $more -o end.model && $train --epochs $epochs -o whole.model || exit 1
rollsmith ingest -q adeste-fideles.mid aura-lee.mid -o wanted.roll || exit 1
rollsmith export -q end.model -o wanted.mid --bars 64 --seed 1 || exit 1

# shellcheck disable=SC2086 # words
kill_resumed() { # CALL
  n=1
  while begin && killed $1 $n $more -o m.model; do
    resumes "training that goes on, $1 $n"
    n=$(after $n)
  done
}

# shellcheck disable=SC2086 # words
kill_training() { # CALL: over a model that is there
  n=1
  while begin && killed $1 $n $train --epochs $epochs -o m.model; do
    rollsmith info -q m.model || complain "training, $1 $n: the model cannot be read"
    if cmp -s m.model begun.model || [ ! -e m.model.state ]; then # there is nothing to go on from yet
      $train --epochs $epochs -o m.model || complain "training, $1 $n: it fails when it is run again"
    fi
    resumes "training, $1 $n" whole.model
    n=$(after $n)
  done
}

kill_writing() { # CALL WANTED COMMAND...: into the file `output`
  call=$1
  made=$2
  shift 2
  n=1
  while echo old >output && killed "$call" "$n" "$@"; do
    whole "$2, $call $n" "$made" "$@"
    n=$(after "$n")
  done
}

# shellcheck disable=SC2086 # words
fail_from_some_on() { # CALL ERROR
  n=1
  while begin && ! strace --seccomp-bpf -f -qq -o log -e trace=$1 -e inject=$1:error=$2:when=$n+ \
    $more -o m.model 2>/dev/null; do
    full=$((full + 1))
    resumes "$2 from $1 $n on"
    n=$((2 * $(after $n)))
  done
}

# A file system of our own, on which nothing but a part of the files fits.
fill_file_system() {
  export begun="$place/begun.model" more
  # shellcheck disable=SC2016 # the inner shell expands
  unshare -rm sh -euc '
    size=$(($(cat "$begun" "$begun.state" | wc -c) / 4096 + 2))
    mkdir small
    for room in 0 1 3 16 64 128 512 1300 1450 1600 4000; do
      mount -t tmpfs -o size=$(((size + room) * 4096)) none small
      cp "$begun" small/m.model
      cp "$begun.state" small/m.model.state
      status=0
      $more -o small/m.model 2>err || status=$?
      rollsmith info -q small/m.model || echo "FAILED: $room blocks free: the model cannot be read"
      [ -z "$(find small -name ".rollsmith*")" ] || echo "FAILED: $room blocks free: $(ls -A small)"
      if [ "$status" = 1 ]; then
        grep -q "No space left" err || echo "FAILED: $room blocks free: $(cat err)"
        mount -o remount,size=64m small
        $more -o small/m.model
      fi
      cmp small/m.model end.model || echo "FAILED: $room blocks free: other bytes at the end"
      echo "$room blocks free: status $status"
      umount small
    done
  ' >small.log 2>&1 || complain "on a small file system: $(tail -n 3 small.log)"
  cat small.log
  ! grep -q FAILED small.log || failures=$((failures + 1))
}

for call in $calls; do
  if [ "$call" = space ]; then
    fail_from_some_on write ENOSPC # and its message is a write, too
    fail_from_some_on fsync EIO
    fill_file_system
    continue
  fi
  least=$((least + 9 / every))
  [ "$call" != write ] || least=$((least + 160 / every))
  kill_resumed "$call"
  kill_training "$call"
  kill_writing "$call" wanted.roll rollsmith ingest -q adeste-fideles.mid aura-lee.mid -o output
  kill_writing "$call" wanted.mid rollsmith export -q end.model -o output --bars 64 --seed 1
done
echo "$kills kills, $full times a full disk, $failures failures"
[ "$failures" = 0 ] && [ "$kills" -ge "$least" ]
