"""The seven stages of Fig. 2, under one name each, for torch tensors and numpy arrays alike."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from lenet.errors import InputError
from lenet.network.plane import PLANE_SIDE

Array = TypeVar("Array")


class Stages(NamedTuple, Generic[Array]):
    """What each layer makes of n planes; shapes for 32×32 planes.

    A wider or higher plane gives wider or higher maps; F6 and the output then keep their map axes,
    (n, 84, h, w) and (n, 10, h, w), one place every 4 pixels (section VII).
    """

    c1: Array  # (n,   6, 28, 28)
    s2: Array  # (n,   6, 14, 14)
    c3: Array  # (n,  16, 10, 10)
    s4: Array  # (n,  16,  5,  5)
    c5: Array  # (n, 120,  1,  1)
    f6: Array  # (n, 84): a 7×12 drawing, row by row
    output: Array  # (n, 10): penalties, the lowest wins


def check_planes(planes: Any) -> None:
    """Raise InputError unless planes is (n, 1, H, W) with H and W ≥ 32 and divisible by 4."""
    shape = tuple(planes.shape)
    if len(shape) != 4 or shape[1] != 1 or any(side < PLANE_SIDE or side % 4 for side in shape[2:]):
        raise InputError(
            "expected planes of shape (n, 1, H, W) with H and W at least 32 and divisible by 4, "
            f"got {shape}; lenet.network.plane.to_planes() makes them from digit images"
        )
