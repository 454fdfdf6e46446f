#!/bin/busybox sh
# SPDX-License-Identifier: ISC

# Runs as the first process of the lab: what the driver of ALSA's sequencer does beyond PortMidi's.
# shellcheck shell=sh disable=SC2013,SC2034,SC2086,SC2154 # words are meant to be split, variables to be set by eval

# shellcheck source=/dev/null # it is there in the lab
. /guest_kit.sh

export ROLLSMITH_DRIVER=alsa

# ---- Cases ----

without_a_sequencer_there_are_no_ports() {
  for words in ports "play model" "play model --virtual Stage" panic; do
    rollsmith $words >play.out 2>play.err
    equal "status of $words" $? 4
    equal "lines of message" "$(wc -l <play.err)" 1
    grep -q "sequencer\|ALSA" play.err || complain "$words does not say what is missing"
  done
}

both_drivers_list_the_same_ports() {
  listen Desk desk.events
  for driver in portmidi alsa; do
    rollsmith ports --driver $driver | sed 's, *(default)$,,' >$driver.ports # each driver has its own default
  done
  hang_up Desk
  [ "$(wc -l <alsa.ports)" -ge 8 ] || complain "only $(wc -l <alsa.ports) ports are listed"
  cmp portmidi.ports alsa.ports || complain "the lists differ: $(diff portmidi.ports alsa.ports | tr "\n" ";")"
}

ports_are_found_by_their_address() {
  listen Desk desk.events
  address=$(rollsmith ports | sed -n 's/.*Desk  \[Desk \(.*\)\].*/\1/p')
  for port in $address Desk:0 desk:desk DESK; do
    rollsmith play model --frames 4 --bpm 480 -p $port 2>play.err
    equal "status with -p $port" $? 0
  done
  hang_up Desk
  equal "program changes" "$(grep -c ' c0 ' desk.events)" 4
  equal "open notes" "$(open_notes desk.events)" 0
}

others_connect_to_a_virtual_port() {
  listen Early early.events
  listen Late late.events
  play model --virtual Stage --loop --program 7
  wait_for Stage
  connect Stage Early || complain "it cannot be connected"
  wait_for_notes early.events
  connect Stage Late
  wait_for_notes late.events
  equal "program that comes with the connection" "$(sed -n '/ c0 /{s/.* \(c0 ..\).*/\1/p;q}' late.events)" "c0 07"
  connect Stage Early off
  sleep 1
  equal "open notes where it was disconnected" "$(open_notes early.events)" 0
  before=$(begun_notes late.events)
  wait_for_notes late.events $((before + 8))
  [ "$(begun_notes late.events)" -ge $((before + 8)) ] || complain "it does not go on for the other one"
  kill -TERM $player
  await 5
  hang_up Early
  hang_up Late
  equal "status" $status 143
  equal "open notes" "$(open_notes late.events)" 0
  ends_silenced late.events
}

a_virtual_port_waits_for_a_receiver_that_does_not_read() {
  listen Desk desk.events
  play model --virtual Stage --loop --bpm 480
  wait_for Stage
  connect Stage Desk
  wait_for_notes desk.events
  eval "kill -STOP \$listener_Desk"
  wait_for_text "does not read" play.err
  eval "kill -CONT \$listener_Desk"
  wait_for_text "reads again" play.err
  stops_cleanly Desk
}

after_a_stop_of_the_clock_nothing_begins() {
  listen Desk desk.events
  play model --sync Ticker --wait -p Desk --frames 1000
  listener Ticker - clock 120 6 &
  ticker=$!
  wait_for Ticker
  connect Ticker Desk # So that Start and Stop are among the notes
  wait $ticker
  wait_for_silence desk.events
  sleep 1
  kill -INT $player
  await 5
  hang_up Desk
  awk '$2 == "fc" { stopped = 1 } $2 ~ /^9/ { if (stopped) ++late; else ++notes } END { print notes + 0, late + 0 }' \
    desk.events >counts
  read -r notes late <counts
  [ "$notes" -gt 20 ] || complain "only $notes notes were played"
  equal "notes after Stop" $late 0
  equal "open notes" "$(open_notes desk.events)" 0
}

a_stop_recalls_what_is_queued() {
  for n in 1 2 3 4 5 6; do
    listen Desk desk.events
    play model --seed $n -p Desk --bpm 960
    wait_for_notes desk.events
    usleep $((n * 17000))
    kill -INT $player
    await 5
    hang_up Desk
    equal "status" $status 130
    equal "open notes" "$(open_notes desk.events)" 0
    ends_silenced desk.events
  done
}

a_port_is_not_played_to_and_listened_to() {
  rollsmith play model -p Through --listen Through --frames 4 2>play.err
  equal "status" $? 2
  grep -q "sends what is played to it" play.err || complain "it does not say why"
}

of_two_ports_of_one_name_the_one_that_returns_is_played_to() {
  listener Twin first.events &
  first=$!
  wait_for Twin
  listener Twin second.events &
  second=$!
  sleep 1
  address=$(rollsmith ports | sed -n 's/.*Twin  \[Twin \(.*\)\].*/\1/p' | tail -n 1)
  play model -p $address --loop
  wait_for_notes second.events
  kill -9 $first $second
  wait_for_text "disappeared" play.err
  listener Twin third.events &
  third=$!
  wait_for_text "is back" play.err
  wait_for_notes third.events
  kill -INT $player
  await 5
  kill $third
  wait $third
  equal "status" $status 130
  equal "notes to the other one" "$(begun_notes first.events)" 0
  equal "open notes" "$(open_notes third.events)" 0
}

watch_for_stops 1
watch_for_stops 2
try without_a_sequencer_there_are_no_ports
load_sequencer
for case in $(sed -n 's/.*cases=//p' /proc/cmdline | tr ',' ' '); do
  try "$case"
done
echo "lab: done"
poweroff -f
