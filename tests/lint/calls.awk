# SPDX-License-Identifier: ISC

# What a room may not call: nothing below cli prints or exits, layers 0 to 2 do no input or output, and
# some functions of the C library have no safe use at all.

BEGIN {
  forbid("cli", "has a safer sibling",
         "atoi atol atoll atof strtok rand srand random srandom sprintf vsprintf strcpy strcat gets alloca")
  forbid("view", "below cli nothing prints or exits",
         "printf vprintf puts putchar perror exit _exit _Exit quick_exit abort system fork " \
         "g_print g_printerr g_message g_warning g_critical g_error g_info g_debug")
  forbid("rbm", "layers 0 to 2 do no input or output and have no clock",
         "fopen freopen fdopen tmpfile fclose fread fwrite fprintf vfprintf fputs fputc fgets fgetc fscanf " \
         "open close read write getenv setenv time clock gettimeofday clock_gettime localtime gmtime")
  forbid_in_cli("prints without console.c, which escapes control characters",
                "printf vprintf puts putchar fprintf vfprintf fputs fputc putc fwrite perror json_dumpf")
  prints["src/cli/console.c"] = 1 # the one way in which results and messages are printed
  prints["src/cli/help.c"] = 1 # which prints texts of our own alone
  pure_but_for["src/base/atomic_file.c"] = 1 # the one way in which our files are written
  pure_but_for["src/base/open_file.c"] = 1 # and in which those are opened that must be regular
  pure_but_for["src/rbm/kernel_dispatch.c"] = 1 # tests choose a kernel by the environment
}

# Calls forbidden up to the layer of a room.
function forbid(highest, why, list,    names, n, i) {
  n = split(list, names, " ")
  for (i = 1; i <= n; ++i) {
    forbidden_up_to[names[i]] = layer[highest]
    reason[names[i]] = why
  }
}

# Calls forbidden in the room cli, but for the files that are there for them.
function forbid_in_cli(why, list,    names, n, i) {
  n = split(list, names, " ")
  for (i = 1; i <= n; ++i) past_output[names[i]] = why
}

FNR == 1 {
  room = room_of(FILENAME)
  exempt = (short_path(FILENAME) in pure_but_for)
}

room != "" {
  text = code($0)
  if (text ~ /^[ \t]*#/) text = ""
  if (layer[room] < layer["cli"] && match(text, /(^|[^A-Za-z0-9_])(stdin|stdout|stderr)([^A-Za-z0-9_]|$)/)) {
    complain("uses a standard stream: below cli nothing prints")
  }
  while (match(text, /[A-Za-z_][A-Za-z0-9_]* *\(/)) {
    name = substr(text, RSTART, RLENGTH)
    before = RSTART > 1 ? substr(text, RSTART - 1, 1) : ""
    text = substr(text, RSTART + RLENGTH)
    sub(/ *\($/, "", name)
    if (room == "cli" && (name in past_output) && !(short_path(FILENAME) in prints)) {
      complain("calls " name "(): " past_output[name])
    }
    if (!(name in forbidden_up_to) || layer[room] > forbidden_up_to[name]) continue
    if (before == "." || before == ">") continue # a member of our own, not the function
    if (exempt && reason[name] ~ /^layers 0/) continue
    complain("calls " name "(): " reason[name])
  }
}
