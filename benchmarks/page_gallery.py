"""Writes the gallery that comes with the page: scikit-learn's test digits, read by 1998.

    python benchmarks/page_gallery.py

MNIST's test digits take their place where a server's data folder has them.
"""

from __future__ import annotations

import json
from typing import Any

from lenet.data.datasets import load_sklearn_digits
from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.weights import load_weights
from lenet.web.assemble import EMBEDDED
from lenet.web.gallery import gallery_of


def gallery() -> dict[str, Any]:
    weights, test = load_weights("1998"), load_sklearn_digits().test
    penalties = NumpyEngine(weights).penalties(test.images)
    return gallery_of("digits", test.images, test.labels, penalties, weights.temperature)


def main() -> None:
    text = json.dumps(gallery(), indent=1) + "\n"
    (EMBEDDED / "gallery.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
