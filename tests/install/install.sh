#!/bin/sh
# SPDX-License-Identifier: ISC

# Installs into a folder of its own, looks at what is there, and builds and runs the examples as a stranger
# would: with pkg-config alone, against the shared and the static library, in C and in C++.
#
#   install.sh MESON BUILD ROOT      compilers from $CC and $CXX

set -eu
meson=$1
build=$2
root=$3
cc=${CC:-cc}
cxx=${CXX:-c++}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

fail() {
  echo "install: $*"
  exit 1
}

there() { # PATTERN: the first installed file of such a name
  # shellcheck disable=SC2046 # mktemp gives no spaces
  set -- $(find "$place/to" -path "*/$1")
  [ $# -ge 1 ] || fail "nothing is installed as $1"
  echo "$1"
}

only_ours() { # FILE NM-OPTION...: every name that it shows is ours
  file=$1
  shift
  foreign=$(nm "$@" --defined-only "$file" | awk 'NF == 3 && $3 !~ /^rs_/ { print $3 }')
  [ -z "$foreign" ] || fail "$file shows names that do not begin with rs_: $foreign"
}

runs() { # WANTED-LAST-LINE PROGRAM ARGUMENT...
  wanted=$1
  shift
  said=$("$@") || fail "$1 ended in status $?"
  [ "$(echo "$said" | tail -n 1)" = "$wanted" ] || fail "$1 said: $said"
}

DESTDIR="$place/to" "$meson" install -C "$build" --no-rebuild --quiet

pc=$(there 'rollsmith.pc')
libraries=$(dirname "$(there 'librollsmith.a')")
PKG_CONFIG_PATH=$(dirname "$pc")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

for header in "$root"/include/rollsmith/*.h; do
  there "include/rollsmith/${header##*/}" >/dev/null
done
for preset in "$root"/presets/*.ini; do
  there "rollsmith/presets/${preset##*/}" >/dev/null
done

for page in "$root"/doc/man/*.in; do
  page=${page##*/}
  page=${page%.in}
  there "man/man${page##*.}/$page" >/dev/null
done
for text in LICENSE NOTICES; do
  cmp "$root/$text" "$(there "doc/rollsmith/$text")"
done
rollsmith=$(there bin/rollsmith)
version=$("$rollsmith" --version)
[ "$version" = "rollsmith $(pkg-config --modversion rollsmith)" ] || fail "--version says: $version"

for library in librollsmith librollsmith-grad; do
  only_ours "$libraries/$library.a" -g
  only_ours "$libraries/$library.so" -D
done

cd "$place"
flags=$(pkg-config --cflags --libs rollsmith)
# Not --static, for which the libraries of others would have to be static, too.
# shellcheck disable=SC2046 # a library a line
fixed="$(pkg-config --cflags rollsmith) $libraries/librollsmith.a $(sed -n 's/^Libs.private: //p' "$pc") \
  $(pkg-config --libs $(pkg-config --print-requires-private rollsmith | sed 's/ .*//'))"
for example in scale machine rotation compose; do
  # shellcheck disable=SC2086 # flags are several words
  $cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$root/examples/$example.c" $flags -lm -o $example
  # shellcheck disable=SC2086
  $cc "$root/examples/$example.c" $fixed -o $example-static
done
runs 'wrote scale.mid' ./scale scale.mid
runs 'wrote static.mid' ./scale-static static.mid
cmp scale.mid static.mid
runs 'sum  1.0000' ./machine
runs 'sum  1.0000' ./machine-static
runs '(2.00-1.00i) z + (3.00+1.00i)' ./rotation
runs '(2.00-1.00i) z + (3.00+1.00i)' ./rotation-static
"$rollsmith" train -q "$root/data/midi" -o "$place/songs.model" -p quick --epochs 1 --set model.hidden=8
runs 'wrote new.mid' ./compose songs.model new.mid
runs 'wrote static.mid' ./compose-static songs.model static.mid
cmp new.mid static.mid

# The gradient core alone.
grad_flags=$(pkg-config --cflags --libs rollsmith-grad)
# shellcheck disable=SC2086
$cc "$root/examples/rotation.c" $grad_flags -o rotation-grad
runs '(2.00-1.00i) z + (3.00+1.00i)' ./rotation-grad
others=$(LC_ALL=C readelf -d "$libraries/librollsmith-grad.so" |
  sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v -e 'blas' -e '^lib[cm]\.so' -e '^ld-linux')
[ -z "$others" ] || fail "librollsmith-grad needs $others"

command -v "$cxx" >/dev/null 2>&1 || {
  echo "skipped: no C++ compiler, the examples were tried in C alone"
  exit 0
}
# shellcheck disable=SC2086
"$cxx" -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$root/examples/scale.c" -x none $flags -o scale++
runs 'wrote plus.mid' ./scale++ plus.mid
cmp scale.mid plus.mid
