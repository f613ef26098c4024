"""Tests of the compiled kernels run once for each instruction set of this processor."""

from __future__ import annotations

import pytest
from engine_cases import SETS

from lenet.engine import native_engine


@pytest.fixture(params=SETS or [""])
def kernels_for(request):
    """Each instruction set that this processor runs."""
    if not native_engine.available():
        pytest.skip("no compiled kernels on this machine")
    return request.param
