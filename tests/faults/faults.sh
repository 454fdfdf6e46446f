#!/bin/sh
# SPDX-License-Identifier: ISC

# Each allocation and each system call of a command fails once: the command ends with a message and no status
# of a crash, leaves no temporary file, and its output is what it was or what it should be. Where reads and
# writes are short, it ends as ever.
#
#   faults.sh memory|calls|short ROOT SHIM [COMMAND...]
#
# with the folders of rollsmith and make_model in $PATH; SHIM is fail_memory.so, short_calls for `short`, or else not
# used; all commands, unless some are named.
#
# An allocation is known by all that called it: the first and the last of each kind fails. With FAULTS_ALL=yes, each
# does. FAULTS_EVERY=N takes one of N.

set -u
kind=$1
root=$2
shim=$3
shift 3
only=$*
every=${FAULTS_EVERY:-1}
hang=3600 # seconds: a command that is traced takes minutes on a busy machine
[ "$kind" != calls ] || command -v strace >/dev/null || {
  echo "there is no strace to make calls fail with"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0
cases=0

for song in "$root"/data/midi/a[du]*.mid; do
  cp "$song" .
done
make_model m.model || exit 1
export OPENBLAS_NUM_THREADS=1 # which otherwise raises SIGINT where a thread cannot be had
small="--set model.hidden=4 --set model.recurrent=4 --set train.epochs=1 --set train.threads=1
  --set train.streams=1 --set train.validate_every=1 --set train.ais_betas=10 --set train.free_run_frames=16"

# A case starts few processes: on a machine that is busy, each waits for its turn.
call() { # COMMAND: with the fault that there is to be
  if [ "$kind" = memory ]; then
    LIST_INTO='' LD_PRELOAD=$shim FAIL_AT=$n "$@" >said 2>err
  else
    timeout "$hang" "$@" >said 2>err
  fi
}

judge() { # STATUS WANTED-FILE: what is wrong, into $why
  why=
  case $1 in
  0 | 1) ;;
  2 | 3) [ "$kind" != memory ] || why="status $1" ;;
  127) grep -q 'while loading shared' err || why="status 127" ;;
  *) why="status $1" ;;
  esac
  for file in .rollsmith*; do
    [ ! -e "$file" ] || why="$why; left behind"
  done
  [ "$1" = 0 ] || [ "$kind" != short ] || why="$why status $1"
  [ "$1" = 0 ] || [ -s err ] || why="$why; no message"
  read -r content <output || content=
  if [ "$content" = old ]; then
    [ "$1" != 0 ] || [ "$2" = none ] || [ "$2" = any ] || why="$why; output is not written"
  else
    [ "$2" = any ] || cmp -s output "$2" || why="$why; output is damaged"
    echo old >output
  fi
}

run() { # LABEL WANTED-FILE COMMAND: whose output is the file `output`
  label=$1
  expected=$2
  shift 2
  [ ! -e output.state ] || rm output.state
  call "$@"
  judge $? "$expected"
  cases=$((cases + 1))
  [ -z "$why" ] || {
    echo "FAILED: $label: $why: $(tail -n 1 err)"
    failures=$((failures + 1))
    rm -f .rollsmith*
  }
}

list_allocations() { # COMMAND...: the numbers of those that are to fail
  LIST_INTO=places LD_PRELOAD="$shim" "$@" >said 2>err
  awk -v all="${FAULTS_ALL:-}" -v every="$every" '
    { last[$1] = NR; kind[NR] = $1 }
    END { for (n = 1; n <= NR; ++n)
            if (all || !(kind[n] in seen) || last[kind[n]] == n) {
              seen[kind[n]] = 1
              if (i++ % every == 0) print n
            } }' places
}

fail_memory() { # WANTED COMMAND...
  wanted=$1
  shift
  for n in $(list_allocations "$@"); do
    run "allocation $n of: $*" "$wanted" "$@"
  done
}

# The loader opens, reads and closes the libraries, as many for each command.
first_of() { # CALL
  case $1 in
  openat | read | close) strace -f -qq -o log -e trace="$1" rollsmith --version >said && grep -c "$1(" log ;;
  *) echo 1 ;;
  esac
}

# Each is tried up to the 32nd, and then one of n / 32: a picture takes hundreds of files of fonts.
fail_calls() { # WANTED COMMAND...
  wanted=$1
  shift
  for fault in openat:EMFILE openat:EINTR read:EIO read:EINTR write:ENOSPC write:EINTR fsync:EIO fsync:EINTR close:EIO linkat:EIO rename:EIO clone3:EAGAIN; do
    call=${fault%:*}
    first=$(first_of "$call")
    n=$first
    while run "$fault $n of: $*" "$wanted" strace --seccomp-bpf -f -qq -o log -e trace="$call" \
      -e inject="$call:error=${fault#*:}:when=$n" "$@" && grep -q INJECTED log; do
      n=$((n + every + (n - first) / 32))
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
  case " $only " in "  " | *" $3 "*) ;; *) return ;; esac
  before=$cases
  "fail_$kind" "$@"
  echo "$((cases - before)) cases of $2 $3"
}

echo old >output
rollsmith ingest -q a*.mid -o wanted.roll || exit 1
rollsmith export -q m.model -o wanted.mid --bars 2 --seed 1 || exit 1
# shellcheck disable=SC2086 # words
rollsmith train -q adeste-fideles.mid -o songs.model $small || exit 1
rollsmith export -q songs.model -o own.mid --bars 2 --seed 1 --no-copy 4 || exit 1
ln -s output output.svg
ln -s output output.png
try wanted.roll rollsmith ingest -q --strict a*.mid -o output
try wanted.mid rollsmith export -q m.model -o output --bars 2 --seed 1
try own.mid rollsmith export -q songs.model -o output --bars 2 --seed 1 --no-copy 4
# Where a file of fonts cannot be read, fontconfig takes another font. What cairo itself allocates does not fail
# (fail_memory.c); its opens, reads and writes do.
try any rollsmith draw -q m.model -o output.png
try any rollsmith draw -q m.model -o output.svg
try none rollsmith info m.model
try none rollsmith evaluate -q songs.model adeste-fideles.mid --seed 1 --set evaluate.chains=1 --set evaluate.betas=10 \
  --set evaluate.max_frames=20 --set evaluate.free_run_frames=20
# shellcheck disable=SC2086 # words
try any rollsmith train -q adeste-fideles.mid -o output $small
# With little memory the command ends, and does not wait for threads of OpenBLAS that get none.
for limit in 90000 120000 150000 200000 300000; do
  [ "$kind $only" = "memory " ] || break
  cases=$((cases + 1))
  # shellcheck disable=SC2086,SC3045 # words; where there is no such limit, there is nothing to try
  (ulimit -v $limit && OPENBLAS_NUM_THREADS=2 timeout "$hang" rollsmith train -q adeste-fideles.mid -o output $small) 2>err
  [ $? != 124 ] || {
    echo "FAILED: with $limit kB of memory it does not end: $(cat err)"
    failures=$((failures + 1))
  }
done
echo "$cases cases, $failures failed"
[ "$failures" = 0 ]
