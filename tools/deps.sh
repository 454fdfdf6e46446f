#!/bin/sh
# SPDX-License-Identifier: ISC

# Installs what rollsmith needs to be built and tested, or says how to.
#
#   tools/deps.sh [SET...]    of build, test, songs (these three if none is named), extended, jack, page,
#                             mpi, package, chroot, shells, notation and analysis
#
# Nothing happens, and no network is asked, where everything is there already. On Debian and its kin what
# is missing comes by apt-get, as root or through sudo; elsewhere it is named and the exit status is 1.

set -eu

# set | how to see that it is there | Debian | Fedora | Arch | Homebrew
needs='
build | program cc                         | gcc libc6-dev      | gcc                | gcc           | -
build | program meson                      | meson              | meson              | meson         | meson
build | program ninja                      | ninja-build        | ninja-build        | ninja         | ninja
build | program pkg-config                 | pkg-config         | pkgconf-pkg-config | pkgconf       | pkgconf
build | library glib-2.0                   | libglib2.0-dev     | glib2-devel        | glib2         | glib
build | library smf                        | libsmf-dev         | libsmf-devel       | libsmf        | libsmf
build | library openblas                   | libopenblas-dev    | openblas-devel     | openblas      | openblas
build | library jansson                    | libjansson-dev     | jansson-devel      | jansson       | jansson
build | library cairo                      | libcairo2-dev      | cairo-devel        | cairo         | cairo
build | header Random123/philox.h          | librandom123-dev   | Random123-devel    | -             | -
build | header portmidi.h                  | libportmidi-dev    | portmidi-devel     | portmidi      | portmidi
build | header alsa/asoundlib.h            | libasound2-dev     | alsa-lib-devel     | alsa-lib      | -
build | library liblo                      | liblo-dev          | liblo-devel        | liblo         | liblo
build | library jack                       | libjack-jackd2-dev | jack-audio-connection-kit-devel | jack2 | jack
test  | library cmocka                     | libcmocka-dev      | libcmocka-devel    | cmocka        | cmocka
lab   | program qemu-system-x86_64             | qemu-system-x86    | -                  | -             | -
lab   | program busybox                        | busybox-static     | -                  | -             | -
lab   | program cpio                           | cpio               | -                  | -             | -
lab   | program fluidsynth                     | fluidsynth         | -                  | -             | -
lab   | file /usr/share/alsa/alsa.conf         | libasound2-data    | -                  | -             | -
lab   | file /usr/share/sounds/sf2/TimGM6mb.sf2 | timgm6mb-soundfont | -                 | -             | -
test  | program c++                        | g++                | gcc-c++            | gcc           | -
test  | program groff                      | groff-base         | groff-base         | groff         | groff
test  | program oscsend                    | liblo-tools        | liblo              | liblo         | -
analysis | program cppcheck                   | cppcheck           | cppcheck           | cppcheck      | cppcheck
test  | program ps                         | procps             | procps-ng          | procps-ng     | -
extended | program strace                  | strace             | strace             | strace        | -
extended | program valgrind                | valgrind           | valgrind           | valgrind      | -
extended | program shellcheck              | shellcheck         | ShellCheck         | shellcheck    | shellcheck
jack  | program jackd                      | jackd2             | jack-audio-connection-kit | jack2  | jack
page  | program emcc                    | emscripten         | emscripten         | emscripten    | emscripten
page  | program node                    | nodejs             | nodejs             | nodejs        | node
page  | program chromium                | chromium           | chromium           | chromium      | -
mpi   | program mpirun                     | openmpi-bin libopenmpi-dev | openmpi openmpi-devel | openmpi | open-mpi
package | program dpkg-buildpackage       | dpkg-dev           | -                  | -             | -
package | program dh                      | debhelper          | -                  | -             | -
package | program lintian                 | lintian            | -                  | -             | -
package | program appstreamcli            | appstream          | appstream          | appstream     | -
chroot | program debootstrap              | debootstrap        | debootstrap        | debootstrap   | -
shells | program zsh                      | zsh                | zsh                | zsh           | zsh
shells | program fish                     | fish               | fish               | fish          | fish
songs | program abc2midi                   | abcmidi            | -                  | -             | abcmidi
extended | file /usr/lib/python3/dist-packages/cffi/__init__.py | python3-cffi | python3-cffi | python-cffi | -
extended | file /usr/lib/python3/dist-packages/numpy/__init__.py | python3-numpy | python3-numpy | python-numpy | -
extended | file /usr/lib/python3/dist-packages/wheel/__init__.py | python3-wheel python3-setuptools | python3-wheel | python-wheel | -
analysis | program clang-tidy              | clang-tidy         | clang-tools-extra  | clang         | llvm
notation | program musescore3              | musescore3         | -                  | -             | -
'

is_there() { # KIND NAME
  case $1 in
  program) command -v "$2" >/dev/null 2>&1 ;;
  library) pkg-config --exists "$2" >/dev/null 2>&1 ;;
  file) [ -r "$2" ] ;;
  header) echo "#include <$2>" | cc -E - >/dev/null 2>&1 ;;
  esac
}

# The rows of the wanted sets whose probe fails.
missing_rows() {
  echo "$needs" | while IFS='|' read -r set probe names; do
    case " $sets " in
    *" ${set%% *} "*)
      # shellcheck disable=SC2086 # a probe is two words
      [ -z "$set" ] || is_there $probe || echo "$set|$probe|$names"
      ;;
    esac
  done
}

packages() { # COLUMN, of the rows on standard input, on one line
  awk -F '|' -v column="$1" '$column !~ /^ *-? *$/ { printf "%s", $column }' | tr -s ' ' | sed 's/^ //; s/ $//'
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    echo "deps: not root, and there is no sudo; as root, run: $*" >&2
    return 1
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >/dev/null
}

apt_install() { # PACKAGE...
  # Lists that were never fetched do not know the packages; old ones name files that are gone.
  if apt-get -s install "$@" >/dev/null 2>&1 && apt_get install -y --no-install-recommends "$@"; then
    return 0
  fi
  echo "deps: fetching the package lists"
  apt_get update && apt_get install -y --no-install-recommends "$@"
}

say_how() {
  echo "deps: these are missing:"
  echo "$rows" | awk -F '|' '{ print "   " $2 }'
  if command -v dnf >/dev/null 2>&1; then
    echo "Install them with: sudo dnf install $(echo "$rows" | packages 4)"
  elif command -v pacman >/dev/null 2>&1; then
    echo "Install them with: sudo pacman -S $(echo "$rows" | packages 5)"
  elif command -v brew >/dev/null 2>&1; then
    echo "Install them with: brew install $(echo "$rows" | packages 6)"
    echo "and, for the compiler: xcode-select --install"
    echo "OpenBLAS is found after: export PKG_CONFIG_PATH=\"\$(brew --prefix openblas)/lib/pkgconfig\""
  else
    echo "Install them with the package manager of your system; Debian's names are:"
    echo "    $(echo "$rows" | packages 3)"
  fi
  echo "Random123 is headers alone: https://github.com/DEShawResearch/random123"
  echo "libsmf, where no package has it: https://github.com/stump/libsmf"
  echo "rollsmith is tested on Debian 12; names on other systems may differ. Then run this again."
}

sets="${*:-build test songs}"
# The lab of the live tests is made for Debian, and skipped elsewhere.
case " $sets " in
*" test "*) ! command -v apt-get >/dev/null 2>&1 || sets="$sets lab" ;;
esac
rows=$(missing_rows)
[ -n "$rows" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  say_how >&2
  exit 1
fi

# shellcheck disable=SC2046 # one argument a package
set -- $(echo "$rows" | packages 3)
echo "deps: installing, which takes a minute: $*"
apt_install "$@" </dev/null || {
  echo "deps: could not install: $*" >&2
  exit 1
}
rows=$(missing_rows)
[ -z "$rows" ] || {
  echo "deps: installed, but still not found:" >&2
  echo "$rows" | awk -F '|' '{ print "   " $2 }' >&2
  exit 1
}
