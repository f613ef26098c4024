"""`lenet show` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from isolation import forget_modules
from lenet.cli import main
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import LenetError
from lenet.network.architecture import Architecture
from lenet.network.confidence import classify_penalties
from lenet.network.weights import load_weights, save_weights
from lenet.plots.language import hangul_font
from lenet.preprocessing.prepare import prepare_file

NAMES = [
    *("architecture", "c3-table", "kernels", "occlusion", "perturbations"),
    *("rbf-output", "receptive-field", "stages"),
]
PICTURES = [f"{name}.png" for name in NAMES]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def show(monkeypatch, capsys, tmp_path, trace_of, seven) -> Callable[..., Answer]:
    """Run `lenet show …` in a folder with seven.png and weights/, the published network's."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(255 - seven).save("seven.png")
    weights = trace_of(Architecture()).weights
    save_weights(Path("weights"), weights.tensors, weights.card)

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["lenet", "show", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Answer(ended.value.code or 0, *capsys.readouterr())

    return run


def written(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.mark.slow
def test_it_draws_the_pictures_and_says_where_and_what(show):
    answer = show("seven.png", "--weights", "weights")
    assert answer.code == 0, answer.err
    assert written("show-seven") == PICTURES
    for name in PICTURES:
        with Image.open(Path("show-seven") / name) as picture:
            picture.load()
            assert picture.width == 1890  # 6.3 inches of 300 dots
            assert str(Path("show-seven") / name) in answer.out
    penalties = NumpyEngine(load_weights("weights")).penalties(prepare_file("seven.png").image)
    value, confidence = (answers[0] for answers in classify_penalties(penalties))
    assert answer.out.startswith(f"seven.png: {value}  ({confidence * 100:.1f} %)\n")


@pytest.mark.slow
def test_json_is_one_document_that_names_files_answer_and_unit(show):
    answer = show(
        "seven.png", "--weights", "weights", "--out", "a/b", "--unit", "c1:2:10:12", "--json"
    )
    document = json.loads(answer.out)
    assert sorted(document) == ["confidence", "files", "schema", "unit", "value"]
    assert sorted(map(Path, document["files"])) == [Path("a/b") / name for name in PICTURES]
    assert all(Path(file).is_file() for file in document["files"])
    penalties = NumpyEngine(load_weights("weights")).penalties(prepare_file("seven.png").image)
    assert document["value"] == penalties.argmin()
    assert document["confidence"] == pytest.approx(
        classify_penalties(penalties).confidences[0], rel=1e-5
    )
    assert document["unit"] == "C1:2:10:12"


@pytest.mark.slow
def test_language_draws_in_korean(show):
    try:
        hangul_font()
    except LenetError as missing:
        pytest.skip(str(missing))
    drawn = ("seven.png", "--weights", "weights", "--format", "svg")
    for language in ("en", "ko"):
        assert show(*drawn, "--out", language, "--language", language).code == 0
        assert written(language) == [f"{name}.svg" for name in NAMES]
        for name in NAMES:  # matplotlib names glyphs by their font
            drawing = Path(language, f"{name}.svg").read_text(encoding="utf-8")
            assert ('id="DejaVuSans-' in drawing) == (language == "en"), name


@pytest.mark.slow
def test_quiet_prints_the_files_alone(show):
    lines = show("seven.png", "--weights", "weights", "--quiet").out.splitlines()
    assert sorted(Path(line).name for line in lines) == PICTURES
    assert all(Path(line).is_file() for line in lines)


@pytest.mark.slow
def test_with_a_data_set_it_draws_the_mistakes_too(show):
    answer = show("seven.png", "--weights", "weights", "--data", "digits", "--format", "svg")
    assert answer.code == 0, answer.err
    expected = sorted(f"{name}.svg" for name in [*NAMES, "confusion", "mistakes"])
    assert written("show-seven") == expected
    for name in expected:
        assert "<svg" in (Path("show-seven") / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_another_head_has_no_drawings_to_compare_with(show, trace_of):
    weights = trace_of(Architecture(head="linear")).weights
    save_weights(Path("linear"), weights.tensors, weights.card)
    assert show("seven.png", "--weights", "linear").code == 0
    assert written("show-seven") == [name for name in PICTURES if name != "rbf-output.png"]


@pytest.mark.slow
def test_what_else_is_in_the_folder_stays(show):
    Path("show-seven").mkdir()
    Path("show-seven/notes.txt").write_text("mine", encoding="utf-8")
    assert show("seven.png", "--weights", "weights").code == 0
    assert written("show-seven") == sorted([*PICTURES, "notes.txt"])
    assert Path("show-seven/notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.png"], 3, "nowhere.png"),
        (["blank.png"], 3, "blank.png: no ink"),
        (["note.txt"], 3, "note.txt"),
        (["seven.png", "--weights", "nowhere"], 3, "nowhere: no such weights"),
        (["seven.png", "--data", "nowhere"], 3, "nowhere: no such data set"),
        (["seven.png", "--unit", "C9:0:0:0"], 2, "expected LAYER:MAP:ROW:COLUMN"),
        (["seven.png", "--unit", ""], 2, "expected LAYER:MAP:ROW:COLUMN"),
        (["seven.png", "--unit", "S4:0:5:0"], 2, "rows 0 to 4"),
        (["seven.png", "--out", "note.txt"], 2, "note.txt: cannot be used"),
        (["seven.png", "--out", "note.txt/below"], 2, "cannot be used"),
    ],
)
def test_refusals_name_the_thing_and_leave_nothing(show, arguments, code, words):
    Image.new("L", (40, 40), 255).save("blank.png")
    Path("note.txt").write_text("no image", encoding="utf-8")
    before = sorted(Path().rglob("*"))
    answer = show(*arguments, *([] if "--weights" in arguments else ["--weights", "weights"]))
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith("lenet: ")
    assert words in answer.err
    assert sorted(Path().rglob("*")) == before


def test_the_image_is_not_replaced_by_a_picture(show):
    Path("stages.png").write_bytes(Path("seven.png").read_bytes())
    before = Path("stages.png").read_bytes()
    answer = show("stages.png", "--weights", "weights", "--out", ".")
    assert answer.code == 2
    assert "would replace the image stages.png" in answer.err
    assert Path("stages.png").read_bytes() == before
    assert not Path("kernels.png").exists()


def test_without_matplotlib_it_says_what_to_install(show, monkeypatch):
    forget_modules(monkeypatch, "matplotlib", "lenet.plots")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = show("seven.png", "--weights", "weights")
    assert answer.code == 1
    assert "drawing needs matplotlib" in answer.err
    assert "lenet[visual]" in answer.err
    assert not Path("show-seven").exists()


def test_its_import_is_light():
    heavy = {"matplotlib", "torch", "PIL", "scipy"}
    code = f"import sys, lenet.cli.show; print({heavy} & {{*sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
