"""The promise of `quick` on the real MNIST."""

from __future__ import annotations

import json

import pytest


@pytest.mark.slow
def test_quick_stays_under_one_and_a_half_percent(lenet_data, tmp_path, run_lenet):
    run_lenet("train", "--recipe", "quick", "--out", tmp_path / "run", timeout=600)
    done = run_lenet("evaluate", "--weights", tmp_path / "run", "--json")
    assert json.loads(done.stdout)["error_rate"] < 0.015
