# SPDX-License-Identifier: MIT
"""networks.py FOLDER: writes files of TorchScript for the tests."""
import sys
import torch
from torch import nn


class Layers(nn.Module):
    """Standard layers: how they begin is known by their names."""

    def __init__(self, side=8):
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.out = nn.Linear(4 * (side - 2) ** 2, 2)

    def forward(self, x):
        return self.out(torch.tanh(self.norm(self.convolution(x))).flatten(1))


class Part(nn.Module):
    """A layer of its own, which tells nothing."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(0.01 * torch.ones(64, 2))

    def forward(self, x):
        return x.flatten(1).matmul(self.w)


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def forward(self, x):
        return self.part(x)


class Exported(Own):
    """The same, and it tells."""

    @torch.jit.export
    def reset_parameters(self):
        self.part.w.uniform_(-0.1, 0.1)


class Dropout(Layers):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout()

    def forward(self, x):
        return self.out(self.dropout(torch.tanh(self.norm(self.convolution(x))).flatten(1)))


folder = sys.argv[1]
torch.manual_seed(1)
for network in (Layers, Own, Exported, Dropout):
    torch.jit.script(network()).save(f"{folder}/{network.__name__.lower()}.pt")
torch.jit.script(Layers(28)).save(f"{folder}/mnist.pt")
torch.jit.trace(Layers().eval(), torch.zeros(2, 1, 8, 8)).save(f"{folder}/traced.pt")
torch.save(Layers().state_dict(), f"{folder}/state.pt")
