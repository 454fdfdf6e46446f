#!/bin/busybox sh
# Runs as the first process of the lab: every case, then power off. What it prints is what lab.sh reads.
# shellcheck shell=sh disable=SC2013,SC2034,SC2086,SC2154 # words are meant to be split, variables to be set by eval

/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/root OPENBLAS_NUM_THREADS=1
mkdir -p /proc /sys /dev /tmp /root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
cd /tmp || poweroff -f

failed=
complain() { # WHAT
  echo "    $1"
  failed=yes
}

equal() { # WHAT IS MUST
  [ "$2" = "$3" ] || complain "$1 is $2, must be $3"
}

# Runs a case, in the form that the counting of tests knows.
try() { # CASE
  failed=
  echo "[ RUN      ] $1"
  "$1"
  if [ -n "$failed" ]; then
    echo "[  FAILED  ] $1"
    failures="$failures $1"
    for file in play.err play.out synth.out; do
      [ ! -s $file ] || sed "s/^/    $file: /" $file | tail -n 5
    done
  else
    echo "[       OK ] $1"
  fi
}
listen() { # NAME FILE
  listener "$1" "$2" &
  eval "listener_$1=$!"
  wait_for "$1"
}

wait_for() { # NAME: until a port of that name is there
  i=0
  while [ $i -lt 50 ] && ! grep -q "\"$1\"" /proc/asound/seq/clients; do
    usleep 100000
    i=$((i + 1))
  done
}

hang_up() { # NAME
  eval "kill \$listener_$1 && wait \$listener_$1" 2>/dev/null
}

play() { # what follows goes to rollsmith play, in the background
  rollsmith play "$@" >play.out 2>play.err &
  player=$!
}

# Waits for the player, but not for ever; its exit status is $status.
await() { # SECONDS
  (
    sleep "$1"
    echo "still there after $1 s" >>play.err
    kill -9 $player
  ) 2>/dev/null &
  watchdog=$!
  wait $player 2>/dev/null
  status=$?
  kill $watchdog 2>/dev/null
}

# Notes that sound at the end of a listener's file.
open_notes() { # FILE
  awk '$2 ~ /^[89]/ { on = $2 ~ /^9/ && $4 != "00"; key = $2 $3; sub(/^[89]/, "", key); sounds[key] = on }
       END { for (key in sounds) open += sounds[key]; print open + 0 }' "$1"
}

begun_notes() { # FILE
  grep -c ' 9[0-9a-f] ' "$1"
}

wait_for_notes() { # FILE: until some are in it
  i=0
  while [ $i -lt 100 ] && [ "$(begun_notes "$1")" -lt 20 ]; do
    usleep 50000
    i=$((i + 1))
  done
}

ends_silenced() { # FILE: the last three messages are pedal up, notes off, sound off
  equal "the end of $1" "$(tail -n 3 "$1" | cut -d ' ' -f 2-4 | tr '\n' ',')" \
    "b0 40 00,b0 7b 00,b0 78 00,"
}

# ---- Cases ----

without_a_sequencer_the_status_is_4() {
  for words in ports "play model" panic; do
    rollsmith $words >play.out 2>play.err
    equal "status of $words" $? 4
    equal "lines of message" "$(wc -l <play.err)" 1
  done
}

ports_are_listed_with_their_direction() {
  rollsmith ports >ports.out
  equal "status" $? 0
  grep -q 'output  Midi Through Port-0 .*default' ports.out || complain "Midi Through is no default output"
  grep -q 'input   VirMIDI 0-0' ports.out || complain "VirMIDI 0-0 is no input"
}

unclear_ports_are_refused() {
  rollsmith play model -p VirMIDI 2>play.err
  equal "status" $? 4
  grep -q 'VirMIDI 0-1' play.err || complain "the candidates are not listed"
  rollsmith play model -p nowhere 2>play.err
  equal "status" $? 4
  listener Ticker - clock 120 20 &
  ticker=$!
  wait_for Ticker
  rollsmith play model -p Ticker 2>play.err
  equal "status" $? 4
  grep -q 'no MIDI output' play.err || complain "an input is taken for an output"
  kill $ticker
}

what_is_played_is_what_is_exported() {
  rollsmith export model --seed 9 --frames 160 -o song.mid >/dev/null
  dump_notes song.mid >song.notes
  listen Desk desk.events
  rollsmith play model --seed 9 --frames 160 --bpm 480 -p Desk --stats >play.out 2>play.err
  equal "status" $? 0
  hang_up Desk
  sed -n 's/^[0-9]* \([89].*\)/\1/p' desk.events >desk.notes
  [ "$(wc -l <desk.notes)" -ge 2000 ] || complain "only $(wc -l <desk.notes) events"
  cmp song.notes desk.notes || complain "what arrived is not what was exported"
  equal "overflows" "$(grep -c overflow desk.events)" 0
  equal "program changes" "$(grep -c ' c0 00' desk.events)" 1
  equal "open notes" "$(open_notes desk.events)" 0
  ends_silenced desk.events
}

a_file_is_played_like_a_model() {
  listen Desk desk.events
  rollsmith play song.mid --frames 960 --bpm 400 -p Desk >play.out 2>play.err
  equal "status" $? 0
  hang_up Desk
  sed -n 's/^[0-9]* \([89].*\)/\1/p' desk.events | head -n 1500 >desk.notes
  head -n 3 song.notes desk.notes desk.events >play.out
  head -n 1500 song.notes | cmp - desk.notes || complain "what arrived is not what is in the file"
}

every_signal_silences() {
  n=0
  for signal in INT TERM HUP INT TERM HUP; do
    listen Desk desk.events
    play model --seed $n -p Desk
    wait_for_notes desk.events
    usleep $((n * 61000))
    kill -$signal $player
    await 5
    hang_up Desk
    case $signal in INT) must=130 ;; TERM) must=143 ;; HUP) must=129 ;; esac
    equal "status after SIG$signal" $status $must
    [ "$(begun_notes desk.events)" -gt 0 ] || complain "nothing had been played"
    equal "open notes after SIG$signal" "$(open_notes desk.events)" 0
    ends_silenced desk.events
    n=$((n + 1))
  done
}

a_second_interrupt_leaves_at_once() {
  listen Desk desk.events
  play model -p Desk --clock
  wait_for_notes desk.events
  kill -INT $player
  kill -INT $player
  await 5
  equal "status" $status 130
  hang_up Desk
}

a_synth_that_returns_is_played_on() {
  listen Desk first.events
  play model -p Desk --loop
  wait_for_notes first.events
  eval "kill -9 \$listener_Desk"
  sleep 1
  listen Desk desk.events
  sleep 3
  kill -INT $player
  await 5
  hang_up Desk
  equal "status" $status 130
  grep -q "is gone" play.err || complain "it does not say that the port is gone"
  grep -q "is back" play.err || complain "it does not say that the port is back"
  [ "$(begun_notes desk.events)" -gt 0 ] || complain "nothing was played to it"
  equal "open notes" "$(open_notes desk.events)" 0
}

a_port_that_stays_away_ends_it() {
  listen Desk desk.events
  play model -p Desk --loop
  wait_for_notes desk.events
  eval "kill -USR1 \$listener_Desk"
  await 15
  hang_up Desk
  equal "status" $status 4
}

a_port_is_waited_for() {
  play model -p Desk --wait --frames 16 --bpm 240
  sleep 1
  listen Desk desk.events
  await 15
  hang_up Desk
  equal "status" $status 0
  [ "$(begun_notes desk.events)" -gt 0 ] || complain "nothing was played to it"
}

a_receiver_that_does_not_read_gets_its_note_ends() {
  listen Desk desk.events
  play model -p Desk --loop --bpm 240
  wait_for_notes desk.events
  eval "kill -STOP \$listener_Desk"
  await 8
  equal "status" $status 4
  grep -q "does not read" play.err || complain "it does not say why"
  eval "kill -CONT \$listener_Desk"
  sleep 1
  hang_up Desk
  equal "overflows" "$(grep -c overflow desk.events)" 0
  equal "open notes" "$(open_notes desk.events)" 0
}

panic_silences_what_another_left() {
  listen Desk desk.events
  play model -p Desk --loop
  wait_for_notes desk.events
  kill -9 $player
  await 2
  before=$(open_notes desk.events)
  [ "$before" -gt 0 ] || complain "nothing sounded"
  rollsmith panic -p Desk 2>play.err
  equal "status" $? 0
  hang_up Desk
  equal "open notes" "$(open_notes desk.events)" 0
  equal "overflows" "$(grep -c overflow desk.events)" 0
}

a_clock_goes_with_the_music() {
  listen Desk desk.events
  rollsmith play model -p Desk --clock --frames 32 2>play.err
  equal "status" $? 0
  hang_up Desk
  equal "clocks" "$(grep -c ' f8 ' desk.events)" 192
  equal "Start" "$(grep -c ' fa ' desk.events)" 1
  equal "song position" "$(grep -c ' f2 00 00' desk.events)" 1
  tail -n 1 desk.events | grep -q ' fc ' || complain "Stop is not the last"
}

a_clock_is_followed() {
  listen Desk desk.events
  play model -p Desk --sync Ticker --wait --frames 1000
  listener Ticker - clock 150 8 &
  ticker=$!
  wait $ticker
  sleep 1
  equal "open notes after Stop" "$(open_notes desk.events)" 0
  kill -INT $player
  await 5
  hang_up Desk
  # 8 s at 150 beats a minute are 80 sixteenths; each begins a note
  frames=$(awk '$2 ~ /^9/ { t = int($1 / 20000000); if (t != last) ++n; last = t } END { print n + 0 }' desk.events)
  if [ "$frames" -lt 70 ] || [ "$frames" -gt 92 ]; then
    complain "$frames frames were played, not about 80"
  fi
}

fluidsynth_sounds_and_falls_silent() {
  sleep 1000 | fluidsynth -q -a file -m alsa_seq -r 22050 -z 512 -o synth.reverb.active=0 \
    -o synth.chorus.active=0 -o synth.polyphony=24 \
    -o audio.file.name=synth.raw -o audio.file.type=raw -o audio.file.format=s16 \
    /usr/share/sounds/sf2/TimGM6mb.sf2 >synth.out 2>&1 &
  synth=$!
  i=0
  while [ $i -lt 150 ] && ! rollsmith ports 2>/dev/null | grep -q 'output  Synth'; do
    usleep 100000
    i=$((i + 1))
  done
  play model -p Synth --max-polyphony 4
  sleep 5
  kill -INT $player
  await 5
  equal "status" $status 130
  sleep 3
  kill -9 $synth
  loudness synth.raw 22050 >synth.levels
  [ "$(sort -n synth.levels | tail -n 1)" -gt 500 ] || complain "no sound"
  [ "$(tail -n 8 synth.levels | sort -n | tail -n 1)" -lt 50 ] || complain "sound at the end"
}

# Plays beside the other cases, as it takes a minute.
begin_minute() {
  listener Minute minute.events &
  listener_Minute=$!
  wait_for Minute
  rollsmith play model --max-polyphony 2 --frames 481 --seed 3 -p Minute --velocity 80 --json >minute.json 2>/dev/null &
  minute=$!
}

a_minute_lasts_a_minute() {
  wait $minute
  equal "status" $? 0
  hang_up Minute
  if ! grep -q '"missed":0' minute.json; then
    echo "    (the machine was too busy to make the music in time: the tempo is not measured)"
    return
  fi
  # From the first note to the control changes at the end; a note may begin some frames late
  off=$(awk '$2 == "90" && !first { first = $1 } $2 == "b0" { last = $1 }
             END { e = (last - first) / 60.125e9 - 1; print (e > 0.001 || e < -0.02) ? e : "none" }' minute.events)
  frames=$(awk '$2 == "90" { if (!n) { n = 1; first = $1 } d = ($1 - first) / 125e6; r = d - int(d + 0.5)
                if (r > worst) worst = r; if (-r > worst) worst = -r; last = d; lr = r }
                END { print (last > 400 && lr * lr < 0.16) ? "in time" : last " " lr }' minute.events)
  equal "tempo error" "$off" none
  equal "the last note" "$frames" "in time"
}

failures=
try without_a_sequencer_the_status_is_4
for module in $(cat /modules); do
  insmod "$module" || echo "    cannot load $module"
done
mkdir -p /dev/snd
sleep 1
grep -q a_minute_lasts /proc/cmdline && begin_minute
for case in $(sed -n 's/.*cases=//p' /proc/cmdline | tr ',' ' '); do
  try "$case"
done
set -- $failures
[ $# -eq 0 ] || echo "[  FAILED  ] $# test(s), listed below: $*"
echo "lab: done"
poweroff -f
