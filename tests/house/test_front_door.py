"""The public names, and that coming in is cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lenet

HEAVY = ("torch", "matplotlib", "sklearn", "onnx", "starlette", "rich", "scipy", "PIL")


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running the code."""
    code += "\nimport sys; print('MODULES', *{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("MODULES")[2].split())


def test_the_public_names():
    assert lenet.__all__ == [
        "Architecture",
        "Box",
        "Digit",
        "DigitClassifier",
        "LeNet5",
        "LenetError",
        "Reading",
        "Score",
        "load",
        "read",
    ]
    for name in lenet.__all__:
        assert getattr(lenet, name).__name__ == name
        assert getattr(lenet, name).__doc__
    assert dir(lenet) == lenet.__all__
    with pytest.raises(AttributeError, match="no attribute 'resnet'"):
        lenet.resnet  # noqa: B018


def test_import_loads_nothing_heavy():
    assert not loaded_by("import lenet").intersection(HEAVY)
    assert not loaded_by("import lenet.cli.app").intersection(HEAVY)


def test_reading_loads_neither_torch_nor_matplotlib(tmp_path):
    from PIL import Image, ImageDraw

    image = Image.new("L", (60, 80), 255)
    ImageDraw.Draw(image).line((30, 10, 30, 70), fill=0, width=6)
    image.save(tmp_path / "one.png")
    modules = loaded_by(f"import lenet; assert lenet.read({str(tmp_path / 'one.png')!r}).digits")
    assert not modules.intersection(("torch", "matplotlib", "sklearn"))


@pytest.mark.parametrize("arguments", [("--help",), ("info", "--help"), ("train", "--help")])
def test_help_answers(arguments, run_lenet):
    done = run_lenet(*arguments)
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_version(run_lenet):
    assert run_lenet("--version").stdout.startswith("lenet 0.")


def test_without_torch_the_message_says_what_to_install():
    code = """
import sys
sys.modules["torch"] = None
import lenet
try:
    lenet.LeNet5()
except lenet.LenetError as refused:
    assert "pip install 'lenet[train]'" in str(refused), refused
else:
    raise SystemExit("no refusal")
"""
    loaded_by(code)
