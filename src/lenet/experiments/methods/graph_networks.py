"""The paper's other networks, given by their connections and trained by LeNet-5's rule.

Section III-C trains them "with the same procedure": LeNet-5's recipe, rates and initialisation.
They differ in their connections and inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.transforms import scale
from lenet.data.digits import Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import crop, upright
from lenet.experiments.images.paper_distortions import with_copies
from lenet.experiments.methods import Trained, method, train_and_score
from lenet.network.connection_graph import ConnectionGraph
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.variants import fully_connected, lenet1, lenet4, lenet5
from lenet.training.graph_network import ConnectionGraphNetwork, Samples, train_connection_graph
from lenet.training.optimisers import Sdlm
from lenet.training.recipes import PUBLISHED

assert isinstance(PUBLISHED.optimiser, Sdlm)
RULE = PUBLISHED.optimiser
COPIES = 9  # distorted copies of each digit
BATCH = 10_000  # images at a time, to save memory

WIRINGS: Mapping[str, Callable[[], ConnectionGraph]] = {
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
    # As many parameters as LeNet-5, and as many products per digit.
    "28×28-75-10": lambda: fully_connected(784, 75, 10),
    "28×28-412-10": lambda: fully_connected(784, 412, 10),
}


def inputs_of(name: str, images: ByteArray) -> ByteArray:
    """The inputs of the network of this name from digit images (n, 28, 28): bytes (n, inputs)."""
    starts = range(0, len(images), BATCH)
    return np.concatenate([_inputs_of(name, images[start : start + BATCH]) for start in starts])


def _inputs_of(name: str, images: ByteArray) -> ByteArray:
    if name.startswith("20×20"):  # the middle of deslanted digits
        seen = crop(np.clip(np.rint(upright(images)), 0, 255).astype(np.uint8))
    elif name == "LeNet-1":  # a 16×16 digit in the middle of its 28×28 inputs
        seen = scale(images, 16 / 20)
    elif name.startswith("LeNet"):
        seen = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    else:
        seen = images
    return np.ascontiguousarray(seen.reshape(len(images), -1))


@dataclass(frozen=True)
class Setting:
    """What the paper leaves open about a training; the defaults are LeNet-5's.

    reach : weights start within ±reach/√F
    coefficient : initial sub-sampling coefficients
    rate_factor : multiplies the printed rates
    """

    reach: float = 1.0
    coefficient: float = PUBLISHED.coefficient or 1.0
    rate_factor: float = RULE.rate_factor

    def __str__(self) -> str:
        given = [f"{name} {value:g}" for name, value in asdict(self).items()]
        return ", ".join(given).replace("_", " ")


def train_network(
    name: str,
    digits: Digits,
    seed: int,
    passes: int,
    shown: int | None = None,
    setting: Setting = Setting(),
) -> tuple[ConnectionGraphNetwork, list[float]]:
    """The network of this name trained on these digits, and its online error rate by pass.

    shown : digits per pass, if there are more than a pass has time for
    """
    wiring, generator = WIRINGS[name](), np.random.default_rng([seed, 0])
    initial = wiring.initial(generator, setting.coefficient, setting.reach)
    network = ConnectionGraphNetwork(wiring, initial)
    optimiser = replace(RULE, rate_factor=setting.rate_factor)
    lesson = Samples(inputs_of(name, digits.images), digits.labels)
    return network, list(train_connection_graph(network, lesson, optimiser, passes, seed, shown))


def answers(name: str, network: ConnectionGraphNetwork, images: ByteArray) -> NDArray[np.int64]:
    """Answers of the network of this name to digit images (n, 28, 28)."""
    found: NDArray[np.int64] = network.penalties(inputs_of(name, images)).argmin(1)
    return found


def trained(
    workspace: Workspace,
    network: str,
    seed: int,
    passes: int,
    train_size: int,
    copies: int = 0,
    setting: Mapping[str, float] | None = None,
) -> Result:
    """A network as a row of the table.

    setting : where it differs from LeNet-5's, as `Setting`
    """
    pool, used = with_copies(workspace.train(train_size), copies, seed), Setting(**setting or {})
    how = f"{passes} passes by the rule and recipe of LeNet-5"
    how += f", but {used}" if setting else ""
    how += f", {copies} distorted copies of each digit" if copies else ""

    def learn(digits: Digits) -> Trained:
        made, _ = train_network(network, pool, seed, passes, len(digits), used)
        return _as_trained(network, [made], how)

    return train_and_score(workspace, train_size, learn)


def _as_trained(name: str, networks: Sequence[ConnectionGraphNetwork], how: str) -> Trained:
    """Networks of this name whose outputs are added."""
    graph, count = networks[0].graph, len(networks)

    def scores(images: ByteArray) -> FloatArray:
        inputs = inputs_of(name, images)
        added: FloatArray = -np.sum([each.penalties(inputs) for each in networks], axis=0)
        return added

    return Trained(scores, count * graph.parameters, count * graph.multiply_adds, how)


@method
def boosted(digits: Digits, seed: int, passes: int, copies: int) -> Trained:
    """Three LeNet-4 with added outputs (section III-C.9, Drucker et al. 1993).

    The second trains on digits of which the first misreads half, the third on those where the two
    disagree; all of them distorted, because the plain ones would soon run out of errors.
    """
    name, draw = "LeNet-4", np.random.default_rng([seed, 9])
    pool = with_copies(digits, copies, seed)
    inputs = inputs_of(name, pool.images)
    first, _ = train_network(name, pool, seed, passes, len(digits))
    of_first = first.penalties(inputs).argmin(1)
    right = of_first == pool.labels
    count = min(int((~right).sum()), int(right.sum()))
    few = draw.choice(np.flatnonzero(right), count, replace=False)
    mixed = np.concatenate([np.flatnonzero(~right), few])
    second, _ = train_network(name, pool.take(mixed), seed + 100, passes)
    disputed = np.flatnonzero(of_first != second.penalties(inputs).argmin(1))
    third, _ = train_network(name, pool.take(disputed), seed + 200, passes)
    how = (
        f"three LeNet-4; the second trained on {len(mixed):,} digits, the third on "
        f"{len(disputed):,}; all three read every digit"
    )
    return _as_trained(name, [first, second, third], how)
