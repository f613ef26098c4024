"""Downloads: mirrors in order, partial files resumed, files with a wrong hash discarded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pooch
import requests
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from lenet.data.registry import DatasetInfo, RemoteFile, check_file
from lenet.errors import FetchError

ROUNDS = 2  # over all mirrors: the second resumes or replaces what the first left
TIMEOUT = (5.0, 30.0)  # seconds to connect, and until more comes
LONGEST = 1200.0  # seconds for a file from one mirror; the next goes on from there
CHUNK = 2**16  # bytes written at a time, at most
REASONS = {  # the first that fits
    requests.Timeout: "did not answer in time",
    ReadTimeoutError: "did not answer in time",
    ProtocolError: "broke off midway",
    requests.exceptions.SSLError: "its certificate was not accepted",
    requests.ConnectionError: "cannot be reached, or no longer",
}

Progress = Callable[[str, int, int | None], None]  # file name, bytes so far, bytes in all if known


@dataclass(frozen=True)
class Fetched:
    """Where a file of a data set is, and whether it was downloaded."""

    path: Path
    fetched: bool


def download_dataset(
    info: DatasetInfo, folder: Path, progress: Progress = lambda *_: None
) -> list[Fetched]:
    """Download a data set into folder/NAME; intact files stay.

    Raises
    ------
    FetchError
        names every mirror tried, why it failed, and where to put the file by hand.
    """
    place = folder / info.name
    results = []
    for file in info.files:
        found = check_file(file, place)
        whole = found.state == "whole"
        path = found.path if whole else _fetch_file(file, info, place, progress)
        results.append(Fetched(path, not whole))
    return results


def _fetch_file(file: RemoteFile, info: DatasetInfo, place: Path, progress: Progress) -> Path:
    part = place / f"{file.name}.part"

    def download(url: str, target: str, _: object) -> None:
        """Called by pooch, which checks the hash of target, then moves or removes it."""
        _resume(url, part, file.size, partial(progress, file.name))
        part.replace(target)

    pooch.get_logger().setLevel("WARNING")  # its messages would mix with ours
    failures: dict[str, str] = {}
    for mirror in info.mirrors * ROUNDS:
        url = mirror + file.name
        try:
            return Path(pooch.retrieve(url, file.packed, file.name, place, downloader=download))
        except (requests.RequestException, HTTPError) as problem:
            failures[url] = _reason(problem)
        except ValueError:  # how pooch reports a wrong hash
            failures[url] = f"gave a file whose hash is not {file.packed}"
        except OSError as problem:
            raise FetchError(
                f"{place}: cannot be written to ({problem}); free it, or choose another folder "
                "with --data-dir or LENET_DATA"
            ) from problem
    tried = "".join(f"\n  {url}: {why}" for url, why in failures.items())
    raise FetchError(
        f"{file.name} of {info.name} could not be fetched:{tried}\nTry again later, or bring "
        f"{file.name} into {place} by hand and run: lenet data verify {info.name}"
    )


def _resume(url: str, part: Path, size: int, progress: Callable[[int, int | None], None]) -> None:
    """Download to part, resuming at its end if the server can; part stays on failure.

    size : of the file; a mirror that sends more fails, and what it sent is removed
    """
    deadline = time.monotonic() + LONGEST
    here = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}  # hashes and ranges are of the bytes as they lie
    if here:
        headers["Range"] = f"bytes={here}-"
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if here and response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing is missing; the hash decides
        response.raise_for_status()
        resumed = response.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        here = here if resumed else 0
        length = response.headers.get("Content-Length", "")
        total = here + int(length) if length.isdecimal() else None
        with part.open("ab" if resumed else "wb") as file:
            # What came, not what fills a chunk: a mirror that drips must not hold us for ever.
            while here <= size and (chunk := response.raw.read1(CHUNK)):
                file.write(chunk)
                here += len(chunk)
                progress(here, total)
                if time.monotonic() > deadline:
                    raise requests.Timeout
    if here > size:
        part.unlink()
        raise requests.RequestException(f"sent more than the {size:,} bytes expected")


def _reason(problem: requests.RequestException | HTTPError) -> str:
    """Why a mirror failed, in a few words."""
    if isinstance(problem, requests.HTTPError):
        return f"answered {problem.response.status_code} {problem.response.reason}"
    return next((text for kind, text in REASONS.items() if isinstance(problem, kind)), str(problem))
