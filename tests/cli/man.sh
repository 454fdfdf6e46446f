#!/bin/sh
# SPDX-License-Identifier: ISC

# Every command has a manual page, with every option that its help shows; and roff finds nothing to object to.
#
#   man.sh FOLDER     with the manual pages; the folder of rollsmith in $PATH

set -eu
folder=$1
failed=0

complain() {
  echo "$*"
  failed=1
}

commands=$(rollsmith --help | awk '/^Commands:/ { inside = 1; next } /^$/ { inside = 0 } inside { print $1 }')
[ -n "$commands" ] || complain "rollsmith --help shows no commands"
for command in $commands; do
  page=$folder/rollsmith-$command.1
  [ -f "$page" ] || {
    complain "rollsmith-$command.1 is missing"
    continue
  }
  plain=$(sed 's/\\-/-/g; s/\\f[BIR]//g' "$page")
  options=$(rollsmith "$command" --help | awk '/^Options:/ { inside = 1; next } /^$/ { inside = 0 } inside' |
    grep -o -e '--[a-z-]*')
  for option in $options; do
    echo "$plain" | grep -q -e "^\(-., \)\?$option" || complain "rollsmith-$command.1 does not tell of $option"
  done
done

if command -v groff >/dev/null 2>&1; then
  for page in "$folder"/*.[15]; do
    said=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
    [ -z "$said" ] || complain "$page: $said"
  done
fi
exit "$failed"
