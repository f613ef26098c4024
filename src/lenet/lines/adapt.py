"""Adapting the line reader to pictures of numbers whose texts are known, and no boxes.

The SDNN learns whole lines, as in its first training. For the candidates' network the cheapest path
through the segmentation graph that reads the text (forced alignment) tells which candidates are its
digits; what overlaps with them is rubbish. Composed lines are mixed in: no network forgets them.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.warp import Distortion, stream_of
from lenet.data.datasets import load_set
from lenet.data.digits import Digits
from lenet.lines.adapt_sdnn import SdnnTuning, tune_sdnn
from lenet.lines.candidate_labels import NOISE, RUBBISH, UNSURE, cut_line, labels_of
from lenet.lines.combine import NBest, combine
from lenet.lines.line_engine import LineReader, best_line_reader, line_preparation
from lenet.lines.line_weights import LineWeights
from lenet.lines.numpy_lines import CutLine
from lenet.lines.segmentation_graph import NOTHING, Step
from lenet.lines.train import DISTORTION, TEMPERATURES
from lenet.lines.train_signs import DISTORTION as SIGN_DISTORTION
from lenet.lines.train_signs import composed_numbers, labelled_gaps
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.sdnn import Sdnn
from lenet.network.weights import Weights
from lenet.preprocessing.image import Grey
from lenet.training.native_learner import BatchUpdates
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe

DOUBTED = 15.0  # penalty of a text's path above the best one, beyond which it teaches nothing
SAME = 0.8  # of both candidates' ink: so much in common, and they show the same digit
RUBBISH_SHARE = 0.6  # of the candidates that are learnt
AVERAGED_FROM, KEPT = 0.3, 0.98  # of the updates; of the average at each further one
SDNN_WEIGHTS = (0.7, 1.0, 1.4, 2.0, 2.8)  # tried
DIGIT_NETWORK_WEIGHTS = (0.0, 0.15, 0.3)  # tried
FAR = 1.0  # nats that e times as much, or as little, costs
LEAST = 1e-3  # added to a text's probability, so that no one line decides alone
MIN_SIGNS = 20  # in the texts, from which the network for signs learns, too


Number = tuple[Sequence[Grey], str]
"""Grey planes (h, w), 0 black … 1 white, in which the reader looks for a number; its text."""


@dataclass(frozen=True)
class Tuning:
    """How a trained LeNet-5 learns more: so many updates, at rates as `AdamW` has them."""

    updates: int
    method: AdamW
    distortion: Distortion


METHOD = AdamW(batch=256, peak_rate=0.001)
CANDIDATES, SIGN_GAPS = Tuning(1_000, METHOD, DISTORTION), Tuning(600, METHOD, SIGN_DISTORTION)


@dataclass(frozen=True)
class AdaptRecipe:
    """Everything that decides an adaptation, but the pictures, the digits and the seed.

    composed : lines that are mixed in, and as many numbers with signs
    real : the share, 0 … 1, of real examples in every batch
    """

    composed: int = 4_000
    real: float = 0.5
    sdnn: SdnnTuning = field(default_factory=SdnnTuning)
    candidates: Tuning = CANDIDATES
    signs: Tuning = SIGN_GAPS


class Examples(NamedTuple):
    """Images, uint8 (n, 28, 28), and what they show, (n,)."""

    images: ByteArray
    labels: NDArray[np.int64]


class Lines(NamedTuple):
    """What the SDNN and the candidates' network learn from lines."""

    line_images: list[ByteArray]
    texts: list[NDArray[np.int64]]
    candidates: Examples


def load_digits(data: str, data_dir: Path | None) -> Digits:
    """The digits that lines are composed of; errors as of `load_set`."""
    return load_set(data, data_dir).train_part()


def adapt_weights(
    lines: LineWeights,
    signs: Weights,
    numbers: Iterable[Number],
    validation: Iterable[Number],
    digits: Digits,
    *,
    digits_only: bool = False,
    recipe: AdaptRecipe | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> tuple[LineWeights, Weights]:
    """The weights for lines and for signs, adapted to numbers.

    numbers, validation : to learn; to choose how much each network counts, and the temperature.
        Both are iterated several times
    digits : what lines are composed of, to be mixed in
    digits_only : the signs are left as they are
    """
    recipe = recipe or AdaptRecipe()
    reader = best_line_reader(lines)
    real = _joined(
        aligned_line(plane, text, reader) for planes, text in numbers for plane in planes
    )
    tell(f"{len(real.texts):,} lines, {(real.candidates.labels < RUBBISH).sum():,} digits in them")
    composed = _joined(composed_line(digits, seed, number) for number in range(recipe.composed))
    tell(f"{recipe.composed:,} lines composed")
    tensors = tune(
        lines.network, real.candidates, composed.candidates, recipe.candidates, recipe.real, seed
    )
    tell("the candidates' network is adapted")
    sdnn = tune_sdnn(
        lines.sdnn.tensors,
        (real.line_images, real.texts),
        (composed.line_images, composed.texts),
        recipe.sdnn,
        recipe.real,
        seed,
        tell,
    )
    network = Weights(tensors, lines.network.card)
    lines = mixed(replace(lines, network=network, sdnn=Sdnn(sdnn)), validation)
    if not digits_only:
        signs = adapt_signs(signs, best_line_reader(lines), numbers, digits, recipe, seed)
    return lines, signs


def adapt_signs(
    signs: Weights,
    reader: LineReader,
    numbers: Iterable[Number],
    digits: Digits,
    recipe: AdaptRecipe,
    seed: int,
) -> Weights:
    """The network for signs adapted to numbers; as it is where these have few signs.

    reader : finds the digits that the signs stand between
    """
    real = labelled_gaps(((planes[0], text) for planes, text in numbers), reader)
    if (real.labels > 0).sum() < MIN_SIGNS:
        return signs
    composed = labelled_gaps(composed_numbers(digits, recipe.composed, seed), reader)
    tensors = tune(signs, Examples(*real), Examples(*composed), recipe.signs, recipe.real, seed)
    return Weights(tensors, signs.card)


def aligned_line(plane: Grey, text: str, reader: LineReader) -> Lines:
    """A line of known text, its candidates labelled by forced alignment."""
    cut, digits = line_preparation().cut(plane, closer=True), digits_of(text)
    labels = aligned(cut, digits, reader)
    return Lines([cut.image.ink], [np.array(digits, np.int64)], _sure(cut, labels))


def composed_line(digits: Digits, seed: int, number: int) -> Lines:
    """A composed line, and its candidates."""
    line, cut = cut_line(digits, seed, number)
    labels = labels_of(cut.candidates, cut.segments, line)
    return Lines([cut.image.ink], [line.labels], _sure(cut, labels))


def digits_of(text: str) -> tuple[int, ...]:
    """The digits of a text."""
    return tuple(map(int, re.findall("[0-9]", text)))


def _sure(cut: CutLine, labels: NDArray[np.int64]) -> Examples:
    """A line's candidates, but those that are UNSURE."""
    return Examples(cut.candidates.images[labels != UNSURE], labels[labels != UNSURE])


def _joined(lines: Iterable[Lines]) -> Lines:
    images, texts, candidates = zip(*lines, strict=True)
    return Lines(
        [*itertools.chain(*images)],
        [*itertools.chain(*texts)],
        Examples(*map(np.concatenate, zip(*candidates, strict=True))),
    )


def aligned(cut: CutLine, text: tuple[int, ...], reader: LineReader) -> NDArray[np.int64]:
    """Labels of the candidates, (n,), of a line of this text; all UNSURE where it hardly reads so.

    Those on the cheapest path are its digits, and NOISE where it passes ink; others are RUBBISH,
    unless they have nearly all of their ink in common with one on the path.
    """
    found, mass = cut.candidates, np.concatenate([[0], np.cumsum(cut.segments.mass)])
    labels = np.full(len(found), UNSURE, np.int64)
    path: list[Step] = []
    if len(cut.segments):
        graph = reader.graph(found, len(cut.segments))
        path = graph.path(text)
        costs = [graph.nothing if s.value == NOTHING else graph.digits[:, s.value] for s in path]
        price = sum(cost[s.candidate] for cost, s in zip(costs, path, strict=True))
        if price - graph.best()[0] > DOUBTED:
            path = []
    if path:
        labels[:] = RUBBISH
    own = mass[found.last] - mass[found.first]
    for k, _ in path:
        first, last = np.maximum(found.first, found.first[k]), np.minimum(found.last, found.last[k])
        common = np.where(last > first, mass[last] - mass[np.minimum(first, last)], 0.0)
        labels[(common >= SAME * own[k]) & (common >= SAME * own)] = UNSURE
    for k, value in path:
        labels[k] = NOISE if value == NOTHING else value
    return labels


def tune(
    weights: Weights,
    real: Examples,
    composed: Examples,
    tuning: Tuning,
    share: float,
    seed: int,
) -> dict[str, FloatArray]:
    """The network's tensors after learning more, averaged over the last part of the updates.

    share : 0 … 1, of every batch that is real
    """
    images = np.concatenate([real.images, composed.images])
    labels = np.concatenate([real.labels, composed.labels])
    chances = _chances(labels, len(real.labels), share)
    targets = (labels[:, None] == np.arange(10)).astype(np.float32)
    rubbish, rng = float(weights.card.get("rubbish", 1e-9)), np.random.default_rng(seed)
    learnt = Recipe(
        "adapt",
        tuning.method,
        weights.architecture,
        loss="eq9",
        rubbish=rubbish,
        distortion=tuning.distortion,
    )
    learner = BatchUpdates(weights.tensors, learnt, tuning.method, tuning.updates)
    average = learner.core.parameters
    for update in range(tuning.updates):
        batch = rng.choice(len(labels), tuning.method.batch, p=chances)
        learner.update(images, targets, batch, stream_of(seed, update))
        now = learner.core.parameters
        kept = KEPT if update > AVERAGED_FROM * tuning.updates else 0.0
        average = kept * average + (1 - kept) * now
    learner.core.parameters = average.astype(np.float32)
    return learner.tensors()


def _chances(labels: NDArray[np.int64], real: int, share: float) -> NDArray[np.float64]:
    """Of each example to be in a batch: real ones come first, and have this share of it."""
    wanted = np.where(labels >= RUBBISH, RUBBISH_SHARE, 1 - RUBBISH_SHARE)
    wanted[:real] *= share
    wanted[real:] *= 1 - share
    kind = (labels >= RUBBISH) + 2 * (np.arange(len(labels)) < real)
    wanted /= np.bincount(kind)[kind]
    return np.asarray(wanted / wanted.sum())


def mixed(weights: LineWeights, numbers: Iterable[Number]) -> LineWeights:
    """The weights with that share of each network, and that temperature, of least loss on numbers.

    The loss is minus the log-probability of the true text. What is far from what it was costs, too:
    a few numbers must not decide much.
    """
    best = math.inf, weights
    for digit_weight in DIGIT_NETWORK_WEIGHTS:
        tried = with_card(weights, digit_network_weight=digit_weight)
        found = _texts(tried, numbers)
        for sdnn_weight, temperature in itertools.product(SDNN_WEIGHTS, TEMPERATURES[::4]):
            far = (
                math.log(sdnn_weight / weights.sdnn_weight),
                math.log(temperature / weights.temperature),
            )
            loss = _loss(found, sdnn_weight, temperature) + FAR * (far[0] ** 2 + far[1] ** 2)
            if loss < best[0]:
                card = {"sdnn_weight": sdnn_weight, "text_temperature": temperature}
                best = loss, with_card(tried, **card)
    return best[1]


def _texts(weights: LineWeights, numbers: Iterable[Number]) -> list[tuple[NBest, int]]:
    """The n best texts of each number, and which is the true one; numbers without it are out."""
    reader = best_line_reader(weights)
    found = ((reader.read(planes[0]), digits_of(text)) for planes, text in numbers)
    return [
        (line.n_best, line.n_best.texts.index(text))
        for line, text in found
        if line is not None and text in line.n_best.texts
    ]


def _loss(found: Sequence[tuple[NBest, int]], sdnn_weight: float, temperature: float) -> float:
    true = [combine(n, sdnn_weight, temperature).probabilities[k] for n, k in found]
    return float(-np.log(np.array(true) + LEAST).sum())


def with_card(weights: LineWeights, **changed: float) -> LineWeights:
    """The weights with other numbers in their network's card."""
    network = Weights(weights.network.tensors, weights.network.card | changed)
    return replace(weights, network=network)
