#!/bin/sh
# SPDX-License-Identifier: ISC

# Compares the notes of exported sheet music with those of MIDI files of the same songs, on grids with and
# without triplets.
#
#   sheet_music.sh PYTHON ROOT COUNT [OPTION...]    COUNT songs a meter; options of read_back.py; rollsmith in $PATH

set -eu
python=$1
root=$2
count=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

for song in auld-lang-syne ach-du-lieber-augustin irish-washerwoman; do
  cp "$root/data/midi/$song.mid" "$place"
done
for frames in 4 12 3; do
  rollsmith train "$place"/*.mid -o "$place/$frames.model" -p quick -q --seed 1 --set model.hidden=8 \
    --set model.recurrent=6 --set train.epochs=2 --set train.updates=0 --set train.streams=4 --set train.ais_chains=1 \
    --set train.ais_betas=5 --set train.free_run_frames=0 --set roll.frames_per_beat=$frames \
    --set train.keep_songs=false --set train.valid_share=0
done
"$python" "$here/read_back.py" --count "$count" --bars 4 --meters 4/4,3/4,6/8 "$@" "$place/4.model" \
  "$place/12.model" "$place/3.model"
