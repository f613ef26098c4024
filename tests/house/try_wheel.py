"""Install a wheel into an empty environment, outside the source tree, and use it there.

    python tests/house/try_wheel.py dist/lenet-….whl [--without-kernels]

Part of `make dist`. --without-kernels: the wheel was built where there is no compiler, so numpy
must read, and say so once. Exit code 1 and what was missing, where something is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import sys, lenet
from importlib.resources import files
from lenet.engine.native_engine import unavailable_reason
from lenet.network.weights import load_weights, shipped_names
assert "site-packages" in lenet.__file__, lenet.__file__
why = unavailable_reason()
assert bool(why) == ("--without-kernels" in sys.argv), why or "kernels are here"
assert lenet.read("one.png").text == "1"
assert shipped_names() == ["1998", "modern"]
assert all(load_weights(name).card["weights_sha256"] for name in shipped_names())
assert (files("lenet") / "py.typed").is_file()
assert not {"torch", "matplotlib", "onnx"}.intersection(sys.modules)
"""
DRAW = """
from PIL import Image, ImageDraw
image = Image.new("L", (120, 160), 255)
ImageDraw.Draw(image).line((60, 20, 60, 140), fill=0, width=10)
image.save("one.png")
"""
COMMANDS = (  # what is run, and what its two outputs must hold
    (("lenet", "--version"), "lenet "),
    (("python", "-m", "lenet", "read", "one.png"), "one.png: 1"),
    (("lenet", "info"), "60,000"),
    (("lenet", "export", "page", "page"), "index.html"),
    (("lenet", "export", "header", "--weights", "1998"), "lenet_classify"),
)


def main(wheel: Path, flags: list[str]) -> int:
    size = wheel.stat().st_size
    inside = sum(entry.file_size for entry in zipfile.ZipFile(wheel).filelist)
    assert "-linux_" not in wheel.name, "registries refuse it; auditwheel makes it manylinux"
    print(f"{wheel.name}: {size:,} bytes, {inside:,} installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        pip = [programs / "python", "-m", "pip", "install", "--disable-pip-version-check", "-q"]
        subprocess.run([*pip, "-c", ROOT / "constraints.txt", wheel.resolve()], check=True)
        for code in (DRAW, CODE):
            subprocess.run([programs / "python", "-I", "-c", code, *flags], cwd=folder, check=True)
        for command, wanted in COMMANDS:
            program = [programs / command[0], *command[1:]]
            done = subprocess.run(program, cwd=folder, check=True, capture_output=True, text=True)
            told = done.stdout + done.stderr
            assert wanted in told, f"{command}: expected {wanted!r} in {told!r}"
            said = done.stderr.count("compiled kernels are not built")
            reads = "read" in command
            assert said == (reads and "--without-kernels" in flags), done.stderr
            print("  " + " ".join(command))
    print("tried and good")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
