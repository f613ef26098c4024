"""What torch.hub loads from this repository: torch.hub.load(REPO, "lenet5", weights="modern")."""

import sys as _sys
from pathlib import Path as _Path
from typing import Any as _Any

dependencies = ["torch", "numpy", "safetensors"]


def lenet5(weights: "str | _Path | None" = "1998") -> "_Any":
    """LeNet-5 as published in 1998, a torch module for planes or images.

    weights : "1998", "modern", or a file or folder as in `lenet.load`; None for initial weights
    """
    source = str(_Path(__file__).parent / "src")
    _sys.path.insert(0, source)  # nothing is installed; an installed lenet comes after this one
    try:
        from lenet.network.lenet5 import LeNet5
    finally:
        _sys.path.remove(source)
    return LeNet5() if weights is None else LeNet5.from_pretrained(weights)
