#!/bin/sh
# Reads the sources by one rule, prints a line for each breach, and fails if there is any.
#
#   lint.sh layers|calls|functions|style|equations ROOT

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
rule=$1
root=$(cd "$2" && pwd)

texts() { # every text of the project that is written by hand
  find "$root/src" "$root/include" "$root/tests" "$root/tools" "$root/presets" "$root/doc" \
    \( -name '*.[ch]' -o -name 'meson.build' -o -name '*.sh' -o -name '*.awk' -o -name '*.md' \
    -o -name '*.ini' -o -name '*.in' -o -name '*.[1-7]' \) -type f 2>/dev/null || true
  find "$root" -maxdepth 1 \( -name '*.md' -o -name 'meson*' \) -type f
}

case $rule in
layers) programs='strip.awk rooms.awk layers.awk' ;;
calls) programs='strip.awk rooms.awk calls.awk' ;;
functions) programs='strip.awk rooms.awk functions.awk' ;;
style) programs='rooms.awk style.awk' ;;
equations) programs='rooms.awk equations.awk' ;;
esac

# shellcheck disable=SC2046 # none of our paths holds a space
case $rule in
layers | calls) # rollsmith.h first: it says which room a public header belongs to
  set -- "$root/include/rollsmith/rollsmith.h" $(find "$root/include" "$root/src" -name '*.[ch]' ! -name rollsmith.h | sort)
  ;;
functions) set -- $(find "$root/src" "$root/tests" -name '*.[ch]' | sort) ;;
style) set -- $(texts | sort) ;;
equations) # math.md first: it says which equations there are
  set -- "$root/doc/math.md" $(find "$root/src" "$root/include" "$root/tests" -name '*.[ch]' | sort)
  ;;
esac

# shellcheck disable=SC2046,SC2059,SC2086 # none of our paths holds a space
breaches=$(awk -v root="$root" $(printf -- "-f $here/%s " $programs) "$@")
[ -z "$breaches" ] || echo "$breaches"
! echo "$breaches" | grep -q '^[^ ]*:[0-9]*: '
