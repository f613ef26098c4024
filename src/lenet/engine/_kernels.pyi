"""The compiled kernels (csrc/module.cpp). Arrays: C-contiguous, aligned, of these types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Labels = NDArray[np.int32]
Indices = NDArray[np.int64]
Doubles = NDArray[np.float64]

PARAMETERS: int

def runnable() -> list[str]: ...
def peak_flops(threads: int, kernels: str = "") -> float: ...
def distorted(
    images: Bytes,
    indices: Indices,
    byte_to_plane: Floats,
    distortion: Floats,
    stream: int,
    kernels: str = "",
) -> Floats: ...
def n_best(
    first: Indices,
    last: Indices,
    digits: Doubles,
    nothing: Doubles,
    nodes: int,
    outputs: Floats,
    beam: int,
    spread: float,
    least: float,
) -> tuple[list[list[int]], list[float], list[float]]: ...
def path(
    first: Indices, last: Indices, digits: Doubles, nothing: Doubles, nodes: int, text: list[int]
) -> list[tuple[int, int]]: ...
def align(outputs: Floats, text: list[int]) -> list[tuple[int, int]]: ...

Settings = dict[str, dict[str, float]]  # of each step

class DigitPreparation:
    def __init__(self, settings: Settings) -> None: ...
    def digit(self, grey: Floats) -> tuple[Bytes, list[int]] | None: ...
    def centred(self, ink: Floats) -> Bytes | None: ...

class LinePreparation:
    def __init__(self, settings: Settings) -> None: ...
    def cut(self, grey: Floats, closer: bool) -> dict[str, Any]: ...
    def cut_ink(self, ink: Floats) -> dict[str, Any]: ...
    def ink(self, grey: Floats, field: int, page: bool) -> Floats: ...
    def page_parts(self, grey: Floats, field: int) -> tuple[Indices, Doubles]: ...

class LineReader:
    def __init__(
        self,
        preparation: LinePreparation,
        settings: Settings,
        context_layer: tuple[Floats, Floats, Floats, Floats],
        candidates: tuple[Architecture, Floats],
        digits: tuple[Architecture, Floats],
        sdnn: list[tuple[Floats, Floats]],
        byte_to_plane: Floats,
        threads: int = 1,
        kernels: str = "",
    ) -> None: ...
    def read(
        self, grey: Floats, closer: bool = True
    ) -> tuple[list[list[int]], list[float], list[float], Indices, Bytes] | None: ...
    def penalties(
        self, images: Bytes, context: Floats, first: Indices, last: Indices
    ) -> tuple[Doubles, Doubles]: ...

class Sdnn:
    def __init__(self, layers: list[tuple[Floats, Floats]], kernels: str = "") -> None: ...
    def log_probabilities(self, strip: Bytes) -> Floats: ...

class Architecture:
    def __init__(self, *, squash: str, subsampling: str, head: str) -> None: ...

class Loss:
    def __init__(
        self, *, discriminative: bool, rubbish: float, temperature: float = 1.0
    ) -> None: ...

class Classifier:
    def __init__(
        self, architecture: Architecture, parameters: Floats, kernels: str = ""
    ) -> None: ...
    def penalties(
        self, images: Bytes, byte_to_plane: Floats, into: Floats, threads: int = 1
    ) -> None: ...
    def plane_penalties(self, planes: Floats, threads: int = 1) -> Floats: ...
    def stages(self, planes: Floats, threads: int = 1) -> list[Floats]: ...

class Learner:
    parameters: Floats
    steps: Floats
    def __init__(
        self,
        architecture: Architecture,
        loss: Loss,
        parameters: Floats,
        kernels: str = "",
    ) -> None: ...
    def learn(
        self, images: Bytes, labels: Labels, byte_to_plane: Floats, order: Indices
    ) -> int: ...
    def curvature(
        self, images: Bytes, labels: Labels, byte_to_plane: Floats, order: Indices
    ) -> Floats: ...

class BatchLearner:
    parameters: Floats
    mean: Floats
    square: Floats
    def __init__(
        self,
        architecture: Architecture,
        loss: Loss,
        parameters: Floats,
        trainable_mask: Floats,
        kernels: str = "",
    ) -> None: ...
    def learn(
        self,
        images: Bytes,
        targets: Floats,
        byte_to_plane: Floats,
        order: Indices,
        distortion: Floats,
        stream: int,
        adamw: Floats,
        threads: int = 1,
    ) -> tuple[int, float]: ...

class WiredLearner:
    weights: Floats
    steps: Floats
    def __init__(
        self,
        ends: Labels,
        squashed: Bytes,
        starts: Labels,
        runs: Labels,
        biases: Labels,
        shared: int,
        codes: Floats,
        weights: Floats,
        kernels: str = "",
    ) -> None: ...
    def learn(
        self, images: Bytes, labels: Labels, byte_to_plane: Floats, order: Indices
    ) -> int: ...
    def curvature(
        self, images: Bytes, labels: Labels, byte_to_plane: Floats, order: Indices
    ) -> Floats: ...
    def penalties(self, images: Bytes, byte_to_plane: Floats) -> Floats: ...
