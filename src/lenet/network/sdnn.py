"""The SDNN (space displacement network, section VII): a convolutional network over a whole line.

LeNet-5's plan in another size, with max pooling and rectified units; one output every 4 pixels. Two
layers also see neighbouring places, because only the context tells a 1 from the border of a cell.
Eleven classes at each place: ten digits, and NEW (no digit begins here).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors import SafetensorError
from safetensors.numpy import load

from lenet.errors import InputError
from lenet.network.plane import ByteArray, FloatArray

SDNN = "sdnn.safetensors"  # beside the weights for candidates
EVERY = 4  # pixels between two outputs
SEEN = 32  # pixels that an output sees of the line image through C5 alone
NEW = 10  # the class of places where no digit begins
SHAPES = {  # maps out, maps in, rows, columns
    "c1": (8, 1, 5, 5),
    "c3": (24, 8, 5, 5),
    "c5": (96, 24, 5, 5),
    "f6": (64, 96, 5),
    "f7": (64, 64, 3),
    "output": (11, 64, 1),
}


@dataclass(frozen=True)
class Sdnn:
    """The tensors, named `c1.weight`, `c1.bias`, …, of SHAPES."""

    tensors: dict[str, FloatArray]

    def __call__(self, image: ByteArray) -> FloatArray:
        """Log-probabilities of the 11 classes at each place of a line image, (places, 11).

        image : uint8 (32, w), 0 paper … 255 ink, w at least SEEN
        """
        maps = image[None].astype(np.float32) / np.float32(255)
        maps = _halved(self._convolved(maps, "c1"))
        maps = _halved(self._convolved(maps, "c3"))
        row = self._convolved(maps, "c5")[:, 0]
        row = self._along(row, "f6")
        row = row + self._along(row, "f7")
        scores = self.tensors["output.weight"][:, :, 0] @ row + self.tensors["output.bias"][:, None]
        log_probs: FloatArray = (scores - np.logaddexp.reduce(scores, axis=0)).T
        return log_probs

    def _convolved(self, maps: FloatArray, layer: str) -> FloatArray:
        side = self.tensors[f"{layer}.weight"].shape[-1]
        fields = sliding_window_view(maps, (side, side), (1, 2)).transpose(0, 3, 4, 1, 2)
        height, width = fields.shape[3:]
        units = self._rectified(fields.reshape(-1, height * width), layer)
        return units.reshape(-1, height, width)

    def _along(self, row: FloatArray, layer: str) -> FloatArray:
        width = self.tensors[f"{layer}.weight"].shape[-1]
        padded = np.pad(row, ((0, 0), (width // 2, width // 2)))
        fields = sliding_window_view(padded, width, 1).transpose(0, 2, 1)
        return self._rectified(fields.reshape(-1, row.shape[1]), layer)

    def _rectified(self, inputs: FloatArray, layer: str) -> FloatArray:
        """Units (maps, n) from what each of n places sees, (maps in × rows × columns, n)."""
        kernels, bias = self.tensors[f"{layer}.weight"], self.tensors[f"{layer}.bias"]
        found: FloatArray = kernels.reshape(len(kernels), -1) @ inputs
        found += bias[:, None]
        return np.maximum(found, 0, out=found)


def _halved(maps: FloatArray) -> FloatArray:
    """The largest of each 2×2, (n, h, w) to (n, h // 2, w // 2)."""
    high, wide = (side // 2 * 2 for side in maps.shape[1:])
    upper = np.maximum(maps[:, 0:high:2, :wide], maps[:, 1:high:2, :wide])
    largest: FloatArray = np.maximum(upper[:, :, 0::2], upper[:, :, 1::2])
    return largest


def load_sdnn(folder: Path) -> Sdnn:
    """The SDNN of a run folder made by `lenet train --recipe lines`."""
    file = folder / SDNN
    try:
        tensors = load(file.read_bytes())
    except (OSError, SafetensorError) as problem:
        raise InputError(
            f"{file}: no SDNN ({problem}); expected a folder made by lenet train --recipe lines"
        ) from problem
    for layer, shape in SHAPES.items():
        for name, wanted in ((f"{layer}.weight", shape), (f"{layer}.bias", shape[:1])):
            came = tensors[name].shape if name in tensors else None
            if came != wanted or not np.isfinite(tensors[name]).all():
                raise InputError(f"{file}: {name} has shape {came}; expected finite {wanted}")
    return Sdnn(tensors)
