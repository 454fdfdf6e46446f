# SPDX-License-Identifier: ISC

# Each room includes itself and rooms on lower layers, nothing else; each third party has its one place.

BEGIN {
  # What an #include <...> begins with, and the only files that may have it.
  place["cblas.h"] = "src/base/products_blas\\.c"
  place["immintrin.h"] = "src/(rbm/kernel_avx(2|512)\\.c|base/sparse\\.c)"
  place["Random123/"] = "src/base/[a-z_]+\\.[ch]"
  place["glib"] = "src/(music|settings|files|model|train|live|page|view|cli)/[a-z_]+\\.[ch]"
  place["gio/"] = place["glib"]
  place["smf.h"] = "src/music/tempo_map\\.c"
  place["jansson.h"] = "src/(settings|files|model|train|view|cli)/[a-z_]+\\.[ch]"
  place["cairo"] = "src/view/[a-z_]+\\.c"
  place["portmidi.h"] = "src/live/(sink_portmidi|port_list)[a-z_]*\\.[ch]"
  place["porttime.h"] = place["portmidi.h"]
  place["lo/"] = "src/live/osc_message\\.c"
  place["alsa/"] = "src/live/(sink_portmidi_queue|sink_alsa[a-z_]*|alsa_errors)\\.[ch]"
  place["mpi.h"] = "src/cluster/transport_mpi\\.c"
  place["jack/"] = "src/live/sink_jack[a-z_]*\\.[ch]"
  at_most["smf.h"] = 1

  n = split("assert complex ctype errno fenv float inttypes limits locale math setjmp signal stdalign " \
            "stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath time wchar " \
            "dirent fcntl poll pthread sched semaphore strings termios unistd sys/ioctl sys/mman " \
            "sys/prctl sys/random sys/resource sys/stat sys/syscall sys/socket sys/time sys/types sys/wait " \
            "arpa/inet netinet/in", names, " ")
  for (i = 1; i <= n; ++i) standard[names[i] ".h"] = 1
}

FNR == 1 {
  room = room_of(FILENAME)
  if (room == "" && FILENAME ~ /\/include\//) {
    complain("rollsmith.h does not include it under the heading of a room")
  } else if (room == "") {
    complain("stands in no room: src/ has base, grad, rbm, music, settings, files, cluster, model, train, live, page, view and cli")
  }
}

/^[ \t]*#[ \t]*include/ {
  target = $0
  sub(/^[^<"]*/, "", target)
  sub(/[>"][^>"]*$/, "", target)
  if (target ~ /^<rollsmith\// || target ~ /^"/) {
    check_arrow(substr(target, 2))
  } else {
    check_third_party(substr(target, 2))
  }
}

function check_arrow(target,    there, parts) {
  if (target ~ /^rollsmith\//) {
    there = room_of_header[header_name(target)]
  } else {
    there = split(target, parts, "/") > 1 ? parts[1] : room
  }
  if (!(there in layer)) {
    complain("includes " target ", which stands in no room")
  } else if (room != "" && there != room && layer[there] >= layer[room]) {
    complain(room " (layer " layer[room] ") includes " target " of " there " (layer " layer[there] ")")
  }
}

function check_third_party(target,    name) {
  if (target in standard) return
  if (target == "complex" && short_path(FILENAME) == "include/rollsmith/scalar.h") return
  for (name in place) {
    if (index(target, name) != 1) continue
    if (short_path(FILENAME) !~ "^" place[name] "$") {
      complain("includes <" target ">, whose place is " place[name])
    } else if ((name in at_most) && ++includers[name] > at_most[name]) {
      complain("is file number " includers[name] " to include <" target ">: " at_most[name] " at most")
    }
    return
  }
  complain("includes <" target ">, which is neither standard nor one of our third parties")
}
