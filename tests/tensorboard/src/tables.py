"""Print the scalars, histograms and images of a log directory as JSON: see tools.rs."""

import json
import os
import sys

from tbparse import SummaryReader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

logdir = sys.argv[1]
reader = SummaryReader(logdir, extra_columns={"dir_name"}, event_types={"scalars", "histograms"})
scalars = [[r.dir_name, r.tag, int(r.step), float(r.value)] for r in reader.scalars.itertuples() if r.tag == "loss"]
histograms = [
    [r.dir_name, r.tag, int(r.step), [float(count) for count in r.counts]]
    for r in reader.histograms.itertuples()
]
images = []
for run in sorted(os.listdir(logdir)):
    accumulator = EventAccumulator(os.path.join(logdir, run), size_guidance={"images": 0}).Reload()
    for tag in accumulator.Tags()["images"]:
        for image in accumulator.Images(tag):
            images.append([run, tag, image.step, image.encoded_image_string.hex()])
print(json.dumps({"scalars": scalars, "histograms": histograms, "images": images}))
