# SPDX-License-Identifier: ISC

# Prints what zsh offers for a command line, a candidate a line, in any order.
#
#   zsh -f completion.zsh FOLDER LINE      FOLDER holds _rollsmith

zmodload zsh/zpty zsh/zselect
answer=$(mktemp)
trap 'rm -f $answer' EXIT

# An interactive zsh, whose compadd writes down the matches.
zpty shell zsh -f -i
zpty -w shell "
  PS1= ; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D
  compadd() {
    local -a matches
    if (( ! \${@[(I)-[OAD]]} )); then
      builtin compadd -O matches \"\$@\"
      print -rl -- \$matches >>${(q)answer}
    fi
    builtin compadd \"\$@\"
  }
  ask() { _main_complete; print END-OF-ANSWER >>${(q)answer} }
  zle -C ask list-choices ask; bindkey '^X' ask; print READY >>${(q)answer}"
waits() { # TEXT: until it is in the answer, for a minute at most
  for ((i = 0; i < 600; ++i)); do
    grep -q $1 $answer && return
    zselect -t 10
  done
  print "zsh: no $1 within a minute" >&2
  exit 1
}
waits READY
zpty -n -w shell $2$'\C-x'
waits END-OF-ANSWER
grep -v -e '^READY$' -e '^END-OF-ANSWER$' -e '^$' $answer
