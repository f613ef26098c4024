"""Section III-E: how far digits may be shifted, turned, scaled or soiled, with a noise-trained net.

The network of Fig. 13 learnt MNIST with 10 % of all pixels inverted. The paper does not say whether
the noise was drawn once; here it is anew for each pass, so that no pattern of it can be learnt.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.transforms import TRANSFORMS, invert_pixels
from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.invariance_report import PRINTED, WITH, WITHOUT, report
from lenet.experiments.network_cache import learn, network
from lenet.experiments.robustness import error_curve, error_curves, ink_lost, spread
from lenet.network.plane import BYTE_TO_PLANE, OFFSET, ByteArray
from lenet.network.weights import Weights, load_weights
from lenet.training.recipes import PUBLISHED

SHARE = 0.1  # of pixels inverted in training (section III-E)
SEEDS = 3  # trainings at most; the ranges hardly differ between them
NOISE_STREAM = 4  # of the seed; 0 … 3 are the weights, the order, the curvature, the distortions
BATCH = 250  # planes at a time, so that their stages take little memory
QUICK_DIGITS, ALL_DIGITS = 2_000, 10_000  # of the test part


def jobs(budget: Budget) -> list[Job]:
    count = QUICK_DIGITS if budget.quick else ALL_DIGITS
    learning = {
        "passes": budget.passes,
        "train_size": budget.train_size,
        "share": SHARE,
        "count": count,
    }
    return [
        Job("invariance-ink", lost, {"count": count}),
        Job(WITHOUT, without_noise, {"count": count}, ("1998",)),
        *(
            Job(f"{WITH}{seed}", with_noise, {"seed": seed, **learning})
            for seed in range(min(SEEDS, budget.seeds))
        ),
    ]


def lost(workspace: Workspace, count: int) -> Result:
    """The share of ink that is cut off at the amounts the paper names."""
    digits = spread(workspace.digits.test, count)
    return {
        name: [(amount, ink_lost(digits, TRANSFORMS[name], amount)) for amount in amounts]
        for name, amounts in PRINTED.items()
    }


def without_noise(workspace: Workspace, count: int) -> Result:
    """The curves of the shipped network."""
    return _curves(load_weights("1998"), workspace.digits.test, count)


def with_noise(
    workspace: Workspace, seed: int, passes: int, train_size: int, share: float, count: int
) -> Result:
    """The curves of one noise-trained network."""
    made = noise_trained(workspace, seed, passes, train_size, share)
    return _curves(made, workspace.digits.test, count)


def noise_trained(
    workspace: Workspace, seed: int, passes: int, train_size: int, share: float = SHARE
) -> Weights:
    """The network of Fig. 13: the published recipe on inverted pixels; kept for other studies."""
    clean = workspace.train(train_size)

    def shown(number: int) -> Digits:
        generator = np.random.default_rng([seed, NOISE_STREAM, number])
        return Digits(invert_pixels(clean.images, share, generator), clean.labels)

    settings = {"seed": seed, "passes": passes, "train_size": train_size, "share": share}
    recipe = replace(PUBLISHED, passes=passes)
    return network(workspace, "noise-trained", settings, lambda: learn(recipe, seed, shown))


def _curves(weights: Weights, digits: Digits, count: int) -> Result:
    """Errors by amount, and at the printed amounts also with the whole plane to move in."""
    engine, tried = best_engine(weights, threads=1), spread(digits, count)
    border = (0, 0), (OFFSET, OFFSET), (OFFSET, OFFSET)
    planes = np.pad(tried.images, border)

    def answer(images: ByteArray) -> NDArray[np.int64]:
        values: NDArray[np.int64] = engine.penalties(images).argmin(1)
        return values

    def answer_planes(images: ByteArray) -> NDArray[np.int64]:
        parts = np.array_split(images, -(-len(images) // BATCH))
        stages = (engine.stages(BYTE_TO_PLANE[part][:, None]) for part in parts)
        return np.concatenate([found.output.argmin(1) for found in stages])

    return {
        "curves": error_curves(answer, tried, TRANSFORMS.values(), count),
        "plane": {
            name: error_curve(
                answer_planes, planes, tried.labels, replace(TRANSFORMS[name], values=amounts)
            )
            for name, amounts in PRINTED.items()
        },
    }


EXPERIMENT = Experiment("invariance", "Scale, shift, rotation and noise (Fig. 13)", jobs, report)
