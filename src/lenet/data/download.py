"""Downloads: mirrors in order, broken ones continued, nothing kept that has the wrong hash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pooch
import requests

from lenet.data.registry import DatasetInfo, RemoteFile
from lenet.data.verify import check_file
from lenet.errors import FetchError

ROUNDS = 2  # over all mirrors, so that what broke off is continued and what was stale replaced
TIMEOUT = (5.0, 30.0)  # seconds to connect, and between two pieces
CHUNK = 2**16  # bytes written at a time; so much is lost at most when a download is stopped

Progress = Callable[[str, int, int | None], None]  # file name, bytes here, bytes in all if known


def _silent(_name: str, _here: int, _total: int | None) -> None:
    """The progress that nobody watches."""


@dataclass(frozen=True)
class Fetched:
    """Where a file of the set lies, and whether it had to be fetched."""

    path: Path
    fetched: bool


def download_dataset(
    source: DatasetInfo, folder: Path, progress: Progress = _silent
) -> list[Fetched]:
    """Bring a set into folder/NAME; files that are there and whole are left alone.

    Raises
    ------
    FetchError
        names every mirror tried and why it failed, and where to put the file by hand.
    """
    place = folder / source.name
    results = []
    for file in source.files:
        found = check_file(file, place)
        whole = found.state == "whole"
        path = found.path if whole else _fetch_file(file, source, place, progress)
        results.append(Fetched(path, not whole))
    return results


def _fetch_file(file: RemoteFile, source: DatasetInfo, place: Path, progress: Progress) -> Path:
    part = place / f"{file.name}.part"

    def download(url: str, target: str, _: object) -> None:
        """What pooch calls; it checks the hash of target, and then moves or removes it."""
        _continue(url, part, partial(progress, file.name))
        part.replace(target)

    pooch.get_logger().setLevel("WARNING")  # its news would go between ours
    failures: dict[str, str] = {}
    for mirror in source.mirrors * ROUNDS:
        url = mirror + file.name
        try:
            return Path(pooch.retrieve(url, file.packed, file.name, place, downloader=download))
        except requests.RequestException as problem:
            failures[url] = _reason(problem)
        except ValueError:  # pooch's word for a wrong hash
            failures[url] = f"gave a file whose hash is not {file.packed}"
        except OSError as problem:
            raise FetchError(
                f"{place}: cannot be written to ({problem}); free it, or choose another folder "
                "with --data-dir or LENET_DATA"
            ) from problem
    tried = "".join(f"\n  {url}: {why}" for url, why in failures.items())
    raise FetchError(
        f"{file.name} of {source.name} could not be fetched:{tried}\nTry again later, or bring "
        f"{file.name} into {place} by hand and run: lenet data verify {source.name}"
    )


def _continue(url: str, part: Path, progress: Callable[[int, int | None], None]) -> None:
    """Download to part, going on from where it ends if the server can; it stays if that breaks."""
    here = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}  # hashes and ranges are of the bytes as they lie
    if here:
        headers["Range"] = f"bytes={here}-"
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if here and answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing is missing; the hash decides
        answer.raise_for_status()
        resumed = answer.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        here = here if resumed else 0
        length = answer.headers.get("Content-Length", "")
        total = here + int(length) if length.isdecimal() else None
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                here += len(chunk)
                progress(here, total)


def _reason(problem: requests.RequestException) -> str:
    """Why a mirror failed, in a few words."""
    match problem:
        case requests.HTTPError():
            return f"answered {problem.response.status_code} {problem.response.reason}"
        case requests.Timeout():
            return "did not answer in time"
        case requests.exceptions.ChunkedEncodingError():
            return "broke off midway"
        case requests.exceptions.SSLError():
            return "its certificate was not accepted"
        case requests.ConnectionError():
            return "cannot be reached, or no longer"
    return str(problem)
