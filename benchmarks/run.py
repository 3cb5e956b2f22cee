#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the benchmarks (preset bench), runs them and the peers that are installed, times the compiler on the headers,
prints a table beside the last result of the same machine, and stores the new one under benchmarks/results/.
A benchmark whose answers are wrong fails the run. Usage: benchmarks/run.py [NAME...], e.g. noise storage peers compile
demo ten_classes; the last two are whole runs of the program, beside what its --dry-run expected, and verified."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
BUILD = SOURCE / "build/bench"
WHOLE_RUNS = {"demo": [], "ten_classes": ["--classes", "all"]}
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's PyTorch

# What the table says of two benchmarks of one run: name, numerator, denominator, and which rate of the denominator:
# that of the clock or, where ours is by processor time, that one.
CLOCK, PROCESSOR = "items_per_second", "items_per_cpu_second"
RATIOS = [
    ("one model against PyTorch, by processor time", "model/network_fit", "torch/train/workers:1", PROCESSOR),
    ("ensemble against PyTorch, 2 workers", "ensemble/train/threads:2/real_time", "torch/train/workers:2", CLOCK),
    ("ensemble, 2 threads against 1", "ensemble/train/threads:2/real_time", "ensemble/train/threads:1/real_time", CLOCK),
    ("votes against PyTorch, by processor time", "ensemble/votes", "torch/votes/workers:1", PROCESSOR),
    ("certificates from votes against bounds made anew", "certify/certify_table<clopper_pearson, no_split>/1000",
     "certify/raw_loop/1000", CLOCK),
    ("float normals against std::normal_distribution", "noise/keyed_philox<float>/784",
     "noise/standard_mt19937_64<float>/784", CLOCK),
]


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{model.group(1).strip() if model else 'unknown processor'}, {os.cpu_count()} cores"


def run_program(name):
    """One program's benchmarks; by processor time, so that other work on the machine disturbs less."""
    subprocess.run(["cmake", "--build", BUILD, "--target", f"bench_{name}"], check=True, stdout=subprocess.DEVNULL)
    answer = subprocess.run([BUILD / f"bin/bench_{name}", "--benchmark_format=json"], check=True,
                            capture_output=True, text=True)
    found = {}
    for b in json.loads(answer.stdout)["benchmarks"]:
        if b.get("error_occurred"):
            sys.exit(f"{name}/{b['name']}: {b['error_message']}")
        seconds = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[b["time_unit"]]
        kept = {"real_s": b["real_time"] * seconds, "cpu_s": b["cpu_time"] * seconds}
        known = {"family_index", "per_family_instance_index", "repetition_index", "iterations", "threads", "repetitions"}
        kept |= {k: v for k, v in b.items() if isinstance(v, (int, float)) and k not in known | {"real_time", "cpu_time"}}
        found[f"{name}/{b['name']}"] = kept
    return found


def run_peers():
    if subprocess.run([SYSTEM_PYTHON, "-c", "import torch"], capture_output=True).returncode != 0:
        print("PyTorch is not installed (python3-torch): no peer is run")
        return {}
    answer = subprocess.run([SYSTEM_PYTHON, SOURCE / "benchmarks/peers/torch_network.py"], check=True,
                            capture_output=True, text=True)
    return json.loads(answer.stdout)


def seconds_to_compile(headers):
    text = "".join(f'#include "{h}"\n' for h in headers)
    before = os.times()
    subprocess.run(["g++", "-std=c++20", "-fsyntax-only", f"-I{SOURCE}/include", "-isystem", "/usr/include/eigen3",
                    "-x", "c++", "-"], input=text, text=True, check=True)
    after = os.times()
    return {"cpu_s": after.children_user + after.children_system - before.children_user - before.children_system}


def run_compiler():
    include = SOURCE / "include"
    found = {"compile/umbrella": seconds_to_compile(["certssb/certssb.hpp"])}
    for stage in sorted(p for p in (include / "certssb").iterdir() if p.is_dir()):
        headers = [str(h.relative_to(include)) for h in sorted(stage.glob("*.hpp"))]
        found[f"compile/{stage.name}"] = seconds_to_compile(headers)
    return found


def run_whole(name):
    """The program from end to end."""
    subprocess.run(["cmake", "--build", BUILD, "--target", "certssb_program"], check=True, stdout=subprocess.DEVNULL)
    program = BUILD / "bin/certssb"
    with tempfile.TemporaryDirectory() as folder:
        options = ["run", *WHOLE_RUNS[name], "--seed", "1", "--json", "--quiet", "--out", f"{folder}/run"]
        expected = json.loads(subprocess.run([program, *options, "--dry-run"], check=True, capture_output=True).stdout)
        started = time.monotonic()
        subprocess.run([program, *options], check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - started
        subprocess.run([program, "verify", f"{folder}/run"], check=True, stdout=subprocess.DEVNULL)
    return {name: {"real_s": seconds, "expected_s": expected["expected"]["total_s"]}}


def shown(entry):
    if "items_per_second" in entry:
        return f"{entry['items_per_second']:.4g} /s"
    return f"{seconds_of(entry):.3g} s"


def seconds_of(entry):
    return entry.get("cpu_s", entry.get("real_s"))


def change(new, old):
    """How many times as fast as before."""
    if old is None:
        return ""
    if "items_per_second" in new and "items_per_second" in old:
        return f"{new['items_per_second'] / old['items_per_second']:.2f}x"
    return f"{seconds_of(old) / seconds_of(new):.2f}x" if seconds_of(new) and seconds_of(old) else ""


def main():
    programs = sorted(p.stem for p in (SOURCE / "benchmarks").glob("*.cpp"))
    runners = {name: lambda name=name: run_program(name) for name in programs}
    runners |= {"peers": run_peers, "compile": run_compiler}
    runners |= {name: lambda name=name: run_whole(name) for name in WHOLE_RUNS}
    wanted = sys.argv[1:] or list(runners)
    unknown = set(wanted) - set(runners)
    if unknown:
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(runners)}")
    subprocess.run(["cmake", "--preset", "bench", "-DCERTSSB_BUILD_PROGRAM=ON"], cwd=SOURCE, check=True,
                   stdout=subprocess.DEVNULL)

    store = SOURCE / "benchmarks/results" / (re.sub(r"[^a-z0-9]+", "_", machine().lower()).strip("_") + ".json")
    last = json.loads(store.read_text()) if store.exists() else {"benchmarks": {}}
    found = {}
    for name in wanted:
        started = time.monotonic()
        found |= runners[name]()
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)

    width = max(len(name) for name in found)
    print(f"{machine()}, {date.today()}; load {os.getloadavg()[0]:.1f}")
    print(f"{'benchmark':{width}}  {'now':>12}  {'last':>12}  faster")
    for name, entry in found.items():
        old = last["benchmarks"].get(name)
        print(f"{name:{width}}  {shown(entry):>12}  {shown(old) if old else '':>12}  {change(entry, old)}")
    for title, above, below, rate in RATIOS:
        if above in found and below in found:
            print(f"{title}: {found[above][CLOCK] / found[below][rate]:.2f}x")

    store.parent.mkdir(exist_ok=True)
    merged = {"machine": machine(), "benchmarks": last["benchmarks"]}
    for name, entry in found.items():
        merged["benchmarks"][name] = entry | {"date": str(date.today()), "load": round(os.getloadavg()[0], 1)}
    beside = store.with_suffix(".tmp")
    beside.write_text(json.dumps(merged, indent=1, sort_keys=True) + "\n")
    beside.replace(store)


if __name__ == "__main__":
    main()
