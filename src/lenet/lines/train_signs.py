"""Training the network that reads signs, on the gaps between the digits of numbers.

The line reader reads each number. Where it finds as many digits as there are, what stands in each
gap is known. Most numbers are composed; photographed ones may be added.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.warp import Distortion
from lenet.data.digits import Digits, DigitSet
from lenet.engine.select import best_engine
from lenet.evaluation.calibration import fit_temperature
from lenet.lines.line_engine import LineReader, best_line_reader
from lenet.lines.line_weights import load_line_weights
from lenet.lines.signs import SIGNS, gap_images
from lenet.lines.synthetic import compose
from lenet.lines.train import CALIBRATION_SEED, METHOD, LineRecipe, train_candidate_network
from lenet.network import plane
from lenet.network.architecture import Architecture
from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.network.settings import to_table
from lenet.network.weights import Weights, save_weights
from lenet.preprocessing.image import Grey
from lenet.training.optimisers import AdamW
from lenet.training.recipes import PLAIN
from lenet.training.run_folder import hardware, versions

Number = tuple[Grey, str]  # (h, w), 0 black … 1 white, and its text as written
REPORT_EVERY = 5_000  # numbers
DISTORTION = Distortion(rotation=5, scale=0.12, shear=0.12, shift=1.2, elastic=10)


@dataclass(frozen=True)
class SignRecipe:
    """Everything that decides the training for signs, but the digits and the seed.

    numbers : composed ones that gaps are taken from
    passes : over the gaps
    photographed : how often each gap of photographed numbers counts in a pass
    calibration_numbers : of held-out writers, to fit the temperature of the confidence
    """

    numbers: int = 30_000
    passes: int = 20
    photographed: int = 10
    network: Architecture = PLAIN
    method: AdamW = METHOD
    distortion: Distortion = DISTORTION
    calibration_numbers: int = 5_000


class Gaps(NamedTuple):
    """What the network sees of gaps, uint8 (n, 28, 28), and which of SIGNS stands in each, (n,)."""

    images: ByteArray
    labels: NDArray[np.int64]


def train_signs(
    digits: DigitSet,
    folder: Path,
    *,
    photographed: Iterable[Number] = (),
    recipe: SignRecipe | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> Path:
    """Compose numbers, train on their gaps, fit the temperature; save all in folder.

    photographed : more numbers to learn from, each a grey plane 0 … 1 and its text as written
    """
    recipe = recipe or SignRecipe()
    composed = labelled_gaps(composed_numbers(digits.train_part(), recipe.numbers, seed, tell))
    taken = labelled_gaps(photographed)
    tell(f"{len(composed.labels):,} composed gaps, {len(taken.labels):,} photographed ones")
    images, labels = (
        np.concatenate([some, *[others] * recipe.photographed])
        for some, others in zip(composed, taken, strict=True)
    )
    of_network = LineRecipe(
        passes=recipe.passes,
        network=recipe.network,
        method=recipe.method,
        distortion=recipe.distortion,
    )
    tensors = train_candidate_network(images, labels, of_network, seed, tell)
    description = {"network": recipe.network.to_dict()}
    held_out = labelled_gaps(
        composed_numbers(digits.split("validation"), recipe.calibration_numbers, CALIBRATION_SEED)
    )
    penalties = best_engine(Weights(tensors, description), 1).penalties(held_out.images)
    temperature = fit_temperature(penalties[:, : len(SIGNS)], held_out.labels)
    tell(f"temperature {temperature:.2f}")
    card = description | {
        "recipe": {"name": "signs"} | to_table(recipe),
        "seed": seed,
        "dataset": digits.name,
        "data_sha256": digits.sha256,
        "classes": list(SIGNS),
        "n": {"composed": len(composed.labels), "photographed": len(taken.labels)},
        "temperature": temperature,
        "hardware": hardware(),
        "versions": versions(),
        "plane": plane.AS_TABLE,
    }
    save_weights(folder, tensors, card)
    return folder


def composed_numbers(
    digits: Digits, count: int, seed: int, tell: Callable[[str], None] = lambda text: None
) -> Iterator[Number]:
    """This many numbers of these digits, with signs."""
    for number in range(count):
        if number and number % REPORT_EVERY == 0:
            tell(f"{number:,} of {count:,} numbers composed")
        line = compose(digits, np.random.default_rng([seed, number]), as_numbers=True)
        values = [*map(str, line.labels), ""]
        yield line.grey, "".join(itertools.chain(*zip(line.signs, values, strict=True)))


def labelled_gaps(numbers: Iterable[Number], reader: LineReader | None = None) -> Gaps:
    """The gaps of numbers in which a line reader finds as many digits as there are.

    reader : the one with the shipped weights, if not given
    """
    reader = reader or best_line_reader(load_line_weights())
    images, labels = [np.empty((0, DIGIT_SIDE, DIGIT_SIDE), np.uint8)], []
    for grey, text in numbers:
        signs = re.split(r"\d", text)
        found = reader.read(grey)
        if found is not None and len(found.boxes) == len(signs) - 1 and {*signs} <= {*SIGNS}:
            images.append(gap_images(found))
            labels += [SIGNS.index(sign) for sign in signs]
    return Gaps(np.concatenate(images), np.array(labels, np.int64))
