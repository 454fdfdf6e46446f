# SPDX-License-Identifier: ISC

# No header includes itself by way of others.

FNR == 1 {
  here = short_path(FILENAME)
  sub(/^(src|include)\//, "", here)
  headers[++number] = here
}

/^[ \t]*#[ \t]*include/ {
  target = $0
  sub(/^[^<"]*[<"]/, "", target)
  sub(/[>"].*$/, "", target)
  edges[here, ++count[here]] = target
  line[here, target] = short_path(FILENAME) ":" FNR
}

# Visits what a header includes; `way` names the headers that lead to it.
function visit(header, way,    i, next_one) {
  state[header] = "open"
  for (i = 1; i <= count[header]; ++i) {
    next_one = edges[header, i]
    if (!(next_one in state)) {
      visit(next_one, way " " next_one)
    } else if (state[next_one] == "open") {
      print line[header, next_one] ": a circle of includes: " substr(way, index(way, next_one)) " " next_one
    }
  }
  state[header] = "done"
}

END {
  for (h = 1; h <= number; ++h) if (!(headers[h] in state)) visit(headers[h], headers[h])
}
