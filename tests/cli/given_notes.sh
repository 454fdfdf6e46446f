#!/bin/sh
# SPDX-License-Identifier: ISC

# Harmonises songs with many options, and counts the given notes that come out otherwise: there must be none.
#
#   given_notes.sh ROLLSMITH ROOT COUNT    the first COUNT songs of data/midi and, where RS_TEST_DATA names a
#                                          folder with the songs of the benchmark as MIDI files, of these

set -eu
rollsmith=$1
root=$2
count=$3
command -v python3 >/dev/null || {
  echo "there is no python3, which reads the songs"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/fixtures"
(cd "$place/fixtures" && PATH=$(dirname "$rollsmith"):$PATH sh "$root/tests/cli/fixtures.sh" "$root" with-model)
# Two tracks that share a channel and a pitch: the note-off of each is behind the note-on of the other
printf 'MThd\0\0\0\6\0\1\0\2\0\4MTrk\0\0\0\14\0\220\74\100\10\200\74\0\0\377\57\0' >"$place/shared.mid"
printf 'MTrk\0\0\0\14\4\220\74\120\10\200\74\0\0\377\57\0' >>"$place/shared.mid"
find "$root/data/midi" ${RS_TEST_DATA:+"$RS_TEST_DATA/midi/nottingham" "$RS_TEST_DATA/midi/jsb"} -name '*.mid' |
  sort | head -n "$count" >"$place/list"
# shellcheck disable=SC2046 # no name has a space
python3 "$root/tools/given_notes.py" "$rollsmith" "$place/fixtures/ready.model" "$place/shared.mid" $(cat "$place/list")
