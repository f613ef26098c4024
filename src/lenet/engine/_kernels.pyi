"""The compiled kernels (csrc/module.cpp). Arrays: C-contiguous, aligned, of these types."""

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
    tone: Floats,
    distortion: Floats,
    stream: int,
    kernels: str = "",
) -> Floats: ...
def label(mask: NDArray[np.bool_], labels: Indices) -> int: ...
def running_max(plane: Floats, size: int, axis: int, into: Floats) -> None: ...
def remove_ruled_lines(
    ink: Floats, inked: float, along: int, upright: int, edge: int, thin: int, into: Floats
) -> None: ...
def is_dark_on_light(grey: Floats, thumb: int, even: float) -> bool: ...
def otsu(values: Floats, bins: int) -> float: ...
def find_line_ink(
    grey: Floats,
    field: int,
    thumb: int,
    even: float,
    bins: int,
    least: float,
    paper: float,
    grain: float,
    faint: float,
    most_faint: float,
    into: Floats,
) -> None: ...
def resized(plane: Floats, way: str, into: Floats) -> None: ...
def pieces(
    ink: Floats,
    labels: Indices,
    boxes: Indices,
    parts: Indices,
    mass: Doubles,
    aslant: float,
    hole: float,
    enclosing: float,
    level: float,
    barrier: float,
    apart: int,
    outlined: float,
    notch: float,
    aside: float,
    same: float,
    inked: float,
    crossed: float,
    dearest: float,
    free: float,
    sliver: float,
    least: int,
) -> tuple[int, float]: ...
def centre(
    ink: Floats,
    box: int,
    inked: float,
    stroke: float,
    middle: float,
    quantile: float,
    image: Bytes,
) -> bool: ...
def candidates(
    ink: Floats,
    labels: Indices,
    boxes: Indices,
    parts: Indices,
    mass: Doubles,
    height: float,
    band: tuple[float, float],
    most: int,
    widest: float,
    box: int,
    inked: float,
    stroke: float,
    middle: float,
    quantile: float,
    first: Indices,
    last: Indices,
    images: Bytes,
    found: Indices,
    places: Floats,
) -> int: ...
def strip(
    ink: Floats,
    labels: Indices,
    top: int,
    bottom: int,
    left: int,
    right: int,
    aside: int,
    into: Bytes,
) -> None: ...
def text_band(boxes: Indices, least: float) -> tuple[float, float]: ...
def measured(labels: Indices, ink: Floats, boxes: Indices, mass: Doubles) -> None: ...
def proposals(
    first: Indices,
    last: Indices,
    digits: Doubles,
    nothing: Doubles,
    nodes: int,
    places: Floats,
    most: int,
    spread: float,
    least: float,
) -> tuple[list[list[int]], list[float], list[float]]: ...
def path(
    first: Indices, last: Indices, digits: Doubles, nothing: Doubles, nodes: int, text: list[int]
) -> list[tuple[int, int]]: ...

class ArcPrices:
    def __init__(
        self,
        hidden: Floats,
        hidden_bias: Floats,
        output: Floats,
        output_bias: Floats,
        constants: tuple[float, ...],
    ) -> None: ...
    def price(
        self,
        penalties: Floats,
        places: Floats,
        first: Indices,
        last: Indices,
        digits: Doubles,
        nothing: Doubles,
    ) -> None: ...

class Sdnn:
    def __init__(self, layers: list[tuple[Floats, Floats]], kernels: str = "") -> None: ...
    def shares(self, strip: Bytes) -> Floats: ...

class Classifier:
    def __init__(
        self, squash: int, subsampling: int, head: int, parameters: Floats, kernels: str = ""
    ) -> None: ...
    def penalties(self, images: Bytes, tone: Floats, into: Floats, threads: int = 1) -> None: ...
    def plane_penalties(self, planes: Floats, threads: int = 1) -> Floats: ...
    def stages(self, planes: Floats, threads: int = 1) -> list[Floats]: ...

class Learner:
    parameters: Floats
    steps: Floats
    def __init__(
        self,
        squash: int,
        subsampling: int,
        head: int,
        discriminative: bool,
        rubbish: float,
        parameters: Floats,
        kernels: str = "",
    ) -> None: ...
    def learn(self, images: Bytes, labels: Labels, tone: Floats, order: Indices) -> int: ...
    def curvature(self, images: Bytes, labels: Labels, tone: Floats, order: Indices) -> Floats: ...

class BatchLearner:
    parameters: Floats
    mean: Floats
    square: Floats
    def __init__(
        self,
        squash: int,
        subsampling: int,
        head: int,
        discriminative: bool,
        rubbish: float,
        temperature: float,
        parameters: Floats,
        trained: Floats,
        kernels: str = "",
    ) -> None: ...
    def learn(
        self,
        images: Bytes,
        targets: Floats,
        tone: Floats,
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
    def learn(self, images: Bytes, labels: Labels, tone: Floats, order: Indices) -> int: ...
    def curvature(self, images: Bytes, labels: Labels, tone: Floats, order: Indices) -> Floats: ...
    def penalties(self, images: Bytes, tone: Floats) -> Floats: ...
