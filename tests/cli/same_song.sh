#!/bin/sh
# SPDX-License-Identifier: ISC

# A model's song is the same, byte for byte, whatever kernel of ours draws it and whatever processor BLAS
# takes this one for.
#
#   same_song.sh ROOT    with the folder of rollsmith in $PATH

set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
sh "$here/fixtures.sh" "$1" with-model
rollsmith train songs -o velocities.model -p tiny.ini -q --set model.rbm=gb --set roll.velocity=true

song() { # MODEL NAME [VARIABLE=VALUE]
  env ${3+"$3"} rollsmith export "$1.model" -o "$2.mid" --frames 300 --seed 3 --temperature 1.1 --no-copy 2 -q
}

compare() { # MODEL VARIABLE=VALUE
  song "$1" other "$2"
  cmp "$1.mid" other.mid || {
    echo "$2 changes the song of $1.model"
    exit 1
  }
}

cores="Haswell Zen Nehalem"
! grep -q avx512bw /proc/cpuinfo 2>/dev/null || cores="$cores SkylakeX"
for model in ready velocities; do
  song $model $model
  for core in $cores; do
    compare $model "OPENBLAS_CORETYPE=$core"
  done
  compare $model ROLLSMITH_KERNEL=plain
  for kernel in avx2 avx512; do
    if song $model other ROLLSMITH_KERNEL=$kernel 2>/dev/null; then
      compare $model "ROLLSMITH_KERNEL=$kernel"
      echo "$model.model: $kernel"
    fi
  done
done
