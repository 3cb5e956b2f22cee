#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The papers' network in PyTorch: single-threaded processes, one model each, trained side by side and then asked for
scores. Prints rows a second, and a second of processor time, as JSON. Usage: torch_network.py [SECONDS_OF_EACH]"""
import json
import multiprocessing
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"  # else a second thread spins where a core is free, and counts as processor time
import torch
from torch import nn

BATCH, CLASSES = 128, 2


def network():
    return nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, CLASSES))


def trainer(model, rows, labels):
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss = nn.CrossEntropyLoss()

    def step():
        noisy = rows + 0.5 * torch.randn_like(rows)
        optimiser.zero_grad(set_to_none=True)
        loss(model(noisy), labels).backward()
        optimiser.step()

    return step


def voter(model, rows):
    def step():
        with torch.inference_mode():
            model(rows + 0.5 * torch.randn_like(rows))

    return step


def work(kind, seconds, gate, rates):
    """The rate of one process, over the same stretch of time as the others."""
    torch.set_num_threads(1)
    rows = torch.rand(BATCH, 1, 28, 28)
    model = network()
    step = trainer(model, rows, torch.arange(BATCH) % CLASSES) if kind == "train" else voter(model, rows)
    for _ in range(5):
        step()
    gate.wait()
    start, busy, steps = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < seconds:
        step()
        steps += 1
    rows_done = steps * BATCH
    rates.put((rows_done / (time.perf_counter() - start), rows_done / (time.process_time() - busy)))


def measure(kind, workers, seconds):
    gate, rates = multiprocessing.Barrier(workers), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=work, args=(kind, seconds, gate, rates)) for _ in range(workers)]
    for process in processes:
        process.start()
    each = [rates.get() for _ in processes]
    for process in processes:
        process.join()
    return {"items_per_second": sum(rate for rate, _ in each), "items_per_cpu_second": sum(rate for _, rate in each)}


if __name__ == "__main__":
    each = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    found = {f"torch/{kind}/workers:{n}": measure(kind, n, each)
             for kind, n in (("train", 1), ("train", 2), ("votes", 1))}
    print(json.dumps(found))
