#!/bin/sh
# SPDX-License-Identifier: ISC

# Shows that each lint catches what it is there for: a good tree passes, and each bad line in it fails.
#
#   selftest.sh      compilers from $CC and $CXX

set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
wrong=0
cases=0
licence='/* SPDX-License-Identifier: ISC */'

good_tree() {
  rm -rf "$tree"
  mkdir -p "$tree/include/rollsmith" "$tree/src/base" "$tree/src/music" "$tree/src/cli" "$tree/tests/unit" "$tree/doc"
  cat >"$tree/include/rollsmith/rollsmith.h" <<'END'
/* SPDX-License-Identifier: ISC */
#ifndef ROLLSMITH_H
#define ROLLSMITH_H

/* base */
#include <rollsmith/low.h>

/* music */
#include <rollsmith/song.h>

#endif /* ROLLSMITH_H */
END
  header low ''
  header song '#include <rollsmith/low.h>'
  cat >"$tree/src/base/low.c" <<'END'
/* SPDX-License-Identifier: ISC */
#include <rollsmith/low.h>

#include <stdio.h>

/* printf("only spoken of") */
static const char *const names[] = {"exit(", "x"};

int rs_low(
    int x) {
  return names[0][x] + snprintf(NULL, 0, "stderr");
}
END
  printf '%s\n' "$licence" '#include "base/low.h"' >"$tree/src/music/song.c"
  printf '%s\n' "$licence" '/* doc/math.md, section N, equation N1, and equations N1 (here) to N2. */' >"$tree/src/cli/main.c"
  printf '## N Nets\n\\tag{N1}\n\\tag{N2}\n\\tag{E4}\n' >"$tree/doc/math.md"
}

header() { # NAME LINE
  guard=ROLLSMITH_$(echo "$1" | tr '[:lower:]' '[:upper:]')_H
  printf '%s\n#ifndef %s\n#define %s\n%s\n#endif /* %s */\n' "$licence" "$guard" "$guard" "$2" "$guard" \
    >"$tree/include/rollsmith/$1.h"
}

verdict() { # NAME WANTED-STATUS STATUS
  cases=$((cases + 1))
  [ "$2" -eq "$3" ] || {
    wrong=$((wrong + 1))
    echo "not as it should be: $1"
    echo "$said"
  }
}

passes() { # RULE
  status=0
  said=$("$here/lint.sh" "$1" "$tree" 2>&1) || status=$?
  verdict "$1 on the good tree" 0 "$status"
}

# Adds LINE (printf's escapes) to FILE of a good tree: the rule says MESSAGE of that file.
catches() { # RULE MESSAGE FILE LINE
  good_tree
  mkdir -p "$(dirname "$tree/$3")"
  # shellcheck disable=SC2059
  printf "$4\n" >>"$tree/$3"
  status=0
  said=$("$here/lint.sh" "$1" "$tree" 2>&1) && status=1
  echo "$said" | grep -q "^$3:[0-9]*: .*$2" || status=1
  verdict "$1 should say '$2' of $3 with: $4" 0 "$status"
}

good_tree
for rule in layers calls circles functions sizes style equations; do
  passes $rule
done

catches layers 'base (layer 0) includes rollsmith/song.h' src/base/low.c '#include <rollsmith/song.h>'
catches layers 'base (layer 0) includes music/song.h' src/base/low.c '#include "music/song.h"'
catches layers 'base (layer 0) includes rollsmith/song.h' include/rollsmith/low.h '# include <rollsmith/song.h>'
catches layers 'live (layer 7) includes view/canvas.h' src/live/clock.c '#include "view/canvas.h"'
catches layers 'includes rollsmith/rollsmith.h' src/music/song.c '#include <rollsmith/rollsmith.h>'
catches layers 'stands in no room' src/music/song.c '#include <rollsmith/nowhere.h>'
catches layers 'stands in no room' src/elsewhere/low.c 'int x;'
catches layers 'under the heading of a room' include/rollsmith/forgotten.h '#define FORGOTTEN'
catches layers '<cblas.h>, whose place' src/base/low.c '#include <cblas.h>'
catches layers '<smf.h>, whose place' src/music/song.c '#include <smf.h>'
catches layers '<portmidi.h>, whose place' src/live/player.c '#include <portmidi.h>'
catches layers '<cairo/cairo.h>, whose place' src/cli/main.c '#include <cairo/cairo.h>'
catches layers '<Random123/philox.h>, whose place' src/music/song.c '#include <Random123/philox.h>'
catches layers '<jansson.h>, whose place' src/music/song.c '#include <jansson.h>'
catches layers '<glib.h>, whose place' src/base/low.c '#include <glib.h>'
catches layers 'neither standard' src/cli/main.c '#include <curl/curl.h>'

catches calls 'calls printf' src/music/song.c 'void f(void) { printf("x"); }'
catches calls 'calls exit' src/music/song.c 'void f(void) { exit (1); }'
catches calls 'calls abort' src/base/low.c 'void f(void) { abort(); }'
catches calls 'standard stream' src/music/song.c 'void f(FILE **f) { *f = stderr; }'
catches calls 'calls fopen' src/base/low.c 'void *f(void) { /* a */ return fopen("x", "r"); }'
catches calls 'calls fprintf' src/cli/main.c 'void f(FILE *f) { fprintf(f, "%s", name); }'
catches calls 'calls atoi' src/cli/main.c 'int f(const char *s) { return atoi(s); }'

sixty=$(awk 'BEGIN { for (i = 0; i < 58; ++i) printf "  ++x;\\n" }')
good_tree
# shellcheck disable=SC2059
printf "int f(int x) {\n$sixty}\n" >>"$tree/src/base/low.c"
passes functions
catches functions 'of 61 lines.*: f()' src/base/low.c "int f(\n    int x) {\n$sixty}"
catches functions 'of 62 lines.*: g()' tests/unit/test.c "static int *g(int x)\n{\n  ++x;\n$sixty}"

good_tree
awk 'BEGIN { for (i = 0; i < 380; ++i) print "/* line */" }' >>"$tree/src/base/low.c"
passes sizes
lengths=$(awk 'BEGIN { for (i = 0; i < 400; ++i) printf "/* line */\\n" }')
catches sizes '[0-9]* lines, 400 at most' src/base/low.c "$lengths"
twenty=$(awk 'BEGIN { for (i = 0; i < 20; ++i) printf "  int m%d; /* , ; */\\n", i }')
good_tree
# shellcheck disable=SC2059
printf "typedef struct {\n$twenty} Twenty;\n" >>"$tree/src/base/low.c"
passes sizes
catches sizes 'of 21 members.*: More' src/base/low.c "typedef struct {\n$twenty  void (*f)(int a, int b);\n} More;"
catches sizes 'of 21 members.*: Named' src/base/low.c "struct Named {\n$twenty  struct {\n    int a, b;\n  } in;\n};"

catches circles 'circle: rollsmith/rollsmith.h rollsmith/song.h rollsmith/rollsmith.h' \
  include/rollsmith/song.h '#include <rollsmith/rollsmith.h>'

two() { # BODY-OF-ONE
  good_tree
  printf '%s\n' "$licence" "int rs_two(void) {" "  return rs_one();" "}" >"$tree/src/base/two.c"
}
two
printf '%s\n' "$licence" "int rs_one(void) {" "  return 1;" "}" >"$tree/src/base/one.c"
passes circles
two
printf '%s\n' "$licence" "int rs_one(void) {" "  return rs_two();" "}" >"$tree/src/base/one.c"
status=0
said=$("$here/lint.sh" circles "$tree" 2>&1) && status=1
echo "$said" | grep -q 'circle: base/one.c base/two.c base/one.c' || status=1
verdict 'circles of calls' 0 "$status"

catches style 'a tab' src/base/low.c 'int\tx;'
catches style 'a space at the end' src/base/low.c 'int x; '
catches style 'a carriage return' src/base/low.c 'int x;\r'
catches style 'columns' src/base/low.c "/* $(awk 'BEGIN { for (i = 0; i < 110; ++i) printf "x" }') */"
catches style 'unfinished: TODO' src/base/low.c '/*TODO */'
catches style 'the path of one machine: /home/me' tests/unit/test.c 'char *p = "/home/me/x";'
catches style 'not there on every machine: /tmp' src/base/low.c 'char *p = "/tmp/x";'
catches style 'speaks of how it was made.*: session' README.md 'Written in one session.'
catches style 'no line SPDX' src/base/bare.c 'int x;\nint y;\n/* SPDX-License-Identifier: ISC */'
catches style 'no line SPDX' tests/lint/x.sh '#!/bin/sh\n'
catches style 'no line SPDX' src/meson.build '# SPDX-License-Identifier: MIT'
catches style 'no include guard' src/base/bare.h 'int x;'
catches style 'the include guard of' src/base/twin.h \
  '#ifndef ROLLSMITH_LOW_H\n#define ROLLSMITH_LOW_H\n#endif /* ROLLSMITH_LOW_H */'
catches style 'does not end in #endif' src/base/open.h '#ifndef OPEN_H\n#define OPEN_H\n#endif'

catches equations 'no equation N3' src/base/low.c '/* Equation N3. */'
catches equations 'no equation N3' include/rollsmith/low.h '/** equation\n    N3 */'
catches equations 'no equation N3' tests/unit/test.c '/* equations N1 and E4, N2 (but not\n   that), or N3 */'
catches equations 'no equation N3' src/base/low.c '/* See doc/math.md, N1 to N3. */'
catches equations 'no equation E2' src/base/low.c '// equations E1 to E4'
catches equations 'no section E' src/base/low.c '/* doc/math.md, section E */'
catches equations 'equation N2 has its label from another' doc/math.md '\\tag{N2}'

# The two lints that look at what a compiler makes.
headers() { # NAME WANTED-STATUS
  status=0
  said=$("$here/headers.sh" "$tree" 2>&1) || status=1
  verdict "$1" "$2" "$status"
}
good_tree
headers 'headers on the good tree' 0
header low 'extern size_t rs_low(void);'
headers 'headers that need another first' 1
header low '_Static_assert(1, "not in C++");'
headers 'headers in C alone' 1

globals() { # NAME WANTED-STATUS CODE
  mkdir -p "$tree/src/base"
  echo "$3" | ${CC:-cc} -fPIC -x c -c -o "$tree/src/base/x.o" -
  status=0
  said=$("$here/globals.sh" "$tree" 2>&1) || status=$?
  [ "$status" -ne 77 ] || status=$2
  verdict "$1" "$2" "$status"
}
globals 'constants' 0 'static const char *const names[] = {"a", "b"}; const char *f(int i) { return names[i]; }'
globals 'a variable' 1 'int count;'
globals 'a variable with a value' 1 'int count = 1;'
globals 'a variable inside a function' 1 'int f(void) { static int n; return ++n; }'
globals 'a variable of each thread' 1 'static _Thread_local int n; int f(void) { return ++n; }'

echo "$cases cases, $wrong wrong"
[ "$wrong" -eq 0 ]
