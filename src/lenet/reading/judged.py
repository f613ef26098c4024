"""The answers to images of known text, right or wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lenet.reading.batch import Answer, Settings, answers
from lenet.reading.labelled import LabelledImage, rows_of


class Judged(NamedTuple):
    """The answer to a labelled image; `right` is whether it is the label."""

    image: LabelledImage
    answer: Answer
    right: bool

    @property
    def text(self) -> str:
        """What was read; nothing where the image could not be."""
        return self.answer.reading.text if self.answer.reading else ""

    @property
    def confidence(self) -> float:
        """0 … 1; 0 where the image could not be read."""
        return self.answer.reading.confidence if self.answer.reading else 0.0


def judged(
    images: Sequence[LabelledImage], settings: Settings, *, keep: bool = False
) -> Iterator[Judged]:
    """Read images and compare with their labels, which nothing but whitespace may differ from.

    An image that cannot be read is wrong.

    settings : with `digits_only`, labels are compared by their digits alone, too
    keep : whether the answers carry the images
    """
    found = answers([image.source for image in images], settings, keep=keep)
    for image, answer in zip(images, found, strict=True):
        text = answer.reading.text if answer.reading else None
        label = rows_of(image.label, settings.digits_only)
        right = text is not None and rows_of(text, settings.digits_only) == label
        yield Judged(image, answer, right)
