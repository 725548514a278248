"""Compare the CSV of `tfevents reduce` with numpy, on the points of TensorBoard's data server's rule.

Arguments: log directory of group/run, CSV file, ddof, minimum of runs. Prints how many statistics agree.
"""

import collections
import csv
import json
import os
import sys

import numpy as np
from tensorboard.backend.event_processing import plugin_event_accumulator as accumulators
from tensorboard.util import tensor_util


def points(folder):
    """The points of each tag that count: one supersedes the earlier ones at the same or later steps."""
    accumulator = accumulators.EventAccumulator(
        folder,
        size_guidance={accumulators.TENSORS: 0},
        tensor_size_guidance=collections.defaultdict(int),
        purge_orphaned_data=False,
    )
    accumulator.Reload()
    for tag in accumulator.Tags()[accumulators.TENSORS]:
        kept = []
        for event in accumulator.Tensors(tag):
            while kept and kept[-1][0] >= event.step:
                kept.pop()
            kept.append((event.step, tensor_util.make_ndarray(event.tensor_proto).item()))
        yield tag, kept


def iqm(values):
    cut = len(values) // 4
    return np.sort(values)[cut : len(values) - cut].mean()


def main(logdir, path, ddof, min_runs):
    ddof, min_runs = int(ddof), int(min_runs)
    values = collections.defaultdict(list)
    for group in sorted(os.listdir(logdir)):
        for run in sorted(os.listdir(os.path.join(logdir, group))):
            for tag, kept in points(os.path.join(logdir, group, run)):
                for step, value in kept:
                    values[group, tag, step].append(value)
    statistics = {
        "mean": np.mean,
        "std": lambda v: np.std(v, ddof=ddof),
        "sem": lambda v: np.std(v, ddof=ddof) / np.sqrt(len(v)),
        "min": np.min,
        "max": np.max,
        "median": np.median,
        "q25": lambda v: np.quantile(v, 0.25),
        "q75": lambda v: np.quantile(v, 0.75),
        "q10": lambda v: np.quantile(v, 0.1),
        "iqm": iqm,
    }
    expected = {key: np.array(found) for key, found in values.items() if len(found) >= min_runs}
    compared = 0
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            key = row["group"], row["tag"], int(row["step"])
            found = expected.pop(key)
            assert int(row["count"]) == len(found), key
            for name, statistic in statistics.items():
                if name in ("std", "sem") and len(found) < 2:
                    assert row[name] == "", (key, name)
                    continue
                of_numpy = np.float32(statistic(found))
                ours = np.float32(row[name])
                assert abs(ours - of_numpy) <= np.spacing(np.abs(of_numpy)), (key, name, ours, of_numpy)
                compared += 1
    assert not expected, f"steps that are missing: {list(expected)[:5]}"
    print(json.dumps({"statistics": compared}))


main(*sys.argv[1:])
