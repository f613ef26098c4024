"""What reading very many images costs: the figures that docs/scale.md reckons with.

    LENET_DATA=… python benchmarks/reading_scale.py [FOLDER or pattern of crops]

One process, one thread. Processor seconds, which a busy machine changes less than the clock's; both
are printed. Crops are the cells of LENET_DATA/reading; the photo is one of examples/ laid on grainy
paper of 12 megapixels.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from lenet.reading.batch import Answer, Settings, answer, files_of, reader_for
from lenet.reading.output_files import OutputFile

CROPS, PHOTOS, ROWS = 300, 5, 20_000
SAMPLE = Path(__file__).parents[1] / "examples" / "3-photo.jpg"
CELLS = Path(os.environ.get("LENET_DATA", ".")) / "reading" / "cells" / "img"


def show(title: str, figure: str, more: str = "") -> None:
    print(f"{title:<28}{figure:>18}  {more}", flush=True)


def timed(title: str, count: int, work: Callable[[], object]) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    rates = f"{count / processor:,.0f} /s of processor time, {count / wall:,.0f} by the clock"
    show(title, f"{1000 * processor / count:.3f} ms", rates)


def photo(folder: Path) -> Path:
    """A note on 4000×3000 pixels of paper, as a phone saves it."""
    note = Image.open(SAMPLE).convert("L")
    page = np.random.default_rng(0).normal(200, 4, (3000, 4000)).clip(0, 255).astype(np.uint8)
    page[1000 : 1000 + note.height, 1500 : 1500 + note.width] = np.asarray(note)
    Image.fromarray(page).convert("RGB").save(folder / "photo.jpg", quality=85)
    return folder / "photo.jpg"


def writing(found: list[Answer], folder: Path) -> None:
    """The one process that takes answers from all others and writes them."""
    packed = [pickle.dumps(each) for each in found]
    show("an answer between machines", f"{np.mean([len(each) for each in packed]):,.0f} bytes")
    with OutputFile.open(folder / "answers.parquet") as results:

        def write() -> None:
            for k in range(ROWS):
                results.add(pickle.loads(packed[k % len(packed)]).to_dict())

        timed("an answer taken, written", ROWS, write)
        show("", f"{results.records.stat().st_size / ROWS:,.0f} bytes", "a line")
        start = time.process_time()
    show("… and made Parquet at last", f"{(time.process_time() - start) / ROWS * 1000:.3f} ms")


def main(crops: str = str(CELLS)) -> None:
    names, reader = list(files_of([crops]))[:CROPS], reader_for(Settings())
    found = [answer(name, reader) for name in names[:20]]  # warms the disk and the kernels
    timed("a crop", len(names), lambda: [answer(name, reader) for name in names])
    show("", f"{np.mean([Path(name).stat().st_size for name in names]):,.0f} bytes")
    with tempfile.TemporaryDirectory() as place:
        large = photo(Path(place))
        photos = [str(large)] * PHOTOS
        timed("a 12-megapixel photo", PHOTOS, lambda: [answer(name, reader) for name in photos])
        show("", f"{large.stat().st_size:,} bytes")
        writing(found, Path(place))
    started = time.perf_counter()
    code = "from lenet.reading.batch import Settings, reader_for; reader_for(Settings())"
    subprocess.run([sys.executable, "-c", code], check=True)
    show("start of a process", f"{time.perf_counter() - started:.2f} s", "by the clock")


if __name__ == "__main__":
    main(*sys.argv[1:])
