"""Training what reads lines: the network with its rubbish class on segments of composed lines.

A target of zeros makes eq. 9 push all ten penalties above j: that is a sample of rubbish. Segments
that are one whole digit keep its label; all others are rubbish. MNIST's own digits are mixed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from lenet.augmentation.warp import Distortion, stream_of
from lenet.data.digits import DigitSet
from lenet.engine.native_engine import codes_of, kernels
from lenet.engine.packing import packed, trained, unpacked
from lenet.engine.select import best_engine
from lenet.files import write_atomically
from lenet.lines.calibrate_lines import fit_temperature
from lenet.lines.candidate_labels import LabelledCandidates, labelled_candidates
from lenet.lines.line_weights import CONTEXT, DIGIT_NETWORK, LineWeights, features
from lenet.lines.train_context import learn_context, save_context
from lenet.lines.train_sdnn import SdnnRecipe, train_sdnn
from lenet.network.architecture import Architecture
from lenet.network.plane import BYTE_TO_PLANE, FloatArray
from lenet.network.sdnn import SDNN, Sdnn
from lenet.network.weights import (
    Weights,
    expected_shapes,
    initial_tensors,
    load_weights,
    save_weights,
)
from lenet.training.learner import Indices
from lenet.training.optimisers import AdamW
from lenet.training.recipes import PLAIN

AVERAGED_EVERY, AVERAGED_FROM, KEPT = 20, 0.3, 0.98  # updates; share of the run; of the average


METHOD = AdamW(batch=256, peak_rate=0.004)
BENT = Distortion(rotation=8, scale=0.1, shear=0.15, shift=1, elastic=20)


@dataclass(frozen=True)
class LineRecipe:
    """Everything that decides the training for lines, but the digits and the seed.

    lines : composed ones that segments are cut from
    passes : over the segments
    rubbish_share : segments of rubbish shown for each whole digit
    rubbish : j of eq. 9; a linear head shifts to whatever it is
    sdnn : how the wide-input network learns the same lines
    sdnn_weight : factor of the SDNN's log-probabilities beside the graph's; chosen on even rows of
        real numbers, because on composed lines, its training data, it is overconfident
    digit_network_weight : weight, 0 … 1, of the network for single digits when classifying a
        candidate; chosen on even rows, too
    judged : lines of held-out writers that tell how far the answers are to be believed
    """

    lines: int = 96_000
    passes: int = 10
    rubbish_share: float = 1.5
    rubbish: float = 1e-9
    network: Architecture = PLAIN
    method: AdamW = METHOD
    distortion: Distortion = BENT
    sdnn: SdnnRecipe = field(default_factory=SdnnRecipe)
    sdnn_weight: float = 1.4
    digit_network_weight: float = 0.3
    judged: int = 600


def train_lines(
    digits: DigitSet,
    folder: Path,
    *,
    recipe: LineRecipe | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> Path:
    """Compose, cut, train the network, then the layer for places; the folder holds both."""
    recipe = recipe or LineRecipe()
    learning = digits.train_part()  # no digit of the held-out writers
    found = labelled_candidates(learning, recipe.lines, seed, tell)
    tell(f"{len(found.labels):,} segments of {recipe.lines:,} lines")
    images = np.concatenate([found.images, learning.images])
    labels = np.concatenate([found.labels, learning.labels])
    tensors = learn_network(images, labels, recipe, seed, tell)
    weights = Weights(tensors, {"network": recipe.network.to_dict()})
    layer = learn_context(context_inputs(weights, recipe, found), found.labels, seed)
    wide = train_sdnn(found.strips, found.texts, recipe.sdnn, seed, tell)
    second = load_weights(DIGIT_NETWORK)
    card = _card(recipe, seed, digits, len(found.labels), second)
    together = LineWeights(Weights(tensors, card), layer, Sdnn(wide), second)
    temperature = fit_temperature(together, digits.split("validation"), recipe.judged)
    tell(f"temperature {temperature:.2f}")
    save_weights(folder, tensors, card | {"text_temperature": temperature})
    save_context(folder / CONTEXT, layer)
    write_atomically(folder / SDNN, save(wide))
    return folder


def context_inputs(weights: Weights, recipe: LineRecipe, found: LabelledCandidates) -> FloatArray:
    """What the layer for places sees of segments."""
    penalties = best_engine(weights, 1).penalties(found.images)
    return features(penalties, recipe.rubbish, found.context)


def learn_network(
    images: np.ndarray[Any, np.dtype[np.uint8]],
    labels: np.ndarray[Any, np.dtype[np.int64]],
    recipe: LineRecipe,
    seed: int,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, FloatArray]:
    """The network's tensors, averaged over the last part of the run.

    images : uint8 (n, 28, 28);  labels : (n,) 0 … 9, or more for rubbish
    """
    rng, method = np.random.default_rng(seed), recipe.method
    fresh = initial_tensors(recipe.network, "lush", rng, 1.0)
    core = kernels().BatchLearner(
        *codes_of(recipe.network),
        True,
        recipe.rubbish,
        1.0,
        packed(fresh, recipe.network),
        trained(recipe.network),
    )
    targets = np.zeros((len(labels), 10), np.float32)
    whole = np.flatnonzero(labels < 10)
    targets[whole, labels[whole]] = 1
    orders = [_order(labels, recipe, rng) for _ in range(recipe.passes)]
    updates = sum(-(-len(order) // method.batch) for order in orders)
    average, update = None, 0
    for number, order in enumerate(orders, 1):
        loss, stream = 0.0, stream_of(seed, number)
        for start in range(0, len(order), method.batch):
            batch = order[start : start + method.batch]
            loss += core.learn(
                images,
                targets,
                BYTE_TO_PLANE,
                batch,
                recipe.distortion.as_array(),
                stream,
                method.settings(update, updates),
                1,
            )[1]
            update += 1
            if update % AVERAGED_EVERY == 0 and update >= AVERAGED_FROM * updates:
                now = core.parameters
                average = now if average is None else KEPT * average + (1 - KEPT) * now
        tell(f"pass {number}/{recipe.passes}  loss {loss / len(order):.4f}")
    found = core.parameters if average is None else average.astype(np.float32)
    return unpacked(found, expected_shapes(recipe.network))


def _order(
    labels: np.ndarray[Any, np.dtype[np.int64]], recipe: LineRecipe, rng: np.random.Generator
) -> Indices:
    """One pass: all whole digits, and as much rubbish as asked for."""
    whole, rubbish = np.flatnonzero(labels < 10), np.flatnonzero(labels >= 10)
    shown = min(len(rubbish), int(recipe.rubbish_share * len(whole)))
    return rng.permutation(np.concatenate([whole, rng.choice(rubbish, shown, replace=False)]))


def _card(
    recipe: LineRecipe, seed: int, digits: DigitSet, count: int, second: Weights
) -> dict[str, Any]:
    described = asdict(recipe) | {"network": recipe.network.to_dict()}
    return {
        "recipe": {"name": "lines"} | described,
        "seed": seed,
        "dataset": digits.name,
        "data_sha256": digits.sha256,
        "segments": count,
        "network": recipe.network.to_dict(),
        "rubbish": recipe.rubbish,
        "sdnn_weight": recipe.sdnn_weight,
        "digit_network_weight": recipe.digit_network_weight,
        "digit_network": {
            "weights": DIGIT_NETWORK,
            "weights_sha256": second.card["weights_sha256"],
        },
        "plane": {"size": [32, 32], "paper": -0.1, "ink": 1.175, "offset": [2, 2]},
    }
