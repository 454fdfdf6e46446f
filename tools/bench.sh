#!/bin/sh
# SPDX-License-Identifier: ISC

# How fast everything is: builds what is measured and prints a table, in less than five minutes; the same
# as JSON in build/bench.json. What the numbers mean, and what was done for them: doc/performance.md.
#
#   tools/bench.sh [--only PART,...] [--turns N] [SONGS...]
#
# SONGS are folders of MIDI files or .roll files (default: data/midi). All is measured on the first; block
# RTRL on each. Parts: torch sizes engines threads bytes models ingest. $BUILD names another folder than
# build. `meson compile -C build bench` does the same with the songs of data/midi.

set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}

[ -f "$build/build.ninja" ] || meson setup "$build" >/dev/null
ninja -C "$build" src/cli/rollsmith bench/measure >/dev/null
exec "${PYTHON:-python3}" bench/bench.py "$build" "$@"
