#!/bin/sh
# SPDX-License-Identifier: ISC

# What a command costs grows with a file's size no faster than n log n: instructions, counted by callgrind,
# with a thing n times and 4 n times in the file. What the command costs in any case is taken off first.
#
#   growth.sh    with the folders of rollsmith and make-large in $PATH

set -u
most=60 # tenths: 4 n log 4 n / (n log n) is below 5 from n = 300 on; reading in blocks adds to that
command -v valgrind >/dev/null || {
  echo "there is no valgrind to count with"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0

count() { # COMMAND... -> instructions
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
    sed -n 's/.*Collected : //p'
}

# Songs of different notes, a file each.
make_folder() { # N FOLDER
  rm -rf "$2"
  mkdir "$2"
  song=0
  while [ "$song" -lt "$1" ]; do
    printf '# song\n%d\n%d\n%d\n-\n' $((48 + song % 12)) $((50 + song / 12 % 12)) $((52 + song / 144)) \
      >"$2/song-$song.roll"
    song=$((song + 1))
  done
}

make_one() { # KIND N FILE
  if [ "$1" = folder ]; then
    make_folder "$2" "$3"
  else
    make-large "$1" "$2" "$3"
  fi
}

compare() { # KIND N COMMAND... where FILE is the file
  kind=$1
  n=$2
  shift 2
  for size in 2 "$n" $((4 * n)); do
    make_one "$kind" "$size" FILE || exit 1
    counted=$(count rollsmith "$@")
    case $size in
    2) base=$counted ;;
    "$n") small=$((counted - base)) ;;
    *) large=$((counted - base)) ;;
    esac
  done
  [ "$small" -gt 1000 ] || small=1000
  ratio=$((10 * large / small))
  echo "$kind $n, $*: $small and $large instructions"
  [ "$ratio" -le "$most" ] || {
    echo "  FAILED: $((ratio / 10)).$((ratio % 10)) times as many for 4 times the file"
    failures=$((failures + 1))
  }
}

for task in "info FILE" "draw FILE -o picture.svg"; do
  # shellcheck disable=SC2086 # words
  {
    compare roll-title 20000 $task
    compare roll-frames 4000 $task
    compare roll-songs 1000 $task
    compare log-epochs 2000 $task
    compare model-keys 1000 $task
    compare model-name 20000 $task
    compare midi-notes 2000 $task
    compare midi-endless 2000 $task
    compare midi-tempi 2000 $task
    compare midi-meters 2000 $task
    compare midi-tracks 200 $task
  }
done
compare model-tensors 500 info FILE
compare model-tensors 50 draw FILE -o picture.svg
ln -s FILE FILE.ini
compare preset-lines 2000 presets ./FILE.ini
for kind in roll-songs midi-notes midi-endless midi-tempi midi-meters midi-tracks; do
  compare "$kind" 200 ingest FILE
  [ "$kind" = roll-songs ] || compare "$kind" 50 play --dry-run --bars 1 FILE
done
rm FILE FILE.ini
compare folder 100 ingest FILE
compare folder 100 ingest --json FILE
[ "$failures" = 0 ]
