"""The same images read by PaddleOCR's models, as RapidOCR's wheel carries them (ONNX Runtime).

    LENET_DATA=… python benchmarks/reading_rapidocr.py [--most 100]

Needs `pip install rapidocr-onnxruntime`; nothing is downloaded when it runs. Its recogniser gets
each image whole, dark on light, enlarged to 64 pixels at least, with 20 pixels of paper around; all
that it answers but digits is taken away. EasyOCR and PaddleOCR themselves fetch their weights when
they first run, so they are not here.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from lenet.experiments.numbers import MARGIN, MIN_HEIGHT, SETS
from lenet.lines.line_ink import at_working_height
from lenet.preprocessing.digit_ink import is_dark_on_light
from lenet.preprocessing.image import Grey, load_image
from lenet.reading.labelled import load_labels
from lenet.reading.reader import Reader


def main() -> None:
    from rapidocr_onnxruntime import RapidOCR

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=100)
    most = parser.parse_args().most
    theirs, ours = RapidOCR(intra_op_num_threads=1), Reader()
    print(f"{'':<10}{'n':>5}{'lenet':>9}{'RapidOCR':>11}   ms an image each")
    for name in SETS:
        table = Path(os.environ["LENET_DATA"]) / "reading" / name / "labels.csv"
        images = load_labels(table)[:most]
        cells = []
        for read in (lambda path: ours.read(path).text, lambda path: digits_of(theirs, path)):
            started = time.perf_counter()
            right = sum(read(image.source) == image.label for image in images)
            cells.append((right / len(images), 1e3 * (time.perf_counter() - started) / len(images)))
        (one, mine), (other, yours) = cells
        print(f"{name:<10}{len(images):>5}{one:>9.1%}{other:>11.1%}   {mine:.1f}, {yours:.1f}")


def digits_of(engine: Any, path: str) -> str:
    image = suited(load_image(path))
    found, _ = engine(image, use_det=False, use_cls=False, use_rec=True)
    return "".join(c for text, *_ in found or [] for c in text if c in "0123456789")


def suited(grey: Grey) -> np.ndarray:
    """Dark on light, enlarged, padded, as three equal channels."""
    dark = grey if is_dark_on_light(grey) else 1 - grey
    high = dark.shape[0]
    enlarged, _ = at_working_height(dark, max(1, -(-MIN_HEIGHT // high)) * high)
    padded = np.pad(enlarged, MARGIN, constant_values=float(np.median(dark)))
    return np.repeat(np.rint(padded * 255).astype(np.uint8)[..., None], 3, 2)


if __name__ == "__main__":
    main()
