#!/bin/sh
# SPDX-License-Identifier: ISC

# Builds a wheel of the module, unpacks it into a folder of its own, and runs the module's tests.
#
#   run.sh PYTHON ROOT LIBRARY      rollsmith in $PATH

set -eu
root=$2
library=$(realpath "$3") # the tests run in another folder
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# The first Python that has what the module needs; the system's is not always the first in $PATH.
for python in "$1" /usr/bin/python3 none; do
  "$python" -c 'import cffi, numpy, setuptools, wheel' 2>/dev/null && break
done
[ "$python" != none ] || {
  echo "skipped: needs Python with cffi, numpy, setuptools and wheel"
  exit 77
}
cp -R "$root/python" "$place/python" # setuptools writes into its sources
ln -s "$root/include" "$place/include"
cd "$place/python"
"$python" -c 'import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])' "$place" \
  >"$place/log" 2>&1 || {
  cat "$place/log"
  exit 1
}
"$python" -m zipfile -e "$place"/rollsmith-*-py3-none-any.whl "$place/site"
cd "$place"
PYTHONPATH="$place/site" ROLLSMITH_LIBRARY="$library" "$python" "$root/python/tests/test_rollsmith.py"
