"""The network as an ONNX graph.

Built by hand, because the graph of torch.onnx.export is slower: it keeps every constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from lenet.export.folded import BORDER, Step, folded_steps, squash_of
from lenet.network.weights import Weights

OPSET = 18
IR_VERSION = 10  # what runtimes of the last two years read
STEP = 4  # pixels between neighbouring places of a wide image
GIVEN = "0 bare paper … 255 full ink; the digit fills 20×20 of its 28×28, as in MNIST"
# For each result its type, its axis of ten digits if it has one, and what it means.
ANSWERS: dict[str, tuple[int, list[int], str]] = {
    "penalties": (TensorProto.FLOAT, [10], "of the digits 0 … 9, the lowest wins"),
    "confidences": (
        TensorProto.FLOAT,
        [10],
        "softmax of -penalty / temperature, 0 … 1, for the digits 0 … 9",
    ),
    "values": (TensorProto.INT64, [], "the digit with the lowest penalty, 0 … 9"),
}


class GraphBuilder:
    """An ONNX graph under construction; an operation is named as its result."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def add(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """One operation on what these names stand for; the name of its result."""
        name = name or f"{operation}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name, **attributes))
        return name

    def constant(self, name: str, numbers: NDArray[Any]) -> str:
        """A named tensor; a repeated name is stored once."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(numbers), name)
        return name

    def integers(self, *numbers: int) -> str:
        """An int64 vector, for axes and sizes."""
        return self.constant("_".join(map(str, ("i", *numbers))), np.array(numbers, np.int64))

    def squash(self, squash: str, entering: str) -> str:
        """`folded.squash_of`'s function of what enters."""
        if squash == "silu":
            return self.add("Mul", entering, self.add("Sigmoid", entering))
        return self.add({"tanh": "Tanh", "relu": "Relu"}[squash], entering)


def onnx_graph(
    weights: Weights, *, pool: bool, wide: bool = False, answers: bool = False
) -> ModelProto:
    """From images, uint8 (n, 28, 28), to penalties, float32 (n, 10); any n.

    pool : whether trainable sub-sampling is AveragePool, Mul, Add (faster in ONNX Runtime) or a
        convolution of one map each (faster in OpenVINO)
    wide : images are (n, height, width), each side 28 or more, and penalties (n, 10, rows,
        columns), one place every 4 pixels: place (r, c) is of the 28×28 pixels from (4r, 4c).
        What the last place cannot reach is filled up with paper.
    answers : confidences, float32 of the penalties' shape, and values, int64 (n) or
        (n, rows, columns), come after the penalties
    """
    graph, squash = GraphBuilder(), squash_of(weights)
    name = _bordered(graph, wide=wide)
    for step in folded_steps(weights):
        if step.name == "c5" and not wide:
            name = graph.add("Flatten", name)
        last = step.name == "output"
        name = _layer(graph, step, name, pool=pool, wide=wide, named="penalties" if last else "")
        name = graph.squash(squash, name) if step.squashed else name
    if answers:
        scale = graph.constant("temperature", np.array(-1 / weights.temperature, np.float32))
        graph.add("Softmax", graph.add("Mul", name, scale), name="confidences", axis=1)
        graph.add("ArgMin", name, name="values", axis=1, keepdims=0)
    return _model(graph, answers=answers, wide=wide)


def _bordered(graph: GraphBuilder, *, wide: bool) -> str:
    """The images as float32 (n, 1, h, w) with bare pixels around; sides divisible by 4 if wide."""
    bytes_ = graph.add("Cast", "images", to=TensorProto.FLOAT)
    maps = graph.add("Unsqueeze", bytes_, graph.integers(1))
    if not wide:
        return graph.add("Pad", maps, graph.integers(0, 0, BORDER, BORDER, 0, 0, BORDER, BORDER))
    sides = graph.add("Shape", "images", start=1)
    missing = graph.add("Mod", graph.add("Neg", sides), graph.integers(STEP))
    after = graph.add("Add", missing, graph.integers(BORDER, BORDER))
    before = graph.integers(0, 0, BORDER, BORDER, 0, 0)
    return graph.add("Pad", maps, graph.add("Concat", before, after, axis=0))


def _layer(
    graph: GraphBuilder, step: Step, entering: str, *, pool: bool, wide: bool, named: str = ""
) -> str:
    """One step without its squashing; the name of what it gives."""
    window: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
    if step.kind == "max":
        return graph.add("MaxPool", entering, **window)
    if step.kind == "average":
        return graph.add("AveragePool", entering, **window)
    weight = graph.constant(f"{step.name}.weight", _laid_out(step, pool=pool, wide=wide))
    if step.kind == "codes":
        scale = graph.constant("amplitude", np.array(step.scale, np.float32))
        places = graph.add("Unsqueeze", graph.add("Mul", entering, scale), graph.integers(1))
        difference = graph.add("Sub", places, weight)  # (n, 10, 84) or (n, 10, 84, h, w)
        squares = graph.add("Mul", difference, difference)
        return graph.add("ReduceSum", squares, graph.integers(2), name=named, keepdims=0)
    pooled = step.kind == "subsampling" and pool
    bias = graph.constant(f"{step.name}.bias", step.bias[:, None, None] if pooled else step.bias)
    if step.kind == "full" and not wide:
        return graph.add("Gemm", entering, weight, bias, name=named, transB=1)
    if pooled:
        mean = graph.add("AveragePool", entering, **window)
        return graph.add("Add", graph.add("Mul", mean, weight), bias)
    if step.kind == "subsampling":
        return graph.add("Conv", entering, weight, bias, group=len(step.weight), strides=[2, 2])
    return graph.add("Conv", entering, weight, bias, name=named)


def _laid_out(step: Step, *, pool: bool, wide: bool) -> NDArray[np.float32]:
    """The weights in the shape that the operation of this step takes."""
    if step.kind == "codes":
        return step.weight[None, :, :, None, None] if wide else step.weight[None]
    if step.kind == "full" and wide:  # at every place: C5 a convolution again, then 1×1
        side = 5 if step.name == "c5" else 1
        return step.weight.reshape(len(step.weight), -1, side, side)
    if step.kind != "subsampling":
        return step.weight
    if pool:
        return 4 * step.weight[:, None, None]  # of the average, not of the sum
    return np.broadcast_to(step.weight[:, None, None, None], (len(step.weight), 1, 2, 2))


def _model(graph: GraphBuilder, *, answers: bool, wide: bool) -> ModelProto:
    sides: list[Any] = ["height", "width"] if wide else [28, 28]
    places = ["rows", "columns"] if wide else []
    described = helper.make_tensor_value_info
    given = described("images", TensorProto.UINT8, ["n", *sides], doc_string=GIVEN)
    results = [
        described(name, kind, ["n", *digits, *places], doc_string=words)
        for name, (kind, digits, words) in list(ANSWERS.items())[: 3 if answers else 1]
    ]
    constants = list(graph.constants.values())
    body = helper.make_graph(graph.nodes, "lenet", [given], results, constants)
    versions = {"opset_imports": [helper.make_opsetid("", OPSET)], "ir_version": IR_VERSION}
    model = helper.make_model(body, producer_name="lenet", **versions)
    checker.check_model(model, full_check=True)
    return model
