#!/bin/sh
# SPDX-License-Identifier: ISC

# Shows that two builds train, resume, export and evaluate alike, byte for byte.
#
#   tools/same-bytes.sh OLD_BUILD NEW_BUILD [CASE...]    all cases if none is named
#
# Each case trains a small model on some songs of data/ with either build, for two epochs at once, then for one
# and a second one by --resume, the new build going on from the old one's state; it exports from the model and
# evaluates it. What is compared: the model, the state, the log, the exported songs and the evaluation. Times
# are left out, and so is the checksum of the state, which holds times. Ends in 0 where all is the same.

set -eu
[ $# -ge 2 ] || {
  sed -n '4,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
here=$(cd "$(dirname "$0")/.." && pwd)
old=$(cd "$1" && pwd)/src/cli/rollsmith
new=$(cd "$2" && pwd)/src/cli/rollsmith
shift 2
wanted=" $* "
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mkdir "$folder/songs"
find "$here/data/midi" -name '*.mid' | sort | head -n 12 | while read -r song; do
  cp "$song" "$folder/songs"
done
cd "$folder"

# Settings that all cases have, before their own.
small='train.valid_share=0.2 train.validate_every=1 train.ais_betas=20 train.free_run_frames=0 train.updates=0
  train.streams=8 train.block=16 train.cd_k=3 model.hidden=24 model.filters=0 model.recurrent=8 evaluate.betas=20
  evaluate.max_frames=64 evaluate.free_run_frames=128 evaluate.songs=4'
plain='model.metre=false model.lookback=false model.note_age=false model.plan=false model.intervals=false model.counts=false'
gaussian='model.rbm=gb roll.velocity=true model.counts=false'

# name | threads | seed | settings
cases="
usual       | 1 | 1  | model.hidden=160 model.filters=2
rtrl        | 2 | 2  | train.gradient=rtrl $plain train.block=8
block       | 2 | 3  | train.streams=32 train.transpose_low=-2 train.transpose_high=2
bptt        | 2 | 4  | train.gradient=bptt train.streams=32 train.block=32 train.average=0 train.keep_songs=false
gaussian    | 1 | 5  | $gaussian train.gradient=rtrl train.block=8 model.metre=false model.lookback=false model.plan=false
variances   | 2 | 6  | $gaussian train.gradient=bptt train.variance=separate train.variance_every=2 train.past_noise=0.2
replay      | 2 | 7  | train.own_past=0.5 train.past_noise=0.1 train.persistent=0.5 train.from_past=0.3
plain       | 1 | 8  | $plain roll.articulation=false train.own_past=0.3 train.centre=true train.borders=carry
negative    | 2 | 9  | train.negative_weight=0.1 train.negative_hinge=5 train.negative_ramp_epochs=3 train.loose_chains=false
noise-songs | 2 | 10 | train.negative_weight=0.1 train.negative_past=song train.negative_hinge=5 model.learned_start=false
free-run    | 2 | 11 | train.free_run_frames=96 train.optimiser=sgd train.learning_rate=0.01 train.pretrain_epochs=1
schedules   | 1 | 12 | train.cd_k_ramp_epochs=4 train.anneal_epochs=2 train.patience=1 train.keep_later=0 train.clip=0.01
"

# Without times, the checksum of what holds them, and the length and the filling spaces of the header.
timeless() { # FILE
  tail -c +9 "$1" | LC_ALL=C sed -E 's/"(checksum|frames_per_second|seconds)":("[0-9a-f]*"|null|[-+.0-9e]+)//g
    s/\\"(seconds|wall|epoch_seconds)\\":[-+.0-9e]+//g
    s/\]\}\} +/]}}/'
}

make() { # PROGRAM FOLDER RESUMER: what a case makes
  mkdir "$2"
  # shellcheck disable=SC2046,SC2086 # settings are many
  set -- "$1" "$2" "$3" songs -q --threads "$threads" --seed "$seed" $(printf -- '--set %s ' $small $settings)
  program=$1 to=$2 resumer=$3
  shift 3
  "$program" train "$@" --epochs 2 -o "$to/model" --log "$to/log"
  "$program" train "$@" --epochs 1 -o "$to/stopped"
  "$resumer" train "$@" --epochs 2 --resume -o "$to/stopped"
  "$program" export "$to/model" -q -o "$to/song.mid" --count 2 --set generate.frames=128 --seed 1
  "$program" evaluate "$to/model" songs --json -q >"$to/evaluation"
  for file in model.state stopped.state log; do
    timeless "$to/$file" >"$to/$file.timeless"
    rm "$to/$file"
  done
}

failed=0
run_case() {
  if make "$old" old "$new" && make "$new" new "$new" && diff -r old new && cmp new/model new/stopped; then
    echo "$name: the same"
  else
    echo "$name: NOT the same"
    failed=$((failed + 1))
  fi
  rm -rf old new
}

while IFS='|' read -r name threads seed settings; do
  name=$(echo "$name" | tr -d ' ')
  threads=$(echo "$threads" | tr -d ' ')
  seed=$(echo "$seed" | tr -d ' ')
  case $wanted in
  '  ' | *" $name "*) [ -z "$name" ] || run_case ;;
  esac
done <<END_OF_CASES
$cases
END_OF_CASES
exit "$((failed > 0))"
