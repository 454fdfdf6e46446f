# SPDX-License-Identifier: ISC

# Files of src/ and include/ have 400 lines at most, their structs 20 members.

BEGIN {
  most_lines = 400
  most_members = 20
  # A member for each key of a section: to divide it would divide the section.
  tables["RsTrainSettings"] = 1
}

FNR == 1 {
  end_of_file()
  path = short_path(FILENAME)
  depth = 0
}
{ lines = FNR }
END { end_of_file() }

function end_of_file() {
  if (lines > most_lines) print path ":" lines ": " lines " lines, " most_lines " at most"
}

{ text = code($0) }

!depth && text ~ /^(typedef )?struct( [A-Za-z_0-9]+)? \{ *$/ {
  depth = 1
  members = 0
  name = text
  gsub(/^(typedef )?struct | *\{ *$/, "", name)
  next
}

depth {
  while (gsub(/\([^()]*\)/, "", text)) continue # arguments of members that point to functions
  gsub(/\[[^]]*\]/, "", text)
  if (text ~ /^ *\}/) leave()
  else if (text ~ /\{ *$/) ++depth
  else if (depth == 1) members += gsub(/[,;]/, "", text)
}

function leave() {
  if (--depth) {
    ++members
    return
  }
  gsub(/^\} *| *;.*$/, "", text)
  name = text == "" ? name : text
  if (members > most_members && !(name in tables)) {
    complain("a struct of " members " members, " most_members " at most: " name)
  }
}
