#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every attack against an undefended model and five defences at small size, and prints the table of docs/attacks.md.
Usage: benchmarks/attacks.py FOLDER [OPTION...]: runs go into FOLDER, those that are there already are only read; further
options go to `certssb run`. Ten minutes of one core."""
import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build/release/bin/certssb"
SETTINGS = ["--classes", "6,0", "--train-rows", "3000", "--test-rows", "300", "--batch", "32", "--models", "10", "--alpha", "0.01",
            "--defences", "rab,cert-ssb,parts,smoothed-parts,nearest-mean", "--seed", "1"]
EPOCHS = {"wanet": 12}
RATES = {"sig": 0.25}
ATTACKS = ["one-pixel", "four-pixel", "blending", "badnets", "blended", "sig", "wanet", "label-consistent"]
MODES = ["uniform", "given_scales", "parts", "uniform+parts", "nearest_mean"]


def per_cent(share):
    return f"{100 * share:.1f}".removesuffix(".0")


def run(folder, attack, more):
    out = folder / attack
    if not out.exists():
        subprocess.run([PROGRAM, "run", "--attack", attack, "--epochs", str(EPOCHS.get(attack, 6)), "--rate",
                        str(RATES.get(attack, 0.1)), *SETTINGS, *more, "--out", out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return json.loads((out / "results.json").read_text())


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print("| attack | rows | L2 / L1 | undefended: clean right, success |", " | ".join(f"`{mode}`" for mode in MODES), "|")
    print("|---" * (4 + len(MODES)) + "|")
    for attack in ATTACKS:
        results = run(folder, attack, sys.argv[2:])
        data, plain = results["data"], results["undefended"]
        cells = [attack, str(data["poisoned_rows"]), f"{data['pattern_l2_max']:.2f} / {data['pattern_l1_max']:.1f}",
                 f"{per_cent(plain['clean_accuracy'])}, {per_cent(plain['attack_success_rate'])}"]
        found = {e["mode"]: e for d in results["defences"] for e in d["evaluations"] if e["inputs"] == "triggered"}
        for mode in MODES:
            covered = found[mode]["attack_covered_and_right"]
            cells.append(f"{per_cent(found[mode]['empirical_accuracy'])}; {per_cent(covered['labels_as_observed'])} / "
                         f"{per_cent(covered['labels_covered'])}")
        print("|", " | ".join(cells), "|")


main()
