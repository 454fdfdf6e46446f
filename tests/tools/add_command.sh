#!/bin/sh
# SPDX-License-Identifier: ISC

# Follows CONTRIBUTING.md to add a command, in a copy of the sources, and sees that it is there.
#
#   add_command.sh MESON ROOT

set -eu
meson=$1
root=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir copy
(cd "$root" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf - -C copy
cd copy

# Step 1
cat >src/cli/cmd_hello.c <<'C'
#include "cli/command.h"
#include "cli/console.h"

static RsStatus run(const RsOptions *options, RsError *error) {
  rs_report(options, "hello");
  return RS_OK;
}

const RsCommand rs_command_hello = {
    .name = "hello",
    .bit = RS_FOR_HELLO,
    .operands = "",
    .summary = "say hello",
    .description = "Says hello.",
    .examples = "rollsmith hello\n",
    .run = run,
};
C
# Step 2
sed -i 's/ rs_command_panic;/ rs_command_panic, rs_command_hello;/' src/cli/command.h
sed -i 's/^    &rs_command_presets,/&\n    \&rs_command_hello,/' src/cli/commands.c
sed -i "s/'draw', 'evaluate',/& 'hello',/" src/cli/meson.build
# Step 3
last=$(sed -n 's/^  RS_FOR_[A-Z]* = \([0-9]*\),$/\1/p' src/cli/options.h | tail -n 1)
sed -i "s/^  RS_FOR_[A-Z]* = $last,\$/&\n  RS_FOR_HELLO = $((2 * last)),/" src/cli/options.h
# Step 4
sed 's/panic/hello/g' doc/man/rollsmith-panic.1.in >doc/man/rollsmith-hello.1.in

"$meson" setup out -Dtests=disabled -Dwerror=true >/dev/null
ninja -C out src/cli/rollsmith doc/man/rollsmith-hello.1 >log || {
  tail -n 30 log
  exit 1
}
[ "$(out/src/cli/rollsmith hello)" = hello ]
[ -z "$(out/src/cli/rollsmith hello -q)" ]
out/src/cli/rollsmith hello --help | grep -q '^rollsmith hello - say hello$'
out/src/cli/rollsmith --help | grep -q '^  hello  *say hello$'
grep -q 'say hello' out/doc/man/rollsmith-hello.1
