#!/bin/sh
# SPDX-License-Identifier: ISC

# Reads the sources by one rule, prints a line for each breach, and fails if there is any.
#
#   lint.sh layers|calls|circles|functions|sizes|style|equations ROOT

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
rule=$1
root=$(cd "$2" && pwd)

# The files below some folders of the project, those that there are.
files() { # "FOLDER..." FIND-CONDITION...
  folders=$1
  shift
  for folder in $folders; do
    [ ! -d "$root/$folder" ] || find "$root/$folder" -type f "$@"
  done | sort
}

texts() { # every text of the project that is written by hand
  files 'src include tests examples bench tools presets doc python share' ! -name _declarations.py \( -name '*.[ch]' -o -name '*.py' \
    -o -name 'meson.build' -o -name '*.sh' -o -name '*.awk' -o -name '*.js' -o -name '*.zsh' -o -name '*.md' \
    -o -name '*.ini' -o -name '*.in' -o -name '*.[1-7]' \)
  find "$root" -maxdepth 1 -type f \( -name '*.md' -o -name 'meson*' \)
}

case $rule in
layers) programs='strip.awk rooms.awk layers.awk' ;;
calls) programs='strip.awk rooms.awk calls.awk' ;;
circles) programs='strip.awk rooms.awk circles.awk' ;;
functions) programs='strip.awk rooms.awk functions.awk' ;;
sizes) programs='strip.awk rooms.awk sizes.awk' ;;
style) programs='rooms.awk style.awk' ;;
equations) programs='rooms.awk equations.awk' ;;
esac

# shellcheck disable=SC2046 # none of our paths holds a space
case $rule in
layers | calls) # rollsmith.h first: it says which room a public header belongs to
  set -- "$root/include/rollsmith/rollsmith.h" $(files 'include src' -name '*.[ch]' ! -name rollsmith.h)
  ;;
circles | sizes) set -- $(files 'include src' -name '*.[ch]') ;;
functions) set -- $(files 'src tests examples bench tools' -name '*.[ch]') ;;
style) set -- $(texts) ;;
equations) # math.md first: it says which equations there are
  set -- "$root/doc/math.md" $(files 'src include tests' -name '*.[ch]')
  ;;
esac

# shellcheck disable=SC2046,SC2059,SC2086 # none of our paths holds a space
breaches=$(awk -v root="$root" $(printf -- "-f $here/%s " $programs) "$@")
[ -z "$breaches" ] || echo "$breaches"
! echo "$breaches" | grep -q '^[^ ]*:[0-9]*: '
