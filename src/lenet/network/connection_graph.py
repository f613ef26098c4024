"""Any network of layers as a list of its connections, as in appendix C.

Where `LeNet5` is written layer by layer, a `ConnectionGraph` only lists which unit feeds which
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
    """Weights that were made together, in arrays of one shape.

    numbers : of the weights
    fan_in : connections of each unit they feed, F of the initialisation; 0 for biases
    trainable : 1 for weights that learn; others are fixed at 1, or 0 where absent
    shared : whether places have them in common
    """

    numbers: Numbers
    fan_in: Numbers
    trainable: Numbers
    shared: bool


def _runs(units: Numbers, weights: Numbers, count: int) -> Numbers:
    """(…, 3), broadcast: the first unit and weight of each run, and how many of both it has."""
    return np.stack(np.broadcast_arrays(units, weights, count), axis=-1)


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
        weights = self._block(f"{name}.weight", fan_in, shared, connected)
        bias = self._block(f"{name}.bias", np.zeros((*places, maps), np.int64), shared)
        rows = below[: height * stride : stride, : width * stride : stride, 0]
        columns = below.shape[1] * sources
        starts = rows[:, :, None, None] + columns * np.arange(5)  # of five rows of the field
        return self._layer(_runs(starts, weights[..., 0, 0], 5 * sources), bias)

    def subsampling(self, name: str, below: Numbers, copies: int = 1) -> Numbers:
        """Sums of 2×2 units, times a coefficient, plus a bias, squashed (section II-B).

        copies : how many new maps each map below gets
        """
        height, width, maps = below.shape[0] // 2, below.shape[1] // 2, below.shape[2]
        one = self._block(f"{name}.one", np.ones(1, np.int64), True, np.zeros(1, np.int64))
        fields = below[: 2 * height, : 2 * width].reshape(height, 2, width, 2, maps)
        fields = fields.transpose(0, 2, 4, 1, 3).reshape(height, width, maps, 4)
        sums = self._layer(_runs(fields, one, 1), np.array(-1), squashed=False)
        fan_in = np.full(maps * copies, 4)
        coefficients = self._block(f"{name}.coefficient", fan_in, True)
        bias = self._block(f"{name}.bias", np.zeros_like(fan_in), True)
        copied = np.repeat(sums, copies, axis=2)[..., None]
        return self._layer(_runs(copied, coefficients[:, None], 1), bias)

    def full(self, name: str, below: Numbers, units: int) -> Numbers:
        """Units of which each is fed by every unit of the layer below."""
        weights = self._block(f"{name}.weight", np.full((units, below.size), below.size), False)
        bias = self._block(f"{name}.bias", np.zeros(units, np.int64), False)
        return self._layer(_runs(below.min(), weights[:, :1], below.size), bias)

    def _block(
        self, name: str, fan_in: Numbers, shared: bool, trainable: Numbers | None = None
    ) -> Numbers:
        if name in self.blocks:
            raise InputError(f"this network has weights named {name} already")
        first = sum(block.numbers.size for block in self.blocks.values())
        numbers = first + np.arange(fan_in.size).reshape(fan_in.shape)
        learns = np.ones_like(fan_in) if trainable is None else trainable
        self.blocks[name] = Block(numbers, fan_in, learns, shared)
        return numbers

    def _layer(self, runs: Numbers, biases: Numbers, *, squashed: bool = True) -> Numbers:
        """The numbers of new units, fed by runs (…, k, 3), with biases broadcast; -1 for none."""
        biases = np.broadcast_to(biases, runs.shape[:-2])
        units = self.ends[-1] + np.arange(biases.size).reshape(biases.shape)
        self.ends.append(self.ends[-1] + biases.size)
        self.squashed.append(squashed)
        self.runs.append(runs.reshape(biases.size, -1, 3))
        self.biases.append(biases.flatten())
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
                values = np.ones(block.numbers.shape)
            elif name.endswith(".coefficient"):
                values = np.full(block.numbers.shape, coefficient)
            else:
                limit = reach / np.sqrt(np.maximum(block.fan_in, 1)) * (block.fan_in > 0)
                values = generator.uniform(-1, 1, block.numbers.shape) * limit * block.trainable
            parts.append(values.astype(np.float32).ravel())
        return np.concatenate(parts)
