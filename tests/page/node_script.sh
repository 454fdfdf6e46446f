#!/bin/sh
# SPDX-License-Identifier: ISC

# Runs a script in node, where it is there.
#
#   node_script.sh SCRIPT ARGUMENT...

command -v node >/dev/null 2>&1 || {
  echo "skipped: node is missing (Debian: nodejs)"
  exit 77
}
exec node "$@"
