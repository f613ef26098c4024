"""Training the network for open sets: single digits as people write them, and what is no digit.

MNIST's digits are drawn with the habits of other writers, printed ones beside them, with every pen
and on every paper, and prepared as the reader does it. Letters, symbols, scribbles and several
digits at once are drawn alike; they are eq. 9's rubbish class. Whole digits cut from composed lines
and MNIST's own are added. Several networks learn that; the one kept is distilled from them, and
from the shipped network for single digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lenet.augmentation.degrade import on_background
from lenet.augmentation.outliers import draw_digit, draw_outlier
from lenet.augmentation.warp import Distortion
from lenet.augmentation.writer_style import WriterStyle, random_style, render_digit
from lenet.data.digits import Digits, DigitSet
from lenet.engine.select import best_engine
from lenet.evaluation.calibration import fit_temperature
from lenet.lines.candidate_labels import labelled_candidates
from lenet.lines.line_weights import DIGIT_NETWORK, with_rubbish
from lenet.lines.open_set import NO_DIGIT, OpenSetClassifier
from lenet.lines.train import (
    CALIBRATION_SEED,
    METHOD,
    LineRecipe,
    one_hot,
    train_candidate_network,
)
from lenet.network import plane
from lenet.network.architecture import Architecture
from lenet.network.confidence import probabilities
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.settings import to_table
from lenet.network.weights import Weights, load_weights, save_weights
from lenet.preprocessing.image import Grey
from lenet.preprocessing.prepare import BlankError, prepare
from lenet.training.optimisers import AdamW
from lenet.training.recipes import PLAIN
from lenet.training.run_folder import hardware, versions

KINDS = {"digit": 0.5, "printed": 0.08, "outlier": 0.36, "several": 0.06}  # of what is drawn
CLEAN = 0.5  # share of the images on even paper
INVERTED = 0.2  # share of the images with light ink
DISTORTION = Distortion(rotation=8, scale=0.1, shear=0.1, shift=1, elastic=12, thickness=0.4)
REPORT_EVERY = 10_000  # images


@dataclass(frozen=True)
class OpenSetRecipe:
    """Everything that decides the training, but the digits and the seed.

    images : drawn ones
    lines : composed ones that whole digits are cut from
    passes : of each network over all of them
    teachers : networks that learn the labels
    trust : weight, 0 … 1, of the teachers' answers in what the network learns, beside the labels
    rubbish : j of eq. 9; a linear head shifts to whatever it is
    calibration_images : of held-out writers, to fit the temperature
    """

    images: int = 150_000
    lines: int = 12_000
    passes: int = 16
    teachers: int = 3
    trust: float = 0.6
    rubbish: float = 1e-9
    network: Architecture = PLAIN
    method: AdamW = METHOD
    distortion: Distortion = DISTORTION
    calibration_images: int = 6_000


class Drawn(NamedTuple):
    """Digit images, uint8 (n, 28, 28), and what they show, (n,): 0 … 9, or NO_DIGIT."""

    images: ByteArray
    labels: NDArray[np.int64]


def train_open_set(
    digits: DigitSet,
    folder: Path,
    *,
    recipe: OpenSetRecipe | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> Path:
    """Draw images, train on them and on MNIST's digits, fit the temperature; save it in folder."""
    recipe = recipe or OpenSetRecipe()
    own = digits.train_part()  # no digit of the held-out writers
    drawn = drawn_images(own, recipe.images, seed, tell)
    cut = labelled_candidates(own, recipe.lines, seed, tell)
    whole = cut.labels < NO_DIGIT
    images = np.concatenate([drawn.images, cut.images[whole], own.images])
    labels = np.concatenate([drawn.labels, cut.labels[whole], own.labels])
    of_network = LineRecipe(
        passes=recipe.passes,
        rubbish=recipe.rubbish,
        network=recipe.network,
        method=recipe.method,
        distortion=recipe.distortion,
    )
    held_out = drawn_images(digits.split("validation"), recipe.calibration_images, CALIBRATION_SEED)

    def train(name: str, number: int, targets: FloatArray | None = None) -> Weights:
        tell(name)
        tensors = train_candidate_network(images, labels, of_network, number, tell, targets)
        return _calibrated(tensors, recipe, held_out)

    teachers = [train(f"teacher {k}", seed + k) for k in range(1, recipe.teachers + 1)]
    targets = recipe.trust * _answers(teachers, images) + (1 - recipe.trust) * one_hot(labels)
    learnt = train("the network", seed, targets)
    tell(f"temperature {learnt.temperature:.2f}")
    save_weights(folder, learnt.tensors, learnt.card | _origin(digits, labels, recipe, seed))
    return folder


def _origin(
    digits: DigitSet, labels: NDArray[np.int64], recipe: OpenSetRecipe, seed: int
) -> dict[str, Any]:
    """The card's entries about the training."""
    return {
        "recipe": {"name": "open-set"} | to_table(recipe),
        "seed": seed,
        "dataset": digits.name,
        "data_sha256": digits.sha256,
        "single_digit_teacher": {
            "weights": DIGIT_NETWORK,
            "weights_sha256": load_weights(DIGIT_NETWORK).card["weights_sha256"],
        },
        "n": {
            "digits": int((labels < NO_DIGIT).sum()),
            "no_digit": int((labels == NO_DIGIT).sum()),
        },
        "hardware": hardware(),
        "versions": versions(),
        "plane": plane.AS_TABLE,
    }


def _calibrated(tensors: dict[str, FloatArray], recipe: OpenSetRecipe, held_out: Drawn) -> Weights:
    """The weights with the temperature that fits digits of held-out writers, and outliers."""
    card = {"network": recipe.network.to_dict(), "rubbish": recipe.rubbish}
    penalties = best_engine(Weights(tensors, card), 1).penalties(held_out.images)
    penalties = with_rubbish(penalties, recipe.rubbish).astype(np.float32)
    return Weights(tensors, card | {"temperature": fit_temperature(penalties, held_out.labels)})


def _answers(teachers: list[Weights], images: ByteArray) -> FloatArray:
    """The mean probabilities (n, 10) of these and of the network for single digits.

    That one, distilled from deep networks, knows no other class: it gets the teachers' mean share
    of digits.
    """
    shares = np.mean([OpenSetClassifier(each).probabilities(images) for each in teachers], 0)
    shares = shares[:, :NO_DIGIT]
    single = load_weights(DIGIT_NETWORK)
    which = probabilities(best_engine(single, 1).penalties(images), single.temperature)
    total = len(teachers) * shares + shares.sum(1, keepdims=True) * which
    return np.asarray(total / (len(teachers) + 1), np.float32)


def drawn_images(
    digits: Digits, count: int, seed: int, tell: Callable[[str], None] = lambda text: None
) -> Drawn:
    """This many images of these digits, of printed ones and of outliers."""
    images: list[ByteArray] = []
    labels: list[int] = []
    for number in range(count):
        if number and number % REPORT_EVERY == 0:
            tell(f"{number:,} of {count:,} images drawn")
        rng = np.random.default_rng([seed, number])
        try:
            grey, label = _drawn(digits, rng)
            images.append(prepare(grey).image)
            labels.append(label)
        except BlankError:  # too faint
            continue
    return Drawn(np.array(images), np.array(labels, np.int64))


def _drawn(digits: Digits, rng: np.random.Generator) -> tuple[Grey, int]:
    """A grey plane, and what it shows."""
    style, kind = random_style(rng), rng.choice(list(KINDS), p=list(KINDS.values()))
    if kind == "outlier":
        return on_paper([draw_outlier(style, rng)], style, rng), NO_DIGIT
    if kind == "printed":
        value = int(rng.integers(10))
        return on_paper([draw_digit(value, style, rng)], style, rng), value
    chosen = digits.take(rng.integers(0, len(digits), 1 if kind == "digit" else rng.integers(2, 4)))
    inks = [
        render_digit(image, int(label), style, rng)
        for image, label in zip(chosen.images, chosen.labels, strict=True)
    ]
    return on_paper(inks, style, rng), int(chosen.labels[0]) if kind == "digit" else NO_DIGIT


def on_paper(inks: list[Image.Image], style: WriterStyle, rng: np.random.Generator) -> Grey:
    """Glyphs beside each other on paper, grey values (h, w)."""
    top, bottom, left, right = (int(side) for side in rng.uniform(4, 22, 4))
    gap = round(float(rng.normal(0, 0.08)) * style.height)
    wide = sum(ink.width for ink in inks) + max(0, gap) * (len(inks) - 1)
    high = max(ink.height for ink in inks)
    sheet, column = Image.new("L", (left + wide + right, top + high + bottom)), left
    for ink in inks:
        sheet.paste(ink, (column, top + (high - ink.height) // 2), ink)
        column += ink.width + gap
    if rng.random() < CLEAN:
        soft = sheet.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.05) * style.height)))
        contrast = np.float32(rng.uniform(0.3, 1) / 255)
        grey: Grey = 1 - contrast * np.asarray(soft, np.float32)
    else:
        layers = np.zeros((2, sheet.height, sheet.width), np.float32)
        layers[0] = np.asarray(sheet, np.float32) / 255
        grey = on_background(layers, style.height, style.falls, rng)
    return 1 - grey if rng.random() < INVERTED else grey
