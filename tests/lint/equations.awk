# SPDX-License-Identifier: ISC

# Each equation and section of doc/math.md that a source refers to is there, and no label is given twice.
#
# A reference is "equation N3" or "doc/math.md, N3", or a list such as "equations E4 (binary), G4, and N5
# to N7", which may go on in the next line; and "section N", one capital letter.

short_path(FILENAME) == "doc/math.md" {
  if (match($0, /\\tag\{[A-Z][0-9]+\}/)) define(substr($0, RSTART + 5, RLENGTH - 6))
  if (/^## [A-Z] /) there["section " $2] = 1
}

FNR == 1 { expected = "" }

{
  text = $0
  gsub(/[^A-Za-z0-9]/, " & ", text)
  count = split(text, words, /[ \t]+/)
  for (i = 1; i <= count; ++i) read(words[i])
}

END {
  for (i = 1; i <= references; ++i) {
    if (!(what[i] in there)) print where[i] ": doc/math.md has no " what[i]
  }
  printf "note: %d references to equations and sections\n", references
}

function define(label) {
  if (("equation " label) in there) complain("equation " label " has its label from another")
  there["equation " label] = 1
}

function refer(thing) {
  what[++references] = thing
  where[references] = short_path(FILENAME) ":" FNR
}

# What may come next is in `expected`: "" (anything), "label", "joint" (of a list) or "section".
function read(word) {
  if (word == "" || word == "*" || word == "/") return
  if (word ~ /^([Ee]quations?|md)$/) {
    expected = "label"
    last = from = ""
  } else if (word == "section") {
    expected = word
  } else if (expected == "section") {
    if (word ~ /^[A-Z]$/) refer("section " word)
    expected = ""
  } else if (expected != "") {
    expected = read_list(word)
  }
}

# One word of a list of labels; returns what may come next.
function read_list(word) {
  if (in_remark || (expected == "joint" && word == "(")) {
    in_remark = word != ")"
    return "joint"
  }
  if (word == "," || (word ~ /^(and|or)$/ && last != "")) return "label"
  if (word ~ /^(to|-)$/ && expected == "joint") {
    from = substr(last, 2)
    return "label"
  }
  if (word !~ /^[A-Z][0-9]+$/ || expected != "label") return ""
  refer_to_all(substr(word, 1, 1), from == "" ? substr(word, 2) : from + 1, substr(word, 2))
  last = word
  from = ""
  return "joint"
}

function refer_to_all(letter, first, end,    n) {
  for (n = first + 0; n <= end + 0; ++n) refer("equation " letter n)
}
