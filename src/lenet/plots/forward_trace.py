"""One digit's way through the network: the numbers behind every picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lenet.network.architecture import Architecture
from lenet.network.confidence import Classified, classified
from lenet.network.plane import ByteArray, FloatArray, to_planes
from lenet.network.stages import Stages
from lenet.network.summary import census
from lenet.network.weights import Weights

INPUT = "input"
LAYERS = (INPUT, *(layer.name for layer in census(Architecture())))  # input, C1 … F6, output


@dataclass(frozen=True)
class ForwardTrace:
    """What the network saw, what every layer made of it, and the weights that did it.

    image : uint8 (28, 28), 0 paper … 255 ink
    stages : of this one image, n = 1
    """

    image: ByteArray
    stages: Stages[FloatArray]
    weights: Weights

    @cached_property
    def maps(self) -> dict[str, FloatArray]:
        """Every layer's maps, (maps, rows, columns); the input is the plane."""
        arrays = (to_planes(self.image), *self.stages)
        return {
            layer: array[0].reshape(-1, *(array.shape[2:] or (1, 1)))
            for layer, array in zip(LAYERS, arrays, strict=True)
        }

    @property
    def answer(self) -> Classified:
        """The digit read and its confidence, as arrays of one."""
        return classified(self.stages.output, self.weights.temperature)
