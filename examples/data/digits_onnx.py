"""Writes digits.onnx: the network of the digits example, as an exporter would write it.

    pip install onnx==1.23.2
    python examples/data/digits_onnx.py

Its weights are said to be in a file beside it, as those of large models are. There is none: a graph needs none.
"""

from pathlib import Path

from onnx import TensorProto, helper

LAYERS = [(64, 256), (256, 128), (128, 10)]


def weights(name, shape):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="digits.weights")
    return tensor


nodes, initializers, previous = [], [], "images"
for index, (inputs, outputs) in enumerate(LAYERS, 1):
    layer = f"dense_{index}"
    kernel, bias = f"{layer}.kernel", f"{layer}.bias"
    initializers += [weights(kernel, [inputs, outputs]), weights(bias, [outputs])]
    nodes.append(helper.make_node("Gemm", [previous, kernel, bias], [f"{layer}.sum"], name=f"/{layer}/Gemm"))
    last = index == len(LAYERS)
    previous = "probabilities" if last else f"{layer}.out"
    operator = "Softmax" if last else "Relu"
    nodes.append(helper.make_node(operator, [f"{layer}.sum"], [previous], name=f"/{layer}/{operator}"))

model = helper.make_model(
    helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 64])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        initializers,
    ),
    producer_name="tfevents",
    opset_imports=[helper.make_opsetid("", 17)],
    ir_version=9,
)
Path(__file__).with_name("digits.onnx").write_bytes(model.SerializeToString())
