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
from lenet.lines.calibrate_lines import fit_belief
from lenet.lines.candidate_labels import Segments, segments
from lenet.lines.line_weights import PLACES, SECOND, LineWeights, features
from lenet.lines.train_context import learn_places, save_places
from lenet.lines.train_sdnn import WideRecipe, learn_wide
from lenet.network.architecture import Architecture
from lenet.network.initialise import initial_tensors
from lenet.network.plane import BYTE_TO_PLANE, FloatArray
from lenet.network.sdnn import WIDE, Sdnn
from lenet.network.weights import Weights, expected_shapes, load_weights, save_weights
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
    wide : how the wide-input network learns the same lines
    say : how much the wide-input network's log-probabilities count beside the graph's; chosen on
        even rows of real numbers, for on composed lines, which it learnt, it is too sure
    second_say : how much the network for single digits counts in which digit a candidate is; chosen
        on even rows, too
    judged : lines of held-out writers that tell how far the answers are to be believed
    """

    lines: int = 96_000
    passes: int = 10
    rubbish_share: float = 1.5
    rubbish: float = 1e-9
    network: Architecture = PLAIN
    method: AdamW = METHOD
    distortion: Distortion = BENT
    wide: WideRecipe = field(default_factory=WideRecipe)
    say: float = 1.4
    second_say: float = 0.3
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
    learning = digits.fitting()  # no digit of the held-out writers
    found = segments(learning, recipe.lines, seed, tell)
    tell(f"{len(found.labels):,} segments of {recipe.lines:,} lines")
    images = np.concatenate([found.images, learning.images])
    labels = np.concatenate([found.labels, learning.labels])
    tensors = learn_network(images, labels, recipe, seed, tell)
    weights = Weights(tensors, {"network": recipe.network.to_dict()})
    layer = learn_places(places_inputs(weights, recipe, found), found.labels, seed)
    wide = learn_wide(found.strips, found.texts, recipe.wide, seed, tell)
    second = load_weights(SECOND)
    card = _card(recipe, seed, digits, len(found.labels), second)
    together = LineWeights(Weights(tensors, card), layer, Sdnn(wide), second)
    temperature = fit_belief(together, digits.split("validation"), recipe.judged)
    tell(f"temperature {temperature:.2f}")
    save_weights(folder, tensors, card | {"text_temperature": temperature})
    save_places(folder / PLACES, layer)
    write_atomically(folder / WIDE, save(wide))
    return folder


def places_inputs(weights: Weights, recipe: LineRecipe, found: Segments) -> FloatArray:
    """What the layer for places sees of segments."""
    penalties = best_engine(weights, 1).penalties(found.images)
    return features(penalties, recipe.rubbish, found.places)


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
                recipe.distortion.numbers(),
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
        "recipe": {"name": "strings"} | described,
        "seed": seed,
        "dataset": digits.name,
        "data_sha256": digits.sha256,
        "segments": count,
        "network": recipe.network.to_dict(),
        "rubbish": recipe.rubbish,
        "wide_say": recipe.say,
        "second_say": recipe.second_say,
        "second": {"weights": SECOND, "weights_sha256": second.card["weights_sha256"]},
        "plane": {"size": [32, 32], "paper": -0.1, "ink": 1.175, "offset": [2, 2]},
    }
