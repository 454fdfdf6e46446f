#!/bin/sh
# SPDX-License-Identifier: ISC

# Holds the project's shell scripts against shellcheck, where that is installed.
#
#   shell.sh ROOT

set -eu
command -v shellcheck >/dev/null 2>&1 || {
  echo "skipped: shellcheck is not installed"
  exit 77
}
# shellcheck disable=SC2046 # none of our paths holds a space
shellcheck $(find "$1/tools" "$1/tests" "$1/data" "$1/.ci" \( -name '*.sh' -o -name run \) -type f)
