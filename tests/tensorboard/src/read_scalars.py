"""Print the scalars of a run as JSON, as TensorBoard's Python reader keeps them without sampling."""

import json
import sys

from tensorboard.backend.event_processing import plugin_event_accumulator
from tensorboard.util import tensor_util

accumulator = plugin_event_accumulator.EventAccumulator(
    sys.argv[1],
    size_guidance={plugin_event_accumulator.TENSORS: 0},
    tensor_size_guidance={"scalars": 0},
)
accumulator.Reload()
found = {
    tag: [[event.step, float(tensor_util.make_ndarray(event.tensor_proto))] for event in accumulator.Tensors(tag)]
    for tag in accumulator.Tags()[plugin_event_accumulator.TENSORS]
}
print(json.dumps(found))
