"""From claims to documents: compute the pieces that are missing, then write what follows from all.

A folder of results holds
    results/EXPERIMENT.json            numbers and conditions
    results.md                    all of them for people, once every claim has its document
    pieces/EXPERIMENT/PIECE.json       what each computation found, and how long it took
    pieces/networks/              networks that several claims use
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

from lenet.engine.select import cores
from lenet.errors import LenetError
from lenet.experiments.conditions import conditions
from lenet.experiments.experiment import Experiment, Found, Job, Plan, Workplace
from lenet.files import write_atomically
from lenet.network.weights import Weights, load_weights
from lenet.training.recipes import PUBLISHED

Document = dict[str, Any]
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Folder:
    """Where results of a plan are kept."""

    path: Path

    def document(self, claim: str) -> Path:
        return self.path / "results" / f"{claim}.json"

    def piece(self, claim: str, piece: str) -> Path:
        return self.path / "pieces" / claim / f"{piece}.json"

    @property
    def networks(self) -> Path:
        return self.path / "pieces" / "networks"


Computed = Callable[
    [Sequence[tuple[str, Job]], Folder, Path | None],
    Iterator[tuple[str, Job, Found, float]],
]


def reproduce(
    claims: Sequence[Experiment],
    plan: Plan,
    folder: Folder,
    data_dir: Path | None,
    told: Callable[[str, int, int], None] = lambda what, done, total: None,
    finished: Callable[[Document], None] = lambda document: None,
    computed: Computed | None = None,
) -> list[Document]:
    """Every claim's document, in order; what an earlier run found is not computed again.

    told : called with (what, pieces done, pieces in all)
    finished : called with each document as soon as it is written
    computed : what computes the missing pieces and gives what each found as it comes; by default
        the cores of this machine
    """
    digits = Workplace.at(folder.networks, data_dir).digits
    given = conditions(digits)
    wanted = {claim.name: claim.pieces(plan) for claim in claims}
    kept = {name: _kept(folder, name, pieces, given) for name, pieces in wanted.items()}
    total = sum(len(pieces) for pieces in wanted.values())
    missing = [
        (name, piece)
        for name, pieces in wanted.items()
        for piece in pieces
        if piece.name not in kept[name]
    ]
    documents: dict[str, Document] = {}

    def finish(claim: Experiment) -> None:
        if len(kept[claim.name]) == len(wanted[claim.name]):
            documents[claim.name] = _document(claim, plan, kept[claim.name], given)
            write_atomically(folder.document(claim.name), as_json(documents[claim.name]))
            finished(documents[claim.name])

    by_name = {claim.name: claim for claim in claims}
    for claim in claims:
        finish(claim)
    told("computing", total - len(missing), total)
    for done, (name, piece, found, seconds) in enumerate(
        (computed or _computed)(missing, folder, data_dir), total - len(missing) + 1
    ):
        record = _record(piece, given) | {"seconds": round(seconds, 2), "found": found}
        write_atomically(folder.piece(name, piece.name), as_json(record))
        kept[name][piece.name] = record
        told(f"{name}: {piece.name}", done, total)
        finish(by_name[name])
    return [documents[claim.name] for claim in claims]


def _computed(
    missing: Sequence[tuple[str, Job]], folder: Folder, data_dir: Path | None
) -> Iterator[tuple[str, Job, Found, float]]:
    """What each piece found and its seconds, as they come, a piece on each core."""
    if not missing:
        return
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read by libraries as a process starts
    pool = ProcessPoolExecutor(
        min(cores(), len(missing)), get_context("spawn"), initializer=_end_with_parent
    )
    try:
        work: dict[Future[tuple[Found, float]], tuple[str, Job]] = {
            pool.submit(compute, piece, folder.networks, data_dir): (name, piece)
            for name, piece in missing
        }
        for future in as_completed(work):
            yield (*work[future], *future.result())
    except BrokenProcessPool as broken:
        raise LenetError(
            "a process of the study died, out of memory perhaps; what was found is kept: "
            "go on with the same command"
        ) from broken
    finally:
        for process in list((pool._processes or {}).values()):
            process.terminate()  # a stopped study stops now; what is kept stays
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _end_with_parent() -> None:
    """End this process when the one that started it is killed; else it waits for work forever."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def compute(piece: Job, networks: Path, data_dir: Path | None) -> tuple[Found, float]:
    """What one piece found and its seconds, in a process that may be on another machine."""
    workplace, started = _workplace(networks, data_dir), time.perf_counter()
    found = piece.work(workplace, **piece.settings)
    return found, time.perf_counter() - started


@lru_cache(maxsize=1)
def _workplace(networks: Path, data_dir: Path | None) -> Workplace:
    return Workplace.at(networks, data_dir)


def _record(piece: Job, given: dict[str, Any]) -> dict[str, Any]:
    """What a kept piece must agree with to be used again."""
    record = {
        "settings": dict(piece.settings),
        "recipe": PUBLISHED.to_dict(),
        "shipped": {name: _digest(load_weights(name)) for name in piece.shipped},
        "data_sha256": given["data_sha256"],
    }
    agreed: dict[str, Any] = json.loads(json.dumps(record))  # tuples as lists
    return agreed


def _digest(weights: Weights) -> str:
    """SHA-256 of the numbers of a network."""
    numbers = hashlib.sha256()
    for name in sorted(weights.tensors):
        numbers.update(weights.tensors[name].tobytes())
    return numbers.hexdigest()


def _kept(
    folder: Folder, claim: str, pieces: Sequence[Job], given: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """The records of pieces that were computed before, by name; damaged ones are left out."""
    found = {}
    for piece in pieces:
        try:
            record = json.loads(folder.piece(claim, piece.name).read_text(encoding="utf-8"))
            expected = _record(piece, given)
            same = {key: record[key] for key in expected} == expected
            if same and "absent" not in record["found"]:  # a set may have been fetched since
                found[piece.name] = record
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _document(
    claim: Experiment, plan: Plan, kept: dict[str, dict[str, Any]], given: dict[str, Any]
) -> Document:
    order = [piece.name for piece in claim.pieces(plan)]
    report = claim.report(plan, {name: kept[name]["found"] for name in order})
    return {
        "schema": 1,
        "claim": claim.name,
        "title": claim.title,
        "command": f"lenet reproduce {claim.name}{' --quick' * plan.quick}",
        "quick": plan.quick,
        "conditions": given,
        "core_seconds": round(sum(record["seconds"] for record in kept.values()), 1),
        **report.to_dict(),
    }


def as_json(document: dict[str, Any]) -> bytes:
    """A document as it is kept: readable, and the same for the same content."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
