"""`lenet.show`: an image, a reading or a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

import lenet

EXAMPLES = Path(__file__).parents[2] / "examples"
PHOTO, SHEET = EXAMPLES / "3-photo.jpg", EXAMPLES / "score-sheet.jpg"


def words(figure: Figure) -> list[str]:
    assert isinstance(figure, Figure)
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("weights", ["1998", "modern"])
def test_a_digit_is_drawn_as_the_network_sees_it(weights):
    for source in (PHOTO, Image.open(PHOTO), lenet.read(PHOTO).digits[0].image):
        shown = words(lenet.show(source, weights=weights))
        assert {"3", "is the answer", "C3", "F6".capitalize()} <= set(shown)


def test_a_reading_is_drawn_with_what_was_found():
    reading = lenet.read(SHEET)
    for shown in (lenet.show(reading), lenet.show(SHEET)):
        assert words(shown)[:2] == ["12    8     25    45", "9     30          39"]
        assert words(shown)[-1] == f"confidence {100 * reading.confidence:.1f} %"
        assert len(shown.axes[0].patches) == 1 + 20 + len(reading.digits)
    shown = lenet.show(lenet.read(PHOTO))
    assert words(shown)[0] == "3"
    assert words(lenet.show(lenet.read(PHOTO, reject=1)))[0] == "rejected; best '3'"
    assert shown._repr_png_().startswith(b"\x89PNG")  # what a notebook asks for


def test_a_network_is_drawn_as_in_the_paper():
    pytest.importorskip("torch")
    for network in (lenet.LeNet5(), lenet.Architecture(), lenet.Architecture(head="linear")):
        assert {"C1", "6@28×28", "Input"} <= set(words(lenet.show(network)))


def test_what_cannot_be_drawn():
    with pytest.raises(lenet.LenetError, match="carries no image"):
        lenet.show(replace(lenet.read(PHOTO), image=None))
    with pytest.raises(lenet.LenetError, match="expected an image"):
        lenet.show(None)
    with pytest.raises(lenet.LenetError, match="one image, got 2; show each"):
        lenet.show([PHOTO, SHEET])
