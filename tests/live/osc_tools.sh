#!/bin/sh
# SPDX-License-Identifier: ISC

# Open Sound Control by the tools of liblo: what is sent comes to pass, and every note ends.
#
#   osc_tools.sh ROLLSMITH MODEL

set -u
rollsmith=$(realpath "$1") # the test runs in another folder
model=$(realpath "$2")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0

complain() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

"$rollsmith" play "$model" --dry-run --frames 1 --osc 0 2>said
grep -q "built without liblo" said && {
  echo "skipped: built without liblo"
  exit 77
}
for tool in oscsend oscdump; do
  command -v "$tool" >/dev/null 2>&1 || {
    echo "skipped: $tool is missing (liblo-tools)"
    exit 77
  }
done
port=$((20000 + $$ % 20000))
"$rollsmith" play "$model" --dry-run --osc 0 2>said
[ $? = 2 ] || complain "--osc 0: not refused"

# Waits until a file has as many lines.
await_lines() { # FILE LINES
  tries=0
  while [ "$(wc -l <"$1")" -lt "$2" ] && [ "$tries" -lt 300 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

"$rollsmith" play "$model" --dry-run --loop --seed 1 --osc "$port" --json >out 2>err &
player=$!
: >notes
stdbuf -oL oscdump $((port + 1)) >notes 2>/dev/null &
dump=$!
tries=0
while [ ! -s err ] && [ "$tries" -lt 300 ]; do
  sleep 0.1
  tries=$((tries + 1))
done

send() {
  oscsend 127.0.0.1 "$port" "$@" || complain "oscsend $*"
}

"$rollsmith" play "$model" --dry-run --frames 1 --osc "$port" 2>taken
[ $? = 1 ] || complain "a port that is taken: not status 1"
grep -q "Address already in use; use another port" taken || complain "a port that is taken: $(cat taken)"

send /rollsmith/subscribe i $((port + 1))
send /rollsmith/tempo f 400
send /rollsmith/density f 0.8
send /rollsmith/register i 67
send /rollsmith/polyphony ii 2 4
send /rollsmith/key-weights ffffffffffff 1 0 1 0 1 1 0 1 0 1 0 1
send /rollsmith/nothing i 1
send /rollsmith/tempo s fast
i=0
while [ "$i" -lt 200 ]; do
  send /rollsmith/transpose i $((i % 12))
  i=$((i + 1))
done
send /rollsmith/transpose i 0
await_lines notes 60
send /rollsmith/stop
sleep 0.5
awk '{ on[$4 " " $5] = $6 } END { for (n in on) if (on[n]) exit 1 }' notes || complain "notes sound after stop"
lines=$(wc -l <notes)
send /rollsmith/start
await_lines notes $((lines + 20))
send /rollsmith/quit
wait "$player"
status=$?
sleep 0.5
kill "$dump"
[ "$status" = 0 ] || complain "status $status: $(cat err)"
[ "$(wc -l <notes)" -ge $((lines + 20)) ] || complain "no notes after start"
awk '{ on[$4 " " $5] = $6 } END { for (n in on) if (on[n]) exit 1 }' notes || complain "open notes at the end"
grep -q '"malformed": *2[,}]' out || complain "counts: $(cat out)"
exit "$((failures > 0))"
