"""A mirror on this machine, sound or broken in the ways mirrors are; the network is not touched."""

from __future__ import annotations

import gzip
import re
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest


def idx(array: np.ndarray) -> bytes:
    """An IDX file, written without the reader's code: the format as published on the MNIST page."""
    kind = {"uint8": 0x08, "int32": 0x0C}[array.dtype.name]
    head = bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def write_idx_set():
    """Write a small set in IDX form to a folder, under MNIST's or other names."""

    def write(folder, names, train=60, test=20, labels_dtype=np.uint8, label_columns=0, seed=0):
        rng = np.random.default_rng(seed)
        folder.mkdir(parents=True, exist_ok=True)
        written = {}
        for count, (images, labels) in ((train, names[:2]), (test, names[2:])):
            shape = (count, label_columns) if label_columns else (count,)
            arrays = {
                images: rng.integers(0, 256, (count, 28, 28)).astype(np.uint8),
                labels: rng.integers(0, 10, shape).astype(labels_dtype),
            }
            for name, array in arrays.items():
                (folder / name).write_bytes(gzip.compress(idx(array), 1))
            written |= arrays
        return written

    return write


class Mirror:
    """Serves `content` under any name; the folder in the path says how it is broken."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.requests: list[tuple[str, str | None]] = []  # folder, Range header
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def _handler(self):
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                kind = self.path.split("/")[1]
                asked = self.headers.get("Range")
                mirror.requests.append((kind, asked))
                assert self.headers["Accept-Encoding"] == "identity"
                start = int(re.fullmatch(r"bytes=(\d+)-", asked).group(1)) if asked else 0
                mirror.answer(self, kind, start)

        return Handler

    def answer(self, to: BaseHTTPRequestHandler, kind: str, start: int) -> None:
        content = self.content
        if kind == "gone":
            to.send_error(404)
        elif kind == "wrong":
            self.send(to, 200, b"<html>please log in</html>")
        elif kind == "ignores-range":
            self.send(to, 200, content)
        elif start >= len(content):
            to.send_error(416)
        elif start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.send(to, 206, content[start:], span, dies=kind == "dies-always")
        else:
            self.send(to, 200, content, dies=kind.startswith("dies"))

    @staticmethod
    def send(to, status, body, span=None, dies=False):
        to.send_response(status)
        to.send_header("Content-Length", str(len(body)))
        if span:
            to.send_header("Content-Range", span)
        to.end_headers()
        to.wfile.write(body[: len(body) // 2] if dies else body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def mirror(monkeypatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    content = np.random.default_rng(1).bytes(400_000)  # several pieces of a download
    served = Mirror(content)
    yield served
    served.close()
