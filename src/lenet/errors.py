"""The error family. Each kind carries the exit code that the command line ends with.

LenetError               1   something failed that is not one of the kinds below
├── UsageError           2   the call contradicts itself or names something unknown
├── InputError           3   a file or an array cannot be used (also a ValueError)
├── FetchError           4   data could not be fetched
├── ResourceError        1   the machine failed, not the file: try again
└── MissingExtraError    1   an optional part of the package is not installed
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager


class LenetError(Exception):
    """A refusal; the message says what came, what was expected and what to do.

    All errors of this package are of this kind.

    Examples
    --------
    >>> import lenet
    >>> try:
    ...     lenet.read("missing.png")
    ... except lenet.LenetError as refused:
    ...     print(refused)
    missing.png: no such file; check the name
    """

    exit_code = 1


class UsageError(LenetError):
    """A call that contradicts itself or names something unknown."""

    exit_code = 2


class InputError(LenetError, ValueError):
    """A file or an array that cannot be read or is not what was expected."""

    exit_code = 3


class FetchError(LenetError):
    """Data that could not be fetched from any mirror."""

    exit_code = 4


class ResourceError(LenetError):
    """Memory, open files, a disk or the network failed: no verdict on the file that was read."""


# What the system reports when the machine fails, not the file.
RESOURCES = frozenset(
    {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}
)


def verdict(problem: Exception, name: str, words: str) -> LenetError:
    """An InputError with these words about a file; a ResourceError if the machine failed."""
    if isinstance(problem, MemoryError):
        return ResourceError(f"{name}: not enough memory; free some and read it again")
    number = getattr(problem, "errno", None)
    if number in RESOURCES:
        return ResourceError(f"{name}: {os.strerror(number)}; read it again")
    return InputError(f"{name}: {words}")


class MissingExtraError(LenetError):
    """A part of the package that needs a library which is not installed."""

    def __init__(self, task: str, library: str, extra: str) -> None:
        super().__init__(
            f"{task} needs {library}, which is not installed; "
            f"install it with: pip install 'lenet[{extra}]'"
        )


class MissingNameError(MissingExtraError, AttributeError):
    """A public name that needs such a library. `help`, `hasattr` and completion pass over it."""


@contextmanager
def needs(
    extra: str, task: str, error: type[MissingExtraError] = MissingExtraError
) -> Iterator[None]:
    """Says what to install where something imported inside is not there.

    extra : of the package, that brings it
    task : what needs it, as the message begins
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise error(task, str(missing.name), extra) from missing
