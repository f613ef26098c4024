"""The ten 7×12 drawings that are F6's targets: the fixed centres of the RBF units (Fig. 3)."""

from __future__ import annotations

import numpy as np

from lenet.network.plane import FloatArray

ROWS, COLUMNS = 12, 7  # one cell per F6 unit, row by row: 84

# '#' is ink (+1) and '.' paper (−1), read from the images embedded in Fig. 3. Five drawings a line.
# The bar in row 0 of 0, 2, 4 and 5 is real: it keeps them apart from similar letters.
DRAWINGS = """
.#####. ...##.. .#####. ####### .#####.
....... ..###.. ....... .....## .......
..###.. .####.. .#####. ....##. .......
.##.##. ...##.. ##...## ...##.. .##..##
##...## ...##.. #....## ..####. .##..##
##...## ...##.. ....##. .....## ###..##
##...## ...##.. ..###.. .....## ##...##
##...## ...##.. .##.... .....## ##...##
.##.##. ...##.. ##..... ##...## ##..###
..###.. .###### ####### .#####. .######
....... ....... ....... ....... .....##
....... ....... ....... ....... .....##

.#####. ..####. ####### .#####. .#####.
....... .##.... .....## ##...## ##..###
####### ##..... .....## ##...## ##...##
##..... ##..... ....##. ##...## ##...##
##..... ######. ...##.. .#####. ##..###
.####.. ###..## ...##.. ##...## .######
..####. ##...## ..##... ##...## .....##
.....## ##...## ..##... ##...## .....##
##...## ###..## ..##... ##...## ....##.
.#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... .......
....... ....... ....... ....... .......
"""


def digit_codes() -> FloatArray:
    """The codes of 0 … 9, shape (10, 84), each +1 or −1; reshape a row to (12, 7) to see it."""
    lines = [line.split() for line in DRAWINGS.strip().splitlines() if line]
    halves = [lines[:ROWS], lines[ROWS:]]
    drawings = ["".join(row[k] for row in half) for half in halves for k in range(5)]
    return np.array([[1 if cell == "#" else -1 for cell in drawing] for drawing in drawings], "f4")
