#!/bin/sh
# SPDX-License-Identifier: ISC

# Boots a machine with ALSA's sequencer in it, under software emulation, and runs guest.sh there.
#
#   lab.sh FOLDER GUEST.sh PROGRAM... MODEL      FOLDER keeps the kernel from one run to the next
#
# LAB_KERNEL is a folder of another run that keeps it, LAB_WORDS are for the command line of the kernel, and after
# LAB_SECONDS it is ended.
#
# Skipped (status 77) with the reason where something is missing that it takes.

set -eu
folder=$1
guest=$2
shift 2
root=$folder/root
kernel=${LAB_KERNEL:-$folder/kernel}
soundfont=/usr/share/sounds/sf2/TimGM6mb.sf2

# In their order; LAB_CASES, separated by commas, takes others.
cases=${LAB_CASES:-$(sed -n 's/^\([a-z0-9_]*_[a-z0-9_]*_[a-z0-9_]*\)() {$/\1/p' "$guest" | grep -v without_a_sequencer | tr '\n' ',')}

skip() { # WHY
  echo "skipped: $1"
  exit 77
}

[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || skip "the lab is made for Linux on x86-64"
for program in qemu-system-x86_64 busybox cpio fluidsynth; do
  command -v $program >/dev/null 2>&1 || skip "$program is not installed; tools/deps.sh installs it"
done
[ -r $soundfont ] || skip "there is no $soundfont; tools/deps.sh installs it"

# The kernel of Debian that has sound in it is fetched and unpacked, not installed.
fetch_kernel() {
  command -v apt-get >/dev/null 2>&1 || skip "only Debian's kernel is known to the lab"
  rm -rf "$folder/kernel.new"
  mkdir -p "$folder/kernel.new" "$(dirname "$kernel")"
  package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -n "$package" ] || skip "apt knows no linux-image-amd64"
  (cd "$folder/kernel.new" && apt-get -qq -o APT::Sandbox::User=root download "$package" >/dev/null 2>&1) ||
    skip "the kernel ($package) cannot be fetched"
  dpkg -x "$folder"/kernel.new/*.deb "$folder/kernel.new"
  rm "$folder"/kernel.new/*.deb
  mv "$folder/kernel.new" "$kernel"
}
mkdir -p "$(dirname "$kernel")"
if command -v flock >/dev/null 2>&1; then
  exec 9>"$(dirname "$kernel")/fetching" # Another lab may fetch it, too
  flock 9
fi
[ -d "$kernel" ] || fetch_kernel
exec 9>&-

put() { # PROGRAM: with the libraries that it takes, each at its own path
  cp "$1" "$root/bin/$(basename "$1")"
  ldd "$1" 2>/dev/null | sed -n 's/^[^/]*\(\/[^ ]*\) (.*/\1/p' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    [ -e "$root$library" ] || cp -L "$library" "$root$library"
  done
}

put_modules() {
  : >"$root/modules"
  for module in soundcore snd snd-timer snd-hrtimer snd-seq-device snd-seq snd-rawmidi snd-seq-midi-event \
    snd-seq-virmidi snd-seq-midi snd-seq-dummy snd-virmidi; do
    file=$(find "$kernel/lib/modules" -name "$module.ko" | head -n 1)
    [ -n "$file" ] || skip "the kernel has no $module"
    cp "$file" "$root/lib/$module.ko"
    echo "/lib/$module.ko" >>"$root/modules"
  done
}

rm -rf "$root"
mkdir -p "$root/bin" "$root/lib" "$root/tmp" "$root/usr/share/sounds/sf2" "$root/usr/share/alsa"
while [ $# -gt 1 ]; do
  put "$1"
  shift
done
put "$(command -v busybox)"
put "$(command -v fluidsynth)"
cp -R /usr/share/alsa/. "$root/usr/share/alsa"
cp "$soundfont" "$root$soundfont"
cp "$1" "$root/tmp/model"
cp "$guest" "$root/init"
chmod +x "$root/init"
cp "$(dirname "$guest")/guest_kit.sh" "$(dirname "$guest")/event_kit.sh" "$root"
put_modules
(cd "$root" && find . | cpio --quiet -o -H newc) >"$folder/initrd"
rm -rf "$root"

# What the emulated machine has waited for a processor, in milliseconds.
waited_by() { # PROCESS
  cat "/proc/$1"/task/*/schedstat 2>/dev/null | awk '{ waited += $2 } END { printf "%d", waited / 1e6 }'
}

mkdir -p "$folder"
image=$(find "$kernel/boot" -name 'vmlinuz-*' | head -n 1)
words="console=ttyS0 quiet panic=-1 no_timer_check ${LAB_WORDS:-} cases=$cases"
qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 768 -kernel "$image" \
  -initrd "$folder/initrd" -append "$words" -nographic -no-reboot \
  </dev/null >"$folder/console" 2>&1 &
machine=$!
trap 'kill $machine 2>/dev/null || true' EXIT
began=$(cut -d . -f 1 /proc/uptime)
seconds=0
waited=0
while kill -0 $machine 2>/dev/null && [ $seconds -lt "${LAB_SECONDS:-800}" ]; do
  sleep 1
  seconds=$(($(cut -d . -f 1 /proc/uptime) - began))
  now=$(waited_by $machine)
  [ "$now" -lt "$waited" ] || waited=$now
done
kill $machine 2>/dev/null || true
share=$((waited / 10 / (seconds + 1))) # Percent of the time

why="the emulated machine waited for a processor for $share % of its $seconds s"
echo "($why)"

# What the machine printed, in the form that the counting of tests knows. Who often has to wait is late, and
# fails where nothing is wrong.
sed 's/\r//g; /^\[\|^    \|^lab/!d' "$folder/console" >"$folder/said"
[ $share -lt 25 ] || sed -i "s/^\[  FAILED  \]/    ($why)\n[  SKIPPED ]/" "$folder/said"
cat "$folder/said"
for mark in FAILED SKIPPED; do
  count=$(grep -c "^\[ *$mark *\] " "$folder/said" || true)
  [ "$count" -eq 0 ] || echo "[ $mark ] $count test(s), listed below"
done
grep -q '^lab: done' "$folder/said" || {
  [ $share -lt 25 ] || skip "$why, and did not come to its end"
  echo "the lab did not come to its end"
  exit 1
}
! grep -q '^\[  FAILED  \]' "$folder/said"
