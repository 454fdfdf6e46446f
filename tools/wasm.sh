#!/bin/sh
# SPDX-License-Identifier: ISC

# Builds the module of the page that plays a model.
#
#   wasm.sh EMCC ROOT VERSION FOLDER OUT.wasm.gz HEADER SOURCE...
#
# The functions that HEADER declares are what the module exports. Random123 has a list of the
# architectures that it was tested on, without WebAssembly: -D__riscv stands for another one of the list
# without instructions of its own. What the module generates is tested.

set -eu
emcc=$1 root=$2 version=$3 folder=$4 out=$5 header=$6
shift 6

mkdir -p "$folder"
for include in /usr/include /usr/local/include; do
  [ ! -d $include/Random123 ] || ln -sfn $include/Random123 "$folder/Random123"
done
exports=$(sed -n 's/^[a-zA-Z].*[ *]\(rs_page_player_[a-z_0-9]*\)(.*/_\1/p' "$header" | paste -sd, -)

"$emcc" -std=gnu11 -Os -DNDEBUG -D_GNU_SOURCE -D__riscv "-DRS_VERSION=\"$version\"" -ffp-contract=off \
  -fno-math-errno "-I$root/include" "-I$root/src" "-I$folder" "$@" \
  -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH=1 "-sEXPORTED_FUNCTIONS=$exports,_malloc,_free" \
  -o "$folder/module.wasm"
gzip -9nc "$folder/module.wasm" >"$out"
