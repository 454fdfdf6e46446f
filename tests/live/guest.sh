#!/bin/busybox sh
# SPDX-License-Identifier: ISC

# Runs as the first process of the lab: every case, then power off. What it prints is what lab.sh reads.
# shellcheck shell=sh disable=SC2013,SC2034,SC2086,SC2154 # words are meant to be split, variables to be set by eval

# shellcheck source=/dev/null # it is there in the lab
. /guest_kit.sh

# The driver, where another one than the default is wanted
driver=$(sed -n 's/.*driver=\([a-z]*\).*/\1/p' /proc/cmdline)
[ -z "$driver" ] || export ROLLSMITH_DRIVER=$driver

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
  grep -q 'not a MIDI output' play.err || complain "an input is taken for an output"
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
  listen Desk2 other.events # Whose name begins like it
  play model -p Desk --loop
  wait_for_notes first.events
  eval "kill -9 \$listener_Desk"
  sleep 1
  hang_up Desk2
  equal "notes to another port" "$(begun_notes other.events)" 0
  grep -q "disappeared" play.err || complain "it does not say at once that the port is gone"
  listen Desk desk.events
  sleep 3
  kill -INT $player
  await 5
  hang_up Desk
  equal "status" $status 130
  grep -q "disappeared" play.err || complain "it does not say that the port is gone"
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

a_receiver_that_does_not_read_is_waited_for() {
  listen Desk desk.events
  play model -p Desk --loop --bpm 480
  wait_for_notes desk.events
  for seconds in 1 5; do
    eval "kill -STOP \$listener_Desk"
    sleep $seconds
    before=$(begun_notes desk.events)
    eval "kill -CONT \$listener_Desk"
    sleep 4
    [ "$(begun_notes desk.events)" -gt "$((before + 8))" ] || complain "it does not go on"
  done
  grep -q "does not read" play.err || complain "it does not say what it waits for"
  grep -q "reads again" play.err || complain "it does not say that it goes on"
  stops_cleanly Desk
}

a_receiver_that_is_too_slow_loses_nothing() {
  listener Desk desk.events slow 60 &
  listener_Desk=$!
  wait_for Desk
  play model -p Desk --loop --bpm 480
  sleep 15
  kill -INT $player
  await 8
  equal "status" $status 130
  sleep 4 # It has more than 100 to read
  hang_up Desk
  equal "overflows" "$(grep -c overflow desk.events)" 0
  equal "open notes" "$(open_notes desk.events)" 0
}

inputs_that_return_are_heard_again() {
  write_pulse pulse.mid
  configure control transpose 22
  echo '0 b0 16 46' >turn # 2 semitones up
  listener Dials turn send &
  dials=$!
  wait_for Dials
  listen Desk desk.events
  play pulse.mid -p Desk --control Dials --loop --bpm 240
  wait_for_notes desk.events
  for times in 1 2; do
    kill -9 $dials
    wait_for_text "$(awk -v n=$times 'BEGIN { while (n--) printf "Dials.* disappeared.*" }')" play.err
    listener Dials turn send &
    dials=$!
    wait_for_text "$(awk -v n=$times 'BEGIN { while (n--) printf "Dials.* is back.*" }')" play.err
  done
  sleep 1
  kill -USR1 $dials
  wait_for_text ' 90 3e' desk.events
  kill -INT $player
  await 5
  kill $dials
  hang_up Desk
  equal "status" $status 130
  equal "pitches" "$(pitches desk.events | uniq | tr '\n' ' ')" "3c 3e "
  equal "open notes" "$(open_notes desk.events)" 0
  ends_silenced desk.events
  rm "$HOME/.config/rollsmith/config.ini"
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
  eval "kill -STOP \$listener_Desk"
  rollsmith panic -p Desk 2>play.err & # Which gives up
  player=$!
  await 10
  equal "status where no one reads" $status 4
  eval "kill -CONT \$listener_Desk"
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
  play model --sync Ticker --wait -p Desk --frames 1000 --json
  listener Ticker - clock 150 8 &
  ticker=$!
  wait $ticker
  wait_for_silence desk.events
  equal "open notes after Stop" "$(open_notes desk.events)" 0
  kill -INT $player
  await 5
  hang_up Desk
  # 8 s at 150 beats a minute are 480 clocks, six of which are a frame, and the first of which begins one
  frames=$(sed -n 's/.*"frames":\([0-9]*\).*/\1/p' play.out)
  if [ "$frames" -lt 79 ] || [ "$frames" -gt 83 ]; then
    complain "$frames frames were played, not about 81"
  fi
  [ "$(begun_notes desk.events)" -ge "$frames" ] || complain "they were not heard"
}

milliseconds() { # WHAT...: how long that takes
  began=$(cut -d ' ' -f 1 /proc/uptime)
  "$@" >/dev/null 2>play.err
  awk -v began="$began" '{ print int(($1 - began) * 1000) }' /proc/uptime
}

# An emulated machine takes its time to load a program: that is not counted, and twice that allowed for the rest.
the_first_note_comes_soon() {
  listen Desk desk.events
  loading=$(milliseconds rollsmith --version)
  loading=$(milliseconds rollsmith --version)
  began=$(cut -d ' ' -f 1 /proc/uptime)
  rollsmith play model -p Desk --frames 4 2>play.err
  equal "status" $? 0
  hang_up Desk
  took=$(awk -v began="$began" '
      $2 == "start" { start = $3 } $2 ~ /^9/ { print int(($1 + start) / 1e6 - began * 1000); exit }' desk.events)
  [ "$took" -le $((300 + 3 * loading)) ] || complain "the first note took $took ms"
  echo "    (first note after $took ms, of which $loading to load the program)"
}

keys_change_what_is_played() {
  write_pulse pulse.mid
  listen "$desk" desk.events
  printf '%s\n' '1500 ]]]]]]]' '1500 m' '1500 m' '1000 p' '200 ++++++++++++++++++++' '1500  ' '1500  ' \
    '1000 q' >script
  keys script rollsmith play pulse.mid -p "$desk" --loop --clock --bpm 240 >screen
  equal "status" $? 0
  hang_up "$desk"
  equal "pitches" "$(pitches desk.events | uniq | tr '\n' ' ')" "3c 43 "
  awk '$2 ~ /^9/ { if (last && $1 - last > 1200e6) ++gaps; last = $1 } END { exit gaps != 2 }' desk.events ||
    complain "mute and pause are not two silences"
  equal "channels that panic silences" "$(grep -c ' b[1-9a-f] 78 00' desk.events)" 15
  clocks=$(grep -c ' f8 ' desk.events)
  is_near "the first tempo" "$(clock_period desk.events 10 50)" 10.42 0.3
  is_near "the last tempo" "$(clock_period desk.events $((clocks - 50)) $((clocks - 10)))" 8.93 0.6
  equal "Continue" "$(grep -c ' fb ' desk.events)" 1
  grep -q 'bar [0-9]*\.[1-4]  240.0 bpm' screen || complain "the line does not tell bar and tempo"
  grep -q 'late .* C4' screen || complain "the line does not tell lateness and notes"
  ends_silenced_or_stopped desk.events
}

ends_silenced_or_stopped() { # FILE
  equal "the end of $1" "$(tail -n 4 "$1" | cut -d ' ' -f 2-4 | tr '\n' ',')" \
    "b0 40 00,b0 7b 00,b0 78 00,fc 00 00,"
  equal "open notes" "$(open_notes "$1")" 0
}

keys_change_what_is_made() {
  listen "$desk" desk.events
  printf '%s\n' '1000 D' '3000 h' '4500 n' '500 h' '1000 TTTTT' '500 q' >script
  keys script rollsmith play model -p "$desk" --loop --bpm 480 --seed 3 >screen
  equal "status" $? 0
  hang_up "$desk"
  # Behind what was made ahead there is one note at a time
  awk '$2 ~ /^9/ { ++open; if (open > most) most = open; if (open > 1) last = NR } $2 ~ /^8/ { --open }
       END { exit !(most > 1 && last && last < NR - 60) }' desk.events || complain "the density did not change"
  # Somewhere the same 8 to 40 notes come three times
  pitches desk.events | awk '{ p[NR] = $1 }
      END { for (length_ = 8; length_ <= 40; ++length_) {
              for (i = run = 0; i + length_ <= NR; ++i) {
                run = p[i] == p[i + length_] ? run + 1 : 0
                if (run >= 2 * length_) exit 0
              } }
            exit 1 }' || complain "the last bars were not held"
  equal "open notes" "$(open_notes desk.events)" 0
  grep -q 'max 1 .*hold' screen || complain "the line does not tell of hold and density"
  grep -q 'T 1.25' screen || complain "the line does not tell the temperature"
}

a_controller_is_learned_and_obeyed() {
  write_pulse pulse.mid
  configure control transpose 22
  printf '%s\n' '0 b0 1e 7f' '1500 b0 16 7f' '1500 b0 1e 7f' '1500 b0 1e 00' '500 b0 1d 7f' >knobs
  listener Knobs knobs send &
  knobs=$!
  wait_for Knobs
  listen "$desk" desk.events
  printf '%s\n' '1000 lm' '9000 q' >script
  (
    wait_for_text 'now move' screen
    kill -USR1 $knobs
  ) &
  keys script rollsmith play pulse.mid -p "$desk" --control Knobs --loop --bpm 240 >screen
  equal "status" $? 0
  hang_up "$desk"
  kill $knobs
  equal "pitches" "$(pitches desk.events | uniq | tr '\n' ' ')" "3c 54 "
  awk '$2 ~ /^9/ { if (last && $1 - last > 1200e6) ++gaps; last = $1 } END { exit gaps != 1 }' desk.events ||
    complain "the controller that was learned does not mute"
  grep -q 'controller 30 now sets mute' screen || complain "it does not say what it has learned"
  equal "the file" "$(sed -n 's/ *= */=/; /=/p' "$HOME/.config/rollsmith/config.ini" | tr '\n' ' ')" "transpose=22 mute=30 "
}

a_phrase_is_answered() {
  printf '%s\n' '0 90 3c 50' '300 80 3c 00' '0 90 40 50' '300 90 40 00' '4500 90 43 50' '500 80 43 00' >phrase
  listener Piano phrase send &
  piano=$!
  wait_for Piano
  listen "$desk" desk.events
  play model -p "$desk" --listen Piano --bpm 240 # A bar is a second
  wait_for_text 'beats a minute' play.err
  sleep 1
  kill -USR1 $piano
  sleep 9
  kill -INT $player
  await 5
  kill $piano
  hang_up "$desk"
  equal "status" $status 130
  equal "open notes" "$(open_notes desk.events)" 0
  awk '$2 ~ /^9/ { if (last && $1 - last > 300e6) ++gaps; last = $1; ++n } END { exit !(gaps == 1 && n > 20) }' \
    desk.events || complain "it does not fall silent for as long as it is played to, and a bar longer"
}

options_win_over_environment_and_file() {
  configure live port Desk live program 5 live channel 3 live tempo 480
  listen Desk desk.events
  {
    rollsmith play model --frames 2
    ROLLSMITH_PROGRAM=6 ROLLSMITH_CHANNEL=4 rollsmith play model --frames 2
    ROLLSMITH_PROGRAM=6 rollsmith play model --frames 2 --program 7
    ROLLSMITH_PORT=nowhere rollsmith play model --frames 2 -p Desk --bpm 500
    ROLLSMITH_PORT=nowhere rollsmith play model --frames 2
    equal "status of a port that is not there" $? 4
  } 2>play.err
  hang_up Desk
  equal "programs" "$(sed -n 's/^[0-9]* \(c.*\) 00$/\1/p' desk.events | tr '\n' ',')" "c2 05,c3 06,c2 07,c2 05,"
  equal "tempi" "$(sed -n 's/.* \([0-9]*\) beats a minute.*/\1/p' play.err | tr '\n' ' ')" "480 480 480 500 "
  rm $HOME/.config/rollsmith/config.ini
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

# Cases that mostly wait, and have all for themselves: each in a folder of its own, beside the others.
beside="keys_change_what_is_played keys_change_what_is_made a_controller_is_learned_and_obeyed a_phrase_is_answered"

try_beside() { # CASE
  mkdir "$1"
  cd "$1" || return
  ln -s ../model model
  HOME=$PWD
  desk=Desk_$1
  try "$1"
  : >../"$1".tried
}

all_tried() {
  for case in $cases; do
    case " $beside " in *" $case "*) [ -e "$case.tried" ] || return 1 ;; esac
  done
}

# Plays beside the other cases, as it takes a minute.
begin_minute() {
  listener Minute minute.events &
  listener_Minute=$!
  wait_for Minute
  rollsmith play model --max-polyphony 2 --frames 481 --seed 3 -p Minute --clock --velocity 80 --json >minute.json 2>/dev/null &
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
  # What the receiver saw: 481 frames have 6 clocks each, and 24 are half a second
  clocks=$(grep -c ' f8 ' minute.events)
  equal "clocks" "$clocks" 2886
  is_near "the tempo" "$(clock_period minute.events 1 "$clocks")" 20.83333 0.0208
  equal "open notes" "$(open_notes minute.events)" 0
}

watch_for_stops 1
watch_for_stops 2
try without_a_sequencer_the_status_is_4
load_sequencer
grep -q a_minute_lasts /proc/cmdline && begin_minute
cases=$(sed -n 's/.*cases=//p' /proc/cmdline | tr ',' ' ')
for case in $cases; do
  case " $beside " in *" $case "*) try_beside "$case" & ;; esac
done
for case in $cases; do
  case " $beside " in *" $case "*) ;; *) try "$case" ;; esac
done
i=0
while [ $i -lt 600 ] && ! all_tried; do
  usleep 100000
  i=$((i + 1))
done
echo "lab: done"
poweroff -f
