#!/bin/sh
# A training, one that goes on, an ingest and an export are killed at each fsync, linkat and rename of their saves
# and at writes all over them: what stands at the output can be read at every moment, and is the old file or the new
# one. A training that goes on from there ends in the same bytes as one that was never killed. The same where the
# disk is full from some write on, and on a small file system that fills up.
#
#   kill_storm.sh ROOT    with the folder of rollsmith in $PATH
#
# STORM_EVERY=N takes one of N.
#
# Of n writes, each is tried up to the 16th, and then one of n / 16: a state has thousands.

set -u
root=$1
every=${STORM_EVERY:-1}
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
  rm -f m.model m.model.state
  cp begun.model m.model && cp begun.model.state m.model.state
}

# The model is whole, and the training goes on to the same end.
resumes() { # LABEL [WANTED]
  rollsmith info -q m.model || complain "$1: the model cannot be read"
  $more -o m.model || complain "$1: it cannot be resumed"
  cmp -s m.model "${2:-end.model}" || complain "$1: it does not end in the same bytes"
  [ "$(find . -name '.rollsmith*' | wc -l)" -le 1 ] || complain "$1: left behind: $(find . -name '.rollsmith*')"
}

after() { # N: the next place
  echo $(($1 + every + $1 / 16))
}

# The output is the old one or the new one, and the command does its work when it is run again.
whole() { # LABEL WANTED COMMAND...
  label=$1
  wanted=$2
  shift 2
  [ "$(cat output)" = old ] || cmp -s output "$wanted" || complain "$label: the output is neither old nor new"
  "$@" || complain "$label: it fails when it is run again"
  cmp -s output "$wanted" || complain "$label: run again, it writes something else"
  [ -z "$(find . -name '.rollsmith*')" ] || complain "$label: left behind: $(find . -name '.rollsmith*')"
}

killed() { # CALL N COMMAND...: whether it came to that
  call=$1
  n=$2
  shift 2
  strace -f -qq -o log -e trace="$call" -e inject="$call:signal=KILL:when=$n" "$@" 2>/dev/null
  grep -q 'killed by SIGKILL' log && kills=$((kills + 1))
}

# shellcheck disable=SC2086 # words
$train --epochs 2 -o begun.model && cp begun.model end.model && cp begun.model.state end.model.state &&
  $more -o end.model && $train --epochs $epochs -o whole.model || exit 1
rollsmith ingest -q adeste-fideles.mid aura-lee.mid -o wanted.roll || exit 1
rollsmith export -q end.model -o wanted.mid --bars 64 --seed 1 || exit 1

# shellcheck disable=SC2086 # words
for call in write fsync linkat rename; do
  n=1
  while begin && killed $call $n $more -o m.model; do
    resumes "training that goes on, $call $n"
    n=$(after $n)
  done
  n=1
  while begin && killed $call $n $train --epochs $epochs -o m.model; do
    rollsmith info -q m.model || complain "training, $call $n: the model cannot be read"
    if cmp -s m.model begun.model || [ ! -e m.model.state ]; then # there is nothing to go on from yet
      $train --epochs $epochs -o m.model || complain "training, $call $n: it fails when it is run again"
    fi
    resumes "training, $call $n" whole.model
    n=$(after $n)
  done
  n=1
  while echo old >output && killed $call $n rollsmith ingest -q adeste-fideles.mid aura-lee.mid -o output; do
    whole "ingest, $call $n" wanted.roll rollsmith ingest -q adeste-fideles.mid aura-lee.mid -o output
    n=$(after $n)
  done
  n=1
  while echo old >output && killed $call $n rollsmith export -q end.model -o output --bars 64 --seed 1; do
    whole "export, $call $n" wanted.mid rollsmith export -q end.model -o output --bars 64 --seed 1
    n=$(after $n)
  done
done

n=1
# shellcheck disable=SC2086 # words
while begin && ! strace -f -qq -o log -e trace=write -e inject=write:error=ENOSPC:when=$n+ $more -o m.model 2>/dev/null; do # its message is a write, too
  full=$((full + 1))
  resumes "no space from write $n on"
  n=$((2 * $(after $n)))
done

# A file system of our own, on which nothing but a part of the files fits.
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

echo "$kills kills, $full times a full disk, $failures failures"
[ "$failures" = 0 ] && [ "$kills" -gt 0 ]
