#!/usr/bin/env python3
# SPDX-License-Identifier: ISC

"""How well a model finds the lower voices of chorales under their highest voice.

    lower_voices.py ROLLSMITH MODEL TRAIN.roll VALID.roll [OPTION...]      options for `rollsmith export`

The highest note of each frame of a song is written into a MIDI file, a quarter note a frame, and harmonised. The
accuracy of a frame is that of `rollsmith evaluate`, of its other notes: those that are right, by the larger of the
numbers of notes that there are and that are predicted; the mean is over all frames with a highest note. The baseline
is the chord that TRAIN has most often under this highest note and the one before, or else under this one. The model
draws 16 harmonisations, or RS_SAMPLES; its prediction is, frame by frame, the chord that is most like the others.
"""
import collections
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from given_notes import Song  # noqa: E402

TICKS, SAMPLES = 480, int(os.environ.get("RS_SAMPLES", "16"))


def songs_of(path):
    songs = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                songs.append([])
            elif line.strip():
                songs = songs or [[]]
                songs[-1].append(frozenset(int(n) for n in line.split() if n != "-"))
    return [song for song in songs if song]


def split(frame):
    return (max(frame), frame - {max(frame)}) if frame else (None, frame)


def variable(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, 0x80 | value & 0x7F)
    return bytes(out)


def melody_file(song, path):
    """The highest notes; one that stays is one note."""
    track, last, before = b"", 0, None
    for n, frame in enumerate(song + [frozenset()]):
        top = split(frame)[0]
        if top == before:
            continue
        for status, note in ((0x80, before), (0x90, top)):
            if note is not None:
                track += variable(n * TICKS - last) + bytes([status, note, 64])
                last = n * TICKS
        before = top
    track += b"\0\xff\x2f\0"
    with open(path, "wb") as file:
        file.write(b"MThd\0\0\0\6\0\0\0\1" + TICKS.to_bytes(2, "big") + b"MTrk")
        file.write(len(track).to_bytes(4, "big") + track)


def accuracy(truth, guess):
    most = max(len(truth), len(guess))
    return len(truth & guess) / most if most else 1


def baseline(songs):
    pairs, single = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for song in songs:
        before = None
        for frame in song:
            top, lower = split(frame)
            pairs[before, top][lower] += 1
            single[top][lower] += 1
            before = top
    return lambda before, top: (pairs.get((before, top)) or single.get(top) or {frozenset(): 1})


def predict_baseline(chords, song):
    before, out = None, []
    for frame in song:
        top = split(frame)[0]
        counts = chords(before, top)
        out.append(max(sorted(counts, key=sorted), key=counts.get))
        before = top
    return out


def lower_of(path, length):
    """The generated notes of each frame."""
    out = [set() for _ in range(length)]
    for onset, end, _, pitch, _ in Song(path).tracks[-1].notes:
        for n in range(onset // TICKS, min(end // TICKS, length)):
            out[n].add(pitch)
    return out


def predict_model(command, song, folder):
    """Several harmonisations, and of each frame the one that is most like the others."""
    melody, result = os.path.join(folder, "melody.mid"), os.path.join(folder, "song.mid")
    melody_file(song, melody)
    count = ["--count", str(SAMPLES)]
    subprocess.run(command + count + ["-o", result, "--harmonise", melody, "--keep-as", "top"], check=True)
    samples = [lower_of(os.path.join(folder, f"song-{i + 1:03}.mid"), len(song)) for i in range(SAMPLES)]
    out = []
    for frame in zip(*samples):
        out.append(max(frame, key=lambda guess: sum(accuracy(other, guess) for other in frame)))
    return out, samples[0]


def main(program, model, train, valid, options):
    chords, songs = baseline(songs_of(train)), songs_of(valid)
    command = [program, "export", model, "-q", "--seed", "1", *options]
    sums, frames = [0, 0, 0], 0
    with tempfile.TemporaryDirectory() as folder:
        for song in songs:
            guesses = predict_baseline(chords, song), *predict_model(command, song, folder)
            for n, frame in enumerate(song):
                top, lower = split(frame)
                if top is not None:
                    frames += 1
                    for i in range(3):
                        sums[i] += accuracy(lower, guesses[i][n])
    of = [f"{100 * x / frames:.1f} %" for x in sums]
    print(f"{len(songs)} songs, {frames} frames: baseline {of[0]}, model {of[1]}, a single harmonisation {of[2]}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
