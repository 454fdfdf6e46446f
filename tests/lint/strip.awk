# SPDX-License-Identifier: ISC

# code(line): the line without its comments and without what stands in its strings and characters.
# Include before a lint's own file: awk -f strip.awk -f layers.awk ...

FNR == 1 { in_comment = 0 }

function code(line,    out, quote, c, i, n) {
  out = ""
  quote = ""
  n = length(line)
  for (i = 1; i <= n; ++i) {
    c = substr(line, i, 1)
    if (in_comment) {
      if (c == "*" && substr(line, i + 1, 1) == "/") {
        in_comment = 0
        ++i
      }
    } else if (quote != "") {
      if (c == "\\") {
        ++i
      } else if (c == quote) {
        quote = ""
        out = out c
      }
    } else if (c == "/" && substr(line, i + 1, 1) == "*") {
      in_comment = 1
      ++i
    } else if (c == "/" && substr(line, i + 1, 1) == "/") {
      break
    } else {
      if (c == "\"" || c == "'") quote = c
      out = out c
    }
  }
  return out
}
