"""The wide-input network in compiled kernels: same answers as `Sdnn` in numpy."""

from __future__ import annotations

import numpy as np

from lenet.engine.native_engine import kernels
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.sdnn import SHAPES, Sdnn


class NativeSdnn:
    """One trained wide-input network; its numbers are copied once.

    kernels_for : "avx512", "avx2" or "baseline"; by default the best that this processor runs
    """

    def __init__(self, network: Sdnn, kernels_for: str = "") -> None:
        tensors = network.tensors
        layers = [
            (_maps_last(tensors[f"{name}.weight"]), _plain(tensors[f"{name}.bias"]))
            for name in SHAPES
        ]
        self._network = kernels().Sdnn(layers, kernels_for)

    def __call__(self, strip: ByteArray) -> FloatArray:
        """Log-probabilities of the 11 classes at each place of a strip, (places, 11).

        strip : uint8 (32, w), 0 paper … 255 ink, w at least SEEN
        """
        shares: FloatArray = self._network.shares(np.ascontiguousarray(strip))
        return shares


def _maps_last(weight: FloatArray) -> FloatArray:
    """Weights (maps, inputs, rows, columns), or along a row without rows, as the kernels lay them.

    Returns (rows, columns, inputs, maps).
    """
    planes = weight if weight.ndim == 4 else weight[:, :, None]
    return _plain(planes.transpose(2, 3, 1, 0))


def _plain(numbers: FloatArray) -> FloatArray:
    return np.ascontiguousarray(numbers, np.float32)
