# SPDX-License-Identifier: ISC

"""Makes rollsmith/_declarations.py, the declarations of the C library for cffi's ABI mode, from its public headers:
those of the source tree or, elsewhere, those that pkg-config finds."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import cffi

# What the module uses; each header includes what it needs.
HEADERS = ("settings", "ingest", "roll", "midi_write", "notation", "model", "generator", "evaluator", "trainer")


def include_flags():
    headers = Path(__file__).resolve().parent.parent / "include"
    if (headers / "rollsmith" / "rollsmith.h").exists():
        return [f"-I{headers}"]
    return shlex.split(subprocess.check_output(["pkg-config", "--cflags", "rollsmith"], text=True))


def preprocessed():
    source = "".join(f"#include <rollsmith/{name}.h>\n" for name in HEADERS)
    compiler = shlex.split(os.environ.get("CC", "cc"))
    command = [*compiler, "-std=c11", "-E", "-x", "c", *include_flags(), "-"]
    return subprocess.run(command, input=source, check=True, capture_output=True, text=True).stdout


def ours(text):
    """The lines that stand in headers of the library, by the line markers of the preprocessor."""
    keep, lines = False, []
    for line in text.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            keep = "/rollsmith/" in marker[1] and marker[1].endswith(".h")
        elif keep:
            lines.append(line)
    return "\n".join(lines)


def declarations():
    text = ours(preprocessed())
    text = re.sub(r"__attribute__\(\(__format__\([^)]*\)\)\)", "", text)
    text = re.sub(r"static inline [^{;]*\{.*?\n\}", "", text, flags=re.DOTALL)
    return text.replace("_Bool", "bool")


ffi = cffi.FFI()
ffi.cdef(declarations())
ffi.set_source("rollsmith._declarations", None)

if __name__ == "__main__":
    ffi.compile(verbose=True)
