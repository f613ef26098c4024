"""How much one call of an engine takes."""

from __future__ import annotations

from lenet.errors import InputError

# More would be a mistake, or want more memory than there is.
MOST_IMAGES = 10_000_000
MOST_PIXELS = 2**28  # of planes; every stage of them takes 12 to 32 GB
MOST_THREADS = 1024


def check_count(count: int, of: str, most: int) -> None:
    """Raise InputError unless 1 ≤ count ≤ most; of: what is counted, for the message."""
    if count == 0:
        raise InputError(f"expected at least one of the {of}, got none")
    if most == 0:
        raise InputError(f"expected {of} of at most {MOST_PIXELS:,} pixels, got larger ones")
    if count > most:
        raise InputError(
            f"expected at most {most:,} {of} of this size in one call, got {count:,}; "
            "pass them in parts"
        )
