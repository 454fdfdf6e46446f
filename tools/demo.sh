#!/bin/sh
# SPDX-License-Identifier: ISC

# From nothing to new songs in two minutes: installs what is missing, builds, learns the songs of data/, writes
# four songs of its own into demo/ and draws them.

set -eu
cd "$(dirname "$0")/.."
out=demo
songs='001 002 003 004'
program=build/src/cli/rollsmith

step() {
  printf '\n== %s\n' "$*"
}

run() { # a command of rollsmith, shown as one would type it
  echo "\$ rollsmith $*"
  "$program" "$@"
}

step "What is needed"
tools/deps.sh build
echo "all there"

step "Building"
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build src/cli/rollsmith

step "Learning the songs of data/ (half a minute)"
rm -rf "$out"
mkdir -p "$out"
run train data/midi -p quick -o $out/quick.model --log $out/quick.jsonl --minutes 0.8 --seed 1

step "Forging new songs"
run export $out/quick.model -o $out/song.mid --count 4 --bars 32 --seed 1

step "Drawing"
for n in $songs; do
  run draw "$out/song-$n.mid" -o "$out/song-$n.png"
done
run draw $out/quick.jsonl -o $out/training.png

step "Done: everything lies in $(pwd)/$out"
cat <<END
  quick.model, quick.jsonl              what was learned, and how it went
  song-001.mid ... song-004.mid         new songs
  song-001.png ... song-004.png         their piano rolls
  training.png                          the learning curve

To hear one:
END
command -v fluidsynth >/dev/null 2>&1 || echo "  sudo apt-get install fluidsynth timgm6mb-soundfont"
echo "  fluidsynth -ni /usr/share/sounds/sf2/TimGM6mb.sf2 $out/song-001.mid"
echo "or, where there is no sound device, as a file:"
echo "  fluidsynth -ni -F song.wav /usr/share/sounds/sf2/TimGM6mb.sf2 $out/song-001.mid"
