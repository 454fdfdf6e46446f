# SPDX-License-Identifier: ISC

"""Tests of the module, with the library of ROLLSMITH_LIBRARY and the songs of data/."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
except ImportError:
    print("skipped: needs numpy")
    sys.exit(77)

import rollsmith

ROOT = Path(__file__).resolve().parent.parent.parent
SONGS = [ROOT / "data" / "midi" / f"{name}.mid" for name in ("auld-lang-syne", "oh-susanna", "yankee-doodle")]
TINY = {"model.hidden": 8, "model.recurrent": 6, "train.streams": 4, "train.epochs": 2, "train.updates": 0,
        "train.ais_chains": 1, "train.ais_betas": 5, "train.free_run_frames": 0, "train.threads": 1,
        "evaluate.chains": 2, "evaluate.betas": 5}


def tiny(songs=SONGS, **changes):
    return rollsmith.train(songs, preset="quick", settings=TINY, seed=1, **changes)


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class Training(InAFolder):
    def test_the_same_seed_gives_the_same_model(self):
        for name in "ab":
            tiny().save(self.folder / name)
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())

    def test_a_model_is_the_one_of_the_program(self):
        if not shutil.which("rollsmith"):
            self.skipTest("needs rollsmith in $PATH")
        tiny().save(self.folder / "a")
        changes = [f"--set={key}={value}" for key, value in TINY.items()]
        subprocess.run(["rollsmith", "train", *SONGS, "-p", "quick", "-q", "--seed", "1", *changes, "-o",
                        self.folder / "b"], check=True)
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())

    def test_settings_are_the_library_s_but_for_those_that_are_given(self):
        settings = tiny().settings
        self.assertEqual(settings["model"]["hidden"], 8)
        self.assertEqual(settings["roll"]["low"], rollsmith.train(SONGS, settings=TINY).settings["roll"]["low"])

    def test_epochs_are_reported(self):
        reports = []
        tiny(on_epoch=reports.append)
        self.assertEqual([report["epoch"] for report in reports], [1, 2])

    def test_an_exception_ends_training_and_is_raised(self):
        class Enough(Exception):
            pass

        def stop(report):
            raise Enough

        with self.assertRaises(Enough):
            tiny(on_epoch=stop)

    def test_arrays_are_songs(self):
        song = np.zeros((64, 128), dtype=bool)
        song[::2, 60] = song[1::2, 64] = True
        model = tiny([song, song[:48]])
        self.assertEqual(model.evaluate(song)["frames"], 64)


class Generating(InAFolder):
    @classmethod
    def setUpClass(cls):
        cls.model = tiny()

    def test_the_same_seed_gives_the_same_arrays(self):
        a, b, c = (self.model.generate(bars=4, seed=seed) for seed in (7, 7, 8))
        self.assertEqual((a.on.shape, a.on.dtype, a.seed), ((64, 128), bool, 7))
        self.assertTrue((a.on == b.on).all() and (a.onset == b.onset).all())
        self.assertFalse((a.on == c.on).all())
        self.assertFalse((a.onset & ~a.on).any())

    def test_a_song_is_the_one_that_export_writes(self):
        if not shutil.which("rollsmith"):
            self.skipTest("needs rollsmith in $PATH")
        self.model.save(self.folder / "a.model")
        for name, prime in (("plain", None), ("primed", SONGS[0])):
            command = ["rollsmith", "export", self.folder / "a.model", "-o", self.folder / "a.mid", "--bars", "4",
                       "--seed", "7", "-q"]
            subprocess.run(command + (["--prime", prime] if prime else []), check=True)
            self.model.generate(bars=4, seed=7, prime=prime).write(self.folder / "b.mid")
            for letter in "ab":
                subprocess.run(["rollsmith", "ingest", self.folder / f"{letter}.mid", "-q", "--set",
                                "roll.transpose=none", "--set", "roll.low=0", "--set", "roll.high=127", "-o",
                                self.folder / f"{letter}.roll"], check=True)
            texts = [[line for line in (self.folder / f"{letter}.roll").read_text().splitlines() if line[0] != "#"]
                     for letter in "ab"]
            self.assertEqual(texts[0], texts[1], name)

    def test_songs_are_written_as_their_name_says(self):
        song = self.model.generate(bars=2, seed=7)
        for name, start in (("a.mid", b"MThd"), ("a.musicxml", b"<?xml"), ("a.abc", b"%abc")):
            song.write(self.folder / name)
            self.assertEqual((self.folder / name).read_bytes()[: len(start)], start)

    def test_a_seed_is_drawn_and_told(self):
        song = self.model.generate(frames=16)
        self.assertGreater(song.seed, 0)
        self.assertTrue((self.model.generate(frames=16, seed=song.seed).on == song.on).all())

    def test_a_model_goes_on_after_a_prime(self):
        prime = self.model.generate(bars=2, seed=1)
        self.assertEqual(self.model.generate(frames=16, seed=2, prime=prime).on.shape, (16, 128))

    def test_a_saved_model_is_the_same(self):
        self.model.save(self.folder / "a.model")
        again = rollsmith.load(self.folder / "a.model")
        self.assertTrue((again.generate(bars=2, seed=7).on == self.model.generate(bars=2, seed=7).on).all())
        self.assertEqual(again.settings, self.model.settings)

    def test_an_evaluation_has_likelihood_and_accuracy(self):
        found = self.model.evaluate(SONGS)
        self.assertEqual(found["songs"], 3)
        self.assertLess(found["ll"], 0)
        self.assertTrue(0 <= found["accuracy"] <= 1)
        self.assertIsNotNone(found["ll_exact"])  # of 8 hidden units


class Errors(InAFolder):
    def test_errors_are_exceptions_with_the_library_s_message(self):
        missing = self.folder / "none"
        with self.assertRaisesRegex(rollsmith.ReadError, "cannot read .*none"):
            rollsmith.load(missing)
        missing.write_text("Hear now a text that is no model.")
        with self.assertRaisesRegex(rollsmith.FormatError, "none: not a model"):
            rollsmith.load(missing)
        with self.assertRaisesRegex(rollsmith.FormatError, "none: not a MIDI file"):
            rollsmith.train(missing)
        with self.assertRaisesRegex(rollsmith.SettingError, "train.epochs"):
            rollsmith.train(SONGS, settings={"train.epochs": -1})
        with self.assertRaisesRegex(rollsmith.SettingError, "no.such"):
            rollsmith.train(SONGS, settings={"no.such": 1})
        with self.assertRaisesRegex(rollsmith.SettingError, "no-such"):
            rollsmith.train(SONGS, preset="no-such")

    def test_arguments_that_cannot_be_are_refused(self):
        model = tiny()
        with self.assertRaisesRegex(ValueError, "frames x 128"):
            model.evaluate(np.zeros((4, 88)))
        with self.assertRaisesRegex(ValueError, "exclude each other"):
            model.generate(bars=1, frames=1)
        with self.assertRaisesRegex(ValueError, "no songs"):
            rollsmith.train([])
        with self.assertRaisesRegex(ValueError, "meter 3: must be such as '3/4'"):
            model.generate(meter=3)
        with self.assertRaisesRegex(rollsmith.SettingError, "7/8"):
            model.generate(meter="7/8")


class Readme(InAFolder):
    def test_the_lines_in_the_readme_run(self):
        text = (ROOT / "README.md").read_text()
        lines = text.split("\n## From Python\n")[1].split("\n## ")[0].splitlines()
        code = "\n".join(line[4:] for line in lines if line.startswith("    ") and not line.startswith("    $"))
        os.symlink(ROOT / "data", self.folder / "data")
        run = subprocess.run([sys.executable, "-c", code], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertTrue((self.folder / "song.mid").exists())


if __name__ == "__main__":
    unittest.main()
