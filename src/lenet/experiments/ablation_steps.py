"""The steps from 1998 to now: recipes that differ from the previous one by one thing each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from lenet.augmentation.warp import Distortion
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe
from lenet.training.recipes import BENT, PLAIN, PUBLISHED, TEACHER

Change = Callable[[Recipe], Recipe]


@dataclass(frozen=True)
class Step:
    """One change.

    name : what is changed, for the report
    change : makes the recipe from that of the last step kept
    kept : whether the next step builds on this one
    """

    name: str
    change: Change
    kept: bool = True


def _network(**options: str) -> Change:
    changes: Any = options
    return lambda below: replace(below, network=replace(below.network, **changes))


def _method(**settings: float | str) -> Change:
    changes: Any = settings
    return lambda below: replace(below, optimiser=replace(below.optimiser, **changes))


def _warped(*names: str, times: float = 1.0) -> Change:
    """These amounts of today's recipes, times a factor."""
    return _distorted(**{name: times * vars(BENT)[name] for name in names})


def _distorted(**amounts: float) -> Change:
    return lambda below: replace(
        below, distortion=replace(below.distortion or Distortion(), **amounts)
    )


AFFINE = ("rotation", "scale", "shear", "shift")
STEPS: tuple[Step, ...] = (
    Step("1998: single patterns, SDLM, eq. 9 with j = 3", lambda below: below),
    Step(
        "mini-batches of 128: AdamW, one cycle to 0.003",
        lambda below: replace(below, optimiser=AdamW()),
    ),
    Step("the rate kept constant", _method(schedule="constant"), kept=False),
    Step(
        "weights start within ±2.4/F",
        lambda below: replace(below, initialisation="paper"),
        kept=False,
    ),
    Step(
        "penalties divided by 10, no rubbish class",
        lambda below: replace(below, rubbish=inf, temperature=TEACHER.temperature),
    ),
    Step("affine distortions, new ones each pass", _warped(*AFFINE)),
    Step("elastic ones too", _warped("elastic")),
    Step("all distortions 1.5 times as strong", _warped(*AFFINE, "elastic", times=1.5), False),
    Step("elastic ones 2.5 times as strong", _warped("elastic", times=2.5), False),
    Step("strokes thicker and thinner", _warped("thickness")),
    Step(
        "fifteen digits in a hundred degraded: grey paper, patches, noise",
        _warped("degraded", "background", "patch", "noise"),
    ),
    Step("batches of 256, one cycle to 0.004", _method(batch=256, peak_rate=0.004), False),
    Step("weight decay 0.1 for 0.01", _method(weight_decay=0.1), False),
    Step(
        "a trainable linear output for the codes",
        lambda below: replace(_network(head="linear")(below), temperature=1.0),
        False,
    ),
    Step("silu for the scaled tanh", _network(squash="silu"), False),
    Step("averages for trainable sub-sampling", _network(subsampling="average"), False),
    Step("maxima for trainable sub-sampling", _network(subsampling="max"), False),
    Step("C3 reads all six maps", _network(c3="full"), False),
    Step(
        "the plain network: silu, maxima, all six maps, linear output",
        lambda below: replace(below, network=PLAIN, temperature=1.0),
        False,
    ),
)


def recipes(passes: int) -> dict[str, Recipe]:
    """The recipe of every step by its name, each making so many passes."""
    found, below = {}, replace(PUBLISHED, passes=passes)
    for step in STEPS:
        found[step.name] = step.change(below)
        if step.kept:
            below = found[step.name]
    return found
