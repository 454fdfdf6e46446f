#!/usr/bin/env python3
# SPDX-License-Identifier: ISC

"""Likelihoods by doc/model-format.md alone, held against `rollsmith evaluate`.

    model_format.py    with the folder of rollsmith in $PATH

For each kind of model it trains one for a moment, replaces all parameters by random ones, and works out the likelihood of
some songs of its own in plain Python: nothing of it is the program's, and nothing is read but the model file.
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

TOLERANCE = 1e-6  # nats a frame; the program computes in single precision
FORMATS = {"F32": "f", "F64": "d", "U64": "Q", "U8": "B"}


def single(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


# ---- The container ----


def read_file(path):
    data = open(path, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    strings = header.pop("__metadata__")
    tensors = {}
    for name, of in header.items():
        begin, end = of["data_offsets"]
        raw = data[8 + size + begin : 8 + size + end]
        kind = FORMATS[of["dtype"]]
        values = struct.unpack("<%d%s" % (len(raw) // struct.calcsize(kind), kind), raw)
        tensors[name] = [of["dtype"], of["shape"], list(values)]
    return strings, tensors


def checksum(data):
    at = data.index(b'"checksum":"') + 12
    data = bytearray(data)
    data[at : at + 16] = b"0" * 16
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 % 2**64
    data[at : at + 16] = b"%016x" % h
    return bytes(data)


def write_file(path, strings, tensors):
    header, body = {"__metadata__": dict(strings, checksum="0" * 16)}, b""
    width = lambda name: struct.calcsize(FORMATS[tensors[name][0]])
    for name in sorted(tensors, key=lambda n: (-width(n), n)):
        dtype, shape, values = tensors[name]
        raw = struct.pack("<%d%s" % (len(values), FORMATS[dtype]), *values)
        header[name] = {"data_offsets": [len(body), len(body) + len(raw)], "dtype": dtype, "shape": shape}
        body += raw
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(checksum(struct.pack("<Q", len(text)) + text + body))


# ---- Songs: notes (first frame, frames, MIDI number, velocity) and time signatures (frame, beats, unit) ----


def bar_frames(beats, unit, frames_per_beat):
    return 4 * frames_per_beat * beats / unit


def beat_frames(beats, unit, frames_per_beat):
    compound = unit >= 8 and beats % 3 == 0 and beats > 3
    return 4 * frames_per_beat / unit * (3 if compound else 1)


def random_song(rng, meters, bars, frames_per_beat):
    """Bars that are often like those before, at times changed by a note; in each of the meters so many of them."""
    changes, notes, at = [], [], 0
    for beats, unit in meters:
        length = bar_frames(beats, unit, frames_per_beat)
        changes.append((at, beats, unit))
        made = []
        for b in range(bars):
            start = at + math.floor(b * length + 0.5)
            frames = at + math.floor((b + 1) * length + 0.5) - start
            back = rng.choice([0, 0, 1, 2, 4])
            bar = list(made[-back]) if back and back <= len(made) else []
            for _ in range(rng.choice([0, 1]) if bar else rng.randint(3, 7)):
                first = rng.randrange(max(1, math.floor(length)))
                bar.append((first, rng.randint(1, 6), rng.randint(61, 70), rng.randint(20, 127)))
            made.append(bar)
            notes += [(start + f, n, p, v) for f, n, p, v in bar if f < frames]
        at += math.floor(bars * length + 0.5)
    return cut(notes), changes


def cut(notes):
    """Of notes of one pitch each ends where the next begins, and one is left of those that begin together."""
    found = []
    for pitch in {n[2] for n in notes}:
        own = sorted({n[0]: n for n in notes if n[2] == pitch}.values())
        for i, (first, frames, _, velocity) in enumerate(own):
            last = own[i + 1][0] if i + 1 < len(own) else first + frames
            found.append((first, min(frames, last - first), pitch, velocity))
    return sorted(found)


def delta(ticks):
    data = [ticks & 127]
    while ticks > 127:
        ticks >>= 7
        data.insert(0, 128 | ticks & 127)
    return bytes(data)


def write_midi(path, song, frames_per_beat):
    notes, changes = song
    ticks, events = 120, []
    for frame, beats, unit in changes:
        events.append((frame, 1, bytes([0xFF, 0x58, 4, beats, unit.bit_length() - 1, 24, 8])))
    for first, frames, pitch, velocity in notes:
        events.append((first, 2, bytes([0x90, pitch, velocity])))
        events.append((first + frames, 0, bytes([0x80, pitch, 0])))
    track, now = b"", 0
    for frame, _, data in sorted(events):
        track += delta((frame - now) * ticks) + data
        now = frame
    track += b"\0\xff\x2f\0"
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, ticks * frames_per_beat)
    open(path, "wb").write(head + struct.pack(">4sI", b"MTrk", len(track)) + track)


# ---- The model ----


class Model:
    def __init__(self, path):
        strings, tensors = read_file(path)
        settings = json.loads(strings["settings"])
        self.roll, self.options, self.tensors = settings["roll"], settings["model"], tensors
        self.first_version = strings["version"] == "1"
        self.meters = [] if self.first_version else json.loads(strings["meters"])
        self.P = self.roll["high"] - self.roll["low"] + 1
        self.onsets = self.roll["articulation"]
        self.V = self.P * (2 if self.onsets else 1)
        self.H = tensors["rbm.weight"][1][0]
        self.R = tensors["rnn.bias"][1][0]
        self.X = tensors["rnn.weight"][1][1] - self.R
        self.gaussian = self.options["rbm"] == "gb"
        parts = ("metre", "lookback", "plan", "note_age")
        on = lambda part: not self.first_version and self.options[part] and (part == "note_age" or self.meters)
        self.metre, self.lookback, self.plan, self.note_age = map(on, parts)
        self.intervals = self.options.get("intervals", False)
        self.melody = self.options.get("melody", False)
        self.contour = self.melody and self.options.get("contour", False)
        self.counts = self.options.get("counts", False) and not self.gaussian
        self.planes = self.V // self.P if self.counts else 0
        self.joint = self.options.get("joint_onsets", False) and self.planes == 2
        self.lay_out()

    def row(self, name, i):
        _, shape, values = self.tensors[name]
        return values[i * shape[1] : (i + 1) * shape[1]]

    def values(self, name):
        return self.tensors[name][2]

    def lay_out(self):
        per = self.roll["frames_per_beat"]
        whole = lambda x: min(max(math.ceil(x), 1), 192)
        self.bars = [bar_frames(b, u, per) for b, u, _ in self.meters]
        self.beats = [beat_frames(b, u, per) for b, u, _ in self.meters]
        self.places = [whole(bar) for bar in self.bars]
        at = self.V
        if self.metre:
            self.metre_at = at
            at += len(self.meters) + 4 + 8 + 5
            self.place_at = [at + sum(self.places[:i]) for i in range(len(self.meters))]
            at += sum(self.places)
            self.beat_at = []
            for i, beat in enumerate(self.beats):
                first = self.beats.index(beat)
                self.beat_at.append(at if first == i else self.beat_at[first])
                at += whole(beat) if first == i else 0
        if self.lookback:
            self.lookback_at, self.like_at = at, at + 4 * self.V
            at += 4 * self.V + 4 * 8
        if self.plan:
            self.plan_at = at
            at += 13 + 6 + 6 + 7 + 4 + 12
        if self.note_age:
            self.age_at = at
            at += 7 * self.P
        if self.counts:
            self.counts_at = at
            at += 8
        self.melody_at = at
        at += self.P if self.melody else 0
        self.contour_at = at
        at += 8 if self.contour else 0
        assert at == self.X, "X is %d, the file has %d" % (at, self.X)
        self.age_pairs = 7 * (1 + (sum(self.places) if self.metre else 0)) if self.note_age else 0
        self.interval_pairs = self.age_pairs + (1152 if self.lookback else 0)
        shared = 2 * self.interval_pairs + (1052 if self.intervals else 0)
        self.melody_pairs = shared // 2
        shared += 2 * 246 if self.melody else 0
        shared += 2 * 328 if self.contour else 0
        self.cases_at = shared
        all_places = 1 + (sum(self.places) if self.metre else 0)
        shared += 14 * (all_places + (192 if self.lookback else 0)) if self.counts else 0
        assert shared == (self.tensors["shared.weight"][1][0] if "shared.weight" in self.tensors else 0)


class Bars:
    """The bars of a song: where each frame stands."""

    def __init__(self, changes, frames, per):
        self.starts, self.meter, self.since = [], [], []
        ends = [c[0] for c in changes[1:]] + [frames]
        for (first, beats, unit), end in zip(changes, ends):
            length, k = bar_frames(beats, unit, per), 0
            while first + math.floor(k * length + 0.5) < end:
                self.starts.append(first + math.floor(k * length + 0.5))
                self.meter.append((beats, unit))
                self.since.append(k)
                k += 1
        self.of = [max(b for b, s in enumerate(self.starts) if s <= n) for n in range(frames)]
        self.end = frames

    def frames(self, b):
        return range(self.starts[b], self.starts[b + 1] if b + 1 < len(self.starts) else self.end)


def jaccard(a, b):
    return len(a & b) / len(a | b) if a | b else 1


def classes_of(value, ends):
    return sum(1 for end in ends if end <= value)


class Song:
    """A song as a model hears it: vectors, notes that sound and begin, bars and plan."""

    def __init__(self, model, song):
        notes, changes = song
        self.frames = max(first + frames for first, frames, _, _ in notes)
        self.on = [set() for _ in range(self.frames)]
        self.begins = [set() for _ in range(self.frames)]
        level = [{} for _ in range(self.frames)]
        for first, frames, pitch, velocity in notes:
            for n in range(first, first + frames):
                self.on[n].add(pitch)
                level[n][pitch] = velocity
            self.begins[first].add(pitch)
        if not model.onsets:
            before = [set()] + self.on
            self.begins = [on - b for on, b in zip(self.on, before)]
        self.v = [self.vector(model, n, level[n]) for n in range(self.frames)]
        self.bars = Bars(changes, self.frames, model.roll["frames_per_beat"])
        lasting = {}
        for b, m in enumerate(self.bars.meter):
            lasting[m] = lasting.get(m, 0) + len(self.bars.frames(b))
        self.main = max(lasting, key=lambda m: lasting[m])
        if model.plan:
            self.take_plan(model)

    def vector(self, model, n, level):
        v = [0.0] * model.V
        for pitch in self.on[n]:
            i = pitch - model.roll["low"]
            v[i] = 0.25 + 0.75 * level[pitch] / 127 if model.roll["velocity"] else 1.0
            if model.onsets and pitch in self.begins[n]:
                v[model.P + i] = 1.0
        return v

    def label(self, b, before):
        frames, taken, most = list(self.bars.frames(b)), None, 0
        for kappa, k in enumerate((1, 2, 4, 8)):
            if k > b:
                break
            then = list(self.bars.frames(b - k))
            like = 0
            if len(then) >= len(frames):
                like = sum(jaccard(self.on[x], self.on[y]) for x, y in zip(frames, then)) / len(frames)
            goes_on = before and (before - 1) // 3 == kappa
            held = before and taken is not None and (before - 1) // 3 == taken
            if like > most + 0.02 or (like >= most - 0.02 and (goes_on or not held)):
                taken, most = kappa, like
        level = classes_of(most, (0.35, 0.6, 0.9999))
        return 3 * taken + level if level else 0

    def exact_quarters(self, b, per):
        """Whether each of the first 16 quarter notes of a bar that varies another one is as it was there."""
        label, frames = self.labels[b], list(self.bars.frames(b))
        if not label or label % 3 == 0:
            return []
        then = self.bars.starts[b - 2 ** ((label - 1) // 3)] - self.bars.starts[b]
        quarters = [frames[q : q + per] for q in range(0, len(frames), per)][:16]
        return [all(self.on[n] == self.on[n + then] for n in quarter) for quarter in quarters]

    def label_at(self, b, f, per):
        label, q = self.labels[b], f // per
        return 3 * ((label - 1) // 3) + 3 if q < len(self.exact[b]) and self.exact[b][q] else label

    def take_plan(self, model):
        self.labels = []
        for b in range(len(self.bars.starts)):
            self.labels.append(self.label(b, self.labels[-1] if b else 0))
        self.exact = [self.exact_quarters(b, model.roll["frames_per_beat"]) for b in range(len(self.labels))]
        end = max(n for n in range(self.frames) if self.on[n]) + 1
        begun = [p for n in range(end) for p in self.begins[n]]
        sounding = [len(on) for on in self.on if on]
        counts = [sum(1 for p in begun if p % 12 == c) for c in range(12)]
        entropy = -sum(c / len(begun) * math.log2(c / len(begun)) for c in counts if c)
        returns = sum(1 for x in self.labels if x and (x - 1) % 3 > 0) / len(self.labels)
        long_enough = end >= 4 * bar_frames(*self.main, model.roll["frames_per_beat"])
        measured = [len(begun) / end, sum(sounding) / len(sounding), returns, entropy]
        ends = [model.values("plan." + name) for name in ("density", "polyphony", "returns", "pitches")]
        if not long_enough:
            measured[0] = measured[1] = measured[3] = 0
        self.texture = [classes_of(single(x), e) for x, e in zip(measured, ends)]
        bars_from = [sum(1 for x in self.labels if x and (x - 1) % 3 and (x - 1) // 3 in group) for group in ((0, 1), (2,), (3,))]
        distance = max(range(3), key=lambda i: (bars_from[i], i))
        share = self.texture[2]
        self.texture[2] = 1 + 3 * (share - 1) + distance if share else 0
        heights = [[side(on) for on in self.on if on] for side in (max, min)]
        self.top, self.bottom = (math.floor(sum(h) / len(h) + 0.5) for h in heights)

    def plan_probability(self, model):
        d, p, r, c = self.texture
        known = [(b, u) for b, u, _ in model.meters]
        m = known.index(self.main) if self.main in known else 12
        total = math.log(model.row("plan.texture", m)[((d * 6 + p) * 7 + r) * 4 + c])
        total += math.log(model.row("plan.top", p)[self.top])
        total += math.log(model.row("plan.bottom", p)[self.bottom])
        before = 0
        for b, label in enumerate(self.labels):
            row = model.row("plan.next", ((r * 3 + min(b // 8, 2)) * 8 + b % 8) * 13 + before)
            possible = [q if not l or 2 ** ((l - 1) // 3) <= b else 0 for l, q in enumerate(row)]
            total += math.log(possible[label] / sum(possible))
            before = label
            if self.exact[b]:
                row = model.row("plan.exact", label % 3 - 1)
                total += math.log(self.chain(row, self.exact[b]))
                if len(self.exact[b]) < 16:  # P9: not all of them
                    total -= math.log(1 - self.chain(row, [True] * len(self.exact[b])))
        return total

    @staticmethod
    def chain(row, exact):
        """The probability of quarter notes by P7."""
        product, returned = 1, False
        for q, returns in enumerate(exact):
            p = row[2 * min(q, 3) + returned]
            product *= p if returns else 1 - p
            returned = returns
        return product


# ---- The inputs of a frame ----


class Inputs:
    def __init__(self, model, song):
        self.model, self.song = model, song
        self.known = [(b, u) for b, u, _ in model.meters]
        self.age = [0] * model.P
        self.like = [[0.0, 0.0] for _ in range(4)]
        self.label = 0
        self.melody = None
        self.step = 0

    def place(self, n):
        bars = self.song.bars
        b = bars.of[n]
        t = self.known.index(bars.meter[b]) if bars.meter[b] in self.known else None
        return b, n - bars.starts[b], t

    def label_of(self, n):
        b, f, _ = self.place(n)
        return self.song.label_at(b, f, self.model.roll["frames_per_beat"]) if self.model.plan else 0

    def back(self, n, k):
        bars = self.song.bars
        b, f, _ = self.place(n)
        if k > b or f >= len(bars.frames(b - k)):
            return None
        found = bars.starts[b - k] + f
        reach = min(9 * max(math.ceil(bar) for bar in self.model.bars), 4096)
        return found if n - found <= reach else None

    def hear(self, n):
        """Frame n has come."""
        model, song = self.model, self.song
        self.label = self.label_of(n)
        if max(song.on[n], default=-1) in song.begins[n]:
            step = 0 if self.melody is None else max(song.on[n]) - self.melody
            self.step = 0 if self.melody is None else 1 + classes_of(step, (-4, -2, 0, 1, 3, 5))
            self.melody = max(song.on[n])
        for kappa, k in enumerate((1, 2, 4, 8) if model.lookback else ()):
            then = self.back(n, k)
            top = lambda on: max(on, default=None)
            now = [0, 0]
            if then is not None:
                now = [jaccard(song.on[n], song.on[then]), top(song.on[n]) == top(song.on[then])]
            self.like[kappa] = [0.75 * x + 0.25 * y for x, y in zip(self.like[kappa], now)]
        for i in range(model.P):
            pitch = model.roll["low"] + i
            begins = model.onsets and pitch in song.begins[n]
            self.age[i] = 0 if pitch not in song.on[n] else 1 if begins else self.age[i] + 1

    def of(self, n):
        """x(n) as a list of (number, value), and the linked (weight, bias)."""
        model, song = self.model, self.song
        x = [(i, value) for i, value in enumerate(song.v[n - 1] if n else []) if value]
        links = []
        b, f, t = self.place(n)
        if model.metre and t is not None:
            beta = song.bars.since[b]
            at = model.metre_at
            x += [(at + t, 1)]
            at += len(model.meters)
            x += [(at + beta % 4, 1), (at + 4 + beta % 8, 1), (at + 12 + min(beta // 8, 4), 1)]
            x += [(model.place_at[t] + min(f, model.places[t] - 1), 1)]
            x += [(model.beat_at[t] + min(math.floor(f % model.beats[t]), 191), 1)]
        if model.plan:
            at = model.plan_at
            for size, number in zip((13, 6, 6, 7, 4, 12), [self.label_of(n)] + song.texture + [0]):
                x += [(at + number, 1)]
                at += size
        for kappa, k in enumerate((1, 2, 4, 8) if model.lookback else ()):
            then = self.back(n, k)
            if then is not None:
                self.look_back(n, kappa, then, x, links)
        place = 0
        if model.metre and t is not None:
            place = 1 + sum(model.places[:t]) + min(f, model.places[t] - 1)
        if model.intervals:
            self.link_intervals(n, f, t, links)
        if model.melody and self.melody is not None:
            x += [(model.melody_at + self.melody - model.roll["low"], 1)]
            self.link_melody(n, f, t, links)
            if model.contour:
                x += [(model.contour_at + self.step, 1)]
        if model.counts:
            last = song.on[n - 1] if n else ()
            x += [(model.counts_at + min(len(last), 7), 1)]
            self.link_counts(place, [len(last)] * model.planes, links)
        if model.note_age:
            for i, age in enumerate(self.age):
                if age:
                    number = classes_of(age - 1, (1, 2, 3, 4, 8, 16))
                    x += [(model.age_at + number * model.P + i, 1)]
                    self.link(7 * place + number, i, links)
        return x, links

    def link(self, pair, i, links):
        links.append((2 * pair, i))
        if self.model.onsets:
            links.append((2 * pair + 1, self.model.P + i))

    def beat_place(self, f, t):
        if not self.model.metre or t is None:
            return 2
        in_beat, length = f % self.model.beats[t], self.model.beats[t]
        return 0 if in_beat < 1 else 1 if in_beat <= length / 2 < in_beat + 1 else 2

    def link_melody(self, n, f, t, links):
        model = self.model
        case = 3 * (self.melody in self.song.on[n - 1]) + self.beat_place(f, t)
        for j in range(model.P):
            held = min(max(model.roll["low"] + j - self.melody, -20), 20)
            self.link(model.melody_pairs + 41 * case + 20 + held, j, links)
            if model.contour:
                self.link(model.melody_pairs + 246 + 41 * self.step + 20 + held, j, links)

    def link_intervals(self, n, f, t, links):
        model, song = self.model, self.song
        beat = self.beat_place(f, t)
        low, last = model.roll["low"], sorted(song.on[n - 1], reverse=True) if n else []
        for number, pitch in enumerate(last[:6]):
            edges = (number == 0, number == len(last) - 1)
            voice = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[edges]
            for j in range(model.P):
                away = low + j - pitch
                if abs(away) <= 12:
                    self.link(model.interval_pairs + 25 * (3 * voice + beat) + away + 12, j, links)
        for j in range(model.P) if model.plan else ():
            self.link(model.interval_pairs + 300 + 12 * (3 * song.texture[3] + beat) + (low + j) % 12, j, links)
            for kind, centre in enumerate((song.top, song.bottom)):
                held = min(max(low + j - centre, -20), 20)
                self.link(model.interval_pairs + 444 + 41 * kind + 20 + held, j, links)

    def link_counts(self, case, numbers, links):
        model = self.model
        for plane, number in enumerate(numbers):
            for c in range(8):
                change = min(max(c - min(number, 7), -3), 3)
                links.append((model.cases_at + 14 * case + 7 * plane + 3 + change, model.V + model.H + 8 * plane + c))

    def look_back(self, n, kappa, then, x, links):
        model, song = self.model, self.song
        later = self.place(n)[1] >= model.roll["frames_per_beat"]
        x += [(model.lookback_at + kappa * model.V + i, v) for i, v in enumerate(song.v[then]) if v]
        like = [classes_of(value, (0.3, 0.6, 0.85)) for value in self.like[kappa]]
        x += [(model.like_at + 8 * kappa + 4 * kind + like[kind], 1) for kind in range(2)]
        label = self.label_of(n)
        where = 0 if label != self.label else 1 + later
        level = (label - 1) % 3 + 1 if label and (label - 1) // 3 == kappa else 0
        like[0] = 3 if level == 3 else like[0]
        if model.counts:
            places = 1 + (sum(model.places) if model.metre else 0)
            numbers = [len(song.on[then]), len(song.begins[then])][: model.planes]
            self.link_counts(places + 48 * kappa + 12 * level + 3 * like[0] + where, numbers, links)
        for i in range(model.P):
            pitch = model.roll["low"] + i
            now, on = n > 0 and pitch in song.on[n - 1], pitch in song.on[then]
            begun = pitch in song.begins[then] if model.onsets else not now
            state = 2 * begun + now if on else 4 if now else 5
            if level or state < 5:
                pair = model.age_pairs + 48 * (6 * kappa + state) + 12 * level + 3 * like[0] + where
                self.link(pair, i, links)


# ---- The likelihood ----


def softplus(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


def log_sum(terms):
    most = max(terms)
    return most + math.log(sum(math.exp(t - most) for t in terms))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def counted(model, fields, kappa):
    """log of the sum over all states of the visible units, by how many of a plane are on."""
    total = 0
    for plane in range(model.planes):
        sums = [1.0]  # sums[c]: of e^fields of all states with c units on
        for field in fields[plane * model.P : (plane + 1) * model.P]:
            sums = [x + math.exp(field) * y for x, y in zip(sums + [0], [0] + sums)]
        total += math.log(sum(x * math.exp(kappa[plane][min(c, 7)]) for c, x in enumerate(sums)))
    return total


def counted_jointly(model, fields, kappa, sounded):
    """log of the same sum, of the frames that can follow one in which these places sounded."""
    sums = {(0, 0): 1.0}  # of e^fields of all states, by how many sound and how many begin
    for i in range(model.P):
        more = {}
        begun = math.exp(fields[i] + fields[model.P + i])
        held = math.exp(fields[i]) if i in sounded else 0
        for (sound, begin), x in sums.items():
            for key, weight in ((sound, begin), 1), ((sound + 1, begin), held), ((sound + 1, begin + 1), begun):
                more[key] = more.get(key, 0) + weight * x
        sums = more
    return math.log(sum(x * math.exp(kappa[0][min(s, 7)] + kappa[1][min(b, 7)]) for (s, b), x in sums.items()))


def log_probability(model, u, v, before):
    V, H = model.V, model.H
    W = [model.row("rbm.weight", j) for j in range(H)]
    a, b = u[:V], u[V : V + H]
    if model.gaussian:
        low, high = (2 * math.log(model.options["deviation_" + side]) for side in ("low", "high"))
        z = [min(max(x, low), high) for x in u[V + H :]]
        seen = [x * math.exp(-y / 2) for x, y in zip(v, z)]
        energy = sum((x - m) ** 2 * math.exp(-y) for x, m, y in zip(v, a, z)) / 2
        drive = [m * math.exp(-y / 2) for m, y in zip(a, z)]
        constant = sum(math.log(2 * math.pi) + y for y in z) / 2
        term = lambda q: sum(x * x / 2 + d * x for x, d in zip(q, drive))
    else:
        seen, energy, constant = v, -dot(a, v), 0
        term = lambda q: sum(softplus(x + y) for x, y in zip(a, q))
    if model.counts:
        kappa = [u[V + H + 8 * plane : V + H + 8 * plane + 8] for plane in range(model.planes)]
        for plane in range(model.planes):
            energy -= kappa[plane][min(7, int(sum(v[plane * model.P : (plane + 1) * model.P])))]
        sounded = {i for i in range(model.P) if before[i]}
        fields = lambda q: [x + y for x, y in zip(a, q)]
        term = lambda q: counted(model, fields(q), kappa)
        if model.joint:
            term = lambda q: counted_jointly(model, fields(q), kappa, sounded)
    free = energy - sum(softplus(b[j] + dot(W[j], seen)) for j in range(H))
    terms = []
    for h in range(2**H):
        on = [j for j in range(H) if h >> j & 1]
        q = [sum(W[j][i] for j in on) for i in range(V)]
        terms.append(sum(b[j] for j in on) + term(q))
    return -free - constant - log_sum(terms)


def log_likelihood(model, song):
    """Of all frames of a song, with that of its plan."""
    logistic = model.options["activation"] == "logistic"
    r = list(model.values("rnn.start")) if "rnn.start" in model.tensors else [0.0] * model.R
    inputs, total = Inputs(model, song), song.plan_probability(model) if model.plan else 0
    for n in range(song.frames):
        x, links = inputs.of(n)
        state = []
        for i in range(model.R):
            row = model.row("rnn.weight", i)
            field = model.values("rnn.bias")[i] + sum(row[k] * value for k, value in x) + dot(row[model.X :], r)
            state.append(1 / (1 + math.exp(-field)) if logistic else math.tanh(field))
        r = state
        u = [d + dot(model.row("output.weight", i), r) for i, d in enumerate(model.values("output.bias"))]
        for k, value in x if "direct.weight" in model.tensors else []:
            u = [a + value * s for a, s in zip(u, model.row("direct.weight", k))]
        for weight, bias in links:
            u[bias] += 4 * model.values("shared.weight")[weight]
        total += log_probability(model, u, song.v[n], song.v[n - 1] if n else [0] * model.V)
        inputs.hear(n)
    return total


# ---- The test ----


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s: %s" % (" ".join(words), done.stderr))
    return done.stdout


def make_random(path, seed):
    """Replace the parameters of a model by random ones."""
    rng = random.Random(seed)
    strings, tensors = read_file(path)
    spread = {"rbm.weight": 0.6, "shared.weight": 0.15, "direct.weight": 0.3}
    for name, (dtype, _, values) in tensors.items():
        if dtype == "F32" and not name.startswith("plan."):
            tensors[name][2] = [rng.gauss(0, spread.get(name, 0.4)) for _ in values]
    gaussian = json.loads(strings["settings"])["model"]["rbm"] == "gb"
    if gaussian:  # variances about the bounds of a deviation, and within
        V = tensors["rbm.weight"][1][1]
        tensors["output.bias"][2][-V:] = [rng.uniform(-6, -1) for _ in range(V)]
    write_file(path, strings, tensors)


def make_first_version(path):
    strings, tensors = read_file(path)
    strings = {k: v for k, v in strings.items() if k != "meters"}
    settings = json.loads(strings["settings"])
    for part in PARTS:
        del settings["model"][part]
    strings["settings"] = json.dumps(settings)
    write_file(path, dict(strings, version="1"), {n: t for n, t in tensors.items() if not n.startswith("songs.")})


PARTS = ("metre", "lookback", "plan", "note_age", "counts", "intervals", "melody", "contour", "joint_onsets")
ALL = [part + "=true" for part in PARTS]
NONE = [part + "=false" for part in PARTS]


def alone(part):
    return ["model.%s=%s" % (p, "true" if p == part else "false") for p in PARTS]


MODELS = {
    "all inputs": ["model." + x for x in ALL],
    "all inputs, three frames a beat": ["model." + x for x in ALL] + ["roll.frames_per_beat=3"],
    "all inputs, no onsets": ["model." + x for x in ALL] + ["roll.articulation=false"],
    "all inputs, Gaussian": ["model." + x for x in ALL] + ["model.rbm=gb", "model.learned_start=true"],
    "all inputs, velocities": ["model." + x for x in ALL] + ["model.rbm=gb", "roll.velocity=true"],
    "metre alone": alone("metre") + ["model.activation=logistic"],
    "lookback alone": alone("lookback"),
    "plan alone": alone("plan"),
    "note age alone": alone("note_age"),
    "counts alone": alone("counts"),
    "onsets drawn together alone": alone("counts") + ["model.joint_onsets=true"],
    "intervals alone": alone("intervals"),
    "melody alone": alone("melody"),
    "melody alone, no onsets": alone("melody") + ["roll.articulation=false"],
    "melody and contour alone": alone("melody") + ["model.contour=true"],
    "version 1": ["model." + x for x in NONE],
}
COMMON = (
    "roll.transpose=none roll.low=60 roll.high=71 model.hidden=5 model.recurrent=4 train.epochs=1 train.streams=4 train.updates=0"
    " train.validate_every=0 train.valid_share=0 train.free_run_frames=0 train.own_past=0 train.cd_k=1 generate.gibbs_steps=2"
).split()


def write_songs(folder, per):
    """Songs in several meters, with a pickup, changes, and a meter that is too rare to be learned."""
    rng = random.Random(5)
    plans = [([(4, 4)], 10), ([(3, 4)], 9), ([(6, 8), (4, 4)], 4), ([(5, 8)], 9), ([(7, 16)], 3), ([(1, 8), (3, 4)], 2)]
    os.mkdir(folder)
    songs = [random_song(rng, meters, bars, per) for meters, bars in plans]
    for i, song in enumerate(songs):
        write_midi(os.path.join(folder, "%d.mid" % i), song, per)
    return songs


def check(name, changes, folder):
    model, songs_folder = os.path.join(folder, "m.model"), os.path.join(folder, name.replace(" ", "-"))
    per = 3 if "roll.frames_per_beat=3" in changes else 4
    songs = write_songs(songs_folder, per)
    sets = [word for key in COMMON + changes for word in ("--set", key)]
    run("rollsmith", "train", songs_folder, "-o", model, "-q", "--seed", "1", *sets)
    make_random(model, name)
    if name == "version 1":
        make_first_version(model)
    told = json.loads(run("rollsmith", "evaluate", model, songs_folder, "--json", "--set", "evaluate.chains=1", "--set",
                          "evaluate.betas=2", "--set", "evaluate.free_run_frames=64", "--set", "evaluate.songs=0"))
    own = Model(model)
    heard = [Song(own, song) for song in songs]
    frames = sum(song.frames for song in heard)
    ll = sum(log_likelihood(own, song) for song in heard) / frames
    good = told["frames"] == frames and abs(told["ll_exact"] - ll) <= TOLERANCE * max(1, abs(ll))
    print("%-34s %4d frames, %.9f here, %.9f there" % (name, frames, ll, told["ll_exact"]) + ("" if good else "  WRONG"))
    return good


def main():
    with tempfile.TemporaryDirectory() as folder:
        wanted = sys.argv[1:] or MODELS
        if not all([check(name, MODELS[name], folder) for name in wanted]):
            sys.exit(1)


main()
