"""The public names, and that coming in is cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_arrows import LIBRARIES

import lenet

HEAVY = ("torch", "matplotlib", "sklearn", "onnx", "starlette", "rich", "scipy", "PIL")


def loaded_by(code: str) -> set[str]:
    """Modules that a fresh interpreter holds after running the code."""
    code += "\nimport sys; print('MODULES', *sys.modules)"
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
        "Reader",
        "Reading",
        "Score",
        "load",
        "read",
        "show",
    ]
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    for name in lenet.__all__:
        assert getattr(lenet, name).__name__ == name
        assert getattr(lenet, name).__doc__
    assert set(dir(lenet)) == {*lenet.__all__, "__version__", "data"}
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


def modules_of(*arguments):
    """Modules that the command has loaded when it ends."""
    return loaded_by(
        f"import sys; sys.argv = ['lenet', *{arguments!r}]\n"
        "from lenet.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code"
    )


UNUSED = (*HEAVY, "pydantic", "pooch", "requests", "asyncio", "concurrent")


@pytest.mark.parametrize("command", [(), ("read",), ("info",), ("train",), ("serve",)])
def test_help_loads_no_numpy(command):
    assert not modules_of(*command, "--help").intersection((*UNUSED, "numpy"))


def test_read_loads_its_own_command_and_no_more():
    """What a cold `lenet read` costs is mostly imports; statistics and numpy.ma are 10 ms each."""
    sample = Path(__file__).parents[2] / "examples" / "9-fax.png"
    modules = modules_of("read", str(sample))
    assert not modules.intersection({*UNUSED, "multiprocessing", "statistics"} - {"PIL"})
    assert "numpy.ma" not in modules - loaded_by("import numpy")  # before 2.0 numpy loads it
    commands = {module for module in modules if module.startswith("lenet.cli.")}
    assert commands == {"lenet.cli.app", "lenet.cli.read", "lenet.cli.common"}


@pytest.mark.parametrize("arguments", [("--help",), ("info", "--help"), ("train", "--help")])
def test_help_answers(arguments, run_lenet):
    done = run_lenet(*arguments)
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_version(run_lenet):
    assert run_lenet("--version").stdout == f"lenet {lenet.__version__}\n"
    assert lenet.__version__.startswith("0.")


def test_help_and_completion_pass_over_what_an_extra_brings():
    """`help(lenet)` was a traceback in the base installation."""
    loaded_by("""
import inspect, pydoc, rlcompleter, sys
for library in ("torch", "sklearn", "matplotlib"):
    sys.modules[library] = None
import lenet
assert not hasattr(lenet, "LeNet5") and not hasattr(lenet, "DigitClassifier")
assert {name for name, _ in inspect.getmembers(lenet)} >= {"read", "Reader", "Reading"}
assert "read" in pydoc.plain(pydoc.render_doc(lenet))
assert rlcompleter.Completer({"lenet": lenet}).complete("lenet.L", 0)
try:
    lenet.LeNet5
except lenet.errors.MissingExtraError as missing:
    assert "lenet[train]" in str(missing)
""")


def test_the_data_sets_are_behind_the_front_door():
    pytest.importorskip("sklearn")
    loaded_by("""
import lenet
test = lenet.data.load("digits").test
assert (test.images.shape, test.images.dtype, test.labels.shape) == ((397, 28, 28), "uint8", (397,))
""")


BASE = ("numpy", "PIL", "safetensors", "tomli", "typer")  # what `pip install lenet` brings


@pytest.mark.parametrize("kernels", [True, False])
def test_reading_needs_the_base_installation_alone(kernels):
    """Nothing that an extra brings, with kernels or without."""
    optional = set(LIBRARIES) - {*BASE, "rich"}
    sample = str(Path(__file__).parents[2] / "examples" / "3-photo.jpg")
    loaded_by(f"""
import sys
sys.modules.update(dict.fromkeys({optional!r}))
if not {kernels}: sys.modules["lenet.engine._kernels"] = None
import lenet
assert lenet.read({sample!r}).text == "3"
""")


@pytest.mark.parametrize("command", [("data", "fetch", "mnist"), ("data", "list")])
def test_without_an_extra_the_message_says_what_to_install(command):
    """In words that hold outside a checkout, where there is no constraints.txt."""
    loaded_by(f"""
import os, sys
sys.modules.update(dict.fromkeys({{"pooch", "requests", "platformdirs"}}))
os.environ.pop("LENET_DATA", None)
sys.argv = ["lenet", *{command!r}]
from lenet.errors import LenetError
from lenet.cli.app import app
try:
    app()
except LenetError as refused:
    assert "needs p" in str(refused), refused
    assert str(refused).endswith("pip install 'lenet[data]'"), refused
else:
    raise SystemExit("no refusal")
""")


@pytest.mark.parametrize(
    ("library", "name"),
    [("torch", "LeNet5"), ("sklearn", "DigitClassifier"), ("matplotlib", "show")],
)
def test_without_a_library_the_message_says_what_to_install(library, name):
    extra = "visual" if library == "matplotlib" else "train"
    code = f"""
import sys
sys.modules[{library!r}] = None
import lenet
try:
    lenet.{name}()
except lenet.LenetError as refused:
    assert "lenet.{name} needs {library}" in str(refused), refused
    assert "pip install 'lenet[{extra}]'" in str(refused), refused
else:
    raise SystemExit("no refusal")
"""
    loaded_by(code)
