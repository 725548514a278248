"""Says what is in the event files here, as TensorBoard's own reader finds it.

Writes an expected.jsonl beside each event file under this folder. README.md
explains its fields.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.pop(0)  # or the folders beside this script hide the packages of their names

import numpy as np
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.util import tensor_util

SMALL = 128  # elements, and bytes of one string
FRAME = 8 + 4 + 4  # length, its CRC, the data's CRC

# What make_ndarray cannot read without TensorFlow, bfloat16 as its bits.
UNKNOWN_TO_NDARRAY = {
    types_pb2.DT_UINT32: ("<u4", "uint32_val"),
    types_pb2.DT_UINT64: ("<u8", "uint64_val"),
    types_pb2.DT_BFLOAT16: ("<u2", "half_val"),
}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def f32(number):
    return struct.pack(">f", number).hex()


def f64(number):
    return struct.pack(">d", number).hex()


def blob(data):
    return {"bytes": len(data), "sha256": sha256(data)}


def tensor(proto):
    out = {
        "dtype": types_pb2.DataType.Name(proto.dtype),
        "shape": [dim.size for dim in proto.tensor_shape.dim],
        "stored_in": [
            field.name
            for field, _ in proto.ListFields()
            if field.name not in ("dtype", "tensor_shape", "version_number")
        ],
    }
    if proto.dtype in UNKNOWN_TO_NDARRAY:
        dtype, field = UNKNOWN_TO_NDARRAY[proto.dtype]
        flat = np.frombuffer(proto.tensor_content, dtype)
        if not flat.size:
            flat = np.array(getattr(proto, field), dtype)
        if flat.size == 1:
            flat = flat.repeat(np.prod(out["shape"], dtype=int))
    else:
        try:
            flat = tensor_util.make_ndarray(proto).reshape(-1)
        except OverflowError as error:  # torch's half_val, see README.md
            out["unreadable"] = str(error)
            return out
    assert flat.size == np.prod(out["shape"], dtype=int), out

    if proto.dtype == types_pb2.DT_STRING:
        out["values"] = [
            text.hex() if len(text) <= SMALL else blob(text) for text in map(bytes, flat)
        ]
        return out
    little = flat.astype(flat.dtype.newbyteorder("<"))
    out["sha256"] = sha256(little.tobytes())
    if flat.size <= SMALL:
        if flat.dtype.kind in "biu" and proto.dtype != types_pb2.DT_BFLOAT16:
            out["values"] = flat.tolist()
        else:  # floats of every width: their bits
            raw, size = little.tobytes(), flat.dtype.itemsize
            out["values"] = [raw[i : i + size][::-1].hex() for i in range(0, len(raw), size)]
    return out


def value(proto):
    kind = proto.WhichOneof("value")
    out = {"tag": proto.tag, "kind": kind}
    if kind == "simple_value":
        out["f32"] = f32(proto.simple_value)
    elif kind == "tensor":
        out["tensor"] = tensor(proto.tensor)
    elif kind == "image":
        image = proto.image
        out["image"] = {
            "height": image.height,
            "width": image.width,
            "colorspace": image.colorspace,
            **blob(image.encoded_image_string),
        }
    elif kind == "audio":
        audio = proto.audio
        out["audio"] = {
            "sample_rate": f32(audio.sample_rate),
            "num_channels": audio.num_channels,
            "length_frames": audio.length_frames,
            "content_type": audio.content_type,
            **blob(audio.encoded_audio_string),
        }
    elif kind == "histo":
        histo = proto.histo
        out["histo"] = {
            name: f64(getattr(histo, name)) for name in ["min", "max", "num", "sum", "sum_squares"]
        }
        for name in ["bucket_limit", "bucket"]:
            numbers = np.array(getattr(histo, name), "<f8")
            out["histo"][name] = {"len": len(numbers), "sha256": sha256(numbers.tobytes())}
            if len(numbers) <= SMALL:
                out["histo"][name]["values"] = [f64(number) for number in numbers]
    if proto.HasField("metadata"):
        metadata = proto.metadata
        out["metadata"] = {
            "plugin_name": metadata.plugin_data.plugin_name,
            "content": metadata.plugin_data.content.hex(),
            "data_class": summary_pb2.DataClass.Name(metadata.data_class),
            "display_name": metadata.display_name,
            "description": metadata.summary_description,
        }
    return out


def event(record, offset):
    proto = event_pb2.Event.FromString(record)
    what = proto.WhichOneof("what")
    out = {
        "offset": offset,
        "length": len(record),
        "step": proto.step,
        "wall_time": repr(proto.wall_time),
        "what": what,
    }
    if proto.HasField("source_metadata"):
        out["writer"] = proto.source_metadata.writer
    if what == "file_version":
        out["file_version"] = proto.file_version
    elif what in ("graph_def", "meta_graph_def"):
        out[what] = blob(getattr(proto, what))
    elif what == "summary":
        out["values"] = [value(v) for v in proto.summary.value]
    elif what == "session_log":
        log = proto.session_log
        out["session_log"] = {
            "status": event_pb2.SessionLog.SessionStatus.Name(log.status),
            "checkpoint_path": log.checkpoint_path,
            "msg": log.msg,
        }
    elif what == "log_message":
        log = proto.log_message
        out["log_message"] = {"level": log.level, "message": log.message}
    elif what == "tagged_run_metadata":
        tagged = proto.tagged_run_metadata
        out["tagged_run_metadata"] = {"tag": tagged.tag, **blob(tagged.run_metadata)}
    return out


def main():
    for path in sorted(HERE.rglob("*.tfevents.*")):
        lines, offset = [], 0
        for record in RawEventFileLoader(str(path)).Load():
            lines.append(json.dumps(event(record, offset), ensure_ascii=False))
            offset += len(record) + FRAME
        if offset != path.stat().st_size:
            sys.exit(f"{path}: the reader stopped at {offset}")
        text = "\n".join(lines) + "\n"
        (path.parent / "expected.jsonl").write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(HERE), len(lines), "events")


if __name__ == "__main__":
    main()
