"""SIGKILLs over `lenet read --jobs 2 --out`: every image exactly once, and no process left.

    python benchmarks/read_kills.py [--random 80] [--aimed 20] [--images 300] [--kept 50000]

Runs over a folder of small pages are killed at random moments and resumed; JSON Lines, CSV and
Parquet in turn. The aimed kills hit a resume whose file holds many answers and half a record: every
other one as the file is cut, the rest while it is being looked through. Exit code 1 if an answer is
lost, doubled or changed, or if a process is left 5 s after its parent was killed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

KINDS = (".jsonl", ".csv", ".parquet")
TILES = [Path(__file__).parents[1] / "examples" / f"{name}.png" for name in ("9-fax", "4-as-mnist")]
SECONDS = 5.0  # after which no process may be left


def draw(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Pages of two lines of three digits, and a file that is no image."""
    tiles = [np.asarray(Image.open(tile).convert("L").resize((50, 50))) for tile in TILES]
    tiles = [255 - tile if tile.mean() < 128 else tile for tile in tiles]
    for k in range(count):
        page = np.full((190, 200), 255, np.uint8)
        for place, tile in enumerate(rng.integers(len(tiles), size=6)):
            top, left = 20 + 100 * (place // 3), 20 + 55 * (place % 3)
            page[top : top + 50, left : left + 50] = tiles[tile]
        Image.fromarray(page).save(folder / f"{k:04}.png")
    (folder / "bad.png").write_bytes(b"nothing")


def start(folder: Path, path: Path) -> subprocess.Popen[bytes]:
    words = ["read", str(folder), "--jobs", "2", "--out", str(path), "--resume", "--quiet"]
    return subprocess.Popen(
        [sys.executable, "-m", "lenet", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def finish(folder: Path, path: Path) -> None:
    """Run to the end; exit code 3 for the file that is no image, 0 where it was read before."""
    process = start(folder, path)
    told = process.communicate()[0].decode()
    if process.returncode not in (0, 3) or "Traceback" in told:
        raise SystemExit(f"exit code {process.returncode}:\n{told}")


def kill(process: subprocess.Popen[bytes]) -> float:
    """Seconds from the SIGKILL until the last process that shares its output has ended."""
    process.kill()
    killed = time.perf_counter()
    try:
        process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise SystemExit(f"a process was left {SECONDS:g} s after the kill") from None
    return time.perf_counter() - killed


def records_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.part.jsonl") if path.suffix == ".parquet" else path


def files_of(path: Path) -> set[Path]:
    return {path, records_of(path)}


def equal(path: Path, whole: Path) -> None:
    """End unless the files are those of a run that nothing has killed."""
    for suffix in {each.name.removeprefix(path.stem) for each in files_of(path)}:
        made, wanted = path.with_name(path.stem + suffix), whole.with_name(whole.stem + suffix)
        if made.read_bytes() != wanted.read_bytes():
            raise SystemExit(f"{made.name} differs from a run that nothing has killed")


def killed_at_random(
    folder: Path, whole: Path, seconds: float, count: int, rng: np.random.Generator
) -> list[float]:
    """Kill runs at random moments and resume them; start anew whenever one got to its end."""
    path, ended = whole.with_stem("killed"), []
    while len(ended) < count:
        process = start(folder, path)
        try:
            process.communicate(timeout=rng.uniform(0, seconds))
            equal(path, whole)
            for file in files_of(path):
                file.unlink()
        except subprocess.TimeoutExpired:
            ended.append(kill(process))
    finish(folder, path)
    equal(path, whole)
    return ended


def with_many(whole: Path, kept: int) -> tuple[bytes, bytes]:
    """The answers of as many other files, and half a record."""
    content = records_of(whole).read_bytes()
    begin = content.index(b"\n") + 1 if whole.suffix == ".csv" else 0
    end = content.index(b']]"\r\n' if whole.suffix == ".csv" else b"\n", begin) + 1
    end = content.index(b"\n", end - 1) + 1
    record, name = content[begin:end], b"0000.png"
    many = b"".join(record.replace(name, b"kept-%06d.png" % k) for k in range(kept))
    return content[:begin] + many, record[: -len(record) // 3]


def killed_as_it_resumes(
    folder: Path, whole: Path, kept: int, count: int, rng: np.random.Generator
) -> list[float]:
    """Kill every other resume as it cuts the file, and the rest before that."""
    path, ended, until_cut = whole.with_stem("resumed"), [], 0.0
    many, half = with_many(whole, kept)
    for number in range(count):
        records_of(path).write_bytes(many + half)
        started, process = time.perf_counter(), start(folder, path)
        if number % 2 == 0:
            while records_of(path).stat().st_size >= len(many + half) and process.poll() is None:
                pass
            until_cut = time.perf_counter() - started
        else:
            time.sleep(rng.uniform(0.3, 1) * until_cut)
        ended.append(kill(process))
        if not records_of(path).read_bytes().startswith(many):
            raise SystemExit(f"{records_of(path).name} lost answers to a kill as it was resumed")
        finish(folder, path)
        if records_of(path).read_bytes() != many + content_after(whole):
            raise SystemExit(
                f"{records_of(path).name}: the answers added are not those of the rest"
            )
        for file in files_of(path):
            file.unlink()
    return ended


def content_after(whole: Path) -> bytes:
    """The records, without the header of a CSV file."""
    content = records_of(whole).read_bytes()
    return content[content.index(b"\n") + 1 :] if whole.suffix == ".csv" else content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("random", 80), ("aimed", 20), ("images", 300), ("kept", 50_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    rng, started = np.random.default_rng(1998), time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pages")
        folder.mkdir()
        draw(folder, chosen.images, rng)
        for k, kind in enumerate(KINDS):
            whole, began = Path(place, f"whole{kind}"), time.perf_counter()
            finish(folder, whole)
            seconds = time.perf_counter() - began
            kills = [(total + k) // len(KINDS) for total in (chosen.random, chosen.aimed)]
            ended = killed_at_random(folder, whole, seconds, kills[0], rng)
            ended += killed_as_it_resumes(folder, whole, chosen.kept, kills[1], rng)
            print(
                f"{kind[1:]:<8} {kills[0]} kills at random, {kills[1]} at the resume: each image "
                f"once; processes gone {median(ended):.2f} s after a kill, {max(ended):.2f} s at "
                f"most; a whole run {seconds:.1f} s",
                flush=True,
            )
    print(f"{chosen.random + chosen.aimed} kills in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
