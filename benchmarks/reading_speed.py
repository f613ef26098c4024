"""How quickly people's numbers are read: one crop, a folder of them, a large page.

    LENET_DATA=… python benchmarks/reading_speed.py

Prints the median milliseconds of a 100×40 crop in a running process; crops a second that `lenet
read FOLDER --jobs 2` reads, start-up included and without it, from the cells of LENET_DATA/reading
once and eight times over; seconds and memory of `lenet read` for twelve cheque amounts on a page of
12 megapixels. By the clock: the machine should be idle.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from lenet.reading.reader import Reader

CROPS, TIMES, RUNS = 300, 8, 3
READ = (sys.executable, "-m", "lenet", "read", "--quiet")


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([*READ, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def one_crop(cells: list[Path]) -> None:
    reader, spent = Reader(), []
    for cell in cells[:CROPS]:
        crop = Image.open(cell).resize((100, 40))
        started = time.perf_counter()
        reader.read(crop)
        spent.append(time.perf_counter() - started)
    print(f"a 100×40 crop     {1000 * np.median(spent):.1f} ms, the median of {len(spent)}")


def folder(cells: list[Path], place: Path) -> None:
    for copy in range(TIMES):
        for cell in cells:
            (place / f"{copy}-{cell.name}").symlink_to(cell)
    answers = str(place / "answers.jsonl")
    spent: dict[str, list[float]] = {str(cells[0].parent): [], str(place): []}
    for _ in range(RUNS):
        for name, runs in spent.items():
            runs.append(seconds(name, "--jobs", "2", "--out", answers))
            Path(answers).unlink()
    once, often = (float(np.median(runs)) for runs in spent.values())
    many = TIMES * len(cells)
    print(f"{len(cells):,} crops       {once:.1f} s;  {many:,}: {often:.1f} s, medians of {RUNS}")
    rates = f"{many / often:,.0f}, without start-up {(many - len(cells)) / (often - once):,.0f}"
    print(f"crops a second    {rates}")


def page(amounts: list[Path], place: Path) -> None:
    sheet = Image.new("L", (4000, 3000), 235)
    for k, file in enumerate(amounts[:12]):
        amount = Image.open(file).convert("L")
        sheet.paste(
            amount.resize((4 * amount.width, 4 * amount.height)),
            (200 + k % 2 * 1900, 150 + k // 2 * 450),
        )
    grain = np.random.default_rng(1).normal(0, 3, (3000, 4000))
    grainy = (np.asarray(sheet) + grain).clip(0, 255).astype(np.uint8)
    Image.fromarray(grainy).save(place / "page.jpg", quality=90)
    spent = seconds(str(place / "page.jpg"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"a 12-MP page      {spent:.2f} s, {memory:.0f} MiB at most")


def main() -> None:
    reading = Path(os.environ["LENET_DATA"]).resolve() / "reading"
    cells, amounts = (sorted((reading / name / "img").iterdir()) for name in ("cells", "amounts"))
    with tempfile.TemporaryDirectory() as place:
        page(amounts, Path(place))  # first: children's memory is the most of any so far
    one_crop(cells)
    with tempfile.TemporaryDirectory() as place:
        folder(cells, Path(place))


if __name__ == "__main__":
    main()
