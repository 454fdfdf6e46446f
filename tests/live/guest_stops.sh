#!/bin/busybox sh
# SPDX-License-Identifier: ISC

# Runs as the first process of the lab: players are stopped by all signals, in chords, at their start and while their
# receiver does not read, on a machine with five other busy processes. No note is left, whatever the machine has to do.
# `stops=N` in the command line of the kernel says how often.
# shellcheck shell=sh disable=SC2013,SC2034,SC2046,SC2059,SC2086,SC2154 # words are meant to be split, variables to be set by eval

# shellcheck source=/dev/null # it is there in the lab
. /guest_kit.sh

workers=6
stops=$(sed -n 's/.*stops=\([0-9]*\).*/\1/p' /proc/cmdline)

be_busy() { # N: with so many processes
  i=0
  while [ $i -lt "$1" ]; do
    (while :; do :; done) &
    i=$((i + 1))
  done
}

# When the signal comes, by the number of the stop.
wait_for_its_time() { # N
  case $(($1 / 4 % 3)) in
  0) # in a chord
    wait_for_notes desk.events
    usleep $(($1 * 61000 % 900000))
    ;;
  1) usleep $(($1 * 37000 % 2000000)) ;; # at the start
  2) # while no one reads
    wait_for_notes desk.events
    eval "kill -STOP \$listener_$desk"
    usleep $((100000 + $1 * 61000 % 2500000))
    ;;
  esac
}

stop_one() { # N
  listen $desk desk.events
  default_signals rollsmith play model --seed $1 -p $desk >play.out 2>play.err &
  player=$!
  until [ "$(cat /proc/$player/comm)" = rollsmith ]; do # before, it ignores SIGINT, as the shell wants
    usleep 10000
  done
  wait_for_its_time $1
  case $(($1 % 4)) in 0) signal=INT:130 ;; 1) signal=TERM:143 ;; 2) signal=HUP:129 ;; 3) signal=QUIT:131 ;; esac
  kill -${signal%:*} $player
  await 120
  eval "kill -CONT \$listener_$desk"
  wait_for_silence desk.events
  hang_up $desk
  what="after stop $1, by SIG${signal%:*},"
  equal "status $what" $status ${signal#*:}
  equal "open notes $what" "$(open_notes desk.events)" 0
  equal "overflows $what" "$(grep -c overflow desk.events)" 0
  [ $(($1 / 4 % 3)) = 1 ] || [ "$(begun_notes desk.events)" -gt 0 ] || complain "nothing was played before stop $1"
}

work() { # WORKER: every so manieth stop
  mkdir $1
  cd $1 || return
  ln -s ../model model
  desk=Desk$1
  n=$1
  while [ $n -lt $stops ]; do
    failed=
    stop_one $n
    [ -z "$failed" ] || { echo $n >>failed; tail -n 3 play.err | sed 's/^/    play.err: /'; }
    n=$((n + workers))
  done
}

stops_under_load_leave_no_note() {
  pids=
  i=0
  while [ $i -lt $workers ]; do
    work $i &
    pids="$pids $!"
    i=$((i + 1))
  done
  for worker in $pids; do
    wait $worker
  done
  equal "stops that went wrong of $stops" "$(cat ./?/failed 2>/dev/null | wc -l)" 0
  echo "    ($stops stops)"
}

# A quarter each, at 60 beats a minute, from note 36 up.
write_scale() { # FILE.mid
  write_quarters "$1" '\002\313\000\377\121\003\017\102\100' $(seq 36 123)
}

# What sounds is what is due: the first note tells when that is. Notes that came a second late or early.
astray() { # FILE
  awk 'function hex(s) { return (index("0123456789abcdef", substr(s, 1, 1)) - 1) * 16 + index("0123456789abcdef", substr(s, 2, 1)) - 1 }
       $2 ~ /^9/ { note = hex($3); if (!n++) start = $1 / 1e9 - note; late = $1 / 1e9 - note - start
                   if (late > 1 || late < -1) ++astray } END { print astray + 0 }' "$1"
}

stalls_of_up_to_half_a_minute_end_nothing() {
  write_scale scale.mid
  listen Desk desk.events
  play scale.mid -p Desk
  for seconds in 1 5 30; do
    wait_for_notes desk.events 2
    eval "kill -STOP \$listener_Desk"
    sleep $seconds
    before=$(begun_notes desk.events)
    eval "kill -CONT \$listener_Desk"
    sleep 6
    [ "$(begun_notes desk.events)" -gt $((before + 2)) ] || complain "it does not go on after $seconds s"
  done
  await 120
  hang_up Desk
  equal "status" $status 0
  equal "times that it says that no one reads" "$(grep -c 'does not read' play.err)" 2
  equal "times that it says that it goes on" "$(grep -c 'reads again' play.err)" 2
  equal "notes a second away from their time" "$(astray desk.events)" 0
  equal "open notes" "$(open_notes desk.events)" 0
  equal "overflows" "$(grep -c overflow desk.events)" 0
}

load_sequencer
watch_for_stops 1
watch_for_stops 2
be_busy 5
for case in $(sed -n 's/.*cases=\([^ ]*\).*/\1/p' /proc/cmdline | tr ',' ' '); do
  try $case
done
echo "lab: done"
poweroff -f
