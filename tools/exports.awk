# SPDX-License-Identifier: ISC

# From the public headers to a version script for the linker: what they declare is shown, and nothing else.

FNR == 1 { in_cpp = in_comment = 0 }

{
  line = $0
  if (in_comment && !sub(/^.*\*\//, "", line)) next
  in_comment = 0
  while (match(line, /\/\*([^*]|\*[^\/])*\*\//)) line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
  sub(/\/\/.*/, "", line)
  if (sub(/\/\*.*/, "", line)) in_comment = 1
}

line ~ /^#ifdef __cplusplus/ { in_cpp = 1 }
line ~ /^#e(ndif|lse)/ && in_cpp { in_cpp = 0; next }
in_cpp { next }
match(line, /^#define rs_[a-z0-9_]+ RS_FLAVOURED/) { split(line, words, " "); flavoured[words[2]] = 1 }
line ~ /^#/ || continued { continued = line ~ /\\$/; next }

# Declarations end in a semicolon outside of all braces.
{
  for (i = 1; i <= length(line); ++i) {
    c = substr(line, i, 1)
    if (c == "{") {
      if (!depth++ && text ~ /^ *static/) text = "" # the body of a function follows
    } else if (c == "}") {
      --depth
    } else if (c == ";" && !depth) {
      declare(text)
      text = ""
    } else if (!depth) {
      text = text c
    }
  }
  text = text " "
}

function declare(text,    name) {
  sub(/^ +/, "", text)
  if (text ~ /^(typedef|static)/) return
  if (text ~ /^extern/) sub(/\[.*/, "", text)
  if (text ~ /\(/) {
    name = substr(text, 1, index(text, "(") - 1)
  } else if (text ~ /^extern/) {
    name = text
  }
  sub(/ +$/, "", name)
  sub(/^.*[^a-z0-9_]/, "", name)
  if (name ~ /^rs_/) names[name] = 1
}

END {
  print "{\n  global:"
  for (name in names) print "    " name (name in flavoured ? "_[dfz]" : "") ";"
  print "  local: *;\n};"
}
