#!/bin/sh
# SPDX-License-Identifier: ISC

# One signal ends a command, whatever it waits for: with status 128 + signal, and leaving nothing behind.
#
#   signals.sh ROOT    with the folders of rollsmith and make-large in $PATH

set -u
root=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0
export TMPDIR="$place" # where what is copied into a pipe is made
mkfifo fifo
printf '[preset]\nbase = ./fifo\n' >heir.ini
cp "$root/data/midi/ach-du-lieber-augustin.mid" song.mid
make-large roll-songs 20000 large.roll

# A training whose log and messages go into a pipe that is full and not read.
cat >stalled <<'LINES'
dd if=/dev/zero of=out bs=4096 count=$1 2>err
exec rollsmith train ../song.mid -o stalled.model --set model.hidden=4 --set model.recurrent=4 --set train.threads=1 \
  --set train.streams=1 --set train.validate_every=1 --set train.ais_betas=10 --set train.free_run_frames=0 --json \
  --log out >out 2>&1
LINES

# What a shell runs in the background ignores INT and QUIT.
end_by() { # SIGNAL WANTED COMMAND
  rm -f out
  mkfifo out
  env --default-signal=INT,QUIT sh -c "exec 3<>out; exec $3" 2>err &
  process=$!
  sleep 0.7
  kill -0 "$process" 2>/dev/null || echo "  (ended by itself: $3: $(cat err))"
  kill -s "$1" "$process"
  (sleep 20; kill -s KILL "$process" 2>/dev/null) &
  guard=$!
  wait "$process"
  status=$?
  kill "$guard" 2>/dev/null
  [ "$status" = "$2" ] || {
    echo "FAILED: $3: $1: status $status, wanted $2"
    failures=$((failures + 1))
  }
  [ -z "$(find . -name '.rollsmith*')" ] || {
    echo "FAILED: $3: $1: left behind: $(find . -name '.rollsmith*')"
    failures=$((failures + 1))
    rm -f .rollsmith*
  }
}

# In a folder of its own, so that the signals are tried side by side. @return whether none failed
end_all_by() { # SIGNAL WANTED
  mkdir "$1"
  cd "$1" || exit 1
  export TMPDIR="$PWD"
  mkfifo fifo fifo.svg
  end_by "$1" "$2" "rollsmith draw ../song.mid -o fifo.svg"
  end_by "$1" "$2" "rollsmith ingest -q ../song.mid -o fifo"
  end_by "$1" "$2" "rollsmith info ../large.roll >out"
  end_by "$1" "$2" "rollsmith play --dry-run ../song.mid"
  end_by "$1" "$2" "rollsmith train -q ../song.mid -o o.model --log fifo"
  end_by "$1" "$2" "sh ../stalled 16"
  end_by "$1" "$2" "sh ../stalled 15"
  [ "$failures" = 0 ]
}

trials=
for signal in INT:130 TERM:143 HUP:129 QUIT:131; do
  (end_all_by "${signal%:*}" "${signal#*:}") &
  trials="$trials $!"
done
for trial in $trials; do
  wait "$trial" || failures=$((failures + 1))
done
# A file that takes long to read is not waited for, and what was read before it is told.
told_without_the_slow_file() { # OPTION
  rm -f log
  strace -f -qq -o log -P slow.mid -e trace=read -e inject=read:delay_enter=6000000 \
    env --default-signal=INT rollsmith ingest "$1" song.mid slow.mid --set train.threads=1 >told 2>err &
  tracer=$!
  for _ in $(seq 100); do # until it is reading
    ! grep -q read log 2>/dev/null || break
    sleep 0.1
  done
  kill -s INT "$(sed -n 's/ .*//p;q' log)"
  wait "$tracer"
  status=$?
  case "$status $1 $(tail -n 1 told)" in
  "130 -v stopped: 1 file was not read") ;;
  '130 --json {"songs":1,'*'"files":[{'*'"path":"song.mid",'*'}]}') ;;
  *)
    echo "FAILED: ingest $1, stopped while a file is read: status $status: $(cat told err)"
    failures=$((failures + 1))
    ;;
  esac
}
cp song.mid slow.mid
if command -v strace >/dev/null; then
  told_without_the_slow_file -v
  told_without_the_slow_file --json
fi
# A pipe that nobody writes to is refused, not waited for.
for preset in ./fifo heir.ini fifo.ini; do
  [ "$preset" != fifo.ini ] || mkfifo fifo.ini
  status=0
  timeout 600 rollsmith presets "./$preset" 2>err || status=$?
  if ! grep -q 'not a regular file' err || [ "$status" != 2 ]; then
    echo "FAILED: presets $preset: status $status: $(cat err)"
    failures=$((failures + 1))
  fi
done
[ "$failures" = 0 ]
