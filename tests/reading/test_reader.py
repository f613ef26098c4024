"""From an image to an answer: the reader, its figure, and the command."""

from __future__ import annotations

import copy
import io
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lenet
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import InputError, UsageError
from lenet.lines.line_weights import load_line_weights
from lenet.network.weights import load_weights
from lenet.preprocessing.image import load_image
from lenet.reading.annotate import draw_readings
from lenet.reading.batch import Settings
from lenet.reading.judged import judged
from lenet.reading.labelled import load_labels
from lenet.reading.layout import DISCOUNT
from lenet.reading.reader import Reader
from lenet.reading.result import Line

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = sorted(path for path in EXAMPLES.iterdir() if path.name[0].isdigit())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_the_sample_images_are_read(path):
    reading = lenet.read(path)
    assert reading.text == path.name[0]
    (digit,) = reading.digits
    height, width = reading.size
    assert 0 <= digit.box.top < digit.box.bottom <= height
    assert 0 <= digit.box.left < digit.box.right <= width
    assert 0.5 < digit.confidence <= 1


class Elsewhere:
    """A path of another library's."""

    def __fspath__(self) -> str:
        return str(SAMPLES[0])


class Tensor:
    """An array of another library's."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __array__(self, dtype=None, copy=None):
        return self.numbers


def test_every_source_gives_the_same_answer():
    path = SAMPLES[0]
    content, grey, expected = path.read_bytes(), load_image(path), lenet.read(path)
    with path.open("rb") as file:
        sources = [str(path), Elsewhere(), content, bytearray(content), memoryview(content)]
        for source in [*sources, file, Image.open(path), grey, Tensor(grey)]:
            reading = lenet.read(source)
            assert reading.text == expected.text
            assert reading.digits[0].box == expected.digits[0].box


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, "expected an image: .* got NoneType"),
        ({SAMPLES[0]}, "expected an image: .* got set"),
        (3, "expected an image: .* got int"),
        ("https://example.org/3.png", "^https://example.org/3.png: an address, .*urlopen"),
        ("s3://scans/3.png", "^s3://scans/3.png: an address, not a file"),
        (io.StringIO("a page"), '^the stream: gives str, expected bytes; open it with "rb"'),
        (Tensor(np.zeros((3, 40, 30))), r"channels last, got \(3, 40, 30\)"),
        (memoryview(b"nothing"), "the bytes: not an image"),
    ],
)
def test_what_is_no_image(source, told):
    with pytest.raises(InputError, match=told):
        lenet.read(source)


def test_what_cannot_be_opened():
    with SAMPLES[0].open() as text, pytest.raises(InputError, match='opened with "rb"'):
        lenet.read(text)
    with pytest.raises(InputError, match=rf"^{EXAMPLES}: a folder, not an image"):
        lenet.read(EXAMPLES)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))]
)
def test_a_reader_is_copied_and_sent(again):
    reader = Reader("1998", reject=0.1, layout="digit", threads=2)
    same = again(reader)
    assert (same.reject, same.layout, same.threads) == (0.1, "digit", 2)
    assert same.read(SAMPLES[3]).to_dict() == reader.read(SAMPLES[3]).to_dict()


def test_blank_and_rejected():
    blank = lenet.read(np.ones((40, 40)))
    assert (blank.text, blank.digits, blank.rejected) == ("", (), False)
    rejected = lenet.read(SAMPLES[0], reject=1.0)
    assert (rejected.text, rejected.rejected, rejected.digits[0].value) == ("", True, 0)
    with pytest.raises(UsageError, match="between 0 and 1"):
        lenet.read(SAMPLES[0], reject=1.5)


@pytest.mark.parametrize("name", ["1998", "modern"])
def test_the_answer_is_the_networks(name):
    """The confidence: e^(−y/T) over the sum, of what the torch network says of that image, times
    the share of eq. 9's ten digits beside rubbish, of what the lines' network says, and as the
    open-set network says; discounted where the line reader finds nothing."""
    pytest.importorskip("torch")
    network, weights = lenet.load(name), load_weights(name)
    reader = Reader(name, layout="digit")
    reader._read_line = lambda grey: Line((), 1.0)
    reading = reader.read(SAMPLES[3])
    penalties = network.penalties(reading.digits[0].image[None])[0].astype(float)
    shares = np.exp(-penalties / weights.temperature)
    assert reading.digits[0].value == int(penalties.argmin())
    lines = load_line_weights()
    given = reading.digits[0].image[None]
    scores = np.exp(-NumpyEngine(lines.network).penalties(given)[0].astype(float))
    digitness = scores.sum() / (scores.sum() + np.exp(-lines.rubbish))
    confidence = (1 - reading.digits[0].no_digit) * digitness * shares.max() / shares.sum()
    assert reading.digits[0].confidence == pytest.approx(DISCOUNT * confidence, rel=1e-4)


def test_modern_reads_single_digits_where_none_is_named():
    assert Reader().weights.card["recipe"]["name"] == "modern"


@pytest.mark.slow
def test_real_digits_of_many_people(lenet_data):
    """542 real digits; the bar is 92 %. The figure: python benchmarks/reading_strings.py."""
    folder = lenet_data / "reading" / "digits"
    if not folder.is_dir():
        pytest.skip("LENET_DATA has no reading/digits")
    right = [each.right for each in judged(load_labels(folder / "labels.csv"), Settings())]
    assert len(right) == 542
    assert np.mean(right) >= 0.92


def test_the_figure_shows_the_box_and_what_the_network_saw():
    grey = load_image(SAMPLES[0])
    reading = Reader().read(grey)
    sheet = draw_readings([(SAMPLES[0].name, grey, reading)] * 5)
    one = draw_readings([(SAMPLES[0].name, grey, reading)])
    assert sheet.size == (4 * one.width, 2 * one.height)
    pixels = np.asarray(one)
    assert (pixels == (0, 114, 178)).all(2).sum() > 500  # the frames
    seen = pixels[-12 - 168 : -12, -12 - 168 : -12, 0][3::6, 3::6]  # 28×28, one pixel a cell
    assert np.abs(255.0 - seen - reading.digits[0].image)[1:-1, 1:-1].max() == 0


def test_the_command(tmp_path, run_lenet):
    files = [str(path) for path in SAMPLES]
    done = run_lenet("read", *files, "--json", "--figure", tmp_path / "all.png")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == 1
    assert [row["file"] for row in document["files"]] == files
    for row in document["files"]:
        assert row["text"] == Path(row["file"]).name[0]
        keys = {"file", "text", "error", "digits", "rejected", "confidence", "lines", "tables"}
        assert set(row) == keys
        keys = {"value", "confidence", "box", "alternatives", "no_digit"}
        assert set(row["digits"][0]) == keys
        assert row["error"] is None
    assert load_image(tmp_path / "all.png").size > 100_000
    by_folder = run_lenet("read", EXAMPLES).stdout.splitlines()[: len(SAMPLES)]  # then the sheet
    assert [line.split(": ")[1][0] for line in by_folder] == [p.name[0] for p in SAMPLES]
    standard = run_lenet("read", "-", input=SAMPLES[0].read_bytes(), text=False)
    assert standard.stdout.startswith(b"-: 0")


def test_one_bad_file_does_not_stop_the_others(tmp_path, run_lenet):
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    done = run_lenet("read", tmp_path / "bad.png", SAMPLES[0], "--json")
    rows = json.loads(done.stdout)["files"]
    assert done.returncode == 3
    assert [row["text"] for row in rows] == ["", "0"]
    assert "bad.png" in rows[0]["error"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--reject", "2"), 2),
        (("--reject", "many"), 2),
        (("--layout", "column"), 2),
        (("--figure", "x.doc"), 2),
        (("--weights", "nope"), 3),
    ],
)
def test_wrong_usage(arguments, code, run_lenet):
    done = run_lenet("read", SAMPLES[0], *arguments)
    assert done.returncode == code
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_layout_of_tables_tells_an_image_without_one(run_lenet):
    done = run_lenet("read", SAMPLES[0], "--layout", "grid")
    assert done.stdout == f"{SAMPLES[0]}: no table found; try --layout auto\n"


def test_the_figure_never_replaces_an_image(tmp_path, run_lenet):
    copy = tmp_path / "0.png"
    copy.write_bytes(SAMPLES[0].read_bytes())
    assert run_lenet("read", copy, "--figure", copy).returncode == 2
    assert copy.read_bytes() == SAMPLES[0].read_bytes()


def test_a_closed_pipe_is_no_error_of_ours():
    command = [sys.executable, "-m", "lenet", "read", *map(str, SAMPLES * 20)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_weights_that_are_not_there():
    with pytest.raises(InputError, match="a shipped name"):
        lenet.read(SAMPLES[0], weights="modern-art")
