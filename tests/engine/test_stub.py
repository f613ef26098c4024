"""What the kernels are said to offer, and what the new ones refuse besides shapes."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from engine_cases import BUILT

from lenet.engine import native_engine

STUB = Path(native_engine.__file__).with_name("_kernels.pyi")


@BUILT
def test_the_stub_names_what_is_there():
    said = set()
    for statement in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            said.add(statement.name)
        elif isinstance(statement, ast.AnnAssign):
            said.add(statement.target.id)
    assert said == {name for name in dir(native_engine.kernels()) if not name.startswith("_")}


@BUILT
def test_results_over_what_was_checked_are_refused():
    """Writing them would change the labels that are used as indices."""
    labels, ink = np.ones((400, 1), np.int64), np.zeros((400, 1), np.float32)
    with pytest.raises(ValueError, match="memory of their own"):
        native_engine.kernels().measured(labels, ink, labels[:4].reshape(1, 4), np.zeros(1))


@BUILT
@pytest.mark.parametrize("shape", [(0, 0), (0, 7), (2**40, 0)])
def test_planes_without_pixels_are_done_at_once(shape):
    mask, labels = np.zeros(shape, bool), np.zeros(shape, np.int64)
    assert native_engine.kernels().label(mask, labels) == 0
    plane = np.zeros(shape, np.float32)
    native_engine.kernels().running_max(plane, 1, 0, plane.copy())


@BUILT
def test_a_window_is_no_longer_than_its_axis_needs():
    plane = np.zeros((3, 50), np.float32)
    native_engine.kernels().running_max(plane, 7, 0, plane.copy())
    with pytest.raises(ValueError, match="smaller size"):
        native_engine.kernels().running_max(plane, 9, 0, plane.copy())
