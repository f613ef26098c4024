"""What one image may cost the service: pixels, memory, its place in the queue."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest
from PIL import Image
from serve_cases import PHOTO, running
from test_worker_pool import Echo, worker_of

from isolation import run_apart
from lenet.serve import worker_pool
from lenet.serve.config import ServiceConfig
from lenet.serve.worker_pool import WorkerPool

pytestmark = pytest.mark.subprocess


def encoded(kind: str, side: int, mode: str = "RGBA") -> bytes:
    """A blank image, a few bytes to a few kB."""
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
    return file.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_images_of_any_kind_stay_within_the_memory_of_a_worker():
    with running("--workers", "1", "--max-pixels", "4000000", "--timeout", "60") as server:
        limit = ServiceConfig(max_pixels=4_000_000).worker_memory
        worker = worker_of(server)
        (line,) = [
            line
            for line in Path(f"/proc/{worker}/limits").read_text().splitlines()
            if line.startswith("Max address space")
        ]
        assert line.split()[3] == str(limit)
        large = server.post("v1/read", data=encoded("WEBP", 7071))  # 34 bytes
        assert large.status_code == 422
        assert "7071 × 7071 pixels, at most 4 million" in large.json()["error"]["message"]
        allowed = [encoded("WEBP", 2000), encoded("PNG", 2000, "I;16"), encoded("TIFF", 2000, "F")]
        for content in allowed:
            assert server.post("v1/read", data=content).status_code == 200
        polyglot = b"BM%PDF-1.7\n" + bytes(100)
        assert server.post("v1/read", data=polyglot).status_code == 422
        contents = [PHOTO, b"%PDF-1.7\n", polyglot, encoded("WEBP", 7071), *allowed]
        form = server.post(
            "v1/read", files=[("image", (f"{k}", c)) for k, c in enumerate(contents)]
        )
        rows = form.json()["files"]
        assert [row["file"] for row in rows] == [str(k) for k in range(len(contents))]
        assert [bool(row["error"]) for row in rows] == [False, True, True, True, *[False] * 3]
        assert rows[0]["text"] == "3"
        assert "not an image" in rows[1]["error"]
        assert worker_of(server) == worker  # none was ended and replaced
        peak = Path(f"/proc/{worker}/status").read_text().partition("VmPeak:")[2].split()[0]
        assert int(peak) * 1024 <= limit


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_threads_of_openblas_take_no_memory_of_a_worker():
    """With 16 of them, as the user may ask for, no worker could start."""
    before = "import os; os.environ['OPENBLAS_NUM_THREADS'] = '2'"
    with running("--workers", "1", before=before) as server:
        environment = Path(f"/proc/{worker_of(server)}/environ").read_bytes().split(b"\0")
        assert b"OPENBLAS_NUM_THREADS=1" in environment


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_too_little_memory_is_told_and_the_worker_goes_on():
    before = "from lenet.serve import config; config.PIXEL_BYTES = 0"
    with running("--workers", "1", before=before) as server:
        worker = worker_of(server)
        answer = server.post("v1/read", data=encoded("PNG", 3900))
        assert answer.status_code == 422
        assert "memory" in answer.json()["error"]["message"]
        assert server.post("v1/read", data=PHOTO).json()["files"][0]["text"] == "3"
        assert worker_of(server) == worker


def test_a_form_waits_for_each_of_its_images(monkeypatch):
    """Others have their turns between; before, a form of a hundred held a worker to its end."""
    monkeypatch.setattr(worker_pool, "WorkerProcess", Echo)

    async def order() -> list[str]:
        pool = WorkerPool(ServiceConfig(workers=1, queue_size=2), print)
        done = []

        async def note(name: str, many: int) -> None:
            assert len(await pool.ask_each("read", [(k,) for k in range(many)])) == many
            done.append(name)

        asked = [asyncio.create_task(note("form", 50)), asyncio.create_task(note("one", 1))]
        pool.start()
        await asyncio.gather(*asked)
        await pool.stop()
        return done

    assert run_apart(order()) == ["one", "form"]
