#!/bin/sh
# SPDX-License-Identifier: ISC

# What is printed on terminals of 40, 80 and 200 columns: no line is wider, and a line that is written over
# and over stays one line.
#
#   terminal.sh ROOT     with the folder of rollsmith in $PATH

set -u
root=$1
here=$(cd "$(dirname "$0")" && pwd)
command -v script >/dev/null 2>&1 || {
  echo "skipped: needs script(1) for a terminal"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
sh "$here/fixtures.sh" "$root" with-model || exit 1
failures=0

# Of what is on one line at a time: parts between line feeds and carriage returns, without escapes. A Chinese
# character takes two columns.
widest() { # FILE
  LC_ALL=C.UTF-8 awk -v RS='[\r\n]+' '
    { gsub(/\033\[[0-9;]*[A-Za-z]/, ""); gsub(/喜/, "xx"); if (length > most) most = length }
    END { print most + 0 }' "$1"
}

fits() { # COLUMNS COMMAND
  script -qec "stty cols $1; $2" /dev/null >said </dev/null
  width=$(widest said)
  if [ "$width" -le 0 ] || [ "$width" -gt "$1" ]; then
    echo "FAILED: at $1 columns, $width are written by: $2"
    failures=$((failures + 1))
  fi
}

wide=喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜喜
cp song.mid $wide.mid

little="--set evaluate.betas=10 --set evaluate.free_run_frames=64 --set evaluate.chains=2 --set evaluate.songs=3"

for columns in 40 80 200; do
  for command in "ingest songs text.txt two.roll" "info ready.model" "info song.mid" "--help" "help train" "help play" \
    "info $wide.mid" "ingest $wide.mid two.roll" "play $wide.mid --dry-run --bars 1 --bpm 300" \
    "play ready.model --dry-run --frames 12 --bpm 300 --stats" "play song.mid --dry-run --bars 1 --bpm 300" \
    "train songs -p tiny.ini -o o.model" "evaluate ready.model songs $little" "export no-such-model-anywhere -o o.mid"; do
    fits "$columns" "rollsmith $command"
  done
  # The status line comes ten times a second; it takes one line all the same.
  script -qec "stty cols $columns; rollsmith play ready.model --dry-run --frames 12 --bpm 300" /dev/null >said </dev/null
  [ "$(grep -c 'bar [0-9]' said)" = 1 ] || {
    echo "FAILED: at $columns columns, the status line scrolls: $(grep -c 'bar [0-9]' said) lines"
    failures=$((failures + 1))
  }
done

# The numbers of a table stay on their line, and so does what is said of them.
script -qec "stty cols 80; rollsmith evaluate ready.model songs $little" /dev/null >said </dev/null
for line in 'model *songs. band *inside *quarters 1 and 4$' '^one_frame *[0-9.]* .* [0-9.]*$' '^ *of notes last one frame$' \
  '^ *bits, of 3.58 if all pitch classes were alike$'; do
  tr -d '\r' <said | grep -q -e "$line" || {
    echo "FAILED: at 80 columns, evaluate has no line $line"
    failures=$((failures + 1))
  }
done
[ "$failures" = 0 ]
