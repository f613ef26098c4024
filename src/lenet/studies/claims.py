"""Every claim that `lenet reproduce` knows, in the order of the results page."""

from __future__ import annotations

from lenet.studies import (
    corruptions,
    invariance,
    ladder,
    lenet_5,
    numbers,
    table,
    training_size,
    transfer,
    why_convolution,
)
from lenet.studies.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    lenet_5.CLAIM,
    *training_size.CLAIMS,
    table.CLAIM,
    why_convolution.CLAIM,
    invariance.CLAIM,
    transfer.CLAIM,
    corruptions.CLAIM,
    ladder.CLAIM,
    numbers.CLAIM,
)
