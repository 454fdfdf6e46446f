#!/bin/sh
# SPDX-License-Identifier: ISC

# The MIDI files of data/ are what their sources give, and every piece keeps the rules of data/README.md.
#
#   songs.sh ROOT

set -eu
command -v abc2midi >/dev/null 2>&1 || {
  echo "skipped: abc2midi (Debian package abcmidi) is not installed"
  exit 77
}
"$1/data/make.sh" --check
