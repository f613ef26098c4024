"""Any network of layers as a list of its connections, as in appendix C.

Where `LeNet5` is written layer by layer, a `ConnectionGraph` only says which unit is fed by which
through which weight. So networks that differ in their connections alone (fully connected, without
shared weights, without sub-sampling, with another table) learn by one and the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lenet.errors import InputError
from lenet.network.plane import FloatArray

Numbers = NDArray[np.int64]  # of units or of weights, in any arrangement
PLACE_CODES = np.eye(10, dtype=np.float32) * 2 - 1  # +1 for the class, −1 for the nine others


@dataclass(frozen=True)
class Block:
    """Weights that were made together.

    first : number of the first of them;  shape : how they are arranged
    fan_in : connections of each unit they feed, F of the initialisation; 0 for biases
    trainable : 1 for weights that learn, of this shape; others are fixed at 1, or 0 where absent
    """

    first: int
    shape: tuple[int, ...]
    fan_in: Numbers
    trainable: Numbers
    shared: bool

    @property
    def numbers(self) -> Numbers:
        """The numbers of the weights, in their arrangement."""
        return np.arange(self.first, self.first + int(np.prod(self.shape))).reshape(self.shape)


@dataclass
class ConnectionGraph:
    """A network being built: units are numbered from the inputs on, layer after layer.

    inputs : numbers in a digit image
    codes : (10, units of the last layer), the last layer's target for each class (eq. 7)
    blocks : the weights by name, such as "c1.weight"
    """

    inputs: int
    codes: FloatArray = field(default_factory=lambda: PLACE_CODES)
    blocks: dict[str, Block] = field(default_factory=dict)
    ends: list[int] = field(init=False)
    squashed: list[bool] = field(default_factory=list)
    runs: list[Numbers] = field(default_factory=list)  # of each layer: (units, runs, 3)
    biases: list[Numbers] = field(default_factory=list)  # of each layer: (units,)

    def __post_init__(self) -> None:
        self.ends = [self.inputs]

    def input_maps(self, height: int, width: int) -> Numbers:
        """The inputs as one map, (height, width, 1)."""
        return np.arange(self.inputs).reshape(height, width, 1)

    def convolution(
        self,
        name: str,
        below: Numbers,
        table: NDArray[np.bool_],
        *,
        stride: int = 1,
        shared: bool = True,
    ) -> Numbers:
        """5×5 receptive fields on maps (h, w, m); the units of the new maps, maps last.

        table : (maps, m), which maps below each new map reads
        stride : by how many units the field moves
        shared : one kernel for all positions, or each position its own
        """
        maps, sources = table.shape
        height, width = (1 + (side - 5) // stride for side in below.shape[:2])
        places = () if shared else (height, width)
        connected = np.broadcast_to(table[:, None, None, :], (*places, maps, 5, 5, sources)).astype(
            np.int64
        )
        fan_in = np.broadcast_to(25 * table.sum(1)[:, None, None, None], connected.shape)
        weights = self._block(f"{name}.weight", fan_in, connected, shared)
        bias = self._block(f"{name}.bias", np.zeros((*places, maps), np.int64), None, shared)
        rows = below[: height * stride : stride, : width * stride : stride, 0]
        columns = below.shape[1] * sources
        starts = rows[:, :, None, None] + columns * np.arange(5)  # of five rows of the field
        runs = np.empty((height, width, maps, 5, 3), np.int64)
        runs[..., 0] = starts
        runs[..., 1] = weights[..., 0, 0] if shared else weights[:, :, :, :, 0, 0]
        runs[..., 2] = 5 * sources
        return self._layer(runs, np.broadcast_to(bias, (height, width, maps)), squashed=True)

    def subsampling(self, name: str, below: Numbers, copies: int = 1) -> Numbers:
        """Sums of 2×2 units, times a coefficient, plus a bias, squashed (section II-B).

        copies : how many new maps each map below gets
        """
        height, width, maps = (below.shape[0] // 2, below.shape[1] // 2, below.shape[2])
        one = self._block(f"{name}.one", np.ones(1, np.int64), np.zeros(1, np.int64), True)
        runs = np.ones((height, width, maps, 4, 3), np.int64)
        fields = below[: 2 * height, : 2 * width].reshape(height, 2, width, 2, maps)
        runs[..., 0] = fields.transpose(0, 2, 4, 1, 3).reshape(height, width, maps, 4)
        runs[..., 1] = one
        sums = self._layer(runs, np.full((height, width, maps), -1), squashed=False)
        fan_in = np.full(maps * copies, 4)
        coefficients = self._block(f"{name}.coefficient", fan_in, None, True)
        bias = self._block(f"{name}.bias", np.zeros_like(fan_in), None, True)
        single = np.ones((height, width, maps * copies, 1, 3), np.int64)
        single[..., 0, 0] = np.repeat(sums, copies, axis=2)
        single[..., 0, 1] = coefficients
        return self._layer(single, np.broadcast_to(bias, single.shape[:3]), squashed=True)

    def full(self, name: str, below: Numbers, units: int) -> Numbers:
        """Units of which each is fed by every unit of the layer below."""
        count = below.size
        weights = self._block(f"{name}.weight", np.full((units, count), count), None, False)
        bias = self._block(f"{name}.bias", np.zeros(units, np.int64), None, False)
        runs = np.empty((units, 1, 3), np.int64)
        runs[:, 0] = np.stack(
            [np.full(units, below.min()), weights[:, 0], np.full(units, count)], axis=1
        )
        return self._layer(runs, bias, squashed=True)

    def _block(
        self, name: str, fan_in: Numbers, trainable: Numbers | None, shared: bool
    ) -> Numbers:
        if name in self.blocks:
            raise InputError(f"this network has weights named {name} already")
        first = sum(block.fan_in.size for block in self.blocks.values())
        learns = np.ones(fan_in.shape, np.int64) if trainable is None else trainable
        self.blocks[name] = Block(first, fan_in.shape, fan_in, learns, shared)
        return self.blocks[name].numbers

    def _layer(self, runs: Numbers, biases: Numbers, *, squashed: bool) -> Numbers:
        units = self.ends[-1] + np.arange(biases.size).reshape(biases.shape)
        self.ends.append(self.ends[-1] + biases.size)
        self.squashed.append(squashed)
        self.runs.append(runs.reshape(biases.size, -1, 3))
        self.biases.append(biases.ravel())
        return units

    @property
    def parameters(self) -> int:
        """Weights and biases that learn."""
        return sum(int(block.trainable.sum()) for block in self.blocks.values())

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds for a digit, without absent connections and the fixed codes."""
        learns = self.flat("trainable")
        counted = np.concatenate([[0], np.cumsum(learns)])
        runs = np.concatenate([layer.reshape(-1, 3) for layer in self.runs])
        return int((counted[runs[:, 1] + runs[:, 2]] - counted[runs[:, 1]]).sum())

    def flat(self, what: str) -> Numbers:
        """`fan_in` or `trainable` of every weight, by its number."""
        return np.concatenate([getattr(block, what).ravel() for block in self.blocks.values()])

    def initial(
        self, generator: np.random.Generator, coefficient: float, reach: float = 1.0
    ) -> FloatArray:
        """Weights to start from: uniform within ±reach/√F, biases 0, fixed ones 1, absent ones 0.

        coefficient : what every sub-sampling coefficient starts at
        """
        parts = []
        for name, block in self.blocks.items():
            if name.endswith(".one"):
                values = np.ones(block.shape)
            elif name.endswith(".coefficient"):
                values = np.full(block.shape, coefficient)
            else:
                limit = reach / np.sqrt(np.maximum(block.fan_in, 1)) * (block.fan_in > 0)
                values = generator.uniform(-1, 1, block.shape) * limit * block.trainable
            parts.append(values.astype(np.float32).ravel())
        return np.concatenate(parts)
