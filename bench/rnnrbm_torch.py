# SPDX-License-Identifier: ISC

"""The RNN-RBM and its training step in PyTorch, as one writes it there: what ours is measured against.

    rnnrbm_torch.py VISIBLE HIDDEN RECURRENT CD_STEPS

Then a line "BATCH SECONDS" on standard input is answered by one of JSON: frames trained in at least so
many seconds, with series of 100 frames, BATCH of them side by side, on one thread. The frames are random
with 4 notes on of 88: products of dense matrices cost the same whatever is in them.
"""

import json
import sys
import time

import torch
from torch.nn.functional import softplus

FRAMES = 100


def parameter(*shape, spread=0.01):
    return torch.nn.Parameter(torch.randn(*shape) * spread)


def draw(field):
    p = torch.sigmoid(field)
    return (torch.rand_like(p) < p).float()  # a fifth faster than torch.bernoulli()


class Trainer:
    def __init__(self, visible, hidden, recurrent, steps, batch):
        self.steps, self.batch, self.recurrent = steps, batch, recurrent
        self.weight = parameter(visible, hidden)
        self.input = parameter(visible, recurrent, spread=0.05)
        self.recur = parameter(recurrent, recurrent, spread=0.05)
        self.to_visible = parameter(recurrent, visible)
        self.to_hidden = parameter(recurrent, hidden)
        self.bias = parameter(recurrent, spread=0)
        self.visible_bias = torch.nn.Parameter(torch.full((visible,), -3.0))
        self.hidden_bias = parameter(hidden, spread=0)
        self.parameters = [p for p in vars(self).values() if isinstance(p, torch.nn.Parameter)]
        self.optimiser = torch.optim.Adam(self.parameters, 1e-3)
        self.songs = (torch.rand(FRAMES, batch, visible) < 4 / 88).float()

    def biases(self):
        drive = self.songs @ self.input + self.bias
        state, states = torch.zeros(self.batch, self.recurrent), []
        for n in range(FRAMES):
            states.append(state)
            state = torch.tanh(drive[n] + state @ self.recur)
        states = torch.stack(states)
        return states @ self.to_visible + self.visible_bias, states @ self.to_hidden + self.hidden_bias

    @torch.no_grad()
    def sample(self, a, b):
        v = self.songs
        for _ in range(self.steps):
            h = draw(v @ self.weight + b)
            v = draw(h @ self.weight.t() + a)
        return v

    def step(self):
        self.optimiser.zero_grad()
        a, b = self.biases()

        def energy(v):
            return -(a * v).sum(-1) - softplus(v @ self.weight + b).sum(-1)

        (energy(self.songs) - energy(self.sample(a, b))).mean().backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1)
        self.optimiser.step()


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    sizes = [int(x) for x in sys.argv[1:5]]
    trainers = {}
    for line in sys.stdin:
        batch, seconds = int(line.split()[0]), float(line.split()[1])
        if batch not in trainers:
            trainers[batch] = Trainer(*sizes, batch)
            trainers[batch].step()
        begin, steps = time.monotonic(), 0
        while time.monotonic() < begin + seconds:
            trainers[batch].step()
            steps += 1
        took = time.monotonic() - begin
        print(json.dumps({"frames": steps * FRAMES * batch, "seconds": took}), flush=True)


if __name__ == "__main__":
    main()
