"""The network in compiled kernels: the answers of `NumpyEngine` and PyTorch, much faster.

The kernels are built when the package is installed on a machine with a C++ compiler. Without them
`available()` is false and everything still works, through `NumpyEngine`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.packing import packed
from lenet.errors import InputError, LenetError, UsageError
from lenet.network.architecture import Architecture, Stages
from lenet.network.plane import (
    BYTE_TO_PLANE,
    ByteArray,
    FloatArray,
    check_digit_images,
    check_planes,
)
from lenet.network.weights import Weights

# How much one call takes. More would be a mistake, or want more memory than there is.
MOST_IMAGES = 10_000_000
MOST_PIXELS = 2**28  # of planes; every stage of them takes 12 to 32 GB
MOST_THREADS = 1024

_problem = "not built: no GCC, Clang or Python headers at installation, or an error in compiling"
_kernels: ModuleType | None = None
try:
    _kernels = import_module("lenet.engine._kernels")
except ModuleNotFoundError:
    pass
except ImportError as _error:
    _problem = f"built, but they do not load: {_error}"


def available() -> bool:
    """Whether the kernels were built on this machine, and load."""
    return _kernels is not None


def unavailable_reason() -> str:
    """What keeps the kernels from running here; empty if they do."""
    return "" if available() else f"the compiled kernels are {_problem}"


def kernels() -> Any:
    """The compiled module.

    Raises
    ------
    LenetError
        if it was not built
    """
    if _kernels is None:
        raise LenetError(
            f"{unavailable_reason()}; install a C++ compiler, then lenet again; "
            "everything but native training works without them"
        )
    return _kernels


def constants_of(*modules: ModuleType) -> dict[str, dict[str, float]]:
    """The named numbers of modules, by the modules' names: settings as the kernels take them."""
    return {
        module.__name__.rpartition(".")[2]: {
            name: value
            for name, value in vars(module).items()
            if name.isupper() and isinstance(value, (int, float))
        }
        for module in modules
    }


def peak_flops(threads: int) -> float:
    """Single-precision operations a second that this machine reaches in registers, 2 per FMA."""
    flops: float = kernels().peak_flops(threads)
    return flops


def native_architecture(architecture: Architecture) -> Any:
    """The architecture's options as the kernels take them."""
    return kernels().Architecture(
        squash=architecture.squash,
        subsampling=architecture.subsampling,
        head=architecture.head,
    )


def check_count(count: int, of: str, most: int) -> None:
    """Raise InputError unless 1 ≤ count ≤ most; of: what is counted, for the message."""
    if count == 0:
        raise InputError(f"expected at least one of the {of}, got none")
    if most == 0:
        raise InputError(f"expected {of} of at most {MOST_PIXELS:,} pixels, got larger ones")
    if count > most:
        raise InputError(
            f"expected at most {most:,} {of} of this size in one call, got {count:,}; "
            "pass them in parts"
        )


class NativeEngine:
    """One trained network, run by compiled kernels.

    Parameters
    ----------
    weights : a network's numbers and its card
    threads : how many work on one call; the answer is bit-equal for any number
    kernels_for : "avx512", "avx2" or "baseline"; by default the best that this processor runs
    """

    def __init__(self, weights: Weights, threads: int = 1, kernels_for: str = "") -> None:
        if not (isinstance(threads, int) and 1 <= threads <= MOST_THREADS):
            raise UsageError(f"expected 1 … {MOST_THREADS:,} threads, got {threads!r}")
        self.weights, self.threads = weights, threads
        numbers = packed(weights.tensors, weights.architecture)
        self._classifier = kernels().Classifier(
            native_architecture(weights.architecture), numbers, kernels_for
        )

    def penalties(self, images: ByteArray) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10), lowest wins."""
        digits = check_digit_images(images)
        check_count(len(digits), "digit images", MOST_IMAGES)
        if not digits.flags.c_contiguous:
            digits = np.ascontiguousarray(digits)
        found = np.empty((len(digits), 10), np.float32)
        self._classifier.penalties(digits, BYTE_TO_PLANE, found, self.threads)
        return found

    def plane_penalties(self, planes: FloatArray) -> FloatArray:
        """The penalties at every place of planes (n, 1, H, W), one place every 4 pixels.

        float32 (n, 10) for 32×32 planes, (n, 10, h, w) for wider or higher ones, as
        `stages(planes).output` but without keeping the other stages.
        """
        given: FloatArray = self._classifier.plane_penalties(_side_by_side(planes), self.threads)
        return _published(given, 10)

    def stages(self, planes: FloatArray) -> Stages:
        """Every stage of Fig. 2 for planes of shape (n, 1, 32, 32), or wider by steps of 4."""
        found = self._classifier.stages(_side_by_side(planes), self.threads)
        maps = (6, 6, 16, 16, 120)
        c1, s2, c3, s4, c5 = (_maps_first(*pair) for pair in zip(found[:5], maps, strict=True))
        return Stages(c1, s2, c3, s4, c5, _published(found[5], 84), _published(found[6], 10))


def _side_by_side(planes: NDArray[Any]) -> FloatArray:
    """Checked planes as the kernels take them: float32 (n, H, W), C-contiguous, aligned."""
    check_planes(planes)
    check_count(len(planes), "planes", MOST_PIXELS // (planes.shape[2] * planes.shape[3]))
    if not np.issubdtype(planes.dtype, np.floating):
        raise InputError(
            f"expected planes of floats, -0.1 (paper) … 1.175 (ink), got {planes.dtype}; "
            "lenet.network.plane.to_planes() makes them from digit images"
        )
    return np.require(planes[:, 0], np.float32, ["C", "ALIGNED"])


def _maps_first(stage: FloatArray, maps: int) -> FloatArray:
    """(n, h, w, lanes) as (n, maps, h, w) without the padding lanes."""
    return np.ascontiguousarray(np.moveaxis(stage[..., :maps], 3, 1))


def _published(stage: FloatArray, maps: int) -> FloatArray:
    """The same, and (n, maps) where there is one place only."""
    found = _maps_first(stage, maps)
    return found[:, :, 0, 0] if found.shape[2:] == (1, 1) else found
