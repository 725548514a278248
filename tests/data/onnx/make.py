"""Makes the models in this folder: `python make.py [NAME...]`. See README.md for what it needs."""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")
HERE = Path(__file__).parent


def torch_model():
    import torch
    from torch import nn

    torch.manual_seed(0)

    class Block(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.fc = nn.Linear(size, size)

        def forward(self, x):
            return x + torch.relu(self.fc(x))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3, padding=1)
            self.blocks = nn.Sequential(Block(8), Block(8))
            self.head = nn.Linear(8, 3)

        def forward(self, image):
            x = torch.relu(self.conv(image)).mean(dim=(1, 2))
            return torch.softmax(self.head(self.blocks(x)), dim=-1)

    return Net().eval(), torch.zeros(2, 1, 8, 8)


def torch_script(path):
    import torch

    model, image = torch_model()
    torch.onnx.export(
        model, (image,), path, dynamo=False, input_names=["image"], output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}},
    )


def torch_dynamo(path):
    import torch

    model, image = torch_model()
    torch.onnx.export(
        model, (image,), path, dynamo=True, input_names=["image"], output_names=["probabilities"],
        dynamic_shapes={"image": {0: torch.export.Dim("batch")}}, external_data=False,
    )
    strip(path)


def sklearn_pipeline(path):
    from skl2onnx import to_onnx
    from sklearn.datasets import load_iris
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPClassifier((5,), random_state=0)).fit(x, y)
    save(to_onnx(model, x[:1].astype("float32"), options={"zipmap": False}), path)


def lightgbm_trees(path):
    import lightgbm
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    model = lightgbm.LGBMClassifier(n_estimators=2, num_leaves=4, verbose=-1).fit(x, y)
    save(convert_lightgbm(model, initial_types=[("input", FloatTensorType([None, 4]))]), path)


def keras_tf2onnx(path):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    import tf2onnx

    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(2, 3, activation="relu")(image)
    x = keras.layers.GlobalAveragePooling2D()(x)
    y = keras.layers.Dense(2)(x)
    model = keras.Model(image, keras.layers.Add(name="sum")([x, y]))
    call = tf.function(lambda image: model(image))
    signature = (tf.TensorSpec((None, 8, 8, 1), tf.float32, name="image"),)
    converted, _ = tf2onnx.convert.from_function(call, signature)
    save(converted, path)


def onnxscript_functions(path):
    # The compiler looks for names among the module's.
    global FLOAT, Gate, Swish, op
    import onnxscript
    from onnxscript import FLOAT
    from onnxscript import opset18 as op

    library = onnxscript.values.Opset("tests.activations", 1)

    @onnxscript.script(library, default_opset=op)
    def Gate(x, alpha: float):
        return op.Sigmoid(op.Mul(x, op.Constant(value_float=alpha)))

    @onnxscript.script(library, default_opset=op)
    def Swish(x):
        return x * Gate(x, alpha=1.0)

    @onnxscript.script(default_opset=op)
    def two_swishes(x: FLOAT["batch", 8]) -> FLOAT["batch", 8]:
        return Swish(Swish(x))

    model = two_swishes.to_model_proto()
    save(model, path)


def helper_control_flow(path):
    """Subgraphs: an If whose branches use values from outside, and a Loop with an If inside."""
    from onnx import TensorProto, helper

    f, i, b = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    value = helper.make_tensor_value_info

    def branch(op, name):
        node = helper.make_node(op, ["x", "offset"], [f"{name}_y"], name=op.lower())
        return helper.make_graph([node], name, [], [value(f"{name}_y", f, ["n"])])

    inner = helper.make_node(
        "If", ["keep"], ["next"], name="choose",
        then_branch=branch("Add", "then"), else_branch=branch("Sub", "else"),
    )
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["keep"], ["keep_out"]),
            inner,
            helper.make_node("Mul", ["state", "next"], ["state_out"]),
        ],
        "body",
        [value("i", i, []), value("keep", b, []), value("state", f, ["n"])],
        [value("keep_out", b, []), value("state_out", f, ["n"])],
    )
    graph = helper.make_graph(
        [
            # No name, and one that is also a group.
            helper.make_node("Loop", ["count", "", "x"], ["y"], name="repeat/loop", body=body),
            helper.make_node("Relu", ["y"], ["z"], name="repeat"),
            helper.make_node("Relu", ["z"], ["w"]),
        ],
        "control_flow",
        [value("x", f, ["n"]), value("count", i, [])],
        [value("w", f, ["n"])],
        [helper.make_tensor("offset", f, [1], [0.5])],
        value_info=[value("y", f, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    save(model, path)


def save(model, path):
    import onnx

    Path(path).write_bytes(model.SerializeToString())
    strip(path)
    onnx.checker.check_model(onnx.load(path))


def strip(path):
    """Takes away paths and stack traces, which differ between machines and are long."""
    import onnx

    model = onnx.load(path)

    def walk(graph):
        for node in graph.node:
            del node.metadata_props[:]
            node.ClearField("doc_string")
            for attribute in node.attribute:
                for inner in [attribute.g, *attribute.graphs]:
                    if inner.node:
                        walk(inner)
        if hasattr(graph, "value_info"):
            for value in graph.value_info:
                del value.metadata_props[:]

    walk(model.graph)
    for function in model.functions:
        walk(function)
    Path(path).write_bytes(model.SerializeToString())


def describe(path):
    """What the onnx package finds in a model: operations, edges and the types of values."""
    import onnx

    model = onnx.load(path)
    names = onnx.TensorProto.DataType.Name

    def known(value):
        tensor = value.type.tensor_type
        if not tensor.HasField("shape"):
            return None
        dims = [d.dim_value if d.HasField("dim_value") else -1 for d in tensor.shape.dim]
        return f"{names(tensor.elem_type)} {dims}"

    def walk(nodes, types, origins, about):
        for node in nodes:
            for index, output in enumerate(node.output):
                origins[output] = (node.op_type, index)
                if types.get(output):
                    about["types"].append(f"{node.op_type} {types[output]}")
        for node in nodes:
            about["ops"].append(node.op_type)
            for value in filter(None, node.input):
                about["edges"].append("%s:%d -> %s" % (*origins[value], node.op_type))
            for attribute in node.attribute:
                for inner in [attribute.g, *attribute.graphs]:
                    if inner.node:
                        graph(inner, dict(origins), about)

    def graph(graph, origins, about):
        types = {v.name: known(v) for v in [*graph.value_info, *graph.output]}
        constants = {c.name: f"{names(c.data_type)} {list(c.dims)}" for c in graph.initializer}
        for value in graph.input:
            if value.name not in constants:
                origins[value.name] = ("Input", 0)
                about["ops"].append("Input")
                about["types"] += [f"Input {known(value)}"] if known(value) else []
        for name, constant in constants.items():
            origins[name] = ("Const", 0)
            about["ops"].append("Const")
            about["types"].append(f"Const {constant}")
        walk(graph.node, types, origins, about)
        for value in graph.output:
            about["ops"].append("Output")
            about["edges"].append("%s:%d -> Output" % origins[value.name])
            about["types"] += [f"Output {known(value)}"] if known(value) else []

    def empty():
        return {"ops": [], "edges": [], "types": []}

    about = empty()
    graph(model.graph, {}, about)
    about["functions"] = {}
    for function in model.functions:
        inside = about["functions"][function.name] = empty()
        origins = {name: ("input", 0) for name in function.input}
        walk(function.node, {v.name: known(v) for v in function.value_info}, origins, inside)
        for name in function.output:
            inside["ops"].append("Output")
            inside["edges"].append("%s:%d -> Output" % origins[name])
    for part in [about, *about["functions"].values()]:
        for key in ["ops", "edges", "types"]:
            part[key].sort()
    return about


MODELS = [
    torch_script, torch_dynamo, sklearn_pipeline, lightgbm_trees, keras_tf2onnx,
    onnxscript_functions, helper_control_flow,
]

if __name__ == "__main__":
    for make in MODELS:
        if len(sys.argv) == 1 or make.__name__ in sys.argv[1:]:
            make(str(HERE / f"{make.__name__}.onnx"))
    found = {make.__name__: describe(HERE / f"{make.__name__}.onnx") for make in MODELS}
    (HERE / "models.json").write_text(json.dumps(found, indent=1) + "\n")
