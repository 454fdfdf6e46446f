# SPDX-License-Identifier: ISC

"""Reads MIDI files with mido, and prints how long that took: mido_read.py LIMIT FILE..."""

import json
import sys
import time

import mido


def main():
    files = sys.argv[2:][: int(sys.argv[1])]
    read, size = 0, 0
    begin = time.monotonic()
    for path in files:
        try:
            song = mido.MidiFile(path)
        except (OSError, ValueError, KeyError, IndexError, EOFError):
            continue  # ours is lenient, mido is not
        read += 1
        size += sum(len(track) for track in song.tracks)
    print(json.dumps({"files": len(files), "read": read, "messages": size,
                      "seconds": time.monotonic() - begin}))


if __name__ == "__main__":
    main()
