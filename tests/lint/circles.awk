# SPDX-License-Identifier: ISC

# No header includes itself by way of others, and no source file calls itself by way of others.
# Relies on the layout that clang-format gives: a function begins in the first column.

FNR == 1 {
  here = short_path(FILENAME)
  sub(/^(src|include)\//, "", here)
  files[++number] = here
  header = ""
}

{ text = code($0) }

here ~ /\.h$/ && /^[ \t]*#[ \t]*include/ {
  target = $0
  sub(/^[^<"]*[<"]/, "", target)
  sub(/[>"].*$/, "", target)
  add_edge(here, target, short_path(FILENAME) ":" FNR)
}

# The beginning of what may be a function: its name is the last one before a parenthesis.
here ~ /\.c$/ && text ~ /^[A-Za-z_]/ { header = "" }

here ~ /\.c$/ {
  header = header text
  if (text ~ /[{;]/ && header ~ /^[A-Za-z_]/) {
    name = header
    sub(/\(.*/, "", name)
    sub(/^.*[ *]/, "", name)
    if (header ~ /\{ *$/ && header !~ /^static/ && header ~ /\(/) defined[name] = defined[name] " " here
    header = "-"
  }
  take_names(text)
}

# Keep the names of our functions that a line of a source file uses.
function take_names(text,    name) {
  while (match(text, /rs_[a-z0-9_]+/)) {
    name = substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
    if (!((here, name) in used)) {
      used[here, name] = short_path(FILENAME) ":" FNR
      names[here] = names[here] " " name
    }
  }
}

function add_edge(from, to, at) {
  edges[from, ++count[from]] = to
  line[from, to] = at
}

# Edges from a source file to those that define what it uses and does not define itself, as one of several
# files of which a build has one.
function add_calls(from,    n, m, i, k, list, places) {
  n = split(names[from], list, " ")
  for (i = 1; i <= n; ++i) {
    m = index(defined[list[i]] " ", " " from " ") ? 0 : split(defined[list[i]], places, " ")
    for (k = 1; k <= m; ++k) {
      if (!((from, places[k]) in line)) add_edge(from, places[k], used[from, list[i]])
    }
  }
}

# Visits what a file leads to; `way` names the files that lead to it.
function visit(file, way,    i, next_one) {
  state[file] = "open"
  for (i = 1; i <= count[file]; ++i) {
    next_one = edges[file, i]
    if (!(next_one in state)) {
      visit(next_one, way " " next_one)
    } else if (state[next_one] == "open") {
      print line[file, next_one] ": a circle: " substr(way " ", index(way " ", next_one " ")) next_one
    }
  }
  state[file] = "done"
}

END {
  for (f = 1; f <= number; ++f) if (files[f] ~ /\.c$/) add_calls(files[f])
  for (f = 1; f <= number; ++f) if (!(files[f] in state)) visit(files[f], files[f])
}
