#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs the tour of README.md and puts what its commands print after the word "prints", so that the page shows
# what the program does; its picture is drawn anew, too. For whoever changes the program's words or presets.

set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build src/cli/rollsmith >/dev/null
PATH=$root/build/src/cli:$PATH
export PATH

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$root/data" "$place/data"
cd "$place"
: >output

run() { # COMMAND LINE of the page
  echo "$1" >&2
  sh -c "$1" >>output 2>&1 </dev/null
}

show() { # what was printed since the last text
  echo prints
  echo
  sed 's/^/    /' output
}

on_tour=no
old_output=no
while IFS= read -r line; do
  case $line in
  '## A tour') on_tour=yes ;;
  '## '*) on_tour=no ;;
  esac
  case $on_tour$old_output$line in
  yesno'    rollsmith '*) run "$line" ;;
  yesnoprints)
    show
    old_output=yes
    continue
    ;;
  yesno[!\ ]*) : >output ;; # text: what was printed before it is not shown
  yesyes'    '*) continue ;;
  yesyes?*) old_output=no ;;
  esac
  printf '%s\n' "$line"
done <"$root/README.md" | cat -s >new.md

cp song.png "$root/doc/images/song.png"
cp new.md "$root/README.md"
