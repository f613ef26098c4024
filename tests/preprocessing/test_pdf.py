"""Pages of PDFs, read as images are."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.errors import InputError, ResourceError
from lenet.preprocessing import pdf
from lenet.preprocessing.image import load_image
from lenet.preprocessing.pdf import page_named
from lenet.reading.batch import files_of


def pdf_of(*shades: int) -> bytes:
    """A PDF with a page of 4 × 2 inches for each shade, left half of it that dark."""
    pages = []
    for shade in shades:
        page = np.full((200, 400, 3), 255, np.uint8)
        page[:, :200] = shade
        pages.append(Image.fromarray(page))
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    return file.getvalue()


def pdf_calling_forms(depth: int, calls: int) -> bytes:
    """A page whose form calls the next one so many times, and that one the next: calls ** depth."""

    def stream(attributes: str, content: str) -> str:
        return f"<< {attributes} /Length {len(content)} >>\nstream\n{content}\nendstream"

    box = "[0 0 200 100]"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents 4 0 R "
        "/Resources << /XObject << /F 5 0 R >> >> >>",
        stream("", "/F Do"),
    ]
    for number in range(6, 6 + depth):
        called = f"/Resources << /XObject << /F {number} 0 R >> >>"
        form = f"/Type /XObject /Subtype /Form /BBox {box} {called}"
        objects.append(stream(form, "/F Do " * calls))
    objects.append(stream(f"/Type /XObject /Subtype /Form /BBox {box}", "0 0 9 9 re f"))
    return ("%PDF-1.7\n" + numbered(objects) + "trailer << /Root 1 0 R >>\n").encode()


def numbered(objects: list[str]) -> str:
    return "".join(f"{k} 0 obj\n{text}\nendobj\n" for k, text in enumerate(objects, 1))


pytest.importorskip("pypdfium2")


def test_forms_that_call_forms_are_drawn():
    grey = load_image(pdf_calling_forms(2, 3))
    assert grey.shape == (278, 556)
    assert grey.min() == 0


@pytest.mark.parametrize(("seconds", "memory"), [(1, 2**30), (20, 2**28)])
def test_a_small_file_that_would_take_hours_or_all_memory_is_refused(monkeypatch, seconds, memory):
    """2 kB; before, 4 GB and the end of the process after half a minute."""
    monkeypatch.setattr(pdf, "SECONDS", seconds)
    monkeypatch.setattr(pdf, "MEMORY", memory)
    with pytest.raises(InputError, match=rf"within {seconds} s and {memory // 2**20} MiB"):
        load_image(pdf_calling_forms(9, 10))


def test_a_killed_process_is_no_verdict(monkeypatch):
    killed = subprocess.CompletedProcess([], pdf.KILLED, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: killed)
    with pytest.raises(ResourceError, match="killed"):
        load_image(pdf_of(0))


@pytest.mark.parametrize("start", [b"BM", b"P1 ", b"II*\0", b"\xff\xd8\xff"])
def test_what_begins_as_an_image_is_no_pdf(monkeypatch, start):
    monkeypatch.setattr(pdf, "page_image", None)
    with pytest.raises(InputError, match=r"not an image|damaged"):
        load_image(start + pdf_of(0))


def test_a_page_is_drawn_at_200_dots_an_inch(tmp_path):
    path = tmp_path / "form.pdf"
    path.write_bytes(pdf_of(0, 100))
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        grey = load_image(source)
        assert grey.shape == (400, 800)
        assert grey[:, :390].max() < 0.05
        assert grey[:, 410:].min() > 0.95
    second = load_image(f"{path}#page=2")
    assert abs(float(second[200, 200]) - 100 / 255) < 0.02


def test_every_page_of_a_file_is_named(tmp_path):
    two, one = tmp_path / "b.pdf", tmp_path / "a.pdf"
    two.write_bytes(pdf_of(0, 10))
    one.write_bytes(pdf_of(0))
    named = [f"{two}#page=1", f"{two}#page=2"]
    assert list(files_of([str(two)])) == named
    assert list(files_of([str(tmp_path)])) == [str(one), *named]
    assert list(files_of([str(tmp_path / "*.pdf")])) == [str(one), *named]
    assert page_named(named[1]) == (two, 2)
    odd = tmp_path / "scan#page=3"  # a file that is really called so
    odd.write_bytes(b"")
    assert page_named(str(odd)) is None


@pytest.mark.parametrize("name", ["form.pdf#page=3", "form.pdf#page=0", "gone.pdf#page=1"])
def test_pages_that_are_not_there(tmp_path, name):
    (tmp_path / "form.pdf").write_bytes(pdf_of(0, 1))
    with pytest.raises(InputError, match=r"no page 3|no such file"):
        load_image(str(tmp_path / name))


@pytest.mark.parametrize("cut", [9, 60, 400])
def test_damaged_files_are_refused(tmp_path, cut):
    path = tmp_path / "form.pdf"
    path.write_bytes(pdf_of(0)[:cut])
    assert list(files_of([str(path)])) == [str(path)]
    with pytest.raises(InputError, match="PDF"):
        load_image(path)


def test_without_the_extra_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(InputError, match=r"lenet\[pdf\]"):
        load_image(pdf_of(0))


def test_modules_among_the_users_files_are_not_imported(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert load_image(pdf_of(0)).shape == (400, 800)


def test_other_names_are_left_alone():
    for name in ("form.pdf", "a#page=x", "#page=1", "a#page=0"):
        assert page_named(name) is None
    assert page_named("a.pdf#page=12") == (Path("a.pdf"), 12)
