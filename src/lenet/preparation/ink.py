"""Where the ink is."""

from __future__ import annotations

import numpy as np

from lenet.preparation.image import Grey


def find_ink(grey: Grey) -> Grey:
    paper = np.median(grey)
    difference = paper - grey
    if (difference.clip(0) ** 2).sum() < ((-difference).clip(0) ** 2).sum():
        difference = -difference
    peak = np.percentile(difference, 99.9)
    if peak < 0.05:
        return np.zeros_like(grey)
    return np.clip(difference / peak, 0, 1).astype(np.float32)
