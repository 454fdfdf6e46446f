#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs a test in node.
#
#   in_node.sh SCRIPT ROLLSMITH MAKE_MODEL WEB_FOLDER MODULE
#
# MODULE is none where the build has no -Dpage=enabled.

set -eu
script=$1 rollsmith=$(realpath "$2") make_model=$3 web=$4 module=$5

skip() {
  echo "skipped: $1"
  exit 77
}
command -v node >/dev/null 2>&1 || skip "node is missing (Debian: nodejs)"
[ "$module" != none ] || skip "the module is not built; use -Dpage=enabled"
case $script in
*browser.js) command -v chromium >/dev/null 2>&1 || skip "chromium is missing" ;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/share/rollsmith"
cp "$module" "$folder/share/rollsmith/player.wasm.gz"
"$make_model" "$folder/random.model" default
"$rollsmith" train "$web/../../../data/midi" -p quick --epochs 2 --set train.ais_betas=10 -q -o "$folder/trained.model"
XDG_DATA_HOME=$folder/share node "$script" "$rollsmith" "$folder" "$web"
