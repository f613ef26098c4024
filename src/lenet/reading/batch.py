"""Many images: their files found, read by one process or several, bad ones reported and passed."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from lenet.errors import InputError, LenetError, ResourceError
from lenet.files import encodable, is_address
from lenet.preprocessing.colour_dropout import Dropout
from lenet.preprocessing.image import SUFFIXES, Grey, Planes, Source, read_file
from lenet.reading.reader import Layout, Reader
from lenet.reading.result import Reading

if TYPE_CHECKING:
    from concurrent.futures import Future

STANDARD_INPUT = "-"
PDF = ".pdf"
CHUNK = 32  # files that a worker takes at once
FETCHED = 16  # files from elsewhere that a worker asks for at the same time
PIXELS_AHEAD = 500_000  # of images that are loaded before the first of them is read
AHEAD = 4  # chunks for each worker that wait their turn


class Settings(NamedTuple):
    """How images are read; what `Reader` takes."""

    weights: str | None = None
    reject: float = 0.0
    layout: Layout = "auto"
    colour_dropout: Dropout = "auto"
    digits_only: bool = False

    def check(self) -> None:
        """Refuse what no reader takes, before the first image."""
        reader_for(self)


@lru_cache(maxsize=1)
def reader_for(settings: Settings) -> Reader:
    """The reader of this process, made once."""
    weights, reject, layout, dropout, digits_only = settings
    return Reader(weights, reject, layout, colour_dropout=dropout, digits_only=digits_only)


class Answer(NamedTuple):
    """One file's reading, or why there is none.

    failed : the machine failed, not the file: `--resume` reads it again
    """

    file: str
    reading: Reading | None
    error: str | None = None
    grey: Grey | None = None
    failed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The file's entry as `lenet read --json` gives it; names as `encodable` writes them."""
        file = encodable(self.file)
        if self.reading is None:
            nothing: dict[str, Any] = {
                "text": "",
                "error": encodable(self.error or ""),
                "digits": [],
                "rejected": False,
            }
            return {"file": file} | nothing | {"confidence": 0.0, "lines": [], "tables": []}
        return {"file": file} | self.reading.to_dict()


class Answers(Protocol):
    """What reads files: `answers` below on this machine, `lenet.cluster.reading`'s on many."""

    def __call__(
        self, names: Sequence[str], settings: Settings, jobs: int | None, *, keep: bool
    ) -> Iterator[Answer]: ...


def files_of(paths: Sequence[str]) -> Iterator[str]:
    """The images named; folders and patterns opened, sorted by name, hidden ones left out."""
    for path in paths:
        if is_address(path):
            from lenet.reading.remote import images_at

            yield from images_at(path)
            continue
        try:
            known = path == STANDARD_INPUT or Path(path).exists()
            is_folder = path != STANDARD_INPUT and Path(path).is_dir()
        except (OSError, ValueError):  # a name the system does not take; reading it gives the error
            known, is_folder = True, False
        if is_folder:
            yield from _inside(path)
            continue
        for name in ([] if known else _matching(path)) or [path]:
            yield from _pages(name)


def _matching(pattern: str) -> list[str]:
    """The files that match, sorted; as in a store, folders are none."""
    import glob

    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 (absolute ones too)
    return [name for name in found if not Path(name).is_dir()]


def _inside(folder: str) -> Iterator[str]:
    """The images in a folder and its sub-folders; a sub-folder that cannot be opened, too.

    Reading that one gives the error.
    """
    known, images, closed = SUFFIXES | {PDF}, 0, list[OSError]()
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            if _suffix(name) in known and name[0] != ".":
                images += 1
                yield from _pages(str(Path(place, name)))
    if closed and closed[0].filename == folder:
        raise InputError(f"{folder}: cannot be opened: {closed[0].strerror}") from closed[0]
    if not images:
        raise InputError(
            f"{folder}: a folder without images; expected files ending in "
            + ", ".join(sorted(known))
        )
    yield from (problem.filename for problem in closed)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122


def _pages(name: str) -> Iterator[str]:
    """The name, or if it is a PDF of several pages a name for each: form.pdf#page=1, …"""
    count = 1
    if _suffix(name) == PDF:
        from lenet.preprocessing.pdf import page_count

        with suppress(InputError):  # reading it will report what is wrong
            count = page_count(read_file(Path(name)), name)
    yield from (f"{name}#page={number}" for number in range(1, count + 1)) if count > 1 else [name]


def answer(name: str, reader: Reader, *, keep: bool = False) -> Answer:
    """Read one file; what is wrong with it becomes part of the answer.

    keep : whether the answer carries the image
    """
    return _read(name, _loaded(name, reader), reader, keep)


def _loaded(
    name: str, reader: Reader, opened: Callable[[], Source] | None = None
) -> Planes | Answer:
    """The file's grey planes, or why there is none.

    opened : gives its content, where somebody is at fetching it
    """
    try:
        return reader.load(opened() if opened else _source(name))
    except (InputError, ResourceError, MemoryError) as problem:
        return _unread(name, problem)


def _read(name: str, loaded: Planes | Answer, reader: Reader, keep: bool) -> Answer:
    if isinstance(loaded, Answer):
        return loaded
    try:
        return Answer(name, reader.read_planes(loaded), grey=loaded.whole if keep else None)
    except (InputError, ResourceError, MemoryError) as problem:
        return _unread(name, problem)


def _unread(name: str, problem: Exception) -> Answer:
    words = str(problem) or "not enough memory"
    if isinstance(problem, MemoryError) or name == STANDARD_INPUT or is_address(name):
        words = f"{'standard input' if name == STANDARD_INPUT else name}: {words}"
    return Answer(name, None, words, failed=not isinstance(problem, InputError))


def _source(name: str) -> Source:
    if name == STANDARD_INPUT:
        return sys.stdin.buffer
    if not is_address(name):
        return name
    from lenet.reading.remote import content_at

    return content_at(name)


def answers(
    names: Sequence[str], settings: Settings, jobs: int | None = None, *, keep: bool = False
) -> Iterator[Answer]:
    """Read files in their order, with `jobs` processes or in this one."""
    jobs = jobs or 1
    if jobs == 1 or len(names) <= 1:
        for name in names:
            yield answer(name, reader_for(settings), keep=keep)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    spawn = multiprocessing.get_context("spawn")
    count = min(jobs, len(names))
    with ProcessPoolExecutor(count, spawn, initializer=end_with_parent) as workers:
        waiting: deque[Future[list[Answer]]] = deque()
        try:
            for k in range(0, len(names), CHUNK):
                waiting.append(workers.submit(_work, names[k : k + CHUNK], settings, keep))
                if len(waiting) >= AHEAD * jobs:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as problem:
            raise LenetError(
                "a process that was reading ended unexpectedly, perhaps for want of memory; "
                "try again with fewer --jobs"
            ) from problem
        finally:
            workers.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """End this worker process when its parent is killed, or it would wait for work forever."""
    from multiprocessing import parent_process
    from threading import Thread

    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def several(names: Sequence[str], reader: Reader, *, keep: bool = False) -> list[Answer]:
    """Read some files; those from elsewhere are fetched side by side, for fetching is waiting.

    No more than FETCHED are fetched or held ahead of the one that is loaded. Small images are
    loaded some at a time and then read: decoders and networks would drive each other's code and
    weights out of the processor's caches, which costs a fourteenth of the time.
    """
    from concurrent.futures import ThreadPoolExecutor

    found: list[Answer] = []
    ahead: list[tuple[str, Planes | Answer]] = []
    with ThreadPoolExecutor(FETCHED) as pool:
        due = (pool.submit(_source, name) if is_address(name) else None for name in names)
        coming = deque(islice(due, FETCHED))
        for number, name in enumerate(names, 1):
            fetched = coming.popleft()
            ahead.append((name, _loaded(name, reader, fetched.result if fetched else None)))
            coming.extend(islice(due, 1))
            pixels = sum(loaded.whole.size for _, loaded in ahead if not isinstance(loaded, Answer))
            if pixels >= PIXELS_AHEAD or number == len(names):
                found += [_read(*one, reader, keep) for one in ahead]
                ahead.clear()
    return found


def _work(names: Sequence[str], settings: Settings, keep: bool) -> list[Answer]:
    return several(names, reader_for(settings), keep=keep)
