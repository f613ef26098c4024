"""The compiled kernels (kernels/module.cpp). Arrays: C-contiguous, aligned, of these types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

PARAMETERS: int

def runnable() -> list[str]: ...
def peak_flops(threads: int, kernels: str = "") -> float: ...
def distorted(
    images: NDArray[np.uint8],
    indices: NDArray[np.int64],
    tone: NDArray[np.float32],
    distortion: NDArray[np.float32],
    stream: int,
    kernels: str = "",
) -> NDArray[np.float32]: ...

class Classifier:
    def __init__(
        self,
        squash: int,
        subsampling: int,
        head: int,
        parameters: NDArray[np.float32],
        kernels: str = "",
    ) -> None: ...
    def penalties(
        self,
        images: NDArray[np.uint8],
        tone: NDArray[np.float32],
        into: NDArray[np.float32],
        threads: int = 1,
    ) -> None: ...
    def plane_penalties(
        self, planes: NDArray[np.float32], threads: int = 1
    ) -> NDArray[np.float32]: ...
    def stages(self, planes: NDArray[np.float32], threads: int = 1) -> list[NDArray[Any]]: ...

class Learner:
    parameters: NDArray[np.float32]
    steps: NDArray[np.float32]
    def __init__(
        self,
        squash: int,
        subsampling: int,
        head: int,
        discriminative: bool,
        rubbish: float,
        parameters: NDArray[np.float32],
        kernels: str = "",
    ) -> None: ...
    def learn(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int32],
        tone: NDArray[np.float32],
        order: NDArray[np.int64],
    ) -> int: ...
    def curvature(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int32],
        tone: NDArray[np.float32],
        order: NDArray[np.int64],
    ) -> NDArray[np.float32]: ...

class BatchLearner:
    parameters: NDArray[np.float32]
    mean: NDArray[np.float32]
    square: NDArray[np.float32]
    def __init__(
        self,
        squash: int,
        subsampling: int,
        head: int,
        discriminative: bool,
        rubbish: float,
        parameters: NDArray[np.float32],
        trained: NDArray[np.float32],
        kernels: str = "",
    ) -> None: ...
    def learn(
        self,
        images: NDArray[np.uint8],
        targets: NDArray[np.float32],
        tone: NDArray[np.float32],
        order: NDArray[np.int64],
        distortion: NDArray[np.float32],
        stream: int,
        adamw: NDArray[np.float32],
        threads: int = 1,
    ) -> tuple[int, float]: ...
