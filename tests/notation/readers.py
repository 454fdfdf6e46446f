# SPDX-License-Identifier: ISC

"""Readers of MIDI files, MusicXML and ABC for the tests: the notes of a song as (pitch, onset, length) in
quarter notes. Each keeps to the specification of its format and shares nothing with the program."""

import collections
import re
import xml.etree.ElementTree as ElementTree
from fractions import Fraction

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS, FLATS = "FCGDAEB", "BEADGCF"


class Wrong(Exception):
    """A file that is not as its format has it."""


def key_alterations(fifths):
    """Alteration of each letter by a key signature."""
    altered = dict.fromkeys(STEPS, 0)
    for letter in (SHARPS if fifths > 0 else FLATS)[: abs(fifths)]:
        altered[letter] = 1 if fifths > 0 else -1
    return altered


# ---- MIDI ----


def midi_number(data, at):
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def midi_events(track):
    """(tick, status, first, second) of the notes of a track."""
    at, tick, status = 0, 0, 0
    while at < len(track):
        delta, at = midi_number(track, at)
        tick += delta
        if track[at] & 0x80:
            status = track[at]
            at += 1
        if status == 0xFF:
            size, at = midi_number(track, at + 1)
            at += size
        elif status in (0xF0, 0xF7):
            size, at = midi_number(track, at)
            at += size
        elif status & 0xF0 in (0xC0, 0xD0):
            at += 1
        else:
            yield tick, status, track[at], track[at + 1]
            at += 2


def read_midi(path):
    with open(path, "rb") as file:
        data = file.read()
    division = int.from_bytes(data[12:14], "big")
    at, notes = 14, []
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        on = {}
        for tick, status, note, velocity in midi_events(data[at + 8 : at + 8 + size]):
            key = (status & 15, note)
            if status & 0xF0 in (0x80, 0x90) and key in on:
                start = on.pop(key)
                notes.append((note, Fraction(start, division), Fraction(tick - start, division)))
            if status & 0xF0 == 0x90 and velocity:
                on[key] = tick
        if on:
            raise Wrong(f"{path}: notes without an end")
        at += 8 + size
    return notes


# ---- ties ----


class Ties:
    """Joins notes that are tied."""

    def __init__(self):
        self.notes = []
        self.open = {}

    def add(self, voice, pitch, start, length, begins):
        """A note; `begins`: whether it is tied to the next one."""
        first, so_far = self.open.pop((voice, pitch), (start, Fraction(0)))
        if first + so_far != start:
            raise Wrong(f"note {pitch} is tied to nothing at {first + so_far}")
        if begins:
            self.open[voice, pitch] = (first, so_far + length)
        else:
            self.notes.append((pitch, first, so_far + length))

    def is_open(self, voice, pitch):
        return (voice, pitch) in self.open

    def all(self):
        if self.open:
            raise Wrong(f"ties to nothing: {self.open}")
        return self.notes


# ---- MusicXML ----

TYPES = ["1024th", "512th", "256th", "128th", "64th", "32nd", "16th", "eighth", "quarter", "half", "whole", "breve"]
ACCIDENTALS = {"flat-flat": -2, "flat": -1, "natural": 0, "sharp": 1, "double-sharp": 2}


def value_of(note):
    """Length of a note in quarter notes by its type, dots and tuplet; None where it has no type."""
    kind = note.findtext("type")
    if kind is None:
        return None
    power = TYPES.index(kind) - TYPES.index("quarter")
    length = Fraction(2) ** power
    length *= 2 - Fraction(1, 2 ** len(note.findall("dot")))
    change = note.find("time-modification")
    if change is not None:
        length *= Fraction(int(change.findtext("normal-notes")), int(change.findtext("actual-notes")))
    return length


def check_accidentals(measure_notes, key, where):
    """What a person reads by accidentals and key signature is what is meant."""
    in_force = {}
    for start, _, staff, step, octave, alter, shown, tied in sorted(measure_notes):
        place = (staff, step, octave)
        if tied:
            continue
        if shown is not None:
            in_force[place] = ACCIDENTALS[shown]
        if in_force.get(place, key[step]) != alter:
            raise Wrong(f"{where}: {step}{octave} at {start} is read as {in_force.get(place, key[step])}, not {alter}")


def read_musicxml(path):
    root = ElementTree.parse(path).getroot()
    if root.tag != "score-partwise":
        raise Wrong(f"{path}: no score")
    ties, at, divisions, key = Ties(), Fraction(0), 1, key_alterations(0)
    for measure in root.find("part"):
        where = f"{path}: measure {measure.get('number')}"
        now = last = end = Fraction(0)
        spelled = []
        for item in measure:
            if item.tag == "attributes":
                divisions = int(item.findtext("divisions", str(divisions)))
                fifths = item.findtext("key/fifths")
                key = key if fifths is None else key_alterations(int(fifths))
            elif item.tag in ("backup", "forward"):
                step = Fraction(int(item.findtext("duration")), divisions)
                now += step if item.tag == "forward" else -step
            elif item.tag == "note":
                length = Fraction(int(item.findtext("duration")), divisions)
                if value_of(item) not in (None, length):
                    raise Wrong(f"{where}: a {item.findtext('type')} of {length}")
                start = last if item.find("chord") is not None else now
                last, now = start, start + length
                end = max(end, now)
                pitch = item.find("pitch")
                if pitch is None:
                    continue
                letter, octave = pitch.findtext("step"), int(pitch.findtext("octave"))
                alter = int(pitch.findtext("alter", "0"))
                number = 12 * (octave + 1) + STEPS[letter] + alter
                voice = item.findtext("voice")
                kinds = {tie.get("type") for tie in item.findall("tie")}
                if kinds != {tie.get("type") for tie in item.findall("notations/tied")}:
                    raise Wrong(f"{where}: ties that are heard, but not seen")
                if ("stop" in kinds) != ties.is_open(voice, number):
                    raise Wrong(f"{where}: note {number}: ties do not match")
                ties.add(voice, number, at + start, length, "start" in kinds)
                spelled.append((start, int(voice), item.findtext("staff"), letter, octave, alter,
                                item.findtext("accidental"), "stop" in kinds))
        check_accidentals(spelled, key, where)
        at += end
    return ties.all()


# ---- ABC ----

MUSIC = re.compile(
    r"""(?P<field>\[[A-Z]:[^\]]*\]) | (?P<text>"[^"]*") | \((?P<tuplet>\d+:\d+:\d+) | (?P<bar>\|\]?) | (?P<space>\s+)
    | (?P<chord>\[[^\]]*\])(?P<chord_length>\d*(?:/\d+)?)
    | (?P<rest>[zx])(?P<rest_length>\d*(?:/\d+)?)
    | (?P<note>(?:\^\^|\^|__|_|=)?[A-Ga-g][,']*)(?P<length>\d*(?:/\d+)?)(?P<tie>-?)""",
    re.VERBOSE,
)
NOTE = re.compile(r"(\^\^|\^|__|_|=)?([A-Ga-g])([,']*)(-?)")
ABC_ACCIDENTALS = {"__": -2, "_": -1, "=": 0, "^": 1, "^^": 2}


def abc_length(text):
    number, _, divisor = text.partition("/")
    return Fraction(int(number or 1), int(divisor or 1))


def abc_fifths(key):
    tonic = re.fullmatch(r"([A-G])([#b]?)(m?)", key)
    if not tonic:
        raise Wrong(f"key {key}")
    fifths = SHARPS.index(tonic[1]) - 1 + {"": 0, "#": 7, "b": -7}[tonic[2]]
    return fifths - (3 if tonic[3] else 0)


class AbcVoice:
    """A voice: an accidental holds for its letter in all octaves, until the bar line."""

    def __init__(self, name, key, unit, ties):
        self.name, self.key, self.unit, self.ties = name, key, unit, ties
        self.now, self.altered, self.left = Fraction(0), {}, 0
        self.factor = Fraction(1)

    def take(self, length):
        """Length of the next chord in quarter notes."""
        length *= 4 * self.unit * (self.factor if self.left else 1)
        self.left = max(self.left - 1, 0)
        return length

    def note(self, match, length, tied):
        accidental, letter, marks = match[1], match[2], match[3]
        upper = letter.upper()
        if accidental:
            self.altered[upper] = ABC_ACCIDENTALS[accidental]
        octave = (5 if letter.islower() else 4) + marks.count("'") - marks.count(",")
        pitch = 12 * (octave + 1) + STEPS[upper] + self.altered.get(upper, self.key[upper])
        self.ties.add(self.name, pitch, self.now, length, tied)

    def item(self, match):
        if match["tuplet"]:
            actual, normal, self.left = map(int, match["tuplet"].split(":"))
            self.factor = Fraction(normal, actual)
        elif match["bar"]:
            if self.left:
                raise Wrong("a tuplet over a bar line")
            self.altered = {}
        elif match["rest"]:
            self.now += self.take(abc_length(match["rest_length"]))
        elif match["chord"]:
            length = self.take(abc_length(match["chord_length"]))
            for note in NOTE.finditer(match["chord"]):
                self.note(note, length, bool(note[4]))
            self.now += length
        elif match["note"]:
            length = self.take(abc_length(match["length"]))
            self.note(NOTE.match(match["note"]), length, bool(match["tie"]))
            self.now += length


def read_abc(path):
    ties, voices, key, unit = Ties(), {}, None, None
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for line in lines:
        if line.startswith("%") or re.match(r"[XTMQV]:", line):
            continue
        if line.startswith("L:"):
            unit = Fraction(line[2:])
        elif line.startswith("K:"):
            key = key_alterations(abc_fifths(line[2:]))
        else:
            start = re.match(r"\[V:(\d+)\] ", line)
            if not start:
                raise Wrong(f"{path}: {line}")
            voice = voices.setdefault(start[1], AbcVoice(start[1], key, unit, ties))
            at = start.end()
            while at < len(line):
                match = MUSIC.match(line, at)
                if not match:
                    raise Wrong(f"{path}: {line[at:]}")
                voice.item(match)
                at = match.end()
    if len({voice.now for voice in voices.values()}) != 1:
        raise Wrong(f"{path}: voices of different lengths")
    return ties.all()


# ---- comparison ----

READERS = {"mid": read_midi, "musicxml": read_musicxml, "abc": read_abc}


def read_frames(path, frames_per_quarter):
    """The notes of a file, in whole frames, and how often each is there."""
    notes = READERS[path.rsplit(".", 1)[1]](path)
    return collections.Counter(
        (pitch, round(start * frames_per_quarter), round(length * frames_per_quarter)) for pitch, start, length in notes
    )


def differing(expected, got):
    """How many notes of two counters differ."""
    return sum(((expected - got) + (got - expected)).values())
