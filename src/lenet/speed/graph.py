"""The network as an ONNX graph, for the runtimes that read one.

By hand, since what torch.onnx.export gives is slower (it keeps every constant) and, for S2 and S4,
wrong: it drops `divisor_override`, so sums become averages (torch 2.13 with onnxscript 0.7).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, checker, helper, numpy_helper

from lenet.network.weights import Weights
from lenet.speed.folded import BORDER, Step, folded_steps, squash_of

OPSET = 18
IR_VERSION = 10  # what runtimes of the last two years read


class _Nodes:
    """A graph while it grows: each operation's name is the name of what it gives."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operation}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name, **attributes))
        return name

    def constant(self, name: str, numbers: NDArray[np.float32] | NDArray[np.int64]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(numbers), name))
        return name

    def squash(self, squash: str, entering: str) -> str:
        if squash == "silu":
            return self.add("Mul", entering, self.add("Sigmoid", entering))
        return self.add({"tanh": "Tanh", "relu": "Relu"}[squash], entering)


def onnx_graph(weights: Weights, *, pool: bool) -> bytes:
    """From images, uint8 (n, 28, 28), to penalties, float32 (n, 10); any n.

    pool : whether trainable sub-sampling is AveragePool, Mul, Add (faster in ONNX Runtime) or a
        convolution of one map each (faster in OpenVINO)
    """
    graph, squash = _Nodes(), squash_of(weights)
    axis = graph.constant("map_axis", np.array([1], np.int64))
    pads = graph.constant("pads", np.array([0, 0, BORDER, BORDER] * 2, np.int64))
    images = graph.add("Unsqueeze", "images", axis)
    name = graph.add("Pad", graph.add("Cast", images, to=TensorProto.FLOAT), pads)
    for step in folded_steps(weights):
        if step.name == "c5":
            name = graph.add("Flatten", name)
        name = _layer(graph, step, name, pool=pool)
        name = graph.squash(squash, name) if step.squashed else name
    graph.nodes[-1].output[0] = "penalties"
    given = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 28, 28])
    answer = helper.make_tensor_value_info("penalties", TensorProto.FLOAT, ["n", 10])
    body = helper.make_graph(graph.nodes, "lenet", [given], [answer], graph.constants)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION)
    checker.check_model(model)
    return bytes(model.SerializeToString())


def _layer(graph: _Nodes, step: Step, entering: str, *, pool: bool) -> str:
    """One step without its squashing; the name of what it gives."""
    window = {"kernel_shape": [2, 2], "strides": [2, 2]}
    if step.kind == "max":
        return graph.add("MaxPool", entering, **window)
    if step.kind == "average":
        return graph.add("AveragePool", entering, **window)
    weight = graph.constant(f"{step.name}.weight", _laid_out(step, pool))
    if step.kind == "codes":
        scale = graph.constant("amplitude", np.array(step.scale, np.float32))
        places = graph.add("Unsqueeze", graph.add("Mul", entering, scale), "map_axis")
        difference = graph.add("Sub", places, weight)  # (n, 10, 84)
        last = graph.constant("code_axis", np.array([2], np.int64))
        squares = graph.add("Mul", difference, difference)
        return graph.add("ReduceSum", squares, last, keepdims=0)
    pooled = step.kind == "subsampling" and pool
    bias = graph.constant(f"{step.name}.bias", step.bias[:, None, None] if pooled else step.bias)
    if step.kind == "full":
        return graph.add("Gemm", entering, weight, bias, transB=1)
    if pooled:
        mean = graph.add("AveragePool", entering, **window)
        return graph.add("Add", graph.add("Mul", mean, weight), bias)
    if step.kind == "subsampling":
        return graph.add("Conv", entering, weight, bias, group=len(step.weight), strides=[2, 2])
    return graph.add("Conv", entering, weight, bias)


def _laid_out(step: Step, pool: bool) -> NDArray[np.float32]:
    """The weights in the shape that the operation of this step takes."""
    if step.kind == "codes":
        return step.weight[None]
    if step.kind != "subsampling":
        return step.weight
    if pool:
        return 4 * step.weight[:, None, None]  # of the average, not of the sum
    return np.broadcast_to(step.weight[:, None, None, None], (len(step.weight), 1, 2, 2))
