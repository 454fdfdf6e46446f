# SPDX-License-Identifier: ISC

"""The shared library, its errors, and a check that it is the one that the declarations are of."""

import ctypes.util
import os

from ._declarations import ffi


class Error(Exception):
    """What the library could not do; the message is its own."""


class SettingError(Error, ValueError):
    """An unknown setting, or a value that is not allowed."""


class ReadError(Error, OSError):
    """A file that is missing or unreadable, or that cannot be written."""


class FormatError(Error, ValueError):
    """A damaged file, or one of another format; no readable song."""


def _open():
    name = os.environ.get("ROLLSMITH_LIBRARY") or "librollsmith.so.0"
    try:
        return ffi.dlopen(name)
    except OSError as error:
        found = ctypes.util.find_library("rollsmith")
        if found and "ROLLSMITH_LIBRARY" not in os.environ:
            return ffi.dlopen(found)
        raise ImportError(f"{error}; install the library, or name it in ROLLSMITH_LIBRARY") from None


def _check_layout():
    """The library's table of settings tells where each is in their struct."""
    table = lib.rs_settings_table()
    for i in range(table.count):
        key = table.keys[i]
        section, name = ffi.string(key.section).decode(), ffi.string(key.name).decode()
        try:
            same = ffi.offsetof("RsSettings", section, name) == key.offset
        except KeyError:
            same = False
        if not same:
            raise ImportError(f"the library is of another version than this module: {section}.{name} differs")


lib = _open()
_check_layout()

_ERRORS = {
    lib.RS_ERR_MEMORY: MemoryError,
    lib.RS_ERR_SETTING: SettingError,
    lib.RS_ERR_READ: ReadError,
    lib.RS_ERR_IO: ReadError,
    lib.RS_ERR_FORMAT: FormatError,
    lib.RS_ERR_EMPTY: FormatError,
}


def check(status, error=None):
    """Raise an exception unless the status is RS_OK. `error` is the RsError that the call has filled in."""
    if status == lib.RS_OK:
        return
    message = ffi.string(error.message) if error is not None else b""
    message = message or ffi.string(lib.rs_status_text(status))
    raise _ERRORS.get(status, Error)(message.decode(errors="replace"))


def call(function, *arguments):
    """Call a function whose last argument is an RsError."""
    error = ffi.new("RsError *")
    check(function(*arguments, error), error)


def text(string):
    """A C string that is owned by the caller."""
    try:
        return ffi.string(string).decode()
    finally:
        _free(string)


_free = ffi.cast("void (*)(void *)", ctypes.cast(ctypes.CDLL(None).free, ctypes.c_void_p).value)
