#!/usr/bin/env python3
"""Measures the Python writers that are installed, and TensorBoard's Python reader.

    python.py                    every writer: 100k scalars each, three rounds
    python.py write --calls N --rounds N --dir DIR
    python.py read FILE          TensorBoard's reader on one event file

Prints JSON. Every file is read back: each scalar once, in order, none missing.
"""

import argparse
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time

TAGS = [f"worker0/loss_{tag}" for tag in range(10)]


def scalars(path):
    """(tag, step, value) of every scalar in an event file."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    for event in LegacyEventFileLoader(path).Load():
        for value in event.summary.value:
            yield value.tag, event.step, value.simple_value


def check(directory, calls):
    (name,) = [name for name in os.listdir(directory) if "tfevents" in name]
    count = 0
    for tag, step, value in scalars(os.path.join(directory, name)):
        due = (TAGS[count % len(TAGS)], count // len(TAGS), float(count))
        if (tag, step, value) != due:
            sys.exit(f"{due} is due, {(tag, step, value)} is in the file")
        count += 1
    if count != calls:
        sys.exit(f"{count} of {calls} scalars are in the file")


def torch_writer(directory):
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(directory)


def tensorboardx_writer(directory):
    from tensorboardX import SummaryWriter

    return SummaryWriter(directory)


WRITERS = {
    "torch.utils.tensorboard": ("torch", torch_writer),
    "tensorboardX": ("tensorboardX", tensorboardx_writer),
}


def log(make, directory, calls):
    """Nanoseconds per call at the caller, and until all is in the file."""
    writer = make(directory)
    begun = time.perf_counter_ns()
    for count in range(calls):
        writer.add_scalar(TAGS[count % len(TAGS)], float(count), count // len(TAGS))
    called = time.perf_counter_ns()
    writer.close()
    ended = time.perf_counter_ns()
    return (called - begun) / calls, (ended - begun) / calls


def write(arguments):
    missing = [package for package in ("torch", "tensorboardX", "tensorboard")
               if importlib.util.find_spec(package) is None]
    if "tensorboard" in missing:
        sys.exit("tensorboard is not installed: it is needed to read the files back")
    writers = {name: make for name, (package, make) in WRITERS.items() if package not in missing}
    rounds = {name: [] for name in writers}
    for _ in range(arguments.rounds):
        for name, make in writers.items():
            with tempfile.TemporaryDirectory(dir=arguments.dir) as directory:
                rounds[name].append(log(make, directory, arguments.calls))
                check(directory, arguments.calls)
    figures = {
        name: {
            "ns_per_call": statistics.median(call for call, _ in times),
            "ns_per_call_until_in_file": statistics.median(all for _, all in times),
            "rounds": times,
        }
        for name, times in rounds.items()
    }
    return {"calls": arguments.calls, "writers": figures, "not_installed": missing}


def read(arguments):
    found = {"scalars": 0, "sum_of_steps": 0, "sum_of_values": 0.0}
    begun = time.perf_counter_ns()
    for _, step, value in scalars(arguments.file):
        found["scalars"] += 1
        found["sum_of_steps"] += step
        found["sum_of_values"] += value
    found["ns_per_scalar"] = (time.perf_counter_ns() - begun) / max(1, found["scalars"])
    return found


def main():
    memory = "/dev/shm"
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command")
    command = commands.add_parser("write")
    command.add_argument("--calls", type=int, default=100_000)
    command.add_argument("--rounds", type=int, default=3)
    command.add_argument("--dir", default=memory if os.path.isdir(memory) else None)
    command = commands.add_parser("read")
    command.add_argument("file")
    arguments = parser.parse_args(sys.argv[1:] or ["write"])
    result = {"write": write, "read": read}[arguments.command](arguments)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
