# SPDX-License-Identifier: ISC

# Which room a file stands in, and on which layer each room lies. Include before a lint's own file.
#
# A file of src/ROOM/ stands in ROOM. A public header stands in the room under whose heading rollsmith.h
# includes it; rollsmith.h must be the first file read.

BEGIN {
  layer["base"] = 0
  layer["grad"] = 1
  layer["rbm"] = 2
  layer["music"] = 3
  layer["settings"] = 4
  layer["files"] = 4
  layer["cluster"] = 4
  layer["model"] = 5
  layer["train"] = 6
  layer["live"] = 7
  layer["page"] = 7
  layer["view"] = 7
  layer["cli"] = 8
  room_of_header["rollsmith"] = "cli" # includes everything, so nothing below may include it
}

FILENAME ~ /include\/rollsmith\/rollsmith\.h$/ {
  if ($0 ~ /^\/\* [a-z]+ \*\/$/) heading = $2
  if ($0 ~ /^#include </) room_of_header[header_name($0)] = heading
}

# "net" of `#include <rollsmith/net.h>`, or of the path of that header.
function header_name(text) {
  sub(/^.*rollsmith\//, "", text)
  sub(/\.h.*$/, "", text)
  return text
}

# The path from the root of the project on.
function short_path(path) {
  return substr(path, length(root) + 2)
}

# Empty where the file stands in no room.
function room_of(path,    parts, n) {
  n = split(short_path(path), parts, "/")
  if (parts[1] == "include") return room_of_header[header_name(path)]
  return n > 2 && (parts[2] in layer) ? parts[2] : ""
}

function complain(message) {
  print short_path(FILENAME) ":" FNR ": " message
}
