"""Mini-batch training: compiled kernels against PyTorch, interleaved in one run.

    LENET_DATA=… python benchmarks/mini_batches.py

Training digits a second with recipe `quick` (AdamW, batches of 128) on MNIST, on one and two
threads, plain and warped (affine and elastic; PyTorch plain only), medians of ROUNDS rounds. Exit
code 1 below three times PyTorch's.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lenet.augmentation.warp import Distortion
from lenet.data.datasets import load_set
from lenet.training.engines import make_learner
from lenet.training.fit import pass_permutation, starting_tensors
from lenet.training.recipe import RunConfig
from lenet.training.recipes import RECIPES

ROUNDS, DIGITS = 7, 6_400
BENT = Distortion(rotation=12, scale=0.12, shear=0.15, shift=1.5, elastic=25, smoothness=4)


def main() -> int:
    digits = load_set("mnist", Path(os.environ["LENET_DATA"])).train
    plain = replace(RECIPES["quick"], passes=50)
    orders = {
        (engine, threads, bool(bends)): RunConfig(
            replace(plain, threads=threads, distortion=bends), seed=1, engine=engine
        )
        for engine, threads, bends in (
            ("torch", 1, None),
            ("native", 1, None),
            ("native", 1, BENT),
            ("torch", 2, None),
            ("native", 2, None),
            ("native", 2, BENT),
        )
    }
    rates = {key: [] for key in orders}
    for number in range(1, ROUNDS + 1):
        for key, order in orders.items():
            with ExitStack() as stack:  # torch's threads hold while its learner does
                learner = stack.enter_context(make_learner(order, starting_tensors(order), digits))
                learner.start_pass(number, pass_permutation(order, number, 1))
                batch = pass_permutation(order, number, len(digits))[:DIGITS]
                started = time.perf_counter()
                learner.learn(batch)
                rates[key].append(DIGITS / (time.perf_counter() - started))
    medians = {key: statistics.median(found) for key, found in rates.items()}
    for (engine, threads, warped), rate in medians.items():
        ratio = rate / medians["torch", threads, False]
        what = "warped" if warped else "plain"
        print(f"{engine:<8}{threads} threads  {what:<6}{rate:>9,.0f} digits/s  ×{ratio:.1f}")
    return int(medians["native", 2, False] < 3 * medians["torch", 2, False])


if __name__ == "__main__":
    sys.exit(main())
