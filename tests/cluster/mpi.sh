#!/bin/sh
# SPDX-License-Identifier: ISC

# Trainings of several processes on this machine, started by mpirun: the bytes are those of one process, also where
# a process is killed or stopped and the training goes on with another number of them.
#
#   mpi.sh ROOT    with the folder of rollsmith in $PATH

set -u
root=$1
command -v mpirun >/dev/null || {
  echo "skipped: there is no mpirun"
  exit 77
}
rollsmith train song.mid -o any.model --mpi 2>&1 | grep -q 'built without MPI' && {
  echo "skipped: rollsmith was built without MPI"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0
export OPENBLAS_NUM_THREADS=1
mkdir songs
for song in adeste-fideles aura-lee oh-susanna; do
  cp "$root/data/midi/$song.mid" songs
done
train="train songs --set model.hidden=6 --set model.recurrent=5 --set train.threads=1 --set train.streams=8
  --set train.block=16 --set train.groups=8 --set train.validate_every=1 --set train.ais_betas=10
  --set train.free_run_frames=64 --set train.anneal=false --seed 1"

# A process: its number is that of its file in `pids`, and a script `before-N` may change what it is started with.
cat >process <<'LINES'
#!/bin/sh
echo $$ >"pids/$OMPI_COMM_WORLD_RANK"
program=rollsmith
[ ! -e "before-$OMPI_COMM_WORLD_RANK" ] || . "./before-$OMPI_COMM_WORLD_RANK"
exec $program "$@"
LINES
chmod +x process

complain() {
  echo "FAILED: $*"
  sed 's/^/  /' out err 2>/dev/null | head -n 20
  failures=$((failures + 1))
}

# shellcheck disable=SC2086 # words
start() { # PROCESSES ARGUMENT...: the command line of rollsmith
  processes=$1
  shift
  rm -rf pids
  mkdir pids
  mpirun --allow-run-as-root --oversubscribe -n $processes ./process "$@" >out 2>err
}

# shellcheck disable=SC2086 # words
same() { # WHAT PROCESSES WANTED ARGUMENT...: into several.model
  what=$1
  wanted=$3
  start $2 $train -o several.model --mpi "$4" "$5" "$6" || complain "$what: status $?"
  cmp -s several.model "$wanted" || complain "$what: other bytes"
}

# Refused with status 2 and a message, the only line of rollsmith, where process 1 is started otherwise.
# shellcheck disable=SC2086 # words
refused() { # WHAT STATUS PATTERN
  start 3 $train -o refused.model --mpi --epochs 1
  status=$?
  rm -f before-1
  [ $status = "$2" ] || complain "$1: status $status, wanted $2"
  grep -q "^rollsmith train: $3\$" err || complain "$1: another message"
  [ "$(grep -c '^rollsmith' err)" = 1 ] || complain "$1: not one message"
  [ ! -e refused.model ] || complain "$1: a file was written"
}

# ---- The same bytes ----

# shellcheck disable=SC2086 # words
rollsmith $train -q -o one.model --epochs 2 || exit 1
for processes in 1 2 4 8; do
  same "$processes processes" $processes one.model -q --epochs 2
done

# ---- What is said, by process 0 alone ----

# shellcheck disable=SC2086 # words
start 3 $train -o said.model --mpi --epochs 1 --set train.groups=2 --log said.jsonl
grep -q '3 processes, 2 groups of series' err || complain "the number of processes is not said"
grep -q 'more processes than groups: 1 of them' err || complain "more processes than groups is not said"
[ "$(grep -c 'wrote said.model' err)" = 1 ] || complain "not one process says what was written"
[ "$(grep -c '"event":"end"' said.jsonl)" = 1 ] || complain "not one process writes the log"

# ---- Refused ----

echo 'set -- "$@" --set train.cd_k=3' >before-1
refused "other settings" 2 'process 1: has train.cd_k = 3, and process 0 has [0-9]*; give all processes the same settings'
if grep -q avx2 /proc/cpuinfo; then
  echo 'export ROLLSMITH_KERNEL=plain' >before-1
  refused "another processor" 2 'process 1: computes with plain, and process 0 with avx.*'
fi
cp "$(command -v rollsmith)" other && echo >>other
echo 'program=./other' >before-1
refused "another build" 2 'process 1: runs rollsmith .*, build .*, and process 0 .*; start the same program everywhere'
mkdir fewer && cp songs/a*.mid fewer
echo 'shift 2; set -- train fewer "$@"' >before-1
refused "other songs" 3 'process 1: has other files than process 0; give all processes the same files'
echo 'shift 2; set -- train no-folder "$@"' >before-1
refused "no songs in process 1" 3 'process 1: has other files than process 0; give all processes the same files'
# shellcheck disable=SC2086 # words
start 2 $train -o refused.model --epochs 1 && complain "without --mpi: no error"
grep -q '2 processes were started, and each would write refused.model; add --mpi' err || complain "without --mpi"

# ---- Ended in the middle ----

gone() { # PID: within seconds
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

# Train without an end, until there is a saved state; then send a signal to a process.
# shellcheck disable=SC2086 # words
end_by() { # SIGNAL PROCESS PROCESSES
  rm -f ended.model ended.model.state
  start "$3" $train -q -o ended.model --mpi --epochs 1000000 &
  started=$!
  while [ ! -e ended.model.state ] && kill -0 $started 2>/dev/null; do
    sleep 0.1
  done
  kill -s "$1" "$(cat "pids/$2")"
  wait $started
  status=$?
  epoch=$(grep -ao '\\"epoch\\":[0-9]*' ended.model.state | head -n 1)
  epoch=${epoch##*:}
  for pid in pids/*; do
    gone "$(cat "$pid")" || complain "$1: process ${pid#pids/} is still there"
  done
}

# shellcheck disable=SC2086 # words
goes_on() { # WHAT PROCESSES: to the end of one process that was never ended
  rollsmith $train -q -o whole.model --epochs $((epoch + 2)) || complain "$1: status $? of one process"
  start "$2" $train -q -o ended.model --mpi --resume --epochs $((epoch + 2)) || complain "$1: --resume: status $?"
  cmp -s ended.model whole.model || complain "$1: other bytes"
}

end_by KILL 1 4
[ "$status" != 0 ] || complain "killed: status 0"
goes_on "killed, and resumed by 2 processes" 2
end_by KILL 0 2
goes_on "process 0 killed, and resumed by 3 processes" 3
end_by TERM 2 3
[ "$status" = 143 ] || complain "stopped: status $status, wanted 143"
goes_on "stopped by process 2 of 3, and resumed by 8 processes" 8

echo "$failures failures"
[ "$failures" = 0 ]
