"""Which room may import which, and which libraries stay in which room (docs/architecture.md)."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import lenet

SOURCE = Path(lenet.__file__).parent
OPEN_TO_ALL = {"errors", "files"}
FLOW = {
    "network": set(),
    "evaluation": set(),
    "engine": {"network"},
    "preprocessing": {"network", "engine"},
    "data": {"network", "preprocessing"},
    "augmentation": {"network", "preprocessing"},
    "training": {"augmentation", "data", "evaluation", "engine", "network"},
    "lines": {"training", "augmentation", "data", "evaluation", "preprocessing", "engine"},
    "reading": {"lines", "preprocessing", "engine", "evaluation", "network"},
    "export": {"data", "engine", "network"},
    "benchmark": {"export", "reading", "training", "data", "engine", "network"},
    "plots": {"reading", "augmentation", "preprocessing", "engine", "network"},
    "web": {"network"},
    "cluster": {"reading", "experiments"},
}
FLOW["lines"] |= {"network"}
FLOW["experiments"] = {"reading", "lines", "training", "augmentation", "data", "evaluation"}
FLOW["experiments"] |= {"preprocessing", "engine", "network"}
FLOW["serve"] = {"web", "reading", "preprocessing", "training", "data", "evaluation", "engine"}
FLOW["serve"] |= {"network"}
FLOW["cli"] = set(FLOW)
LIBRARIES = {
    "torch": {"network", "lines", "training", "benchmark", "experiments", "cli"},
    "matplotlib": {"plots"},
    "sklearn": {"data", "experiments", "training"},
    "PIL": {"augmentation", "preprocessing", "lines", "reading", "data"},
    "pandas": {"reading"},
    "pooch": {"data"},
    "requests": {"data"},
    "platformdirs": {"data"},
    "scipy": {"augmentation", "experiments"},
    "HersheyFonts": {"augmentation"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "httptools": {"serve"},
    "prometheus_client": {"serve"},
    "typer": {"cli"},
    "rich": {"cli"},
    "onnx": {"export"},
    "onnxruntime": {"export", "benchmark"},
    "openvino": {"benchmark"},
    "threadpoolctl": {"benchmark"},
    "ray": {"cluster"},
    "huggingface_hub": {"network"},
}
KERNELS = sorted((SOURCE / "engine" / "csrc").iterdir())
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE)


def imports(path: Path) -> set[str]:
    """Full names of all modules a file imports, wherever in the file it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a name comes from"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_follow_the_arrows(path):
    room = path.relative_to(SOURCE).parts[0]
    names = imports(path)
    rooms = {name.split(".")[1] for name in names if name.startswith("lenet.")}
    assert rooms - OPEN_TO_ALL - FLOW[room] - {room} == set()
    for library, homes in LIBRARIES.items():
        if any(name.split(".")[0] == library for name in names):
            assert room in homes, f"{library} belongs in {sorted(homes)}"


def test_no_file_imports_itself_through_others():
    """Imports inside functions and under TYPE_CHECKING count: they only hide a circle."""
    paths = {module_of(path): path for path in SOURCE.rglob("*.py")}
    graph = {}
    for module, path in paths.items():
        # `from lenet.room import file` names a file; `from lenet.room.file import name` is in one
        found = {name if name in paths else name.rpartition(".")[0] for name in imports(path)}
        graph[module] = (found & set(paths)) - {"lenet"}  # the front door only re-exports
    order = TopologicalSorter(graph)
    order.prepare()  # a CycleError names the files of a circle


def module_of(path: Path) -> str:
    return ".".join(("lenet", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


def test_every_room_is_on_the_plan():
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert rooms == set(FLOW)
    plan = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room in rooms:
        assert f"{room}/" in plan


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_stay_readable(path):
    """Aim at 60–150 lines, split near 250; raising this is a decision, not an accident."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert path.stem not in {"utils", "helpers", "manager", "base"}


@pytest.mark.parametrize("path", KERNELS, ids=lambda p: p.name)
def test_kernels_stay_readable(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 100
