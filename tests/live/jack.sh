#!/bin/sh
# SPDX-License-Identifier: ISC

# The driver of JACK, with a server of its own that has no device.
#
#   jack.sh FOLDER MODEL       with rollsmith, jack-listener and dump_notes in $PATH
#
# Skipped (status 77) with the reason where jackd is not installed or does not start.

# shellcheck disable=SC2086,SC2154 # words that are meant to be split; variables of event_kit.sh

set -u
folder=$1
model=$2
# shellcheck source=/dev/null # beside this one
. "$(dirname "$0")/event_kit.sh"

skip() { # WHY
  echo "skipped: $1"
  exit 77
}

command -v jackd >/dev/null 2>&1 || skip "jackd is not installed; tools/deps.sh jack installs it"
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder" || exit 1
cp "$model" model
export JACK_DEFAULT_SERVER="rollsmith-$$" JACK_NO_AUDIO_RESERVATION=1 ROLLSMITH_DRIVER=jack
export XDG_CONFIG_HOME="$folder/config"
server=

usleep() { # MICROSECONDS
  sleep "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))"
}

start_server() {
  jackd --no-realtime --sync --timeout 5000 -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 1024 >server.out 2>&1 &
  server=$!
  i=0
  while [ $i -lt 200 ] && ! jack-listener Probe - probe 2>/dev/null; do
    kill -0 $server 2>/dev/null || return 1
    usleep 50000
    i=$((i + 1))
  done
  [ $i -lt 200 ]
}

leave() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null
  rm -f /dev/shm/jack*"$JACK_DEFAULT_SERVER"* 2>/dev/null
}
trap leave EXIT

listen() { # NAME FILE [FROM]
  jack-listener "$@" &
  eval "listener_$1=$!"
  wait_for "$1:in"
}

wait_for() { # PORT
  i=0
  while [ $i -lt 200 ] && ! rollsmith ports --json 2>/dev/null | tr -d '\n' | grep -q "\"${1#*:}\"[^}]*\"${1%:*}\""; do
    usleep 50000
    i=$((i + 1))
  done
}

hang_up() { # NAME
  eval "kill \$listener_$1 && wait \$listener_$1" 2>/dev/null
}

# ---- Cases ----

without_a_server_the_status_is_4() {
  for words in ports "play model" "play model --virtual Stage" panic; do
    # shellcheck disable=SC2086 # several words
    JACK_DEFAULT_SERVER=no-such-server rollsmith $words >play.out 2>play.err
    equal "status of $words" $? 4
    equal "lines of message" "$(wc -l <play.err)" 1
    grep -q 'there is no JACK server' play.err || complain "$words does not say what is missing"
  done
}

without_ports_it_says_so() {
  rollsmith ports >play.out 2>play.err
  equal "status" $? 4
  grep -q 'no MIDI port in JACK' play.err || complain "it does not say what is missing"
}

what_is_played_is_what_is_exported() {
  rollsmith export model --seed 9 --frames 160 -o song.mid >/dev/null
  dump_notes song.mid >song.notes
  listen Desk desk.events
  rollsmith play model --seed 9 --frames 160 --bpm 480 -p Desk:in >play.out 2>play.err
  equal "status" $? 0
  hang_up Desk
  sed -n 's/^[0-9]* \([89].*\)/\1/p' desk.events >desk.notes
  equal "open notes" "$(open_notes desk.events)" 0
  if grep -qi xrun server.out; then
    echo "    (the machine was too busy: JACK has lost cycles, and notes with them)"
    return
  fi
  cmp song.notes desk.notes || complain "what arrived is not what was exported"
  equal "program changes" "$(grep -c ' c0 00' desk.events)" 1
  ends_silenced desk.events
}

every_signal_silences() {
  n=0
  for signal in INT:130 TERM:143 HUP:129 QUIT:131 INT:130 TERM:143; do
    listen Desk desk.events
    default_signals rollsmith play model --seed $n -p Desk --bpm 480 >play.out 2>play.err &
    player=$!
    wait_for_notes desk.events
    usleep $((n * 61000))
    kill -${signal%:*} $player
    await 20
    hang_up Desk
    equal "status after SIG${signal%:*}" "$status" ${signal#*:}
    equal "open notes after SIG${signal%:*}" "$(open_notes desk.events)" 0
    n=$((n + 1))
  done
}

others_connect_to_a_virtual_port() {
  play model --virtual Stage --loop --program 7
  wait_for Stage:out
  listen Desk desk.events Stage:out
  wait_for_notes desk.events
  equal "program that comes with the connection" "$(sed -n '/ c0 /{s/.* \(c0 ..\).*/\1/p;q;}' desk.events)" "c0 07"
  kill -TERM $player
  await 20
  hang_up Desk
  equal "status" "$status" 143
  equal "open notes" "$(open_notes desk.events)" 0
}

a_synth_that_returns_is_played_on() {
  listen Desk first.events
  play model -p Desk --loop
  wait_for_notes first.events
  hang_up Desk
  wait_for_text "disappeared" play.err
  listen Desk desk.events
  wait_for_text "is back" play.err
  wait_for_notes desk.events
  kill -INT $player
  await 20
  hang_up Desk
  equal "status" "$status" 130
  equal "open notes" "$(open_notes desk.events)" 0
}

a_port_that_stays_away_ends_it() {
  listen Desk desk.events
  play model -p Desk --loop
  wait_for_notes desk.events
  hang_up Desk
  await 60
  equal "status" "$status" 4
}

a_clock_is_followed() {
  listen Desk desk.events
  jack-listener Ticker - clock 150 4 &
  ticker=$!
  wait_for Ticker:out
  play model --sync Ticker -p Desk --json
  wait $ticker
  wait_for_silence desk.events
  equal "open notes after Stop" "$(open_notes desk.events)" 0
  kill -INT $player
  await 20
  hang_up Desk
  frames=$(sed -n 's/.*"frames": *\([0-9]*\).*/\1/p' play.out)
  # 4 s at 150 beats a minute are 240 clocks, six of which are a frame, and the first of which begins one
  if [ "${frames:-0}" -lt 39 ] || [ "$frames" -gt 42 ]; then
    complain "$frames frames were played, not about 41"
  fi
}

a_server_that_dies_ends_it_and_one_that_returns_does_not() {
  listen Desk desk.events
  play model -p Desk --loop
  wait_for_notes desk.events
  kill -9 $server
  wait_for_text "disappeared" play.err
  hang_up Desk
  start_server || complain "the server does not start again"
  listen Desk desk.events
  wait_for_text "is back" play.err
  wait_for_notes desk.events
  kill -9 $server
  await 60
  hang_up Desk
  equal "status" "$status" 4
  grep -q "'Desk:in' disappeared" play.err || complain "it does not say that the port is gone"
  server=
}

start_server || {
  sed 's/^/    /' server.out | tail -n 5
  skip "jackd does not start here"
}
failures=0
for case in without_a_server_the_status_is_4 without_ports_it_says_so what_is_played_is_what_is_exported \
  every_signal_silences others_connect_to_a_virtual_port \
  a_synth_that_returns_is_played_on a_port_that_stays_away_ends_it a_clock_is_followed \
  a_server_that_dies_ends_it_and_one_that_returns_does_not; do
  failed=
  echo "[ RUN      ] $case"
  $case
  if [ -n "$failed" ]; then
    tail -n 5 play.err | sed 's/^/    play.err: /'
    echo "[  FAILED  ] $case"
    failures=$((failures + 1))
  else
    echo "[       OK ] $case"
  fi
done
[ $failures -eq 0 ]
