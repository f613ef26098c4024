"""An ONNX graph while it grows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper


class GraphBuilder:
    """Each operation's name is the name of what it gives."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def add(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """One operation on what these names stand for; the name of its result."""
        name = name or f"{operation}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name, **attributes))
        return name

    def constant(self, name: str, numbers: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Numbers under a name of their own; given twice, they are kept once."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(numbers), name)
        return name

    def integers(self, *numbers: int) -> str:
        """A vector of int64, as axes and sizes are given."""
        return self.constant("_".join(map(str, ("i", *numbers))), np.array(numbers, np.int64))

    def squash(self, squash: str, entering: str) -> str:
        """`folded.squash_of`'s function of what enters."""
        if squash == "silu":
            return self.add("Mul", entering, self.add("Sigmoid", entering))
        return self.add({"tanh": "Tanh", "relu": "Relu"}[squash], entering)
