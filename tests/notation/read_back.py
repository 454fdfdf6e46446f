#!/usr/bin/env python3
# SPDX-License-Identifier: ISC

"""Exports songs as MIDI files, MusicXML and ABC, and compares the notes of all three.

    read_back.py [--count N] [--meters 4/4,3/4] [--bars N] [--abc2midi] [--musescore] MODEL...

with rollsmith in $PATH. N songs of each model in each meter, MusicXML and ABC, are read by readers.py; with
--abc2midi also by abc2midi, and with --musescore by musescore3. The exit status is 1 where a note differs, and 77
where a reader that is asked for is missing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import readers

FORMATS = ("mid", "musicxml", "abc")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def export(model, meter, arguments, folder):
    """Frames of a quarter note, and the stems of the songs that were written."""
    stem = os.path.join(folder, f"{os.path.basename(model)}-{meter.replace('/', '-')}")
    for form in FORMATS:
        run("rollsmith", "export", model, "-o", f"{stem}.{form}", "--meter", meter, "--nearest-meter", "--bars",
            str(arguments.bars), "--count", str(arguments.count), "--seed", "1", "-q")
    if arguments.count == 1:
        return [stem]
    return [f"{stem}-{number:03d}" for number in range(1, arguments.count + 1)]


def frames_per_quarter(model):
    return json.loads(run("rollsmith", "info", model, "--json"))["settings"]["roll"]["frames_per_beat"]


def by_abc2midi(stem):
    run("abc2midi", stem + ".abc", "-o", stem + "-abc2midi.mid")
    return stem + "-abc2midi.mid"


def by_musescore(stems):
    """All songs in one run of the program."""
    jobs = [{"in": stem + ".musicxml", "out": stem + "-musescore.mid"} for stem in stems]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(jobs, file)
        file.flush()
        subprocess.run(("musescore3", "-j", file.name), check=True, capture_output=True,
                       env=dict(os.environ, QT_QPA_PLATFORM="offscreen"))
    return {stem: stem + "-musescore.mid" for stem in stems}


def compare(stems, frames, arguments):
    """Notes, and how many of them differ by each reader."""
    musescore = by_musescore(stems) if arguments.musescore else {}
    differing = {"musicxml": 0, "abc": 0}
    count = 0
    for stem in stems:
        expected = readers.read_frames(stem + ".mid", frames)
        count += sum(expected.values())
        read = {"musicxml": stem + ".musicxml", "abc": stem + ".abc"}
        if arguments.abc2midi:
            read["abc2midi"] = by_abc2midi(stem)
        if stem in musescore:
            read["musescore"] = musescore[stem]
        for name, path in read.items():
            wrong = readers.differing(expected, readers.read_frames(path, frames))
            differing[name] = differing.get(name, 0) + wrong
            if wrong:
                print(f"{path}: {wrong} notes differ")
    return count, differing


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--bars", type=int, default=8)
    parser.add_argument("--meters", default="4/4")
    parser.add_argument("--abc2midi", action="store_true")
    parser.add_argument("--musescore", action="store_true")
    arguments = parser.parse_args()
    for program, wanted in (("abc2midi", arguments.abc2midi), ("musescore3", arguments.musescore)):
        if wanted and not shutil.which(program):
            print(f"skipped: needs {program}")
            return 77
    failed = False
    for model in arguments.models:
        frames = frames_per_quarter(model)
        for meter in arguments.meters.split(","):
            with tempfile.TemporaryDirectory() as folder:
                stems = export(model, meter, arguments, folder)
                count, differing = compare(stems, frames, arguments)
            failed = failed or any(differing.values())
            print(f"{model} {meter}: {len(stems)} songs, {count} notes; differing:", differing, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
