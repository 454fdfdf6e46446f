# SPDX-License-Identifier: ISC

"""rollsmith learns the style of piano rolls and generates new ones.

    import rollsmith
    model = rollsmith.train("data/midi", preset="quick", seed=1)
    song = model.generate(bars=16, seed=7)
    song.on                       # numpy, frames x 128
    song.write("song.mid")

Every call runs the C library librollsmith.so.0, or the one that ROLLSMITH_LIBRARY names; its errors are exceptions.
"""

from ._library import Error, FormatError, ReadError, SettingError
from ._model import Model, load, train
from ._songs import Song

__all__ = ["Error", "FormatError", "Model", "ReadError", "SettingError", "Song", "load", "train"]
