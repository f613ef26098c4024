"""The paper's other trained networks, by the rule that LeNet-5 learns by, one job each.

Section III-C trains them "with the same procedure"; so they get LeNet-5's recipe, its rates and its
initialisation, and differ in their connections and in what they are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from lenet.augmentation.transforms import scale
from lenet.data.digits import Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import crop, upright
from lenet.experiments.images.paper_distortions import with_copies
from lenet.experiments.methods.scored import scored
from lenet.network.connection_graph import Wiring
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.variants import fully_connected, lenet1, lenet4, lenet5
from lenet.training import wired
from lenet.training.optimisers import Sdlm
from lenet.training.recipes import PUBLISHED
from lenet.training.wired import Lesson, WiredNetwork

assert isinstance(PUBLISHED.method, Sdlm)
RULE = PUBLISHED.method
COPIES = 9  # distorted ones of each digit
TOGETHER = 10_000  # images at a time

WIRINGS: Mapping[str, Callable[[], Wiring]] = {
    "28×28-300-10": lambda: fully_connected(784, 300, 10),
    "28×28-1000-10": lambda: fully_connected(784, 1000, 10),
    "28×28-300-100-10": lambda: fully_connected(784, 300, 100, 10),
    "28×28-500-150-10": lambda: fully_connected(784, 500, 150, 10),
    "20×20-300-10": lambda: fully_connected(400, 300, 10),
    "LeNet-1": lenet1,
    "LeNet-4": lenet4,
    "LeNet-5": lenet5,
    "LeNet-5, unshared": lambda: lenet5(shared=False),
    "LeNet-5, not sub-sampled": lambda: lenet5(subsampled=False),
    # Equal to LeNet-5 in parameters, and in products per digit.
    "28×28-75-10": lambda: fully_connected(784, 75, 10),
    "28×28-412-10": lambda: fully_connected(784, 412, 10),
}


def shown_to(name: str, images: ByteArray) -> ByteArray:
    """What the network of this name sees of digit images (n, 28, 28): bytes (n, inputs)."""
    if name.startswith("20×20"):  # the middle of deslanted digits
        seen = crop(np.clip(np.rint(upright(images)), 0, 255).astype(np.uint8))
    elif name == "LeNet-1":  # a 16×16 digit in the middle of its 28×28 inputs
        seen = scale(images, 16 / 20)
    elif name.startswith("LeNet"):
        seen = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    else:
        seen = images
    return np.ascontiguousarray(seen.reshape(len(images), -1))


def in_turns(name: str, images: ByteArray) -> ByteArray:
    """The same for many, without much memory on the way."""
    starts = range(0, len(images), TOGETHER)
    return np.concatenate([shown_to(name, images[s : s + TOGETHER]) for s in starts])


@dataclass(frozen=True)
class Setting:
    """What the paper leaves open of a training; by default as for LeNet-5.

    reach : weights start within ±reach/√F
    coefficient : what sub-sampling coefficients start at
    rate_factor : on the printed rates
    """

    reach: float = 1.0
    coefficient: float = PUBLISHED.coefficient or 1.0
    rate_factor: float = RULE.rate_factor

    def __str__(self) -> str:
        given = [f"{name} {value:g}" for name, value in asdict(self).items()]
        return ", ".join(given).replace("_", " ")


def fresh(name: str, seed: int, setting: Setting = Setting()) -> WiredNetwork:
    """The network of this name with the weights that a training with this seed starts from."""
    wiring, generator = WIRINGS[name](), np.random.default_rng([seed, 0])
    return WiredNetwork(wiring, wiring.initial(generator, setting.coefficient, setting.reach))


def learnt_by(
    name: str,
    digits: Digits,
    seed: int,
    passes: int,
    shown: int | None = None,
    setting: Setting = Setting(),
) -> tuple[WiredNetwork, list[float]]:
    """A network that learnt these digits, and its errors by pass as they were learnt.

    shown : digits a pass shows, where there are more than it has time for
    """
    method = replace(RULE, rate_factor=setting.rate_factor)
    network = fresh(name, seed, setting)
    lesson = Lesson(in_turns(name, digits.images), digits.labels)
    return network, list(wired.passes(network, lesson, method, passes, seed, shown))


def trained(
    workspace: Workspace,
    network: str,
    seed: int,
    passes: int,
    train_size: int,
    copies: int = 0,
    setting: Mapping[str, float] | None = None,
) -> Result:
    """A row of the table: what the network answers after its passes, and what it cost.

    setting : what is read otherwise than for LeNet-5, as `Setting`
    """
    digits, test = workspace.train(train_size), workspace.digits.test
    shown = len(digits)
    if copies:
        digits = with_copies(digits, copies, seed)
    started = time.perf_counter()
    grown, rates = learnt_by(network, digits, seed, passes, shown, Setting(**setting or {}))
    learnt_at = time.perf_counter()
    scores = -grown.penalties(in_turns(network, test.images))
    read_at = time.perf_counter()
    known = grown.penalties(in_turns(network, workspace.train(train_size).images))
    row = scored(
        scores,
        test.labels,
        parameters=grown.wiring.parameters,
        multiply_adds=grown.wiring.multiply_adds,
        train_seconds=learnt_at - started,
        read_seconds=read_at - learnt_at,
        how=f"{passes} passes by the rule and recipe of LeNet-5"
        + (f", but {Setting(**setting)}" if setting else "")
        + (f", {copies} distorted copies of each digit" if copies else ""),
    )
    wrong = float((known.argmin(1) != workspace.train(train_size).labels).mean())
    return row | {"rates": rates, "known": wrong}


def boosted(workspace: Workspace, seed: int, passes: int, train_size: int, copies: int) -> Result:
    """Three LeNet-4 whose outputs are added (section III-C.9, Drucker et al. 1993).

    The second learns digits of which the first gets half wrong, the third those on which the two
    disagree; all of them distorted, for the plain ones would soon run out of errors.
    """
    name, test = "LeNet-4", workspace.digits.test
    started = time.perf_counter()
    pool = with_copies(workspace.train(train_size), copies, seed)
    seen = in_turns(name, pool.images)
    first, _ = learnt_by(name, pool, seed, passes, train_size)
    answers = [first.penalties(seen).argmin(1)]
    wrong = np.flatnonzero(answers[0] != pool.labels)
    right = np.flatnonzero(answers[0] == pool.labels)
    draw = np.random.default_rng([seed, 9])
    mixed = np.concatenate([wrong, draw.choice(right, min(len(wrong), len(right)), replace=False)])
    second, _ = learnt_by(name, pool.take(mixed), seed + 100, passes)
    answers.append(second.penalties(seen).argmin(1))
    disputed = np.flatnonzero(answers[0] != answers[1])
    third, _ = learnt_by(name, pool.take(disputed), seed + 200, passes)
    learnt_at = time.perf_counter()
    members = [-net.penalties(in_turns(name, test.images)) for net in (first, second, third)]
    read_at = time.perf_counter()
    scores: FloatArray = np.sum(members, axis=0)
    row = scored(
        scores,
        test.labels,
        parameters=3 * first.wiring.parameters,
        multiply_adds=3 * first.wiring.multiply_adds,
        train_seconds=learnt_at - started,
        read_seconds=read_at - learnt_at,
        how=f"three LeNet-4; the second learnt {len(mixed):,} digits, the third {len(disputed):,}; "
        "all three read every digit",
    )
    return row | {"members": [float((m.argmax(1) != test.labels).mean()) for m in members]}
