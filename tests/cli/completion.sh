#!/bin/sh
# SPDX-License-Identifier: ISC

# Asks a shell what it offers, and compares that with what the help of each command shows.
#
#   completion.sh SHELL FOLDER     with the completions; the folder of rollsmith in $PATH

set -eu
shell=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
failed=0

command -v "$shell" >/dev/null 2>&1 || {
  echo "skipped: $shell is not installed"
  exit 77
}

offers() { # WORD...: what is offered for the last word, sorted
  case $shell in
  bash) # which splits a word at =
    # shellcheck disable=SC2016 # bash -c expands
    bash -c '. "$1/rollsmith"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _rollsmith; printf "%s\n" "${COMPREPLY[@]}"' bash "$folder" rollsmith "$@"
    ;;
  zsh) zsh -f "$here/completion.zsh" "$folder" "rollsmith $*" ;;
  fish) # shellcheck disable=SC2016 # fish expands
    fish --no-config -c 'source $argv[1]/rollsmith.fish; complete -C "$argv[2]"' "$folder" "rollsmith $*" |
    cut -f 1 ;;
  esac | sort -u | tr '\n' ' ' | sed 's/^ *//; s/ *$//'
}

expect() { # WANTED WORD...
  wanted=$1
  shift
  offered=$(offers "$@")
  [ "$offered" = "$wanted" ] || {
    echo "$shell: rollsmith $*: offered: $offered; wanted: $wanted"
    failed=1
  }
}

section() { # NAME, of help on standard input
  awk -v name="$1:" '$0 == name { inside = 1; next } /^$/ { inside = 0 } inside'
}

commands=$(rollsmith --help | section Commands | awk '{ print $1 }' | sort)
[ -n "$commands" ] || {
  echo "rollsmith --help shows no commands"
  failed=1
}
for command in $commands; do
  expect "$command" "$command"
done
long_options() { # COMMAND
  rollsmith "$1" --help | section Options | grep -o -e '^ *\(-., \)\?--[a-z-]*' | grep -o -e '--.*' | sort |
    tr '\n' ' ' | sed 's/ $//'
}
# One command of many options where a question takes long.
[ "$shell" != zsh ] || commands=play
for command in $commands; do
  expect "$(long_options "$command")" "$command" --
done

cd "$place"
mkdir songs
touch songs.mid mine.ini
expect 'quick' train -p q
expect 'mine.ini' train -p mi
expect 'model.rbm=bb model.rbm=gb' train --set model.rb
expect 'roll.low=' train --set roll.lo
expect 'roll.articulation=false roll.articulation=true' ingest x --set roll.artic
expect 'quick' presets qu
expect 'evaluate export' help e
expect '' ports so
expect '' train --epochs so
case $shell in
bash)
  expect 'songs songs.mid' train -q so
  expect 'songs songs.mid' train --output = so
  expect 'bb gb' train --set model.rbm = ''
  expect 'gb' train --set = model.rbm = g
  ;;
fish) expect 'songs.mid songs/' train -q so ;;
zsh) expect 'songs songs.mid' train -q so ;;
esac

# Ports are those that the program lists.
mkdir bin
cat >bin/rollsmith <<'PORTS'
#!/bin/sh
echo '  0  output  Midi Through Port-0  [Midi Through 14:0]'
echo '  3  output  Synth  (default)'
PORTS
chmod +x bin/rollsmith
PATH=$place/bin:$PATH
expect 'Midi Through Port-0' play x --port Mi
expect 'Synth' panic -p S
exit "$failed"
