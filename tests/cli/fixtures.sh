#!/bin/sh
# Makes the files that the cases work on, in this folder.
#
#   fixtures.sh ROOT

set -eu
root=$1

mkdir songs mixed empty folder.mid textsongs
for song in auld-lang-syne oh-susanna yankee-doodle; do
  cp "$root/data/midi/$song.mid" songs
done
cp songs/oh-susanna.mid song.mid
cp songs/oh-susanna.mid "mixed/a song.MID"
echo "no song at all" >mixed/text.mid
echo "no song at all" >textsongs/text.mid
echo "Hear now a text that is no model." >text.txt
: >nothing
printf '# one\n60 64 67\n60\n-\n' >two.roll
printf '# two\r\n48\r\n' >>two.roll
printf '[train]\nlearning_rat = 1\n' >typo.ini
printf '[preset]\nbase = quick\n[train]\nepochs = 3\n' >heir.ini
cat >log.jsonl <<'LINES'
{"event":"start","settings":{},"songs":3,"frames":640,"valid_songs":1,"valid_frames":100,"parameters":12345,"seed":42}
{"event":"epoch","epoch":1,"updates":10,"frames":640,"seconds":0.5,"frames_per_second":1280,"learning_rate":0.001,"gradient_norm":2.5,"train_cost":9.25,"valid_ll":null,"best":false}
{"event":"epoch","epoch":2,"updates":20,"frames":1280,"seconds":1.0,"frames_per_second":1280,"learning_rate":0.001,"gradient_norm":2.5,"train_cost":8.5,"valid_ll":-7.75,"best":true}
{"event":"end","reason":"epochs","seconds":1.0,"frames":1280}
LINES
