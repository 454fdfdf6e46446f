# SPDX-License-Identifier: ISC

"""Songs as numpy arrays, and as the rolls of the library."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np

from ._library import FormatError, call, check, ffi, lib
from . import _settings

NOTES = 128

WRITERS = {".musicxml": lib.rs_musicxml_write, ".xml": lib.rs_musicxml_write, ".abc": lib.rs_abc_write}


@dataclass
class Song:
    """A song: which of the 128 MIDI notes sound in each frame.

    on        frames x 128, bool
    onset     frames x 128, bool: which of them begin there; None: a run of frames is one held note
    velocity  frames x 128, uint8, 1 to 127, 0 where silent; or None
    bpm       quarter notes a minute
    frames_per_beat  frames a quarter note; 0 where frames are of time, `frame_ms` milliseconds each
    meters    time signatures: (frame, upper number, lower number)
    """

    on: np.ndarray
    onset: Optional[np.ndarray] = None
    velocity: Optional[np.ndarray] = None
    name: str = ""
    bpm: float = 0
    frames_per_beat: int = 0
    frame_ms: float = 0
    meters: list = field(default_factory=list)
    seed: int = 0

    def write(self, path):
        """Write a MIDI file, MusicXML (.musicxml) or ABC (.abc), by the end of the name."""
        defaults = _settings.new()  # owns what `generate` refers to
        generate = defaults.generate
        name = ffi.new("char[]", self.name.encode())
        settings = ffi.new("RsMidiSettings *", {"name": name, "program": generate.program, "channel": generate.channel,
                                                "seed": self.seed, "phrases": True})
        roll = to_roll(self)
        writer = WRITERS.get(Path(path).suffix.lower(), lib.rs_midi_write)
        call(writer, roll, settings, os.fsencode(path))


def _frames(array, what):
    array = np.asarray(array)
    if array.ndim != 2 or array.shape[1] != NOTES:
        raise ValueError(f"{what}: an array of frames x {NOTES} is needed, not of shape {array.shape}")
    return array


EMPTY = np.zeros((0, NOTES), dtype=bool)


def _bits(array):
    """Notes as the words of RsFrame."""
    packed = np.packbits(np.ascontiguousarray(array != 0), axis=1, bitorder="little")
    return packed.view("<u8").astype(np.uint64)


def _unpacked(frames, count):
    words = np.frombuffer(ffi.buffer(frames, 16 * count), dtype=np.uint64).astype("<u8")
    return np.unpackbits(words.view(np.uint8).reshape(count, 16), axis=1, bitorder="little").astype(bool)


def _fill(target, data):
    ffi.memmove(target, np.ascontiguousarray(data), data.nbytes)


def to_roll(song, frames_per_beat=0):
    """A roll of the library, freed with the object. Songs that do not tell their frames have `frames_per_beat`."""
    song = song if isinstance(song, Song) else Song(on=song)
    on = _frames(song.on, "on")
    planes = lib.RS_PLANE_ONSET * (song.onset is not None) | lib.RS_PLANE_VELOCITY * (song.velocity is not None)
    roll = ffi.gc(ffi.new("RsRoll *"), lib.rs_roll_clear)
    check(lib.rs_roll_init(roll, song.name.encode() or ffi.NULL, len(on), planes))
    _fill(roll.on, _bits(on))
    for plane in ("onset", "velocity"):
        array = getattr(song, plane)
        if array is not None:
            array = _frames(array, plane)
            if len(array) != len(on):
                raise ValueError(f"{plane}: {len(array)} frames, not {len(on)}")
            _fill(getattr(roll, plane), _bits(array) if plane == "onset" else array.astype(np.uint8))
    roll.bpm = song.bpm or roll.bpm
    roll.frame_ms = song.frame_ms
    roll.frames_per_beat = 0 if song.frame_ms else song.frames_per_beat or frames_per_beat or roll.frames_per_beat
    for frame, beats, unit in song.meters:
        check(lib.rs_roll_add_meter(roll, frame, beats, unit))
    if song.meters:
        roll.meter_beats, roll.meter_unit = song.meters[0][1:]
    return roll


def from_roll(roll, seed=0):
    count = roll.frames
    velocity = None
    if roll.velocity != ffi.NULL:
        buffer = ffi.buffer(roll.velocity, NOTES * count)
        velocity = np.frombuffer(buffer, dtype=np.uint8).reshape(count, NOTES).copy()
    return Song(
        on=_unpacked(roll.on, count),
        onset=_unpacked(roll.onset, count) if roll.onset != ffi.NULL else None,
        velocity=velocity,
        name=ffi.string(roll.name).decode(errors="replace") if roll.name != ffi.NULL else "",
        bpm=roll.bpm,
        frames_per_beat=roll.frames_per_beat,
        frame_ms=roll.frame_ms,
        meters=[(m.frame, m.beats, m.unit) for m in ffi.unpack(roll.meters, roll.meter_count)] if roll.meter_count else [],
        seed=seed,
    )


def _is_path(item):
    return isinstance(item, (str, os.PathLike))


def _read(paths, roll, songs):
    """Read files and folders. @return semitones by which the last song was transposed."""
    names = [ffi.new("char[]", os.fsencode(path)) for path in paths]
    array = ffi.new("char *[]", names)
    reports = ffi.gc(ffi.new("RsIngestReports *"), lib.rs_ingest_reports_clear)
    error = ffi.new("RsError *")
    status = lib.rs_ingest_paths(ffi.cast("const char *const *", array), len(names), roll, ffi.NULL, ffi.NULL,
                                 ffi.NULL, songs, reports, error)
    if status == lib.RS_ERR_EMPTY and reports.count == 1:
        file = reports.files[0]
        raise FormatError(b": ".join((ffi.string(file.path), ffi.string(file.error.message))).decode(errors="replace"))
    check(status, error)
    return reports.files[reports.count - 1].transposed


def collect(songs, settings):
    """RsSongs of paths, of arrays, or of Songs; arrays are brought into the range of the settings.

    @return The songs, and semitones by which the last one was transposed.
    """
    items = [songs] if _is_path(songs) or isinstance(songs, (Song, np.ndarray)) else list(songs)
    roll = settings.roll
    out = ffi.gc(ffi.new("RsSongs *"), lib.rs_songs_clear)
    transposed = 0
    if not items:
        raise ValueError("no songs")
    if all(_is_path(item) for item in items):
        transposed = _read(items, ffi.addressof(roll), out)
    elif any(_is_path(item) for item in items):
        raise ValueError("songs are either all paths or all arrays")
    else:
        for item in items:
            fitted = ffi.new("RsRoll *")
            check(lib.rs_roll_fit(to_roll(item, roll.frames_per_beat), roll.low, roll.high, roll.outside,
                                  roll.transpose_semitones, fitted, ffi.NULL))
            check(lib.rs_songs_add(out, fitted))
    return out, transposed


def choose_transposition(songs, settings):
    """As `rollsmith train` does: MIDI files are moved to a common key, .roll files and arrays are not."""
    if settings.roll.transpose == lib.RS_TRANSPOSE_AUTO:
        items = [songs] if _is_path(songs) else list(songs)
        midi = any(_is_path(item) and not os.fspath(item).endswith(".roll") for item in items)
        settings.roll.transpose = lib.RS_TRANSPOSE_COMMON if midi else lib.RS_TRANSPOSE_NONE
