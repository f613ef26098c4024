"""Every choice that separates LeNet-5 from its imitations, as one named option each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lenet.network.settings import check, from_table, to_table

Subsampling = Literal["trainable", "average", "max"]
C3Inputs = Literal["table", "full"]
Squash = Literal["scaled tanh", "tanh", "relu", "silu"]
Head = Literal["rbf", "linear"]

# The S2 maps that feed each of the 16 C3 maps (Table I). Six cyclic triples, six cyclic quadruples,
# three discontinuous quadruples, one of all six: 60 pairs, ten for each S2 map.
TABLE_I: tuple[tuple[int, ...], ...] = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)
FULL = ((0, 1, 2, 3, 4, 5),) * 16


@dataclass(frozen=True)
class Architecture:
    """One network on the plan C1 6 · S2 · C3 16 · S4 · C5 120 · F6 84 · 10 (section II-B, Fig. 2).

    The defaults are the published network.

    subsampling : "trainable" adds each 2×2 field, multiplies by a coefficient, adds a bias and
        squashes, one coefficient and bias per map; "average" and "max" pool and have no parameters.
    c3 : "table" connects C3 to the S2 maps of Table I; "full" connects every map to every map.
    squash : the function after C1, C3, C5 and F6, and after trainable sub-sampling;
        "scaled tanh" is 1.7159 tanh(2a/3) (eq. 6).
    head : "rbf" gives the squared distance of F6 to each digit's 7×12 code (eq. 7); "linear" gives
        minus a trainable affine score, so that the lowest output wins in both.

    Raises
    ------
    InputError
        if an option has no such value.

    Examples
    --------
    >>> import lenet
    >>> pooled = lenet.Architecture(subsampling="max")
    >>> sum(len(maps) for maps in pooled.c3_inputs)  # connected pairs of S2 and C3 maps
    60
    """

    subsampling: Subsampling = "trainable"
    c3: C3Inputs = "table"
    squash: Squash = "scaled tanh"
    head: Head = "rbf"

    def __post_init__(self) -> None:
        check(self)

    @property
    def c3_inputs(self) -> tuple[tuple[int, ...], ...]:
        """The S2 maps each C3 map reads."""
        return TABLE_I if self.c3 == "table" else FULL

    def to_dict(self) -> dict[str, str]:
        """The options by name."""
        return to_table(self)

    @classmethod
    def from_dict(cls, options: Mapping[str, object]) -> Architecture:
        """The architecture with these options; what is not named is as published."""
        return from_table(cls, options, "network")


ARCHITECTURES: dict[str, Architecture] = {
    "1998": Architecture(),
    # What most public code calls LeNet-5: 61,706 parameters.
    "simplified": Architecture(subsampling="average", c3="full", squash="tanh", head="linear"),
}


class Stages(NamedTuple):
    """What each layer makes of n planes: numpy arrays or tensors; shapes for 32×32 planes.

    A wider or higher plane gives wider or higher maps; F6 and the output then keep their map axes,
    (n, 84, h, w) and (n, 10, h, w), one place every 4 pixels (section VII).
    """

    c1: Any  # (n,   6, 28, 28)
    s2: Any  # (n,   6, 14, 14)
    c3: Any  # (n,  16, 10, 10)
    s4: Any  # (n,  16,  5,  5)
    c5: Any  # (n, 120,  1,  1)
    f6: Any  # (n, 84): a 7×12 drawing, row by row
    output: Any  # (n, 10): penalties, the lowest wins
