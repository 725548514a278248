"""Compare the files of `tfevents extract --raw` with what TensorBoard's reader finds.

Arguments: log directory, directory of the files. Prints the number of compared files by kind.
"""

import collections
import io
import json
import os
import re
import sys
import wave

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing import plugin_event_accumulator as accumulators
from tensorboard.util import tensor_util


def files(folder):
    """The files of a tag by step, in order."""
    found = collections.defaultdict(list)
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        match = re.fullmatch(r"(-?\d+)(?:-(\d+))?(?:~(\d+))?\.(\w+)", name)
        if match:
            step, index, again, extension = match.groups()
            path = os.path.join(folder, name)
            found[int(step)].append((int(again or 1), int(index or 0), extension, path))
    return {step: [file[2:] for file in sorted(of_step)] for step, of_step in found.items()}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main(logdir, out):
    counts = collections.Counter()
    for folder, _, names in os.walk(logdir):
        if not any("tfevents" in name for name in names):
            continue
        run = os.path.relpath(folder, logdir)
        accumulator = accumulators.EventAccumulator(
            folder,
            size_guidance={accumulators.TENSORS: 0},
            tensor_size_guidance=collections.defaultdict(int),
            purge_orphaned_data=False,
        )
        accumulator.Reload()
        for tag in accumulator.Tags()[accumulators.TENSORS]:
            metadata = accumulator.summary_metadata.get(tag)
            plugin = metadata.plugin_data.plugin_name if metadata else ""
            if tag == "__run_graph__" or re.search(r'[<>:"|?*\\]', tag) or plugin in ("scalars", "histograms", "hparams", "pr_curves"):
                continue
            found = files(os.path.normpath(os.path.join(out, run, tag)))
            for event in accumulator.Tensors(tag):
                where = f"{run}, {tag}, step {event.step}"
                try:
                    array = tensor_util.make_ndarray(event.tensor_proto)
                except (OverflowError, TypeError, ValueError):
                    continue
                left = found.get(event.step)
                if plugin == "images":
                    width, height, *images = array
                    for image in images:
                        extension, path = left.pop(0)
                        assert read(path) == image, where
                        with Image.open(path) as picture:
                            picture.load()
                            assert picture.format.lower() == extension.replace("jpg", "jpeg"), where
                            assert picture.size == (int(width), int(height)), where
                        counts["image"] += 1
                elif plugin == "audio":
                    for clip in [row[0] for row in array] if array.ndim == 2 else array:
                        extension, path = left.pop(0)
                        assert (read(path), extension) == (clip, "wav"), where
                        with wave.open(path) as sound:
                            assert sound.getnframes() > 0, where
                        counts["audio"] += 1
                elif plugin == "text":
                    extension, path = left.pop(0)
                    text = read(path).decode()
                    if array.ndim == 0:
                        assert text == array.item().decode(), where
                    else:
                        assert all(cell.decode().split("\n")[0] in text for cell in array.flatten()), where
                    counts["text"] += 1
                elif plugin != "custom_scalars" and not plugin.startswith("graph"):
                    if (array.dtype, array.ndim) == (np.float32, 0):
                        # A scalar of TensorFlow 1.
                        continue
                    assert left, f"{where}: no file"
                    extension, path = left.pop(0)
                    loaded = np.load(io.BytesIO(read(path)))
                    if array.dtype == object:
                        # numpy drops the zeros at the ends of byte strings.
                        expected = [text.rstrip(b"\0") for text in array.flatten()]
                        assert list(loaded.flatten()) == expected, where
                    else:
                        assert loaded.shape == array.shape, where
                        halves = array.dtype.name in ("float16", "bfloat16")
                        assert halves or loaded.dtype == array.dtype, f"{where}: {loaded.dtype} {array.dtype}"
                        assert np.array_equal(
                            loaded.astype(np.float64), array.astype(np.float64), equal_nan=True
                        ), where
                    counts["mesh" if plugin == "mesh" else "tensor"] += 1
    print(json.dumps(counts))


main(*sys.argv[1:])
