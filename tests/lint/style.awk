# SPDX-License-Identifier: ISC

# What no text of the project contains, and what every header does.

BEGIN { widest = 100 }

FNR == 1 {
  end_of_file()
  path = short_path(FILENAME)
  is_c = path ~ /\.[ch]$/
  guard = ""
  guard_state = path ~ /\.h$/ ? "none" : "not a header"
  licensed = path !~ /\.([ch]|sh|awk|py|js|zsh)$|(^|\/)meson(\.build|_options\.txt)$/
}

FNR <= 2 && /SPDX-License-Identifier: ISC( \*\/)?$/ {
  licensed = 1
  next
}

/\t/ { complain("a tab") }
/\r$/ { complain("a carriage return at the end of the line") }
/ $/ { complain("a space at the end of the line") }
is_c && columns($0) > widest && !/"[),;]*$/ { # but for strings, which are not cut
  complain(columns($0) " columns, " widest " at most")
}

path !~ /^tests\/lint\// {
  look_for($0, "TODO|FIXME|XXX", "unfinished")
  look_for($0, "/(work|home|root|Users)/[a-z]*", "the path of one machine")
  if (path ~ /^(src|include)\//) look_for($0, "/tmp", "is not there on every machine")
  look_for(tolower($0), "sessions?|agents?|worktrees?|issue #?[0-9]+|the brief",
           "speaks of how it was made, not of what it is")
}

# Complains where one of the words stands in the text by itself.
function look_for(text, words, complaint,    found) {
  if (!match(text, "(^|[^A-Za-z0-9_.])(" words ")([^A-Za-z0-9_]|$)")) return
  found = substr(text, RSTART, RLENGTH)
  gsub(/^[^A-Za-z\/]|[^A-Za-z0-9\/]$/, "", found)
  complain(complaint ": " found)
}

guard_state == "none" && /^#ifndef [A-Z0-9_]+$/ {
  guard = $2
  guard_state = "opened"
  next
}
guard_state == "none" && NF { guard_state = "late" }
guard_state == "opened" && NF {
  guard_state = $0 == "#define " guard ? "defined" : "late"
  if (guard in guarded) complain("the include guard of " guarded[guard])
  guarded[guard] = path
}
NF { last = $0; last_line = FNR }
END { end_of_file() }

function end_of_file() {
  if (path && !licensed) print path ":1: has no line SPDX-License-Identifier: ISC at its beginning"
  if (guard_state == "none" || guard_state == "late") {
    print path ":1: has no include guard in its first two lines"
  } else if (guard_state == "defined" && last !~ "^#endif /\\* " guard " \\*/$") {
    print path ":" last_line ": does not end in #endif /* " guard " */"
  }
}

# Bytes but for those that go on a character of UTF-8 (the locale is C).
function columns(text) {
  gsub(/[\200-\277]/, "", text)
  return length(text)
}
