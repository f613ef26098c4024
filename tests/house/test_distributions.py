"""What an sdist and a wheel hold, built here without compiling; `make dist` builds them in full."""

from __future__ import annotations

import email
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.subprocess

pytest.importorskip("scikit_build_core")

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "lenet"
MADE = {"__pycache__", ".so"}  # by using the package in place


def run_hook(hook: str, source: Path, folder: Path, settings: dict) -> subprocess.CompletedProcess:
    """Call the build backend's hook on the source tree, as pip does; its last word is a file."""
    code = f"from scikit_build_core.build import {hook}; print({hook}({str(folder)!r}, {settings}))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=source, check=True, capture_output=True, text=True
    )


def built(hook: str, source: Path, folder: Path, settings: dict) -> Path:
    """What the hook makes."""
    return folder / run_hook(hook, source, folder, settings).stdout.split()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    """The sdist, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(built("build_sdist", ROOT, folder, {})) as archive:
        archive.extractall(folder, filter="data")
    (found,) = [path for path in folder.iterdir() if path.is_dir()]
    return found


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory) -> zipfile.ZipFile:
    """The wheel that the sdist makes of itself, without the kernels."""
    settings = {"wheel.cmake": "false"}
    return zipfile.ZipFile(built("build_wheel", sdist, tmp_path_factory.mktemp("wheel"), settings))


def sources() -> set[str]:
    """Every file of the package that is not made by using it."""
    return {
        str(path.relative_to(PACKAGE.parent))
        for path in PACKAGE.rglob("*")
        if path.is_file() and not MADE.intersection((path.parent.name, path.suffix))
    }


def test_the_sdist_builds_and_tests_itself(sdist):
    held = {str(path.relative_to(sdist)) for path in sdist.rglob("*") if path.is_file()}
    assert {f"src/{name}" for name in sources()} <= held
    wanted = "CMakeLists.txt pyproject.toml constraints.txt Makefile LICENSE README.md"
    assert set(wanted.split()) <= held
    assert "tests/house/test_distributions.py" in held
    strange = [name for name in held if name.endswith((".so", ".pyc")) or ".venv" in name]
    assert strange == []
    assert not any(name.startswith((".ci", ".git/", "runs", "demo")) for name in held)


def test_the_wheel_holds_the_package_and_no_more(wheel):
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    kernels = {name for name in sources() if name.startswith("lenet/engine/csrc/")}
    assert len(kernels) > 20
    assert held == sources() - kernels
    for name in (
        "lenet/py.typed",
        "lenet/export/c/lenet.h.in",
        "lenet/web/static/index.html",
        "lenet/network/shipped/1998/card.json",
        "lenet/network/shipped/modern/weights.safetensors",
        "lenet/lines/shipped/context.safetensors",
        "lenet/engine/wasm/lenet.wasm",
    ):
        assert name in held
    assert sum(file.file_size for file in wheel.filelist) < 3_600_000  # and the kernels, 600 kB


def test_a_failing_compilation_ends_in_the_portable_installation(sdist, tmp_path, monkeypatch):
    """The compiler passes CMake's probes and stops at the first kernel."""
    for needed in ("cmake", "ninja", "c++"):
        if not shutil.which(needed):
            pytest.skip(f"no {needed} here")
    pytest.importorskip("nanobind")
    compiler = tmp_path / "c++"
    compiler.write_text(
        '#!/bin/sh\ncase "$*" in *csrc*) echo out of memory >&2; exit 1; esac\nexec c++ "$@"\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    done = run_hook("build_wheel", sdist, tmp_path, {"build-dir": str(tmp_path / "cmake")})
    assert "out of memory" in done.stdout + done.stderr  # a kernel was reached
    assert done.stdout.count("kernels did not compile") == 1
    wheel = zipfile.ZipFile(tmp_path / done.stdout.split()[-1])
    assert wheel.filename.endswith("py3-none-any.whl")
    assert "lenet/__init__.py" in wheel.namelist()
    assert not any("_kernels." in name and ".pyi" not in name for name in wheel.namelist())


def test_the_licences_travel_with_what_they_cover(wheel):
    licences = {Path(name).name for name in wheel.namelist() if "/licenses/" in name}
    assert licences == {"LICENSE", "nanobind.txt", "robin-map.txt"}
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    about = email.message_from_bytes(wheel.read(metadata))
    assert about["License-Expression"] == "MIT"
    assert {"train", "visual", "serve", "export", "bench", "all"} <= set(
        about.get_all("Provides-Extra")
    )


def test_the_version_is_said_once(wheel):
    """In pyproject.toml; what repeats it must agree."""
    name = f"lenet-{installed_version()}"
    assert Path(wheel.filename).name.startswith(name)
    assert f"version: {installed_version()}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## {installed_version()}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def installed_version() -> str:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
