"""What a figure was taken under."""

from __future__ import annotations

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lenet.data.digits import DigitSet
from lenet.engine.select import in_use
from lenet.training.run_folder import hardware

LIBRARIES = ("lenet", "numpy", "scipy", "scikit-learn")  # those that decide results


def conditions(digits: DigitSet) -> dict[str, Any]:
    """Hardware, versions, kernels, and the digits by their hash."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {
        "hardware": hardware(),
        "engine": in_use(),
        "versions": versions,
        "data": digits.name,
        "data_sha256": digits.sha256,
    }
