"""Where the kernels were not built, numpy reads, and it is said once."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
sys.modules["lenet.engine._kernels"] = None
import numpy as np
from lenet.engine.select import best_engine, in_use
from lenet.network.weights import load_weights
image = np.zeros((1, 28, 28), np.uint8)
image[0, 4:24, 13:16] = 255
for weights in ("1998", "modern"):
    assert best_engine(load_weights(weights)).penalties(image).argmin() == 1
assert in_use().startswith("portable, numpy (the compiled kernels are not built"), in_use()
"""


def test_numpy_reads_and_it_is_said_once():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stderr.count("the compiled kernels are not built") == 1
    assert "install a C++ compiler" in done.stderr
    assert done.stdout == ""
