"""How long the commands take to answer, from an empty process.

    python benchmarks/start_up.py

The contract: `lenet --help` in under 0.3 s, `lenet read IMAGE` in under 0.6 s on a warm disk. Exit
code 1 if the median is over.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "examples" / "3-photo.jpg"
BOUNDS = {("--help",): 0.3, ("read", str(SAMPLE)): 0.6}
REPEATS = 11


def seconds(arguments: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "lenet", *arguments], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> int:
    late = 0
    for arguments, bound in BOUNDS.items():
        seconds(arguments)  # warms the disk
        taken = sorted(seconds(arguments) for _ in range(REPEATS))
        median = statistics.median(taken)
        late += median > bound
        name = " ".join(["lenet", arguments[0]])
        print(f"{name:<14} median {median:.2f} s ({taken[0]:.2f}–{taken[-1]:.2f}), bound {bound} s")
    return int(late > 0)


if __name__ == "__main__":
    sys.exit(main())
