# SPDX-License-Identifier: ISC

"""Measures rollsmith beside what it is held against, in turns, and tells medians: see tools/bench.sh.

    bench.py BUILD [--only PART,...] [--turns N] [SONGS...]
"""

import argparse
import filecmp
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SIZES = {"visible": 88, "hidden": 150, "recurrent": 100, "cd": 15}
KEYS = ["roll.low=21", "roll.high=108", "train.threads=1", "train.epochs=1000000"]
# The reference hears the past as it was: no notes misheard, no passages of its own.
SAME_STEP = ["train.past_noise=0", "train.own_past=0"]
WARM = 4  # seconds of training before anything is measured: chains of a fresh model are not those of a trained one
HURRY = 150  # seconds after which each is measured once, so that five minutes are enough


class Server:
    """A child that answers each line with a line of JSON."""

    def __init__(self, *command):
        self.child = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)

    def ask(self, *words, between="\t"):
        self.child.stdin.write(between.join(str(w) for w in words) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            sys.exit("bench: " + str(self.child.args[0]) + " gave up")
        return json.loads(line)

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Bench:
    def __init__(self, build, songs, turns):
        self.program = build / "src" / "cli" / "rollsmith"
        self.measure = Server(build / "bench" / "measure")
        self.songs, self.turns = songs, turns
        self.results, self.slots = {}, 0
        self.hurry = time.monotonic() + HURRY

    def tell(self, name, value, unit, target=None, ratio=None):
        """One line of the table; the target is met where the ratio says so."""
        self.results[name] = {"value": value, "unit": unit, **({"target": target} if target else {}),
                              **({"ratio": ratio} if ratio else {})}
        shown = f"{value:,.4g}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"
        print(f"{name:<58} {shown:>11} {unit:<9} {ratio or '':<34} {target or ''}", flush=True)

    def skip(self, name, why):
        self.results[name] = {"skipped": why}
        print(f"{name:<58} {'-':>11} skipped: {why}", flush=True)

    def trainer(self, *keys, songs=None, warm=WARM):
        slot, self.slots = self.slots, self.slots + 1
        self.measure.ask("new", slot, songs or self.songs[0], *KEYS, *keys)
        self.measure.ask("run", slot, warm)
        return slot

    def free(self, *slots):
        for slot in slots:
            self.measure.ask("free", slot)
        self.slots = 0

    def train(self, slot, seconds=1):
        return self.measure.ask("run", slot, seconds)

    def in_turns(self, *runs):
        """Frames a second of each run, a list of its turns: A B A B."""
        rates = [[] for _ in runs]
        for turn in range(self.turns):
            if turn and time.monotonic() > self.hurry:
                break  # a machine with other things to do
            for rate, run in zip(rates, runs):
                one = run()
                rate.append(one["frames"] / one["seconds"])
        return rates


def median(rates):
    return statistics.median(rates)


def times(a, b):
    """How many times as fast a is as b: the median over turns, each of which met the machine in one mood."""
    return statistics.median(x / y for x, y in zip(a, b))


def size_keys(visible=88, hidden=150, recurrent=100, cd=15):
    low = 48 if visible == 36 else 21
    return [f"roll.low={low}", f"roll.high={low + visible - 1}", f"model.hidden={hidden}",
            f"model.recurrent={recurrent}", f"train.cd_k={cd}"]


def python_with(module):
    """A Python that has a module, or None: this one, or that of the system, which Debian's packages are for."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import " + module], capture_output=True).returncode == 0:
            return python
    return None


def bench_torch(bench):
    """The training step against PyTorch, and against dense products at their peak."""
    ours = bench.trainer("train.gradient=bptt", *size_keys(**SIZES))
    same = bench.trainer("train.gradient=bptt", *SAME_STEP, *size_keys(**SIZES))
    wide = bench.trainer("train.gradient=bptt", *SAME_STEP, "train.streams=32", "train.block=100", *size_keys(**SIZES))
    python = python_with("torch")
    batches = (16, 32, 64) if python else ()
    torch = python and Server(python, HERE / "rnnrbm_torch.py", *SIZES.values())
    for batch in batches:
        torch.ask(batch, 0.1, between=" ")
    flops = 2e-9 * 2 * SIZES["cd"] * SIZES["visible"] * SIZES["hidden"]  # of CD in dense products, 1e9 a frame

    def peak():
        return {"frames": bench.measure.ask("sgemm", 0.2)["gflops"] / flops, "seconds": 1}

    rate, alike, at_once, peaks, *theirs = bench.in_turns(
        lambda: bench.train(ours), lambda: bench.train(same), lambda: bench.train(wide), peak,
        *[lambda b=b: torch.ask(b, 1, between=" ") for b in batches])
    bench.tell("sgemm of 1024 x 1024, one core", median(peaks) * flops, "GFLOP/s")
    bench.tell("training, bptt, 88/150/100, CD-15, one thread", median(rate), "frames/s",
               "2 x or less", f"{times(peaks, rate):.2f} x CD-15 in sgemm at peak")
    bench.tell("  without what PyTorch's step lacks", median(alike), "frames/s",
               "2 x or less", f"{times(peaks, alike):.2f} x CD-15 in sgemm at peak")
    bench.tell("  and with 32 series of 100 frames an update", median(at_once), "frames/s",
               "2 x or less", f"{times(peaks, at_once):.2f} x CD-15 in sgemm at peak")
    if python:
        torch.close()
        best = max(theirs, key=median)
        bench.tell(f"the same in PyTorch, batch {batches[theirs.index(best)]}", median(best), "frames/s",
                   "10 x or more", "ours: " + ", ".join(f"{times(r, best):.1f} x" for r in (rate, alike, at_once)))
    else:
        bench.skip("the same in PyTorch", "no python3 has torch (Debian: python3-torch)")
    tell_shares(bench, [bench.train(ours) for _ in range(bench.turns)])
    bench.free(ours, same, wide)


def tell_shares(bench, runs):
    """Where the time of a training step goes."""
    frames, total = sum(r["frames"] for r in runs), sum(r["seconds"] for r in runs)
    parts = {p: sum(r["parts"][p] for r in runs) for p in runs[0]["parts"]}
    blas = parts.pop("blas")
    parts["rest"] = total - sum(parts.values())
    for part, seconds in parts.items():
        bench.tell("  of a step: " + part, 1e6 * seconds / frames, "us/frame",
                   ratio=f"{100 * seconds / total:.0f} % of the step")
    bench.tell("  of these: products by BLAS", 1e6 * blas / frames, "us/frame",
               ratio=f"{100 * blas / total:.0f} % of the step")


def bench_sizes(bench):
    sizes = [(36, 150, 100, 15), (88, 150, 100, 4), (88, 200, 150, 15), (88, 512, 256, 15)]
    slots = [bench.trainer("train.gradient=bptt", *size_keys(*size), warm=WARM / 2) for size in sizes]
    rates = bench.in_turns(*[lambda s=s: bench.train(s, 0.6) for s in slots])
    for (visible, hidden, recurrent, cd), rate in zip(sizes, rates):
        bench.tell(f"training, bptt, {visible}/{hidden}/{recurrent}, CD-{cd}", median(rate), "frames/s")
    bench.free(*slots)


def bench_engines(bench):
    for songs in bench.songs:
        slots = [bench.trainer(f"train.gradient={engine}", *size_keys(**SIZES), songs=songs, warm=2 * WARM)
                 for engine in ("bptt", "block")]
        bptt, block = bench.in_turns(*[lambda s=s: bench.train(s) for s in slots])
        bench.tell("training, block, 88/150/100, " + os.path.join(*pathlib.Path(songs).parts[-2:]),
                   median(block), "frames/s", "3 x or less", f"{times(bptt, block):.2f} x the time of bptt")
        bench.free(*slots)
    for recurrent in (256, 512):  # what dr/dw costs where it is large
        slots = [bench.trainer(f"train.gradient={engine}", *size_keys(recurrent=recurrent), warm=WARM / 4)
                 for engine in ("bptt", "block")]
        bptt, block = bench.in_turns(*[lambda s=s: bench.train(s, 0.6) for s in slots])
        bench.tell(f"training, block, 88/150/{recurrent}", median(block), "frames/s",
                   ratio=f"{times(bptt, block):.2f} x the time of bptt")
        bench.free(*slots)
    small = [bench.trainer(f"train.gradient={engine}", "model.hidden=32", "model.recurrent=16",
                           "train.streams=4", warm=1) for engine in ("bptt", "block", "rtrl")]
    rates = bench.in_turns(*[lambda s=s: bench.train(s, 0.6) for s in small])
    for engine, rate in zip(("bptt", "block", "rtrl"), rates):
        bench.tell(f"training, {engine}, 88/32/16, 4 streams", median(rate), "frames/s")
    bench.free(*small)


def bench_threads(bench):
    slots = [bench.trainer(*size_keys(**SIZES), f"train.threads={n}", "train.gradient=bptt", warm=WARM / 2)
             for n in (1, 2)]
    one, two = bench.in_turns(*[lambda s=s: bench.train(s) for s in slots])
    bench.tell("training, bptt, 88/150/100, two threads", median(two), "frames/s", "1.8 x or more",
               f"{times(two, one):.2f} x one thread")
    bench.free(*slots)


def bench_bytes(bench):
    """The same model from one, two and four threads; and the memory that training takes."""
    with tempfile.TemporaryDirectory() as folder:
        models, peak = [], 0
        for threads in (1, 2, 4):
            models.append(os.path.join(folder, f"{threads}.model"))
            command = [bench.program, "train", bench.songs[0], "--epochs", "1", "--seed", "1", "-q",
                       "--threads", str(threads), "-o", models[-1], "--set", "train.validate_every=1000000",
                       "--set", "train.valid_share=0", "--set", "roll.low=21", "--set", "roll.high=108"]
            child = subprocess.Popen([str(c) for c in command])
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = status
            if status:
                sys.exit("bench: rollsmith train failed")
            peak = max(peak, usage.ru_maxrss / 1024)
        same = all(filecmp.cmp(models[0], m, shallow=False) for m in models)
    bench.tell("models of 1, 2 and 4 threads that are the same", float(3 if same else 1), "of 3", "3")
    bench.tell("training, default, peak memory", peak, "MiB", "150 or less")


def bench_models(bench):
    slots = [bench.trainer("train.gradient=bptt", "roll.low=48", "roll.high=83", f"generate.gibbs_steps={steps}",
                           warm=WARM / 2) for steps in (25, 100)]
    few, many, likelihood = bench.in_turns(*[lambda s=s: bench.measure.ask("generate", s, 8000) for s in slots],
                                           lambda: bench.measure.ask("evaluate", slots[0], 2048))
    bench.tell("generation, default model, 25 Gibbs steps, one core", median(few), "frames/s", "20,000 or more")
    bench.tell("  with the 100 steps that are the default", median(many), "frames/s")
    bench.tell("likelihood as a validation takes it, default model, one core", median(likelihood), "frames/s")
    bench.free(*slots)


def bench_ingest(bench):
    path = bench.songs[0]
    files = [str(f) for f in sorted(pathlib.Path(path).rglob("*.mid"))] or [path]
    size = sum(os.path.getsize(f) for f in files) / 1e6
    limit = 100

    def ours(threads):
        one = bench.measure.ask("ingest", path, threads)
        return {"frames": one["files"], "seconds": one["seconds"]}

    def theirs():
        command = [mido, HERE / "mido_read.py", str(limit), *files]
        one = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return {"frames": one["files"], "seconds": one["seconds"]}

    mido = python_with("mido")
    ours(2)  # the files come into the system's cache
    one, two, *rest = bench.in_turns(lambda: ours(1), lambda: ours(2), *([theirs] if mido else []))
    for threads, rate in ((1, one), (2, two)):
        bench.tell(f"ingest, {len(files)} files, {threads} threads", median(rate), "files/s",
                   "3,000 or more" if threads == 2 else None, f"{median(rate) * size / len(files):.1f} MB/s")
    if mido:
        bench.tell("the same by mido", median(rest[0]), "files/s", "20 x or more",
                   f"ours is {times(one, rest[0]):.0f} x, with two threads {times(two, rest[0]):.0f} x")
    else:
        bench.skip("the same by mido", "no module mido (Debian: python3-mido)")


PARTS = {"torch": bench_torch, "sizes": bench_sizes, "engines": bench_engines, "threads": bench_threads,
         "bytes": bench_bytes, "models": bench_models, "ingest": bench_ingest}


def main():
    parser = argparse.ArgumentParser(description="Measure rollsmith.")
    parser.add_argument("build", type=pathlib.Path, help="folder of the build")
    parser.add_argument("songs", nargs="*", default=[str(HERE.parent / "data" / "midi")],
                        help="folders of MIDI files, or .roll files: the first for all, each for block RTRL")
    parser.add_argument("--only", default=",".join(PARTS), help="of " + ", ".join(PARTS))
    parser.add_argument("--turns", type=int, default=5, help="how often each is measured")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="JSON (default: BUILD/bench.json)")
    options = parser.parse_intermixed_args()
    bench = Bench(options.build, options.songs, options.turns)
    for part in options.only.split(","):
        PARTS[part](bench)
    bench.measure.close()
    output = options.output or options.build / "bench.json"
    output.write_text(json.dumps(bench.results, indent=2) + "\n")
    print(f"written to {output}")


if __name__ == "__main__":
    main()
