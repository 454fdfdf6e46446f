#!/bin/sh
# SPDX-License-Identifier: ISC

# Makes the source archive and Debian's packages, in build/package, and lets lintian look at them.
#
#   tools/package.sh [FOLDER]     what is committed; FOLDER in place of build/package
#
# DEB_BUILD_OPTIONS=nocheck leaves the tests out. Ends in the list of what was made; the exit status is that of
# the first step that failed.

set -eu
cd "$(dirname "$0")/.."
place=${1:-build/package}
tools/deps.sh build test package

rm -rf "$place"
mkdir -p "$place"
place=$(cd "$place" && pwd)

step() {
  printf '\n== %s\n' "$*"
}

step "The source archive"
meson setup "$place/build" -Dtests=disabled >/dev/null
meson dist -C "$place/build" --no-tests --formats xztar --allow-dirty >/dev/null
archive=$(basename "$place"/build/meson-dist/rollsmith-*.tar.xz)
mv "$place/build/meson-dist/$archive"* "$place"
rm -rf "$place/build"
name=${archive%.tar.xz}
version=${name#rollsmith-}
cd "$place"
ln -s "$archive" "rollsmith_$version.orig.tar.xz"
tar -xf "$archive"

step "Debian's packages"
(cd "$name" && dpkg-buildpackage -us -uc)

step "lintian"
lintian --pedantic --fail-on error,warning,info,pedantic rollsmith_*.changes

step "Done: everything lies in $place"
ls -1 "$archive" ./*.deb ./*.dsc
