"""The published tensors laid out as the compiled kernels want them, and back.

Maps innermost and padded to whole vector registers: C1 and S2 to 8 lanes, C3 and S4 to 16, C5 to
128, F6 to 96, the output to 16. Padding is zero and stays zero. The one other place that knows
this layout is `Parameters` in csrc/network.hpp.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from lenet.network.architecture import Architecture
from lenet.network.plane import FloatArray
from lenet.network.weights import expected_shapes

# Fields of `Parameters` in order, with their padded shapes.
LAYOUT: dict[str, tuple[int, ...]] = {
    "c1.weight": (25, 8),
    "c1.bias": (8,),
    "s2.coefficient": (8,),
    "s2.bias": (8,),
    "c3.weight": (25, 6, 16),
    "c3.bias": (16,),
    "s4.coefficient": (16,),
    "s4.bias": (16,),
    "c5.weight": (25, 16, 128),
    "c5.bias": (128,),
    "f6.weight": (120, 96),
    "f6.bias": (96,),
    "output.weight": (84, 16),
    "output.bias": (16,),
}
PARAMETERS = sum(int(np.prod(shape)) for shape in LAYOUT.values())
# The coefficient that makes a pooling of the trainable sub-sampling's sum, per kind.
POOLING = {"average": 0.25, "max": 1.0}


def packed(tensors: Mapping[str, FloatArray], architecture: Architecture) -> FloatArray:
    """All tensors as one vector of PARAMETERS floats."""
    flat = np.zeros(PARAMETERS, np.float32)
    places = dict(_fields(flat))
    for name, tensor in tensors.items():
        if name == "output.codes":
            name = "output.weight"
        lanes_last = _lanes_last(tensor)
        places[name][tuple(slice(side) for side in lanes_last.shape)] = lanes_last
    for layer, maps in (("s2", 6), ("s4", 16)):
        if architecture.subsampling != "trainable":
            places[f"{layer}.coefficient"][:maps] = POOLING[architecture.subsampling]
    return flat


def unpacked(flat: FloatArray, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    """Copies of the tensors of these names and shapes out of a packed vector."""
    places = dict(_fields(flat))
    tensors = {}
    for name, shape in shapes.items():
        place = places["output.weight" if name == "output.codes" else name]
        lanes_last = _lanes_last(np.empty(shape, np.float32)).shape
        given = place[tuple(slice(side) for side in lanes_last)]
        tensors[name] = np.ascontiguousarray(_lanes_first(given, shape))
    return tensors


def trainable_mask(architecture: Architecture) -> FloatArray:
    """1 for every number that training may change, 0 for padding, codes and absent connections."""
    ones = {
        name: np.ones(shape, np.float32)
        for name, shape in expected_shapes(architecture).items()
        if name != "output.codes"
    }
    connected = np.zeros((16, 6, 5, 5), np.float32)
    for to, sources in enumerate(architecture.c3_inputs):
        connected[to, list(sources)] = 1
    flat = packed(ones | {"c3.weight": connected}, architecture)
    if architecture.subsampling != "trainable":
        for name, place in _fields(flat):
            if name in {"s2.coefficient", "s4.coefficient"}:
                place[...] = 0
    return flat


def _fields(flat: FloatArray) -> Iterator[tuple[str, FloatArray]]:
    """Every field of the packed vector as a view of its shape."""
    start = 0
    for name, shape in LAYOUT.items():
        size = int(np.prod(shape))
        yield name, flat[start : start + size].reshape(shape)
        start += size


def _lanes_last(tensor: FloatArray) -> FloatArray:
    """(maps, inputs, 5, 5) as (25, inputs, maps), C1's single input left out; (k, m) as (m, k)."""
    lanes_last: FloatArray = tensor.T
    if tensor.ndim == 4:
        maps, inputs = tensor.shape[:2]
        lanes_last = tensor.transpose(2, 3, 1, 0).reshape(25, inputs, maps)
        lanes_last = lanes_last[:, 0] if inputs == 1 else lanes_last
    return lanes_last


def _lanes_first(lanes_last: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The inverse of `_lanes_last`, for a tensor of this shape."""
    tensor: FloatArray = lanes_last.T
    if len(shape) == 4:
        maps, inputs = shape[:2]
        tensor = lanes_last.reshape(5, 5, inputs, maps).transpose(3, 2, 0, 1)
    return tensor
