# SPDX-License-Identifier: ISC

# What the first process of the lab begins with: the system, and what its cases are written with.
# shellcheck shell=sh disable=SC2013,SC2034,SC2046,SC2059,SC2086,SC2154 # words are meant to be split, variables to be set by eval

/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/root OPENBLAS_NUM_THREADS=1
mkdir -p /proc /sys /dev /tmp /root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
cd /tmp || poweroff -f

# shellcheck source=/dev/null # it is there in the lab
. /event_kit.sh

milliseconds_up() {
  awk '{ print int($1 * 1000) }' /proc/uptime
}

# What is emulated stands still where others have the processor. Writes when it did, and for how long.
watch_for_stops() { # PROCESSOR, as a bit
  taskset $1 awk '
    function up(    line) { getline line < "/proc/uptime"; close("/proc/uptime"); return int(1000 * line) }
    BEGIN {
      for (before = up();; before = now) {
        system("usleep 20000")
        now = up()
        if (now - before > 150) { print now, now - before; fflush() }
      }
    }' >>/tmp/stops &
}

# Whether it stood still since then, and for how long in $still.
stood_still() { # MILLISECONDS
  still=$(awk -v begun="$1" '$1 > begun && $2 > most { most = $2 } END { print most + 0 }' /tmp/stops)
  [ "$still" -gt 0 ]
}

# Runs a case, in the form that the counting of tests knows.
try() { # CASE
  failed=
  begun=$(milliseconds_up)
  echo "[ RUN      ] $1"
  "$1"
  if [ -n "$failed" ] && stood_still "$begun"; then
    echo "    (once more, as the machine stood still for $still ms)"
    failed=
    begun=$(milliseconds_up)
    "$1"
  fi
  if [ -n "$failed" ] && stood_still "$begun"; then
    echo "    the machine stood still for $still ms"
    echo "[  SKIPPED ] $1"
  elif [ -n "$failed" ]; then
    echo "[  FAILED  ] $1"
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

# Milliseconds between the MIDI clocks of a part of a file, on the average
clock_period() { # FILE FIRST LAST
  grep ' f8 ' "$1" | sed -n "$2p;$3p" | awk '{ t[NR] = $1 } END { print (t[2] - t[1]) / 1e6 / ('"$3 - $2"') }'
}

is_near() { # WHAT IS MUST WITHIN
  awk -v is="$2" -v must="$3" -v within="$4" 'BEGIN { exit !(is - must <= within && must - is <= within) }' ||
    complain "$1 is $2, must be $3"
}

# A song of notes, each a quarter of 24 ticks long; bytes are written in octal.
write_quarters() { # FILE.mid BEGINNING NOTE...: the size of the track and its first events
  file=$1
  {
    printf 'MThd\000\000\000\006\000\000\000\001\000\030MTrk\000\000'"$2"
    shift 2
    for note; do
      note=$(printf %03o "$note")
      printf "\\000\\220\\$note\\120\\030\\200\\$note\\000"
    done
    printf '\000\377\057\000'
  } >"$file"
}

# Note 60, 32 times.
write_pulse() { # FILE.mid
  write_quarters "$1" '\001\004' $(yes 60 | head -n 32)
}

# Stops the player while it plays on: all that was sent has been read, and no note is open.
stops_cleanly() { # LISTENER
  kill -INT $player
  await 8
  equal "status" $status 130
  sleep 1
  hang_up "$1"
  equal "overflows" "$(grep -c overflow desk.events)" 0
  equal "open notes" "$(open_notes desk.events)" 0
}

# Pitches in their order, each as often as it comes; without times.
pitches() { # FILE
  sed -n 's/^[0-9]* 9[0-9a-f] \(..\) .*/\1/p' "$1"
}

configure() { # SECTION KEY VALUE...: the file of the configuration, anew
  mkdir -p $HOME/.config/rollsmith
  : >$HOME/.config/rollsmith/config.ini
  while [ $# -ge 3 ]; do
    printf '[%s]\n%s = %s\n' "$1" "$2" "$3" >>$HOME/.config/rollsmith/config.ini
    shift 3
  done
}

load_sequencer() {
  for module in $(cat /modules); do
    insmod "$module" || echo "    cannot load $module"
  done
  mkdir -p /dev/snd
  sleep 1
}
