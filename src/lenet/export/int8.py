"""The network in integers, for the C header: what is stored, and the same arithmetic in numpy.

Bytes in, bytes between the layers. A byte q after a layer stands for least + scale × q, so every
value is least … least + 255 scale. A sum of products becomes a place in the layer's table of
squashed values by one multiplication and one shift,

    place = (sum × multiplier + offset) >> SHIFT, held in 0 … PLACES − 1

which takes in the weights' scale, what the bytes before stand for, and the bias. Only F6's 84 sums
are squashed in floating point, and the 840 products of the output are made in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lenet.export.folded import BORDER, Step, folded_steps, squash_of
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights

PLACES = 1024  # of a table
SHIFT = 24  # bits after the point of a multiplier; products stay below 2^62
TAIL = 1e-4  # of the calibration activations, on either side, lie beyond a table's ends
BATCH = 250

Real = NDArray[np.floating[Any]]
SQUASHES: dict[str, Callable[[Real], Real]] = {
    "tanh": np.tanh,
    "relu": lambda activation: np.maximum(activation, 0.0),
    "silu": lambda activation: activation * (0.5 + 0.5 * np.tanh(activation / 2)),
}


@dataclass(frozen=True, eq=False)
class Int8Layer:
    """One layer.

    weight : int8, of the step's shape; nothing for pooling and sub-sampling
    multiplier, offset, table : see above; nothing for pooling, F6 and the output
    scale, bias : of F6: its activation is sum × scale + bias
    """

    step: Step
    weight: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    multiplier: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    offset: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    table: ByteArray = field(default_factory=lambda: np.empty(0, np.uint8))
    scale: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    bias: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))


@dataclass(frozen=True, eq=False)
class Int8Network:
    """All layers in order, and the squashing function's name (`folded.squash_of`)."""

    steps: list[Int8Layer]
    squash: str

    def penalties(self, images: ByteArray) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10), lowest wins."""
        starts = range(0, len(images), BATCH)
        return np.concatenate([self._penalties(images[at : at + BATCH]) for at in starts])

    def _penalties(self, images: ByteArray) -> FloatArray:
        maps = bordered(images)
        for layer in self.steps:
            if layer.step.name == "f6":
                sums = _sums(maps, layer.step, layer.weight)[..., 0, 0].astype(np.float32)
                maps = SQUASHES[self.squash](sums * layer.scale + layer.bias)
            elif layer.step.name == "output":
                maps = _answered(maps, layer.step)
            else:
                maps = forward_int8(maps, layer)
        return _single(maps)


def quantise_network(weights: Weights, images: ByteArray) -> Int8Network:
    """The network with every weight but the output's in 8 bits, one scale a map or unit.

    Rounding is biased where a map is mostly bare paper, so each layer's bias absorbs the mean error
    of its sums.

    images : training digits, uint8 (n, 28, 28); they show how far activations reach
    """
    squash = squash_of(weights)
    maps = held = bordered(images)  # as they are, and as the integers have them
    scale = 1.0
    made = []
    for step in folded_steps(weights):
        layer = Int8Layer(step)
        if step.kind in ("max", "average"):
            maps, held = _pooled(maps, step.kind), forward_int8(held, layer)
        elif step.name != "output":
            activations = _activations(maps, step)
            layer = _layer(step, activations, held, scale, squash)
            maps, held = SQUASHES[squash](activations), forward_int8(held, layer)
            scale, _ = _bytes_of(activations, squash)
        made.append(layer)
    return Int8Network(made, squash)


def _activations(maps: Real, step: Step) -> Real:
    """What a layer squashes, in floating point."""
    sums = _sums(maps, step, step.weight)
    if step.kind == "subsampling":
        sums = sums * step.weight[:, None, None]
    return sums + step.bias[:, None, None]


def _layer(step: Step, activations: Real, held: Real, entering: float, squash: str) -> Int8Layer:
    """One layer in integers.

    activations : before squashing, in floating point, on the calibration digits
    held : the bytes that enter it, on the same digits
    entering : those bytes' scale
    """
    weight, per_unit = np.empty(0, np.int8), step.weight * entering
    if step.kind != "subsampling":
        flat = step.weight.reshape(len(step.weight), -1).astype(float)
        steps = np.maximum(np.abs(flat).max(1), 1e-9) / 127
        weight = np.rint(flat / steps[:, None]).astype(np.int8).reshape(step.weight.shape)
        per_unit = steps * entering
    sums = _sums(held, step, weight) * per_unit[:, None, None]
    constant = (activations - sums).mean((0, 2, 3))
    if step.name == "f6":
        return Int8Layer(step, weight, scale=_single(per_unit), bias=_single(constant))
    low, high = _reach(activations)
    # The second only where a layer is dead: a multiplier must stay below 2^31.
    width = max((high - low) / (PLACES - 1), float(np.abs(per_unit).max()) / 100)
    byte, bottom = _bytes_of(activations, squash)
    table = (SQUASHES[squash](low + width * np.arange(PLACES)) - bottom) / byte
    multiplier = np.rint(per_unit / width * 2**SHIFT)
    offset = np.rint(((constant - low) / width + 0.5) * 2**SHIFT)
    return Int8Layer(
        step,
        weight,
        multiplier.astype(np.int32),
        offset.astype(np.int64),
        np.rint(table).clip(0, 255).astype(np.uint8),
    )


def _reach(activations: Real) -> tuple[float, float]:
    low, high = np.quantile(activations, [TAIL, 1 - TAIL])
    return float(low), float(high)


def _bytes_of(activations: Real, squash: str) -> tuple[float, float]:
    """(scale, least) of what squashing gives between the ends of the layer's table."""
    values: Real = SQUASHES[squash](np.linspace(*_reach(activations), PLACES))
    return max(float(np.ptp(values)), 1e-6) / 255, float(values.min())


def bordered(images: ByteArray) -> Real:
    """Bytes (n, 1, 32, 32): two bare pixels around the images."""
    sides = ((0, 0), (BORDER, BORDER), (BORDER, BORDER))
    return np.pad(images, sides).astype(float)[:, None]


def _sums(maps: Real, step: Step, weight: NDArray[np.int8] | FloatArray) -> Real:
    """Sums of products, or of 2×2 units for sub-sampling, (n, m, h, w) to (n, k, …).

    Exact for integers, which stay below 2^53.
    """
    if step.kind == "subsampling":
        return 4 * _pooled(maps, "average")
    kernels = weight.reshape(len(weight), -1).astype(float)
    if weight.ndim == 2:
        units: Real = maps.reshape(len(maps), -1) @ kernels.T
        return units[:, :, None, None]
    windows = sliding_window_view(maps, weight.shape[2:], axis=(2, 3))  # (n, m, h, w, 5, 5)
    n, _, height, width = windows.shape[:4]
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, height * width, -1)
    sums: Real = (columns @ kernels.T).swapaxes(1, 2)
    return sums.reshape(n, -1, height, width)


def _pooled(maps: Real, kind: str) -> Real:
    n, count, height, width = maps.shape
    fields = maps.reshape(n, count, height // 2, 2, width // 2, 2)
    pooled: Real = fields.max((3, 5)) if kind == "max" else fields.mean((3, 5))
    return pooled


def forward_int8(held: Real, layer: Int8Layer) -> Real:
    """The bytes that a layer up to C5 makes of bytes; of F6, which makes none, they as they are."""
    if layer.step.kind in ("max", "average"):
        rounded: Real = np.floor(_pooled(held, layer.step.kind) + 0.5)
        return rounded
    if not layer.table.size:
        return held
    sums = _sums(held, layer.step, layer.weight)
    scaled = sums.astype(np.int64) * layer.multiplier[:, None, None] + layer.offset[:, None, None]
    given: Real = layer.table[(scaled >> SHIFT).clip(0, PLACES - 1)].astype(float)
    return given


def _answered(f6: Real, step: Step) -> Real:
    """Penalties (n, 10) from F6 (n, 84)."""
    if step.kind == "full":
        scores: Real = f6 @ step.weight.T + step.bias
        return scores
    distances: Real = np.square(step.scale * f6[:, None] - step.weight).sum(2)
    return distances


def _single(numbers: Real) -> FloatArray:
    return numbers.astype(np.float32)
