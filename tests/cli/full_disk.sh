#!/bin/sh
# SPDX-License-Identifier: ISC

# What a command does on a disk that is full and in a folder that is write-protected, even for root: on small
# file systems of our own, that nobody else sees.
#
#   full_disk.sh ROOT     with the folder of rollsmith in $PATH

set -eu
root=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export root place

unshare -rm mount -t tmpfs -o size=16k none "$place" 2>/dev/null || {
  echo "skipped: no file systems of our own here (unshare -rm)"
  exit 77
}

# shellcheck disable=SC2016 # the inner shell expands
unshare -rm sh -euc '
  refuses() { # WANTED-MESSAGE COMMAND...
    wanted=$1
    shift
    status=0
    said=$("$@" 2>&1 >/dev/null) || status=$?
    [ "$status" = 1 ] || { echo "status $status, wanted 1: $*"; exit 1; }
    echo "$said" | grep -q "$wanted" || { echo "wanted $wanted, but: $said"; exit 1; }
  }
  mount -t tmpfs -o size=16k none "$place"
  echo old >"$place/all.roll"
  refuses "cannot write .*all.roll: No space left" rollsmith ingest "$root/data/midi" -o "$place/all.roll"
  [ "$(cat "$place/all.roll")" = old ] || { echo "the old file is lost"; exit 1; }
  [ "$(ls -A "$place")" = all.roll ] || { echo "left behind: $(ls -A "$place")"; exit 1; }
  mount -o remount,ro "$place"
  refuses "cannot write .*write-protected" rollsmith ingest "$root/data/midi" -o "$place/new.roll"
  [ "$(ls -A "$place")" = all.roll ] || { echo "left behind: $(ls -A "$place")"; exit 1; }
'
