#!/usr/bin/env python3
# SPDX-License-Identifier: ISC

"""Counts the given notes that `rollsmith export --harmonise` changes; there must be none.

    given_notes.py ROLLSMITH MODEL SONG.mid...      with RS_OPTIONS_EACH option sets a song (default: all)

Each song is harmonised with several sets of options. What stands in the output is compared with the song by a
reader of its own: of each track that is given, every note with its channel, pitch, velocity, onset and end in
ticks. Prints the number of given notes and of changed ones; exit status 1 where there is a changed one.
"""
import collections
import os
import subprocess
import sys
import tempfile

TRACK_NAME, TIME_SIGNATURE = 0x03, 0x58


def variable(data, at):
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at


def events(data):
    """(tick, status, bytes) of a track; of a meta event bytes begin with its type."""
    at, tick, status = 0, 0, 0
    while at < len(data):
        delta, at = variable(data, at)
        tick += delta
        if data[at] >= 0x80:
            status = data[at]
            at += 1
        if status == 0xFF:
            kind = data[at]
            size, at = variable(data, at + 1)
            yield tick, status, bytes([kind]) + data[at : at + size]
            at += size
            if kind == 0x2F:
                return
        elif status in (0xF0, 0xF7):
            size, at = variable(data, at)
            at += size
        else:
            size = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
            yield tick, status, data[at : at + size]
            at += size


class Track:
    def __init__(self, data):
        self.name = b""
        self.notes = collections.Counter()  # (onset, end, channel, pitch, velocity)
        self.other = collections.Counter()  # other events of channels
        self.meters = []
        sounding = collections.defaultdict(list)
        for tick, status, body in events(data):
            kind, channel = status & 0xF0, status & 0x0F
            if status == 0xFF:
                self.name = body[1:] if body[0] == TRACK_NAME and not self.name else self.name
                if body[0] == TIME_SIGNATURE:
                    self.meters.append((tick, body[1], 1 << body[2]))
            elif kind == 0x90 and body[1]:
                sounding[channel, body[0]].append((tick, body[1]))
            elif kind in (0x80, 0x90):
                if sounding[channel, body[0]]:
                    onset, velocity = sounding[channel, body[0]].pop(0)
                    self.notes[onset, tick, channel, body[0], velocity] += 1
            else:
                self.other[tick, status, bytes(body)] += 1
        for (channel, pitch), left in sounding.items():
            for onset, velocity in left:
                self.notes[onset, None, channel, pitch, velocity] += 1


class Song:
    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.division = int.from_bytes(data[12:14], "big")
        self.tracks = []
        at = 8 + int.from_bytes(data[4:8], "big")
        while at + 8 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 8], "big")
            if data[at : at + 4] == b"MTrk":
                self.tracks.append(Track(data[at + 8 : at + 8 + size]))
            at += 8 + size
        self.meters = sorted(meter for track in self.tracks for meter in track.meters)

    def with_notes(self):
        """Numbers of the tracks with notes that are not of drums alone."""
        return [n for n, track in enumerate(self.tracks, 1) if any(note[2] != 9 for note in track.notes)]

    def end(self):
        return max(note[1] or note[0] for track in self.tracks for note in track.notes)

    def bars(self):
        """First tick of each bar, in the first meter alone; None where the meter changes."""
        if len(self.meters) > 1:
            return None
        beats, unit = self.meters[0][1:] if self.meters else (4, 4)
        length = 4 * self.division * beats // unit
        return list(range(0, self.end() + length, length))


def option_sets(song):
    """Options, and which notes are given: a function of track number and note."""
    everything = lambda track, note: True
    alone = ["--look-ahead", "0"]
    yield ["--look-ahead", "4"], everything
    yield ["--look-ahead", "2", "--particles", "4", "--annealing-steps", "5"], everything
    yield [*alone, "--temperature", "1.5", "--max-polyphony", "3", "--keep-as", "any"], everything
    yield [*alone, "--keep-as", "bottom", "--velocity", "90", "--program", "20"], everything
    yield [*alone, "--channel", "1", "--bpm", "90"], everything
    yield [*alone, "--no-copy", "16", "--keep-as", "top"], everything
    yield [*alone, "--density", "0.8", "--register", "60", "--polyphony", "1-3", "--key-weights", "Am"], everything
    tracks = song.with_notes()
    yield ["--keep-track", str(tracks[0])], lambda track, note: track == tracks[0]
    yield [*alone, "--keep-track", str(tracks[-1]), "--channel", "2"], lambda track, note: track == tracks[-1]
    if len(tracks) > 2:
        two = tracks[:2]
        yield [*alone, "--keep-track", str(two[0]), "--keep-track", str(two[1])], lambda track, note: track in two
    pitches = sorted(note[3] for track in song.tracks for note in track.notes)
    middle = pitches[len(pitches) // 2]
    yield [*alone, "--keep-range", f"{middle}-127"], lambda track, note: note[3] >= middle
    yield [*alone, "--keep-range", f"0-{middle}", "--keep-as", "any"], lambda track, note: note[3] <= middle
    bars, margin = song.bars(), song.division // 8
    if bars and len(bars) > 5:
        first, end = bars[2], bars[4]
        clear = lambda note: note[0] < first - margin or note[0] >= end + margin
        yield ["--fill", "3-4"], lambda track, note: clear(note)
        yield ["--fill", "3-4", "--keep-range", f"{middle}-127"], (
            lambda track, note: clear(note) or note[3] >= middle)


def given_tracks(song, is_given):
    for number, track in enumerate(song.tracks, 1):
        notes = {note: count for note, count in track.notes.items() if is_given(number, note)}
        if notes:
            yield track, notes


def compare(source, output, is_given):
    """Given notes, and how many of them are not where they were."""
    given = changed = 0
    # The generated notes are in the last track; the first has no notes
    places = output.tracks[1:-1]
    for track, notes in given_tracks(source, is_given):
        alike = [p for p in places if p.name == track.name and p.other == track.other]
        missing = lambda place: sum(max(0, count - place.notes[note]) for note, count in notes.items())
        there = min(alike, key=missing, default=None)
        given += sum(notes.values())
        changed += missing(there) if there else sum(notes.values())
        places = [p for p in places if p is not there]
    return given, changed


def main(program, model, paths):
    given = changed = runs = refused = 0
    limit = int(os.environ.get("RS_OPTIONS_EACH", "100"))
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.mid")
        for number, path in enumerate(paths):
            source = Song(path)
            sets = list(option_sets(source))
            chosen = [sets[(number + i) % len(sets)] for i in range(min(limit, len(sets)))]
            for options, is_given in chosen:
                command = [program, "export", model, "-o", out, "--harmonise", path, "--seed", "1", "-q", *options]
                done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
                if done.returncode:
                    refused += 1
                    print(" ".join(command), done.stderr.decode(errors="replace"), file=sys.stderr)
                    continue
                here, wrong = compare(source, Song(out), is_given)
                given, changed, runs = given + here, changed + wrong, runs + 1
                if wrong:
                    print(f"{path} {' '.join(options)}: {wrong} of {here} changed", file=sys.stderr)
    print(f"{len(paths)} songs, {runs} exports: {given} given notes, {changed} changed, {refused} failed")
    return 1 if changed or refused or not given else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
