"""A reader adapted to labelled pictures of numbers: which of them it learns, and what it gains."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from safetensors.numpy import save

from lenet.errors import InputError, LenetError, UsageError, needs
from lenet.evaluation.score import Score
from lenet.files import is_address, refusing
from lenet.preprocessing.image import Grey, Planes, Source
from lenet.reading.labelled import LabelledImage, load_labels, rows_of
from lenet.reading.reader_weights import ReaderWeights
from lenet.reading.result import Reading

if TYPE_CHECKING:
    from lenet.lines.adapt import AdaptRecipe

MIN_PICTURES = 30  # fewer tell too little, of what is learnt and of what is gained
HELD_OUT, VALIDATION = 0.2, 0.1  # of the pictures: to measure the gain; to choose by
GROUPS = 3  # at least: one to learn, one to choose by, one to measure
TEXT = re.compile(r"[0-9.,\-/:]*[0-9][0-9.,\-/:]*")
ADVICE = "make room or choose another --out"
GROUP = "group"  # the column of a table that says what belongs together, such as a writer

Tell = Callable[[str], None]


class AdaptableReader(Protocol):
    """What `Reader` has for this."""

    all_weights: ReaderWeights
    digits_only: bool

    def load(self, source: Source) -> Planes: ...
    def read_planes(self, planes: Planes) -> Reading: ...
    def line_planes(self, planes: Planes) -> list[Grey]: ...
    def with_weights(self, weights: ReaderWeights) -> AdaptableReader: ...


@dataclass(frozen=True)
class Adaptation:
    """What an adaptation found and made.

    folder : with the weights
    before, after : of the pictures held out, read by the reader as it was, and as it is now
    learnt, validated : how many other pictures it learnt, and chose by
    left_out : how many pictures it could not use, by reason
    unreadable : what was wrong with each file that is no picture
    seconds : that it took
    """

    folder: Path
    before: Score
    after: Score
    learnt: int
    validated: int
    left_out: dict[str, int] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """As the card holds it, and `lenet adapt --json` gives it."""
        scores = {
            name: {
                "n": score.total,
                "right": score.total - score.errors,
                "errors": score.errors,
                "error_rate": score.error_rate,
                "interval_95": list(score.interval_95),
            }
            for name, score in (("before", self.before), ("after", self.after))
        }
        counts = {"learnt": self.learnt, "validated": self.validated, "left_out": self.left_out}
        return counts | scores | {"seconds": round(self.seconds, 1)}


class Picture(NamedTuple):
    """A picture of a number that can be used; `group` names what it belongs together with."""

    source: Source
    text: str
    group: str


class Parts(NamedTuple):
    """Pictures to learn, to choose by, and to measure the gain with."""

    learnt: list[Picture]
    validated: list[Picture]
    held_out: list[Picture]


def adapt(
    reader: AdaptableReader,
    table: Path,
    folder: Path,
    data: str,
    data_dir: Path | None,
    seed: int,
    recipe: AdaptRecipe | None,
    tell: Tell,
) -> Adaptation:
    """Adapt a reader; parameters and errors as of `Reader.adapt`."""
    started, folder = time.monotonic(), folder.absolute()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder} already exists; choose another --out")
    with refusing(folder, ADVICE):  # now, not after minutes
        folder.parent.mkdir(parents=True, exist_ok=True)
        TemporaryDirectory(dir=folder.parent).cleanup()
    with needs("train", "adapting"):
        from lenet.lines.adapt import adapt_weights, load_digits
    images = load_labels(table)
    digits = load_digits(data, data_dir)
    pictures, left_out, unreadable = _usable(images, reader, tell)
    _enough(pictures, left_out)
    parts = _split(pictures, np.random.default_rng(seed))
    before = _score(reader, parts.held_out)
    tell(f"before: {before.summary} (pictures held out)")
    weights = adapt_weights(
        reader.all_weights.lines,
        reader.all_weights.signs,
        _Numbers(reader, parts.learnt),
        _Numbers(reader, parts.validated),
        digits,
        digits_only=reader.digits_only,
        recipe=recipe,
        seed=seed,
        tell=tell,
    )
    adapted = reader.all_weights._replace(lines=weights[0], signs=weights[1])
    after = _score(reader.with_weights(adapted), parts.held_out)
    tell(f"after: {after.summary}")
    if after.errors > before.errors:
        raise LenetError(
            f"the adapted reader is worse on the pictures held out: {after.summary}; before: "
            f"{before.summary}. Nothing was written. Check the labels, or label more pictures "
            f"({len(parts.learnt)} were learnt)"
        )
    found = Adaptation(
        folder,
        before,
        after,
        len(parts.learnt),
        len(parts.validated),
        dict(left_out),
        tuple(unreadable),
        time.monotonic() - started,
    )
    about = {"seed": seed, "dataset": data, "digits_only": reader.digits_only}
    _save(adapted, reader.all_weights, found, table, about)
    return found


def _usable(
    images: Sequence[LabelledImage], reader: AdaptableReader, tell: Tell
) -> tuple[list[Picture], Counter[str], list[str]]:
    """The pictures of numbers; why how many others are none; what cannot be read."""
    found: dict[str, Picture] = {}
    contradicted: set[str] = set()
    left_out, unreadable = Counter[str](), list[str]()
    for image in images:
        rows = rows_of(image.label)
        if reason := _unusable(rows):
            left_out[reason] += 1
            continue
        source = _source(image)
        try:
            planes = reader.load(source)
        except InputError as problem:
            unreadable.append(str(problem))
            left_out["unreadable"] += 1
            continue
        grey = planes.grey
        key = hashlib.sha256(repr(grey.shape).encode() + grey.tobytes()).hexdigest()
        text = "".join(rows_of(image.label, reader.digits_only))
        if key not in found:
            group = image.row.get(GROUP) or f"\n{key}"
            found[key] = Picture(source, text, group)
        elif found[key].text == text:
            left_out["duplicate"] += 1
        else:
            tell(f"{image.file} is labelled {text}, and {found[key].text} where it is named before")
            contradicted.add(key)
            left_out["same picture, different labels"] += 1
    left_out["same picture, different labels"] += len(contradicted)
    usable = [picture for key, picture in found.items() if key not in contradicted]
    return usable, +left_out, unreadable


def _unusable(rows: list[str]) -> str:
    """Why a label teaches nothing; "" if it does."""
    if not rows:
        return "empty label"
    if len(rows) > 1:
        return "several rows"
    return "" if TEXT.fullmatch(rows[0]) else "not a number"


def _source(image: LabelledImage) -> Source:
    if not is_address(image.source):
        return image.source
    from lenet.reading.remote import content_at

    return content_at(image.source)


def _enough(pictures: Sequence[Picture], left_out: Counter[str]) -> None:
    groups = len({picture.group for picture in pictures})
    others = "".join(f"; {count} left out: {reason}" for reason, count in left_out.items())
    if len(pictures) < MIN_PICTURES:
        raise InputError(
            f"{len(pictures)} pictures of numbers, expected at least {MIN_PICTURES}{others}; "
            "label more pictures, each of one number"
        )
    if groups < GROUPS:
        raise InputError(
            f"the column {GROUP} names {groups} of them, expected at least {GROUPS}; "
            "add pictures of other writers or sources, or leave the column out"
        )


def _split(pictures: Sequence[Picture], rng: np.random.Generator) -> Parts:
    """The pictures in parts that have no group in common."""
    sizes = Counter(picture.group for picture in pictures)
    free = [list(sizes)[k] for k in rng.permutation(len(sizes))]
    part_of: dict[str, int] = {}
    for part, share in ((2, HELD_OUT), (1, VALIDATION)):
        wanted, taken = share * len(pictures), list[str]()
        for group in free:
            count = sum(map(sizes.__getitem__, taken))
            if count < wanted and count + sizes[group] <= 2 * wanted:
                taken.append(group)
        taken = taken or [min(free, key=sizes.__getitem__)]
        part_of |= dict.fromkeys(taken, part)
        free = [group for group in free if group not in part_of]
    parts = Parts([], [], [])
    for picture in pictures:
        parts[part_of.get(picture.group, 0)].append(picture)
    return parts


def _score(reader: AdaptableReader, pictures: Sequence[Picture]) -> Score:
    """How many are read as labelled."""
    wrong = 0
    for picture in pictures:
        reading = reader.read_planes(reader.load(picture.source))
        wrong += rows_of(reading.text, reader.digits_only) != [picture.text]
    return Score(len(pictures), wrong)


class _Numbers:
    """Pictures as the line reader looks at them, and their texts; loaded anew at each iteration."""

    def __init__(self, reader: AdaptableReader, pictures: Sequence[Picture]) -> None:
        self._reader, self._pictures = reader, pictures

    def __iter__(self) -> Iterator[tuple[list[Grey], str]]:
        for picture in self._pictures:
            yield self._reader.line_planes(self._reader.load(picture.source)), picture.text


def _save(
    adapted: ReaderWeights,
    begun: ReaderWeights,
    found: Adaptation,
    table: Path,
    about: dict[str, Any],
) -> None:
    """Put the folder there whole, or not at all."""
    started = {
        "digits": begun.digits.card.get("weights_sha256"),
        "lines": begun.lines.network.card.get("weights_sha256"),
        "sdnn": hashlib.sha256(save(begun.lines.sdnn.tensors)).hexdigest(),
        "signs": begun.signs.card.get("weights_sha256"),
    }
    card = {
        "started_from_sha256": started,
        "table_sha256": hashlib.sha256(table.read_bytes()).hexdigest(),
    }
    card |= about | found.to_dict()
    digits = replace(adapted.digits, card=adapted.digits.card | {"adapted": card})
    folder = found.folder
    with refusing(folder, ADVICE), TemporaryDirectory(dir=folder.parent, prefix=".lenet-") as place:
        adapted._replace(digits=digits).save(Path(place) / "new")
        (Path(place) / "new").replace(folder)
