"""Prints what four Python tools see of a directory with one run: its scalars by tag, and the number of its images.

    python tools.py DIRECTORY
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tbparse import SummaryReader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

directory = sys.argv[1]
programs = Path(sys.executable).parent


def accumulator():
    events = EventAccumulator(directory, size_guidance={"scalars": 0, "images": 0}).Reload()
    scalars = {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    images = sum(len(events.Images(tag)) for tag in events.Tags()["images"])
    return {"scalars": scalars, "images": images}


def tbparse():
    reader = SummaryReader(directory)
    scalars = {}
    for row in reader.scalars.itertuples():
        scalars.setdefault(row.tag, []).append([row.step, row.value])
    # Its images need TensorFlow.
    return {"scalars": scalars}


def reducer():
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.csv"
        command = [programs / "tb-reducer", directory, "-o", out, "-r", "mean", "--lax-tags", "--lax-steps"]
        done = subprocess.run(command, capture_output=True, text=True)
        if not out.exists():
            return {"scalars": {}, "says": (done.stdout + done.stderr).strip()[-300:]}
        rows = list(csv.reader(out.open()))
    # Two lines of header: the tags, and what was done to them; then the name of the index.
    tags = rows[0][1:]
    scalars = {tag: [] for tag in tags}
    for row in rows[3:]:
        for tag, value in zip(tags, row[1:]):
            if value:
                scalars[tag].append([int(float(row[0])), float(value)])
    return {"scalars": scalars}


def query():
    tags = set()
    for file in sorted(Path(directory).glob("*tfevents*")):
        done = subprocess.run([programs / "tb-query", "tags", file], check=True, capture_output=True, text=True)
        tags.update(json.loads(done.stdout)["tags"])
    return {"tags": sorted(tags)}


print(json.dumps({tool.__name__: tool() for tool in (accumulator, tbparse, reducer, query)}))
