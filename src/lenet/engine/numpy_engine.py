"""The network in numpy alone: reading needs no torch. Equal to `LeNet5.stages` to 1e-5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.engine.native_engine import MOST_IMAGES, check_count
from lenet.network.architecture import Squash, Stages
from lenet.network.plane import ByteArray, FloatArray, check_digit_images, check_planes, to_planes
from lenet.network.weights import Weights


def _silu(activation: FloatArray) -> FloatArray:
    sigmoid: FloatArray = np.float32(0.5) * (1 + np.tanh(activation / 2))
    return activation * sigmoid


SQUASHES: dict[Squash, Callable[[FloatArray], FloatArray]] = {
    "scaled tanh": lambda activation: np.float32(1.7159) * np.tanh(activation * np.float32(2 / 3)),
    "tanh": np.tanh,
    "relu": lambda activation: np.maximum(activation, 0),
    "silu": _silu,
}


class NumpyEngine:
    """One trained network, run by numpy."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights

    def plane_penalties(self, planes: FloatArray) -> FloatArray:
        """The penalties at every place of planes (n, 1, H, W), as `stages(planes).output`."""
        penalties: FloatArray = self.stages(planes).output
        return penalties

    def stages(self, planes: FloatArray) -> Stages:
        """Every stage of Fig. 2 for planes of shape (n, 1, 32, 32), or wider by steps of 4."""
        check_planes(planes)
        architecture, tensors = self.weights.architecture, self.weights.tensors
        squash = SQUASHES[architecture.squash]

        def convolve(maps: FloatArray, layer: str) -> FloatArray:
            kernels, bias = tensors[f"{layer}.weight"], tensors[f"{layer}.bias"]
            return squash(_convolve(maps, kernels) + bias[:, None, None])

        def subsample(maps: FloatArray, layer: str) -> FloatArray:
            if architecture.subsampling != "trainable":
                fields = _fields(maps)
                pooled: FloatArray = (
                    fields.mean(0) if architecture.subsampling == "average" else fields.max(0)
                )
                return pooled
            coefficient, bias = tensors[f"{layer}.coefficient"], tensors[f"{layer}.bias"]
            sums = _fields(maps).sum(0)
            return squash(coefficient[:, None, None] * sums + bias[:, None, None])

        c1 = convolve(planes, "c1")  # (n,   6, 28, 28)
        s2 = subsample(c1, "s2")  #    (n,   6, 14, 14)
        c3 = convolve(s2, "c3")  #     (n,  16, 10, 10)
        s4 = subsample(c3, "s4")  #    (n,  16,  5,  5)
        c5 = convolve(s4, "c5")  #     (n, 120,  1,  1)
        f6 = squash(_per_place(c5, tensors["f6.weight"], tensors["f6.bias"]))
        return Stages(c1, s2, c3, s4, c5, _without_places(f6), _without_places(self._output(f6)))

    def _output(self, f6: FloatArray) -> FloatArray:
        tensors = self.weights.tensors
        if self.weights.architecture.head == "linear":
            return -_per_place(f6, tensors["output.weight"], tensors["output.bias"])
        difference = f6[:, None] - tensors["output.codes"][:, :, None, None]
        penalties: FloatArray = np.square(difference).sum(2)
        return penalties

    def penalties(self, images: ByteArray, batch: int = 250) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10), lowest wins."""
        digits = check_digit_images(images)
        check_count(len(digits), "digit images", MOST_IMAGES)
        starts = range(0, len(digits), batch)  # a batch's maps fit the cache
        parts = [self.stages(to_planes(digits[start : start + batch])).output for start in starts]
        return np.concatenate(parts)


def _convolve(maps: FloatArray, kernels: FloatArray) -> FloatArray:
    """Correlation without padding, (n, m, h, w) with (k, m, 5, 5) to (n, k, h − 4, w − 4)."""
    windows = sliding_window_view(maps, kernels.shape[2:], axis=(2, 3))  # (n, m, h, w, 5, 5)
    n, _, height, width = windows.shape[:4]
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, height * width, -1)
    sums: FloatArray = columns @ kernels.reshape(len(kernels), -1).T  # (n, places, k)
    given: FloatArray = sums.swapaxes(1, 2).reshape(n, len(kernels), height, width)
    return given


def _fields(maps: FloatArray) -> FloatArray:
    """The four corners of every 2×2 field, (4, n, m, h/2, w/2)."""
    corners = [maps[:, :, row::2, column::2] for row in (0, 1) for column in (0, 1)]
    return np.stack(corners)


def _per_place(maps: FloatArray, weight: FloatArray, bias: FloatArray) -> FloatArray:
    """A fully connected layer at every place, (n, m, h, w) with (k, m) to (n, k, h, w)."""
    sums: FloatArray = np.moveaxis(maps, 1, 3) @ weight.T + bias
    return np.moveaxis(sums, 3, 1)


def _without_places(maps: FloatArray) -> FloatArray:
    return maps[:, :, 0, 0] if maps.shape[2:] == (1, 1) else maps
