#!/bin/sh
# A training is killed at each write, fsync, linkat and rename that it does: the model can be read at every
# moment, and a training that goes on from there ends in the same bytes as one that was never killed.
#
#   kill_storm.sh ROOT    with the folder of rollsmith in $PATH
#
# STORM_EVERY=N takes one of N.

set -u
root=$1
every=${STORM_EVERY:-1}
command -v strace >/dev/null || {
  echo "there is no strace to kill with"
  exit 77
}
export OPENBLAS_NUM_THREADS=1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0
kills=0
settings="--set model.hidden=16 --set model.recurrent=16 --set train.threads=1 --set train.validate_every=1"

train() { # EPOCHS ARGUMENT...
  epochs=$1
  shift
  # shellcheck disable=SC2086 # words
  rollsmith train -q "$root/data/midi/adeste-fideles.mid" "$root/data/midi/aura-lee.mid" $settings --seed 1 \
    --epochs "$epochs" "$@"
}

complain() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

train 2 -o begun.model && cp begun.model end.model && cp begun.model.state end.model.state &&
  train 4 -o end.model --resume || exit 1
for call in write fsync linkat rename; do
  n=1
  while [ $n -lt 100 ]; do
    rm -f m.model m.model.state
    cp begun.model m.model
    cp begun.model.state m.model.state
    # shellcheck disable=SC2086 # words
    strace -f -qq -o log -e trace=$call -e inject=$call:signal=KILL:when=$n rollsmith train -q \
      "$root/data/midi/adeste-fideles.mid" "$root/data/midi/aura-lee.mid" $settings --seed 1 --epochs 4 \
      -o m.model --resume 2>/dev/null
    grep -q 'killed by SIGKILL' log || break
    kills=$((kills + 1))
    rollsmith info -q m.model || complain "$call $n: the model cannot be read"
    train 4 -o m.model --resume || complain "$call $n: it cannot be resumed"
    cmp -s m.model end.model || complain "$call $n: it does not end in the same bytes"
    [ "$(find . -name '.rollsmith*' | wc -l)" -le 1 ] || complain "$call $n: left behind: $(find . -name '.rollsmith*')"
    n=$((n + every))
  done
done
echo "$kills kills, $failures failures"
[ "$failures" = 0 ] && [ "$kills" -gt 0 ]
