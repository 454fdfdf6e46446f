# SPDX-License-Identifier: ISC

# What cases with a listener are written with: comparisons, players, and what a listener has written.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # variables are for the cases; numbers need no quotes

failed=
complain() { # WHAT
  echo "    $1"
  failed=yes
}

equal() { # WHAT IS MUST
  [ "$2" = "$3" ] || complain "$1 is $2, must be $3"
}

play() { # what follows goes to rollsmith play, in the background
  rollsmith play "$@" >play.out 2>play.err &
  player=$!
}

# Waits for the player, but not for ever; its exit status is $status. Seconds are counted one by one: where the whole
# machine stood still meanwhile, a single sleep would be over at once, and the player killed before it could run.
await() { # SECONDS
  (
    for _ in $(seq "$1"); do
      sleep 1
    done
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

wait_for_notes() { # FILE [N]: until some are in it
  i=0
  while [ $i -lt 200 ] && [ "$(begun_notes "$1")" -lt "${2:-20}" ]; do
    usleep 50000
    i=$((i + 1))
  done
}

wait_for_silence() { # FILE: until no note sounds; it may take its time
  i=0
  while [ $i -lt 100 ] && [ "$(open_notes "$1")" -gt 0 ]; do
    usleep 50000
    i=$((i + 1))
  done
}

wait_for_text() { # TEXT FILE: in one line with those before
  i=0
  while [ $i -lt 400 ] && ! { [ -e "$2" ] && tr '\n' ' ' <"$2" | grep -q "$1"; }; do
    usleep 50000
    i=$((i + 1))
  done
}

ends_silenced() { # FILE: the last three messages are pedal up, notes off, sound off
  equal "the end of $1" "$(tail -n 3 "$1" | cut -d ' ' -f 2-4 | tr '\n' ',')" \
    "b0 40 00,b0 7b 00,b0 78 00,"
}
