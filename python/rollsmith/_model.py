# SPDX-License-Identifier: ISC

"""Models: training, generating, evaluating, files."""

import os
import secrets

from . import _settings, _songs
from ._library import call, check, ffi, lib


def _meter(meter):
    """The two numbers of "3/4"."""
    if meter is None:
        return None, None
    beats, slash, unit = str(meter).partition("/")
    if not slash:
        raise ValueError(f"meter {meter}: must be such as '3/4'")
    return beats, unit


class Model:
    """A trained model; train() and load() make one."""

    def __init__(self, pointer, owner=None):
        self._pointer = pointer
        self._owner = owner  # of a model that is borrowed

    @property
    def settings(self):
        """All settings that it was trained with, {"section": {"name": value}}."""
        return _settings.as_dict(ffi.addressof(self._pointer.settings))

    @property
    def meters(self):
        """Time signatures that it has learned, (upper number, lower number)."""
        inputs = self._pointer.inputs
        return [(inputs.meters[i].beats, inputs.meters[i].unit) for i in range(inputs.meter_count)]

    def save(self, path):
        """Write the model file, whole or not at all."""
        call(lib.rs_model_save, self._pointer, os.fsencode(path))

    def generate(self, bars=None, frames=None, seed=None, temperature=None, meter=None, bpm=None, prime=None, settings=None):
        """A new Song: the one that `rollsmith export` writes with the same options and seed.

        meter     such as "3/4"
        prime     a song to go on from: a path, a Song or an array
        settings  other settings of the section generate, {"generate.no_copy": 32}

        What is None is as in the model's settings. Without a seed, a new one is drawn; Song.seed tells it.
        """
        if bars is not None and frames is not None:
            raise ValueError("bars and frames exclude each other")
        beats, unit = _meter(meter)
        changes = {"generate.bars": bars, "generate.frames": 0 if bars is not None else frames, "generate.seed": seed,
                   "generate.temperature": temperature, "generate.meter_beats": beats, "generate.meter_unit": unit,
                   "generate.bpm": bpm, **(settings or {})}
        chosen = _settings.copy(self._pointer.settings, changes)
        generate = chosen.generate
        generate.seed = generate.seed or secrets.randbelow(2**32 - 1) + 1
        if generate.no_copy:
            call(lib.rs_model_index_runs, self._pointer, generate.no_copy)
        return self._song(chosen, prime)

    def _song(self, chosen, prime):
        generate = chosen.generate
        out = ffi.new("RsGenerator **")
        call(lib.rs_generator_new, self._pointer, ffi.addressof(generate), generate.seed, out)
        generator = ffi.gc(out[0], lib.rs_generator_free)
        transposed, meter = 0, (self._pointer.training.meter_beats, self._pointer.training.meter_unit)
        if prime is not None:
            songs, transposed = _songs.collect(prime, chosen)
            roll = songs.rolls
            check(lib.rs_generator_prime(generator, roll))
            if roll.meter_count:
                meter = (roll.meters[roll.meter_count - 1].beats, roll.meters[roll.meter_count - 1].unit)
        if generate.meter_beats:
            meter = (generate.meter_beats, generate.meter_unit)
        made = ffi.gc(ffi.new("RsRoll *"), lib.rs_roll_clear)
        check(lib.rs_generator_song(generator, b"", self._length(chosen, meter), made))
        fitted = ffi.gc(ffi.new("RsRoll *"), lib.rs_roll_clear)
        check(lib.rs_roll_fit(made, 0, _songs.NOTES - 1, lib.RS_OUTSIDE_FOLD, -transposed, fitted, ffi.NULL))
        fitted.bpm = self._bpm(generate)
        return _songs.from_roll(fitted, generate.seed)

    def _bpm(self, generate):
        return generate.bpm or self._pointer.training.bpm or _songs.to_roll(_songs.EMPTY).bpm

    def _length(self, chosen, meter):
        roll = chosen.roll
        per_quarter = 60000 / self._bpm(chosen.generate) / roll.frame_ms if roll.frame_ms else roll.frames_per_beat
        bar = lib.rs_meter_bar_frames(meter[0], meter[1], per_quarter)
        return chosen.generate.frames or round(chosen.generate.bars * bar)

    def evaluate(self, songs, settings=None):
        """How well the model predicts songs: paths, Songs or arrays.

        @return {"songs", "frames", "ll", "ll_reverse", "ll_error", "ll_exact", "accuracy"}: log-likelihoods in nats a
        frame, ll_error the standard error over songs; None where a value is not known. Effort and seed are the settings evaluate.* of the model, changed by `settings`.
        """
        chosen = _settings.copy(self._pointer.settings, settings or {})
        wanted = chosen.evaluate
        rolls, _ = _songs.collect(songs, chosen)
        effort = ffi.new("RsEvaluationSettings *", {
            "replicas": wanted.replicas if wanted.method == lib.RS_LOG_Z_TEMPERED else 0, "rounds": wanted.rounds,
            "chains": wanted.chains, "betas": wanted.betas, "reverse": True, "exact": True, "accuracy": True,
            "gibbs_steps": chosen.generate.gibbs_steps, "max_frames": wanted.max_frames, "seed": wanted.seed,
            "threads": chosen.train.threads})
        found = ffi.new("RsEvaluation *")
        call(lib.rs_evaluate, self._pointer.net, self._pointer.w, ffi.addressof(self._pointer.inputs), rolls, effort,
             found)
        values = {name: getattr(found, name) for name in
                  ("songs", "frames", "ll", "ll_reverse", "ll_error", "ll_exact", "accuracy")}
        return {name: None if value != value else value for name, value in values.items()}


class _Hooks:
    """Callbacks of a training; an exception in one, Ctrl-C included, ends it and is raised afterwards."""

    def __init__(self, on_epoch):
        self.exception = None
        self.on_epoch = on_epoch
        self.stop = ffi.callback("bool(void *)", lambda _: self.exception is not None, error=True, onerror=self.failed)
        self.epoch = ffi.callback("RsStatus(void *, const RsEpochReport *)", self.report, error=lib.RS_ERR_STOPPED,
                                  onerror=self.failed)
        self.struct = ffi.new("RsTrainHooks *", {"stop": self.stop, "epoch": self.epoch})

    def failed(self, _, exception, __):
        self.exception = exception

    def report(self, _, report):
        if self.on_epoch:
            fields = [name for name, _ in ffi.typeof("RsEpochReport").fields]
            self.on_epoch({name: getattr(report, name) for name in fields})
        return lib.RS_OK


def train(songs, valid=None, preset=None, settings=None, seed=None, on_epoch=None):
    """Train a Model.

    songs     a path of a file or folder, or several; or arrays of frames x 128 notes, or Songs
    valid     songs for validation; None: a share of the songs is held out, as train.valid_share says
    preset    such as "quick", or a path
    settings  {"train.epochs": 20, ...}: `rollsmith presets default` lists all with their defaults
    on_epoch  called with a dict after each epoch
    """
    chosen = _settings.new(preset, {**(settings or {}), "train.seed": seed})
    if not isinstance(songs, (str, os.PathLike, _songs.Song)) and not hasattr(songs, "ndim"):
        songs = list(songs)
    _songs.choose_transposition(songs, chosen)
    every, _ = _songs.collect(songs, chosen)
    held = ffi.gc(ffi.new("RsSongs *"), lib.rs_songs_clear)
    learn = every
    if valid is not None:
        held, _ = _songs.collect(valid, chosen)
    else:
        learn = ffi.gc(ffi.new("RsSongs *"), lib.rs_songs_clear)
        check(lib.rs_songs_split(every, chosen.train.valid_share, chosen.train.seed, learn, held))
    out = ffi.new("RsTrainer **")
    call(lib.rs_trainer_new, chosen, learn, held, out)
    # The trainer borrows its songs: they are freed after it, in whatever order Python drops these names.
    trainer = ffi.gc(out[0], lambda made, songs=(learn, held): lib.rs_trainer_free(made))
    hooks = _Hooks(on_epoch)
    error, reason = ffi.new("RsError *"), ffi.new("RsTrainedReason *")
    status = lib.rs_trainer_run(trainer, hooks.struct, reason, error)
    if hooks.exception is not None:
        raise hooks.exception
    check(status, error)
    return Model(lib.rs_trainer_model(trainer), owner=trainer)


def load(path):
    """Read a model file."""
    out = ffi.new("RsModel **")
    call(lib.rs_model_load, os.fsencode(path), out)
    return Model(ffi.gc(out[0], lib.rs_model_free))
