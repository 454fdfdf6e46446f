#!/usr/bin/env python3
# SPDX-License-Identifier: ISC

"""Train variants of a preset over several seeds, and compare them at equal time and at equal updates.

    tools/compare.py SONGS... [--valid PATH] [--preset NAME] [--minutes M] [--seeds N] [--jobs N]
                     [--out FOLDER]

Prints a table in Markdown: for each variant the mean over the seeds, and the spread, of the log-likelihood of
the validation songs (nats a frame) and of the free run (the share of windows inside the songs' band, in its
worst statistic). Both are read from the training logs, so a second call with the same folder trains only what
is missing.
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import subprocess

NONE = ["train.own_past=0", "train.past_noise=0", "train.persistent=0"]

VARIANTS = {
    "no cure": NONE,
    "own past 0.2": NONE + ["train.own_past=0.2"],
    "past misheard 0.05": NONE + ["train.past_noise=0.05"],
    "both of them": ["train.persistent=0", "train.own_past=0.2", "train.past_noise=0.05"],
    "negative as the seed has it, p 0.7, weight 0.1": NONE + ["train.negative_weight=0.1"],
    "negative, hinge 20 nats, from epoch 80": NONE + ["train.negative_weight=0.1", "train.negative_hinge=20",
                                                      "train.negative_from_epoch=80"],
    "half of the chains persistent": NONE + ["train.persistent=0.5"],
    "half of the chains from the frame before": NONE + ["train.from_past=0.5"],
    "CD-50": NONE + ["train.cd_k=50"],
    "weight decay 0.1": NONE + ["train.weight_decay=0.1"],
}


def command(options, settings, seed, stem):
    line = [options.program, "train", *options.songs, "-p", options.preset, "-q",
            "--minutes", str(options.minutes), "--threads", "1", "-o", f"{stem}.model",
            "--log", f"{stem}.jsonl"]
    if options.valid:
        line += ["--valid", options.valid]
    common = [f"train.seed={seed}", "train.gradient=bptt", "train.free_run_frames=1024", "train.patience=0",
              "train.epochs=1000000", "train.free_run_weight=0", f"train.validate_every={options.validate_every}"]
    for setting in common + settings:
        line += ["--set", setting]
    return line


def validations(path):
    """The validations of a log, as (updates, likelihood, free run); none where it has no end."""
    events = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    if not events or events[-1]["event"] != "end":
        return []
    return [(e["updates"], e["valid_ll"], e["free_run"])
            for e in events if e["event"] == "epoch" and e["valid_ll"] is not None]


def train(options, name, settings, seed):
    stem = pathlib.Path(options.out) / f"{name.replace(' ', '-').replace(',', '')}-{seed}"
    log = pathlib.Path(f"{stem}.jsonl")
    if not validations(log):
        subprocess.run(command(options, settings, seed, stem), check=True)
    return validations(log)


def told(values):
    spread = statistics.stdev(values) if len(values) > 1 else 0
    return f"{statistics.mean(values):.2f} ± {spread:.2f}"


def row(name, runs, updates):
    last = [run[-1] for run in runs]
    equal = [[point for point in run if point[0] <= updates][-1] for run in runs]
    cells = [told([p[1] for p in last]), told([p[2] for p in last]), f"{statistics.mean(p[0] for p in last):.0f}",
             told([p[1] for p in equal]), told([p[2] for p in equal])]
    return f"| {name} | " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("songs", nargs="+")
    parser.add_argument("--valid")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--validate-every", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=1, help="trainings side by side; one a core, or none has a core")
    parser.add_argument("--program", default="build/src/cli/rollsmith")
    parser.add_argument("--out", default="build/compare")
    options = parser.parse_args()
    pathlib.Path(options.out).mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as team:
        runs = {name: [team.submit(train, options, name, settings, seed) for seed in range(1, options.seeds + 1)]
                for name, settings in VARIANTS.items()}
        table = {name: [run.result() for run in own] for name, own in runs.items()}
    updates = min(run[-1][0] for runs in table.values() for run in runs)
    print(f"| {options.minutes:g} min on one core, {options.seeds} seeds | likelihood | free run | updates "
          f"| likelihood at {updates} updates | free run |\n| --- | --- | --- | --- | --- | --- |")
    for name, runs in table.items():
        print(row(name, runs, updates))


if __name__ == "__main__":
    main()
