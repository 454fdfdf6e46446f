#!/bin/sh
# SPDX-License-Identifier: ISC

# Makes the files that the cases work on, in this folder.
#
#   fixtures.sh ROOT [with-model [with-meters]]     a trained model, too, and damaged ones; one of several meters

set -eu
root=$1

mkdir songs mixed empty folder.mid textsongs misspelt misspelt/rollsmith
for song in auld-lang-syne oh-susanna yankee-doodle; do
  cp "$root/data/midi/$song.mid" songs
done
cp songs/oh-susanna.mid song.mid
cp songs/oh-susanna.mid "mixed/a song.MID"
echo "no song at all" >mixed/text.mid
echo "no song at all" >textsongs/text.mid
echo "Hear now a text that is no model." >text.txt
: >nothing
# A scale in 3/4 from a note on, four frames a quarter note; a note that nobody ends; 3/4, then 4/4
mkdir tunes
bytes() {
  # shellcheck disable=SC2059 # octal escapes
  printf "$1"
}
header='MThd\0\0\0\6\0\0\0\1\0\4MTrk\0\0\0'
for key in 60 62; do
  {
    bytes "$header\114\0\377\130\4\3\2\30\10"
    for step in 0 2 4 5 7 9 11 12; do
      note=$(printf %o $((key + step)))
      bytes "\0\220\\$note\100\4\200\\$note\0"
    done
    bytes '\0\377\57\0'
  } >"tunes/scale-$key.mid"
done
bytes "$header"'\20\0\220\74\100\40\220\100\100\40\200\100\0\0\377\57\0' >tunes/unended.mid
bytes "$header"'\44\0\377\130\4\3\2\30\10\0\220\74\100\14\200\74\0\0\377\130\4\4\2\30\10\0\220\76\100\20\200\76\0\0\377\57\0' \
  >tunes/meters.mid
# Notes 24 and 96, with 60; twelve notes at a time; no notes; a drum
bytes "$header"'\34\0\220\30\100\0\220\74\100\0\220\140\100\10\200\30\0\0\200\74\0\0\200\140\0\0\377\57\0' >wide.mid
{
  bytes "$header\144"
  delta='\0'
  for kind in '\220' '\200'; do
    for note in 64 65 66 67 70 71 72 73 74 75 76 77; do
      bytes "$delta$kind\\$note\100"
      delta='\0'
    done
    delta='\4'
  done
  bytes '\0\377\57\0'
} >cluster.mid
bytes "$header"'\4\0\377\57\0' >no-notes.mid
bytes "$header"'\14\0\231\44\100\4\211\44\0\0\377\57\0' >drums.mid
cp "$root/tests/fuzz/corpus/ingest/small.mid" exclusive.mid # with a system-exclusive message
printf '# one\n60 64 67\n60\n-\n' >two.roll
printf '# two\r\n48\r\n' >>two.roll
printf '# a\n60\n# b\n64\n# c\n67\n' >one.roll
printf '100 103\n103\n-\n' >high.roll
printf '[train]\nlearning_rat = 1\n' >typo.ini
printf '[preset]\nbase = quick\n[train]\nepochs = 3\n' >heir.ini
printf '[live]\ntmepo = 90\n' >misspelt/rollsmith/config.ini
cat >log.jsonl <<'LINES'
{"event":"start","settings":{},"songs":3,"frames":640,"valid_songs":1,"valid_frames":100,"parameters":12345,"seed":42}
{"event":"epoch","epoch":1,"updates":10,"frames":640,"seconds":0.5,"frames_per_second":1280,"learning_rate":0.001,"gradient_norm":2.5,"train_cost":9.25,"valid_ll":null,"best":false}
{"event":"epoch","epoch":2,"updates":20,"frames":1280,"seconds":1.0,"frames_per_second":1280,"learning_rate":0.001,"gradient_norm":2.5,"train_cost":8.5,"valid_ll":-7.75,"best":true}
{"event":"end","reason":"epochs","seconds":1.0,"frames":1280}
LINES

printf -- '-\n-\n-\n-\n' >silent.roll
cat >tiny.ini <<'LINES'
[preset]
base = quick
[model]
hidden = 8
recurrent = 6
[train]
streams = 4
epochs = 2
validate_every = 1
valid_share = 0.34
cd_k = 1
ais_chains = 1
ais_betas = 5
free_run_frames = 0
LINES
[ "${2-}" != with-model ] || {
  flip() { # FILE BYTE
    was=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # an octal escape is made
    printf "\\$(printf %03o $((was ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
  }
  rollsmith train songs -o ready.model -p tiny.ini -q
  size=$(wc -c <ready.model)
  head -c $((size - 100)) ready.model >cut.model
  cp ready.model flipped-header.model
  at=$(grep -abo 'hidden' ready.model | head -n 1 | cut -d : -f 1) # of hidden\":8
  flip flipped-header.model $((at + 9))
  cp ready.model flipped-data.model
  flip flipped-data.model $((size - 50))
}
[ "${3-}" != with-meters ] || {
  beat() { # NUMERATOR POWER NOTE: a meter and a bar of a single note of so many eighths or quarters
    bytes "\0\377\130\4\\$(printf %o "$1")\\$2\30\10\0\220\\$(printf %o "$3")\100\\$(printf %o "$4")\200\\$(printf %o "$3")\0"
  }
  song() { # FILE TRACK
    {
      bytes 'MThd\0\0\0\6\0\0\0\1\0\4MTrk\0\0'
      size=$(($(wc -c <"$2") + 4))
      bytes "\\$(printf %o $((size / 256)))\\$(printf %o $((size % 256)))"
      cat "$2"
      bytes '\0\377\57\0'
    } >"$1"
  }
  beat 7 3 60 14 >track
  for note in 62 64 65; do bytes "\0\220\\$(printf %o $note)\100\16\200\\$(printf %o $note)\0"; done >>track
  song seven.mid track
  for bar in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
    beat 2 2 $((60 + bar)) 8
    beat 3 2 $((62 + bar)) 12
    beat 5 3 $((64 + bar)) 10
  done >track
  beat 3 3 60 6 >>track
  song every-bar.mid track
  bytes '\0\220\74\100\4\200\74\0' >track
  song one-note.mid track
  rm track
  mkdir all
  for name in auld-lang-syne ach-du-lieber-augustin irish-washerwoman; do
    cp "$root/data/midi/$name.mid" all
  done
  make-version-1 >version-1.model
  rollsmith train all -o known.model -p tiny.ini -q --set train.valid_share=0
}
