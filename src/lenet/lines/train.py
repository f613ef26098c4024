"""Training what reads lines: the network with a rubbish class, the context layer, the SDNN.

Their examples are candidates cut from composed lines, with MNIST's own digits mixed in. A target of
zeros makes eq. 9 push all ten penalties above j: this is how rubbish is learnt. Candidates that
are one whole digit keep its label; all others are rubbish.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import nn

from lenet.augmentation.warp import Distortion, stream_of
from lenet.data.digits import Digits, DigitSet
from lenet.engine.select import best_engine
from lenet.files import write_atomically
from lenet.lines.candidate_labels import labelled_candidates
from lenet.lines.combine import NBest, combine
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import (
    CLASSES,
    CONTEXT,
    DIGIT_NETWORK,
    ContextLayer,
    LineWeights,
    features,
)
from lenet.lines.synthetic import compose
from lenet.lines.train_sdnn import SdnnRecipe, train_sdnn
from lenet.network import plane
from lenet.network.architecture import Architecture
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.sdnn import SDNN, Sdnn
from lenet.network.settings import to_table
from lenet.network.weights import Weights, initial_tensors, load_weights, save_weights
from lenet.training.learner import Indices
from lenet.training.native_learner import BatchUpdates
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe
from lenet.training.recipes import PLAIN
from lenet.training.run_folder import hardware, versions

AVERAGED_EVERY, AVERAGED_FROM, KEPT = 20, 0.3, 0.98  # updates; share of the run; of the average
CONTEXT_UNITS, CONTEXT_PASSES, CONTEXT_BATCH, CONTEXT_RATE = 32, 5, 512, 0.01
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.5, 8.0, 49))
CALIBRATION_SEED = 1_000_003  # of lines apart from those trained on

METHOD = AdamW(batch=256, peak_rate=0.004)
DISTORTION = Distortion(rotation=8, scale=0.1, shear=0.15, shift=1, elastic=20)


@dataclass(frozen=True)
class LineRecipe:
    """Everything that decides the training for lines, but the digits and the seed.

    lines : composed ones that candidates are cut from
    passes : over the candidates
    rubbish_share : candidates of rubbish shown for each whole digit
    rubbish : j of eq. 9; a linear head shifts to whatever it is
    sdnn : how the space displacement network learns the same lines
    sdnn_weight : factor of the SDNN's log-probabilities beside the graph's; chosen on even rows of
        real numbers, because on composed lines, its training data, it is overconfident
    digit_network_weight : weight, 0 … 1, of the network for single digits when classifying a
        candidate; chosen on even rows, too
    calibration_lines : of held-out writers, to fit the temperature of the confidence
    """

    lines: int = 96_000
    passes: int = 10
    rubbish_share: float = 1.5
    rubbish: float = 1e-9
    network: Architecture = PLAIN
    method: AdamW = METHOD
    distortion: Distortion = DISTORTION
    sdnn: SdnnRecipe = field(default_factory=SdnnRecipe)
    sdnn_weight: float = 1.4
    digit_network_weight: float = 0.3
    calibration_lines: int = 600


def train_lines(
    digits: DigitSet,
    folder: Path,
    *,
    recipe: LineRecipe | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> Path:
    """Compose and cut lines, train the three networks, fit the temperature; save all in folder."""
    recipe = recipe or LineRecipe()
    own = digits.train_part()  # no digit of the held-out writers
    found = labelled_candidates(own, recipe.lines, seed, tell)
    tell(f"{len(found.labels):,} candidates of {recipe.lines:,} lines")
    images = np.concatenate([found.images, own.images])
    labels = np.concatenate([found.labels, own.labels])
    tensors = train_candidate_network(images, labels, recipe, seed, tell)
    weights = Weights(tensors, {"network": recipe.network.to_dict()})
    penalties = best_engine(weights, 1).penalties(found.images)
    inputs = features(penalties, recipe.rubbish, found.context)
    layer = train_context_layer(inputs, found.labels, seed)
    sdnn = train_sdnn(found.line_images, found.texts, recipe.sdnn, seed, tell)
    second = load_weights(DIGIT_NETWORK)
    card = _card(recipe, seed, digits, len(found.labels), second)
    line_weights = LineWeights(Weights(tensors, card), layer, Sdnn(sdnn), second)
    temperature = fit_temperature(
        line_weights, digits.split("validation"), recipe.calibration_lines
    )
    tell(f"temperature {temperature:.2f}")
    save_weights(folder, tensors, card | {"text_temperature": temperature})
    write_atomically(
        folder / CONTEXT, save({k: np.ascontiguousarray(v) for k, v in vars(layer).items()})
    )
    write_atomically(folder / SDNN, save(sdnn))
    return folder


def train_candidate_network(
    images: ByteArray,
    labels: NDArray[np.int64],
    recipe: LineRecipe,
    seed: int,
    tell: Callable[[str], None] = lambda text: None,
    targets: FloatArray | None = None,
) -> dict[str, FloatArray]:
    """The network's tensors, averaged over the last part of the run.

    images : uint8 (n, 28, 28);  labels : (n,) 0 … 9, or more for rubbish
    targets : (n, 10) probabilities to learn, what is left being rubbish; None for the labels'
    """
    rng, method = np.random.default_rng(seed), recipe.method
    fresh = initial_tensors(recipe.network, "lush", rng, 1.0)
    if targets is None:
        targets = one_hot(labels)
    orders = [_permutation(labels, recipe, rng) for _ in range(recipe.passes)]
    learnt = Recipe(
        "lines",
        method,
        recipe.network,
        loss="eq9",
        rubbish=recipe.rubbish,
        distortion=recipe.distortion,
    )
    total = sum(-(-len(order) // method.batch) for order in orders)
    learner, average = BatchUpdates(fresh, learnt, method, total), None
    for number, order in enumerate(orders, 1):
        loss, stream = 0.0, stream_of(seed, number)
        for start in range(0, len(order), method.batch):
            batch = order[start : start + method.batch]
            loss += learner.update(images, targets, batch, stream)[1]
            if learner.updates % AVERAGED_EVERY == 0 and learner.updates >= AVERAGED_FROM * total:
                now = learner.core.parameters
                average = now if average is None else KEPT * average + (1 - KEPT) * now
        tell(f"pass {number}/{recipe.passes}  loss {loss / len(order):.4f}")
    if average is not None:
        learner.core.parameters = average.astype(np.float32)
    return learner.tensors()


def one_hot(labels: NDArray[np.int64]) -> FloatArray:
    """The probabilities, (n, 10), of labels 0 … 9; none of other labels."""
    return np.asarray(labels[:, None] == np.arange(10), np.float32)


def _permutation(
    labels: NDArray[np.int64], recipe: LineRecipe, rng: np.random.Generator
) -> Indices:
    """One pass: all whole digits, and as much rubbish as asked for."""
    whole, rubbish = np.flatnonzero(labels < 10), np.flatnonzero(labels >= 10)
    shown = min(len(rubbish), int(recipe.rubbish_share * len(whole)))
    return rng.permutation(np.concatenate([whole, rng.choice(rubbish, shown, replace=False)]))


def train_context_layer(inputs: FloatArray, labels: NDArray[np.int64], seed: int) -> ContextLayer:
    """The layer of least cross-entropy on candidates; inputs (n, i), labels (n,) 0 … 11."""
    generator = torch.Generator().manual_seed(seed)
    hidden, output = nn.Linear(inputs.shape[1], CONTEXT_UNITS), nn.Linear(CONTEXT_UNITS, CLASSES)
    layers = nn.Sequential(hidden, nn.Tanh(), output)
    for linear in (hidden, output):
        limit = linear.in_features**-0.5
        nn.init.uniform_(linear.weight, -limit, limit, generator)
        nn.init.zeros_(linear.bias)
    given, targets = torch.from_numpy(inputs), torch.from_numpy(labels)
    size = min(CONTEXT_BATCH, len(inputs))
    steps = CONTEXT_PASSES * (len(inputs) // size)
    optimiser = torch.optim.AdamW(layers.parameters(), lr=CONTEXT_RATE)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, CONTEXT_RATE, total_steps=steps + 1)
    for _ in range(CONTEXT_PASSES):
        order = torch.randperm(len(inputs), generator=generator)
        for batch in order[: len(order) // size * size].split(size):
            loss = nn.functional.cross_entropy(layers(given[batch]), targets[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            cycle.step()
    tensors = (hidden.weight, hidden.bias, output.weight, output.bias)
    return ContextLayer(*(tensor.detach().numpy().copy() for tensor in tensors))


def fit_temperature(weights: LineWeights, digits: Digits, lines: int) -> float:
    """The temperature of least loss on composed lines, with the weights that the card gives.

    The loss is minus the log-probability of the true text. Lines whose true text is not among the
    n best are left out: no temperature can find it. 1 where none is.
    """
    reader = best_line_reader(weights)
    readable: list[tuple[NBest, int]] = []
    for number in range(lines):
        line = compose(digits, np.random.default_rng([CALIBRATION_SEED, number]))
        text = reader.read(line.grey, closer=False)
        truth = tuple(int(value) for value in line.labels)
        if text is not None and truth in text.n_best.texts:
            readable.append((text.n_best, text.n_best.texts.index(truth)))
    if not readable:
        return 1.0

    def loss(temperature: float) -> float:
        found = [combine(n, weights.sdnn_weight, temperature).probabilities[k] for n, k in readable]
        return float(-np.log(np.array(found) + 1e-9).mean())

    return min(TEMPERATURES, key=loss)


def _card(
    recipe: LineRecipe, seed: int, digits: DigitSet, count: int, second: Weights
) -> dict[str, Any]:
    return {
        "recipe": {"name": "lines"} | to_table(recipe),
        "seed": seed,
        "dataset": digits.name,
        "data_sha256": digits.sha256,
        "hardware": hardware(),
        "versions": versions(),
        "segments": count,
        "network": recipe.network.to_dict(),
        "rubbish": recipe.rubbish,
        "sdnn_weight": recipe.sdnn_weight,
        "digit_network_weight": recipe.digit_network_weight,
        "digit_network": {
            "weights": DIGIT_NETWORK,
            "weights_sha256": second.card["weights_sha256"],
        },
        "plane": plane.AS_TABLE,
    }
