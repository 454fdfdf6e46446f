#!/bin/sh
# SPDX-License-Identifier: ISC

# Installs the packages into a fresh system, runs the tour of README.md and the tests of the packages there, removes
# the packages, and looks for what remains.
#
#   chroot.sh ROOT       $RS_PACKAGES names a folder of tools/package.sh; without, the packages are made first
#
# Needs root, debootstrap and a mirror of Debian, $RS_MIRROR or deb.debian.org; skipped where one is missing.

set -eu
root=$1
mirror=${RS_MIRROR:-http://deb.debian.org/debian}

skip() {
  echo "skipped: $*"
  exit 77
}
fail() {
  echo "package: $*"
  exit 1
}

[ "$(id -u)" -eq 0 ] || skip "only root can make a chroot"
for program in debootstrap dpkg-buildpackage dh lintian; do
  command -v $program >/dev/null 2>&1 || skip "$program is not installed"
done

place=$(mktemp -d)
system=$place/system
leave() {
  ! mountpoint -q "$system/proc" || umount "$system/proc"
  rm -rf --one-file-system "$place"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

inside() { # COMMAND...
  chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"
}

packages=${RS_PACKAGES:-}
if [ -z "$packages" ]; then
  packages=$place/packages
  DEB_BUILD_OPTIONS='nocheck noautodbgsym' "$root/tools/package.sh" "$packages" >"$place/log" 2>&1 || {
    tail -n 40 "$place/log"
    fail "tools/package.sh failed"
  }
fi

# shellcheck disable=SC1091 # the system's
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
debootstrap --variant=minbase "$codename" "$system" "$mirror" >"$place/log" 2>&1 || {
  tail -n 5 "$place/log"
  skip "debootstrap could not make a system of $codename from $mirror"
}
mount -t proc proc "$system/proc" || skip "/proc cannot be mounted here"

# Each path of the packages that is not there before.
for package in "$packages"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -t
done | sed 's|^\./|/|; s|/$||' | sort -u >"$place/paths"
while read -r path; do
  [ -e "$system$path" ] || [ -L "$system$path" ] || echo "$path"
done <"$place/paths" >"$place/new"
[ -s "$place/new" ] || fail "the packages hold nothing"

mkdir "$system/packages"
cp "$packages"/*.deb "$system/packages"
inside apt-get -qq update
inside sh -c 'apt-get -qq install -y --no-install-recommends /packages/*.deb' >"$place/log" 2>&1 || {
  tail -n 20 "$place/log"
  fail "the packages cannot be installed"
}

# The tour, of fewer epochs.
mkdir -p "$system/tour/data"
ln -s /usr/share/rollsmith/songs "$system/tour/data/midi"
sed -n '/^## A tour/,/^## Listening/s/^    \(rollsmith .*\)/\1/p' "$root/README.md" |
  sed '/^rollsmith train/s/$/ --epochs 3/' >"$system/tour/tour.sh"
grep -c . "$system/tour/tour.sh"
inside sh -c 'cd /tour && sh -eux tour.sh'
inside sh -c 'cd /tour && ls song-001.mid song.png training.svg weights.png'
inside test -s /usr/share/man/man1/rollsmith.1.gz
cp "$root/debian/tests/program" "$system/tour/program"
inside sh -c 'cd /tour && sh ./program' >"$place/log" 2>&1 || {
  cat "$place/log"
  fail "debian/tests/program failed"
}

names=$(for package in "$packages"/*.deb; do dpkg-deb -f "$package" Package; done)
# shellcheck disable=SC2086 # a package a word
inside apt-get -qq purge -y $names >/dev/null
rm -r "$system/tour" "$system/packages"
# Folders of other packages, which came with these, are theirs.
remains=$(while read -r path; do
  [ ! -e "$system$path" ] || inside dpkg -S "$path" >/dev/null 2>&1 </dev/null || echo "$path"
done <"$place/new"
find "$system" -xdev -iname '*rollsmith*')
[ -z "$remains" ] || fail "after removal these remain: $remains"
[ -z "$(inside dpkg-query -W '*rollsmith*' 2>/dev/null | awk '$2 != ""')" ] || fail "dpkg still knows the packages"
echo "installed, used and removed: $names"
