"""The Python of the pages in docs/ runs and gives what its comments say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_readme import blocks

ROOT = Path(__file__).parents[2]
PAGES = [
    str(path.relative_to(ROOT))
    for path in sorted((ROOT / "docs").glob("*.md"))
    if "```python" in path.read_text(encoding="utf-8")
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_python_runs(page, tmp_path, monkeypatch, tiny_set):
    pytest.importorskip("torch")
    if "lenet-modern.onnx" in (ROOT / page).read_text(encoding="utf-8"):
        pytest.importorskip("onnx")
        from lenet.export.onnx_file import export_onnx
        from lenet.network.weights import load_weights

        export_onnx(load_weights("modern"), tmp_path / "lenet-modern.onnx")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    names = {"images": tiny_set.train.images, "labels": tiny_set.train.labels}
    for block in blocks(page, "python"):
        exec(block, names)
        for line in block.splitlines():
            code, _, comment = line.partition("  # ")
            if re.fullmatch(r"[\w.\[\]()]+", code) and comment:
                assert str(eval(code, names)) == comment, line
