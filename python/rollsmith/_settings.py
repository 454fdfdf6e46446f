# SPDX-License-Identifier: ISC

"""Settings: all defaults and limits are the library's."""

import json

from ._library import call, check, ffi, lib, text


def as_text(value):
    """A value as a preset has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def change(settings, changes):
    """Set keys "section.name" of a struct of settings to values; None leaves one as it is."""
    for key, value in changes.items():
        if value is not None:
            call(lib.rs_settings_set, settings, key.encode(), as_text(value).encode(), key.encode())
    call(lib.rs_settings_check, settings)


def new(preset=None, changes=None):
    """The defaults, changed by a preset and by single settings."""
    settings = ffi.new("RsSettings *")
    lib.rs_settings_init(settings)
    if preset is not None:
        call(lib.rs_settings_load, settings, str(preset).encode())
    change(settings, changes or {})
    return settings


def copy(settings, changes):
    """A changed copy of a struct of settings."""
    new_settings = ffi.new("RsSettings *", settings)
    change(new_settings, changes)
    return new_settings


def as_dict(settings):
    """Settings as {"section": {"name": value}}."""
    out = ffi.new("char **")
    check(lib.rs_settings_to_json(settings, out))
    return json.loads(text(out[0]))
