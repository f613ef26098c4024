"""What several of the page's tests say alike."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]
CARD = "article[data-network='1998']"
DIGIT = f"{CARD} .digit"  # the answer, large


def strokes_of(digit: int) -> list[list[tuple[float, float]]]:
    """The strokes of a digit of examples/draw_samples.py, smooth, in a 1 × 1 square."""
    spec = importlib.util.spec_from_file_location("samples", ROOT / "examples/draw_samples.py")
    samples = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(samples)
    return [
        samples.smooth(samples.np.array(stroke), 4).tolist() for stroke in samples.STROKES[digit]
    ]
