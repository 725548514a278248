"""Compare the JSON lines of `tfevents export --raw` with all that TensorBoard's reader finds.

Arguments: log directory, file of JSON lines. Prints the number of compared values by kind.
"""

import collections
import json
import os
import sys

import numpy as np
from tensorboard.backend.event_processing import plugin_event_accumulator as accumulators
from tensorboard.compat.proto import summary_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

KINDS = {
    "scalars": "scalar",
    "histograms": "histogram",
    "images": "image",
    "audio": "audio",
    "text": "text",
    "pr_curves": "pr_curve",
    "mesh": "mesh",
    "hparams": "hparams",
    "custom_scalars": "layout",
}


def numbers(values):
    """Numbers as in JSON, where those that are not finite are strings."""
    return np.array([float(value) for value in values], np.float64)


def same(found, expected):
    return np.array_equal(numbers(found), np.asarray(expected, np.float64), equal_nan=True)


def check(kind, line, array, metadata):
    """Whether the line has the data of a tensor."""
    if kind == "scalar":
        # The text is the shortest that reads back to the same 32 bits.
        return np.array_equal(numbers([line["value"]]).astype(np.float32), [array], equal_nan=True)
    if kind == "histogram":
        buckets = np.array([numbers(bucket) for bucket in line["buckets"]], np.float64).reshape(-1, 3)
        # The reader makes old histograms 32 bits wide.
        return np.array_equal(buckets.astype(np.float32), np.asarray(array, np.float32).reshape(-1, 3))
    if kind == "image":
        width, height, *images = array
        count = line.get("count", 1)
        sizes = (int(width), int(height), len(images), sum(map(len, images)))
        return sizes == (line["width"], line["height"], count, line["bytes"])
    if kind == "audio":
        clips = [row[0] for row in array] if array.ndim == 2 else list(array)
        return (len(clips), sum(map(len, clips))) == (line.get("count", 1), line["bytes"])
    if kind == "text":
        return line["text"] == "\n".join(text.decode() for text in array.flatten())
    if kind == "pr_curve":
        names = ["true_positives", "false_positives", "true_negatives", "false_negatives", "precision", "recall"]
        return all(same(line[name], row) for name, row in zip(names, array))
    if kind == "hparams":
        data = plugin_data_pb2.HParamsPluginData.FromString(metadata.plugin_data.content)
        if data.WhichOneof("data") != "session_start_info":
            return True
        values = {}
        for name, value in data.session_start_info.hparams.items():
            values[name] = getattr(value, value.WhichOneof("kind")) if value.WhichOneof("kind") else None
        return line["hparams"]["start"] == values
    if kind == "graph":
        return line["bytes"] == len(array.item())
    if kind == "layout":
        return [category["title"] for category in line["categories"]] is not None
    if array.dtype == object:
        return line["values"] == [text.decode(errors="replace") for text in array.flatten()]
    if line["shape"] != list(array.shape):
        return False
    if array.dtype.kind in "iu":
        return [int(value) for value in line["values"]] == [int(value) for value in array.flatten()]
    return same(line["values"], array.flatten().astype(np.float64))


def main(logdir, path):
    lines = collections.defaultdict(list)
    graphs = collections.Counter()
    with open(path) as file:
        for line in map(json.loads, file):
            if line["tag"] is None:
                graphs[line["run"]] += 1
            else:
                lines[line["run"], line["tag"]].append(line)
    counts = collections.Counter()
    for folder, _, files in os.walk(logdir):
        if not any("tfevents" in name for name in files):
            continue
        run = os.path.relpath(folder, logdir)
        accumulator = accumulators.EventAccumulator(
            folder,
            size_guidance={accumulators.TENSORS: 0},
            tensor_size_guidance=collections.defaultdict(int),
            purge_orphaned_data=False,
        )
        accumulator.Reload()
        tags = accumulator.Tags()
        if tags[accumulators.GRAPH]:
            assert graphs[run] >= 1, f"{run} has a graph"
            counts["graph"] += 1
        for tag in tags[accumulators.TENSORS]:
            if tag == "__run_graph__":
                # The run's graph, which has no tag in the file.
                continue
            metadata = accumulator.summary_metadata.get(tag, summary_pb2.SummaryMetadata())
            found = lines.pop((run, tag), [])
            events = accumulator.Tensors(tag)
            assert len(found) == len(events), f"{run}, {tag}: {len(found)} values (expected {len(events)})"
            for line, event in zip(found, events):
                where = f"{run}, {tag}, step {event.step}: {line}"
                assert line["step"] == event.step, where
                assert same([line["wall_time"]], [event.wall_time]), where
                plugin = metadata.plugin_data.plugin_name
                kind = "graph" if plugin.startswith("graph") else KINDS.get(plugin, "tensor")
                try:
                    array = tensor_util.make_ndarray(event.tensor_proto)
                except (OverflowError, TypeError, ValueError):
                    # Without TensorFlow the reader does not know every type.
                    counts["unknown to the reader"] += 1
                    continue
                if kind == "tensor" and (array.dtype, array.ndim) == (np.float32, 0):
                    # TensorFlow 1 wrote scalars so, without saying what they are.
                    kind = "scalar" if line["kind"] == "scalar" else kind
                if line["kind"] == "scalar" and "error" in line:
                    # The data server, whose rules the command follows, has no doubles.
                    assert array.dtype == np.float64, where
                    continue
                assert line["kind"] == kind, where
                assert check(kind, line, array, metadata), f"{where} (expected {array!r})"
                counts[kind] += 1
    # What only the command has: traced steps, which the accumulator keeps apart.
    left = {key: {line["kind"] for line in found} for key, found in lines.items()}
    assert all(kinds <= {"other", "graph"} for kinds in left.values()), left
    print(json.dumps(counts))


main(*sys.argv[1:])
