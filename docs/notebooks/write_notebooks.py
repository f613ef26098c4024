"""Write the notebooks, English and Korean, from source/.

    python docs/notebooks/write_notebooks.py [NAME...]     # such as 1-three-ideas; default: all

A source is Markdown: text cells in English and, after a line `<!-- ko -->`, in Korean, and code
cells in ```python fences, which both languages share. The code runs once; both get its output.
"""

from __future__ import annotations

import base64
import re
import sys
from io import BytesIO
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

HERE = Path(__file__).parent
SOURCES = sorted((HERE / "source").glob("*.md"))
LANGUAGES = ("en", "ko")
COLOURS = 96  # of a stored picture, for a third of its bytes


def notebook_of(source: Path, language: str) -> nbformat.NotebookNode:
    """The notebook in this language, not run."""
    cells = []
    text = source.read_text(encoding="utf-8")
    for k, part in enumerate(re.split(r"^```python\n(.*?)^```\n", text, flags=re.M | re.S)):
        if k % 2:
            cells.append(new_code_cell(part.rstrip("\n"), id=f"cell-{k}"))
        elif part.strip():
            words = part.split("<!-- ko -->\n")
            cells.append(
                new_markdown_cell(words[LANGUAGES.index(language)].strip(), id=f"cell-{k}")
            )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )


def run(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Fill in what its cells print and draw, in this folder; an error in a cell is raised."""
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(HERE)}})
    return client.execute()


def path_of(source: Path, language: str) -> Path:
    suffix = ".ipynb" if language == "en" else f".{language}.ipynb"
    return HERE / f"{source.stem}{suffix}"


def _small(picture: str) -> str:
    """A PNG in base64 with few colours."""
    image = Image.open(BytesIO(base64.b64decode(picture))).convert("RGB")
    stream = BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


def write(source: Path) -> None:
    """Run the source's code and write its notebook in each language."""
    ran = run(notebook_of(source, "en"))
    for language in LANGUAGES:
        notebook = notebook_of(source, language)
        for cell, done in zip(notebook.cells, ran.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
                for shown in cell.outputs:
                    if "image/png" in shown.get("data", {}):
                        shown.data["image/png"] = _small(shown.data["image/png"])
        nbformat.write(notebook, path_of(source, language))


if __name__ == "__main__":
    for source in SOURCES:
        if not sys.argv[1:] or source.stem in sys.argv[1:]:
            write(source)
