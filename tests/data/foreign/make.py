"""Writes event files with a logger that is not ours: make.py tensorflow|torch|tensorboardx

Each goes into the folder of its name beside this script, which is emptied
first. README.md tells which packages are needed.
"""

import os
import shutil
import socket
import sys
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # or its warning is in the way
warnings.filterwarnings("ignore")

HERE = Path(__file__).resolve().parent
sys.path.pop(0)  # or the folders beside this script hide the packages of their names
HOST = "host"

# What all of them log alike.
SCALARS = [0.1, -2.5, 3e38, 1e-40, -0.0, 0.0, 16777217.0]
SPECIAL = [float("nan"), float("inf"), float("-inf")]
STEPS = [-3, 0, 1, 2**31, 2**53 + 1, 2**63 - 1]
TAGS = ["loss", "loss/train", "a tag with spaces", "größe/中文/é", "odd: ?#&<>\"'%\\"]
MARKDOWN = "# Title\n\n| a | b |\n|---|---|\n| 1 | ü中 |\n"
MESH_CONFIG = {"camera": {"cls": "PerspectiveCamera", "fov": 75}}


def arrays():
    import numpy as np

    y, x = np.mgrid[0:12, 0:16]
    rgb = np.stack([x * 16, y * 20, (x + y) * 9], -1).astype(np.uint8)
    return {
        "normal": np.random.default_rng(0).normal(1.0, 2.0, 200).astype(np.float32),
        "rgb": rgb,
        "grey": rgb[:, :, :1],
        "rgba": np.concatenate([rgb, rgb[:, :, :1]], -1),
        "wave": (np.sin(np.arange(400) * 0.3) * 0.8).astype(np.float32),
        "labels": np.arange(64) % 3 == 0,
        "predictions": ((np.arange(64) * 37) % 64 / 63).astype(np.float32),
        "vertices": np.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]], np.float32),
        "faces": np.array([[[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]], np.int32),
        "colors": np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]], np.uint8),
    }


def tensorflow(out):
    import numpy as np
    import tensorflow as tf
    from tensorboard.plugins.custom_scalar import layout_pb2
    from tensorboard.plugins.custom_scalar import summary as custom_scalar
    from tensorboard.plugins.hparams import api as hp
    from tensorboard.plugins.mesh import summary_v2 as mesh
    from tensorboard.plugins.pr_curve import summary as pr_curve

    a = arrays()
    writer = tf.summary.create_file_writer(str(out))
    with writer.as_default():
        for tag in TAGS:
            for step in range(3):
                tf.summary.scalar(tag, 0.5 + step, step)
        for step, value in enumerate(SCALARS + SPECIAL):
            tf.summary.scalar("values", value, step)
        for step in STEPS:
            tf.summary.scalar("steps", 1.0, step)
        tf.summary.scalar("described", 1.0, 0, description="*what* it is: ü中")
        with tf.name_scope("scope"):
            tf.summary.scalar("inner", 1.0, 0)

        tf.summary.histogram("histogram", a["normal"], 0)
        tf.summary.histogram("histogram", a["normal"] * 2, 1, buckets=5)
        tf.summary.histogram("histogram/empty", np.zeros([0], np.float32), 0)
        tf.summary.histogram("histogram/one value", np.full([7], 3.0, np.float32), 0)

        tf.summary.image("image/rgb", np.stack([a["rgb"], 255 - a["rgb"]]), 0, max_outputs=2)
        tf.summary.image("image/grey", a["grey"][None], 0)
        tf.summary.image("image/rgba", a["rgba"][None], 0, description="with alpha")
        tf.summary.audio("audio", np.stack([a["wave"], -a["wave"]])[:, :, None], 8000, 0)
        tf.summary.text("text", MARKDOWN, 0)
        tf.summary.text("text/table", [["a", "b"], ["ü", ""]], 0)

        # Tensors of no plugin: as bytes, as one number, as one number that stands for all.
        raw = tf.summary.experimental.write_raw_pb
        for dtype in ["float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16",
                      "uint16", "int32", "uint32", "int64", "uint64", "bool"]:  # fmt: skip
            tensor = tf.reshape(tf.cast(tf.range(-1, 5), dtype), [2, 3])
            tf.summary.write(f"tensor/{dtype}/bytes", tensor, 0)
            number = tensor[0, 0].numpy()
            for kind, shape in [("number", []), ("repeated", [2, 3])]:
                proto = tf.make_tensor_proto(number, dtype, shape)
                entry = tf.compat.v1.Summary.Value(tag=f"tensor/{dtype}/{kind}", tensor=proto)
                raw(tf.compat.v1.Summary(value=[entry]).SerializeToString(), 0)
        tf.summary.write("tensor/string", tf.constant([b"\x00\xff", b"", "中".encode()]), 0)
        tf.summary.write("tensor/empty", tf.zeros([0, 3]), 0)

        raw(pr_curve.pb("pr", a["labels"], a["predictions"], 11).SerializeToString(), 0)
        mesh.mesh("mesh", a["vertices"], a["faces"], a["colors"], MESH_CONFIG, 0)
        chart = layout_pb2.Chart(
            title="losses", multiline=layout_pb2.MultilineChartContent(tag=["loss.*"])
        )
        category = layout_pb2.Category(title="all", chart=[chart])
        layout = custom_scalar.pb(layout_pb2.Layout(category=[category]))
        raw(layout.SerializeToString(), 0)
        hp.hparams_config(
            [
                hp.HParam("lr", hp.RealInterval(1e-4, 0.1)),
                hp.HParam("opt", hp.Discrete(["adam", "sgd"])),
            ],
            [hp.Metric("loss", display_name="Loss")],
            time_created_secs=0.0,
        )
        hp.hparams({"lr": 0.01, "opt": "adam", "nesterov": True}, start_time_secs=0.0)

        @tf.function
        def step_fn(x):
            with tf.name_scope("dense"):
                return tf.nn.relu(tf.matmul(x, tf.ones([3, 2])) + 1.0)

        tf.summary.trace_on(graph=True)
        step_fn(tf.ones([1, 3]))
        tf.summary.trace_export("step_fn", 0)
        graph = step_fn.get_concrete_function(tf.ones([1, 3])).graph
        tf.summary.graph(graph.as_graph_def())
    writer.close()
    tensorflow_legacy(out / "legacy")


def tensorflow_legacy(out):
    """What TensorFlow 1 wrote: the old payloads and all other kinds of event."""
    import tensorflow as tf

    a = arrays()
    v1 = tf.compat.v1
    with v1.Graph().as_default() as graph, v1.Session() as session:
        with tf.name_scope("layer"):
            value = v1.placeholder(tf.float32, [], "value")
            doubled = tf.add(value, value, "doubled")
        merged = v1.summary.merge(
            [
                v1.summary.scalar("loss", doubled),
                v1.summary.histogram("histogram", a["normal"]),
                v1.summary.histogram("histogram/empty", tf.zeros([0])),
                v1.summary.image("image", a["rgb"][None]),
                v1.summary.audio("audio", a["wave"][None, :, None], 8000),
                v1.summary.text("text", tf.constant(MARKDOWN)),
                v1.summary.tensor_summary("tensor", tf.ones([2, 2])),
            ]
        )
        writer = v1.summary.FileWriter(str(out), graph)
        log = v1.SessionLog
        writer.add_session_log(log(status=log.START), 0)
        for step in range(2):
            options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
            metadata = v1.RunMetadata()
            summary = session.run(merged, {value: step + 0.25}, options, metadata)
            writer.add_summary(summary, step)
        for device in metadata.step_stats.dev_stats:
            device.thread_names.clear()
        writer.add_run_metadata(metadata, "step 1", 1)
        scalars = [("values", v) for v in SCALARS + SPECIAL] + [(t, 0.5) for t in TAGS]
        for step, (tag, number) in enumerate(scalars):
            entry = v1.Summary.Value(tag=tag, simple_value=number)
            writer.add_summary(v1.Summary(value=[entry]), step)
        several = [v1.Summary.Value(tag=t, simple_value=2.0) for t in ["b", "a"]]
        writer.add_summary(v1.Summary(value=several), 9)
        checkpoint = log(status=log.CHECKPOINT, checkpoint_path="model.ckpt-9")
        writer.add_session_log(checkpoint, 9)
        writer.add_event(v1.Event(wall_time=1.7e9, log_message=v1.LogMessage(
            level=v1.LogMessage.WARN, message="a ü message")))  # fmt: skip
        writer.add_session_log(log(status=log.STOP), 10)
        writer.close()


def common(w, torch_like):
    """The calls that torch's and tensorboardX's writers share."""
    a = arrays()
    for tag in TAGS:
        for step in range(3):
            w.add_scalar(tag, 0.5 + step, step)
    for step, value in enumerate(SCALARS + SPECIAL):
        w.add_scalar("values", value, step)
    for step in STEPS:
        w.add_scalar("steps", 1.0, step)
    w.add_scalar("no step", 1.0)
    w.add_scalar("wall time", 1.0, 0, walltime=1700000000.125)

    w.add_histogram("histogram", a["normal"], 0)
    w.add_histogram("histogram", a["normal"], 1, bins="auto")
    w.add_histogram("histogram/one value", a["normal"][:1], 0)
    w.add_histogram_raw("histogram/raw", -1.0, 2.0, 3, 2.0, 6.0, [0.0, 1.0, 2.0], [1, 0, 2], 0)

    w.add_image("image/rgb", a["rgb"], 0, dataformats="HWC")
    w.add_image("image/grey", a["grey"][:, :, 0], 0, dataformats="HW")
    w.add_images("image/batch", a["rgb"][None], 0, dataformats="NHWC")
    w.add_audio("audio", a["wave"][None] if torch_like else a["wave"], 0, 8000)
    w.add_text("text", MARKDOWN, 0)
    w.add_pr_curve("pr", a["labels"], a["predictions"], 0, num_thresholds=11)
    w.add_custom_scalars(
        {
            "all": {
                "losses": ["Multiline", ["loss", "loss/train"]],
                "band": ["Margin", ["values", "loss", "loss/train"]],
            }
        }
    )


def model():
    import torch

    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU()), torch.ones(1, 3)


HPARAMS = {"lr": 0.01, "opt": "adam", "nesterov": True, "layers": 3}
METRICS = {"hparam/loss": 0.25, "hparam/größe": 2.0}


def torch(out):
    import torch
    from torch.utils.tensorboard import SummaryWriter

    torch.manual_seed(0)
    a = arrays()
    with SummaryWriter(str(out), filename_suffix=".suffix") as w:
        common(w, torch_like=True)
        w.add_scalar("new style", 0.1, 0, new_style=True)
        w.add_scalar("double", 0.1, 0, new_style=True, double_precision=True)
        w.add_tensor("tensor", torch.arange(6, dtype=torch.float32).reshape(2, 3), 0)
        w.add_tensor("tensor/half", torch.ones(2, dtype=torch.float16), 0)
        mesh = [torch.from_numpy(a[n]) for n in ["vertices", "colors", "faces"]]
        w.add_mesh("mesh", *mesh, config_dict=MESH_CONFIG, global_step=0)
        w.add_graph(*model())
        w.add_hparams(HPARAMS, METRICS, {"opt": ["adam", "sgd"]}, "hparams", 5)


def tensorboardx(out):
    from tensorboardX import SummaryWriter

    a = arrays()
    with SummaryWriter(str(out)) as w:
        common(w, torch_like=False)
        w.add_scalar("described", 1.0, 0, display_name="shown", summary_description="ü *what*")
        mesh = [a[n] for n in ["vertices", "colors", "faces"]]
        w.add_mesh("mesh", *mesh, config_dict=MESH_CONFIG, global_step=0)
        w.add_graph(*model())
        w.add_hparams(HPARAMS, METRICS, "hparams", 5)


def main():
    name = sys.argv[1]
    make = {"tensorflow": tensorflow, "torch": torch, "tensorboardx": tensorboardx}[name]
    host = socket.gethostname()
    socket.gethostname = lambda: HOST  # the loggers written in Python ask here
    out = HERE / name
    shutil.rmtree(out, ignore_errors=True)
    make(out)
    for path in list(out.rglob("*.tfevents.*")):
        parts = [HOST if part == host else part for part in path.name.split(".")]
        path = path.rename(path.with_name(".".join(parts)))
        content = path.read_bytes()
        for place in [HERE, sys.prefix, sys.base_prefix, Path.home()]:
            if str(place).encode() in content:
                sys.exit(f"{path} names {place}, a folder of this machine")


if __name__ == "__main__":
    main()
