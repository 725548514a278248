"""Print each event of a file as a line of JSON, decoded by TensorBoard's own reader.

Floating-point numbers are printed as text, exactly; bytes in hexadecimal.
"""

import json
import os
import sys

from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2, graph_pb2, types_pb2
from tensorboard.util import tensor_util


def number(value):
    return repr(value.item() if hasattr(value, "item") else value)


def tensor(proto):
    values = tensor_util.make_ndarray(proto).flatten()
    strings = proto.dtype == types_pb2.DT_STRING
    return {
        "dtype": types_pb2.DataType.Name(proto.dtype),
        "shape": [dim.size for dim in proto.tensor_shape.dim],
        "numbers": [] if strings else [number(v) for v in values],
        "strings": [v.hex() for v in values] if strings else [],
    }


def payload(value):
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return {"simple": number(value.simple_value)}
    if kind == "tensor":
        return {"tensor": tensor(value.tensor)}
    return {"other": kind or ""}


def metadata(proto):
    return {
        "plugin": proto.plugin_data.plugin_name,
        "content": proto.plugin_data.content.hex(),
        "display_name": proto.display_name,
        "description": proto.summary_description,
        "data_class": proto.data_class,
    }


def decode(record):
    event = event_pb2.Event.FromString(record)
    values = [
        {
            "tag": value.tag,
            "metadata": metadata(value.metadata) if value.HasField("metadata") else None,
            "payload": payload(value),
        }
        for value in event.summary.value
    ]
    nodes = graph_pb2.GraphDef.FromString(event.graph_def).node
    return {
        "wall_time": number(event.wall_time),
        "step": event.step,
        "kind": event.WhichOneof("what") or "",
        "file_version": event.file_version,
        "writer": event.source_metadata.writer,
        "values": values,
        "nodes": [[node.name, node.op, list(node.input)] for node in nodes],
    }


path = sys.argv[1]
used = 0
for record in RawEventFileLoader(path).Load():
    used += 16 + len(record)
    print(json.dumps(decode(record)))
# The reader does not say so when it stops at a damaged record.
if used != os.path.getsize(path):
    sys.exit(f"the reader stopped at byte {used} of {os.path.getsize(path)}")
