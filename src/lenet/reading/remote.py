"""Images and answers in object stores and other file systems: s3://bucket/folder/image.png.

pyarrow knows the file systems (s3, gs, hdfs, file) and takes keys from where their own tools do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import lru_cache
from glob import has_magic
from itertools import takewhile
from pathlib import Path, PurePosixPath
from shutil import copyfileobj, rmtree
from tempfile import mkdtemp
from typing import Any

from lenet.errors import InputError, MissingExtraError, ResourceError, UsageError
from lenet.files import refusing
from lenet.preprocessing.image import MAX_BYTES, SUFFIXES


def images_at(address: str) -> Iterator[str]:
    """What an address stands for, sorted: a folder's images, a pattern's files, or itself.

    A folder's sub-folders count; hidden files and folders do not.
    """
    found: list[str] = []
    try:
        system, path = _place(address)
        kind = system.get_file_info(path).type.name
        if kind == "Directory":
            found = _below(system, path, deep=True)
        elif kind == "NotFound" and has_magic(path):
            start = "/".join(takewhile(lambda part: not has_magic(part), path.split("/")))
            rest = path[len(start) + 1 :]
            found = _below(system, start, deep="/" in rest or rest == "**")
    except (OSError, ValueError) as problem:
        raise InputError(f"{address}: cannot be opened: {problem}") from problem
    if kind == "Directory":
        found = [name for name in found if name.lower().endswith(tuple(SUFFIXES))]
        if not found:
            raise InputError(
                f"{address}: a folder without images; expected files ending in "
                + ", ".join(sorted(SUFFIXES))
            )
    else:
        found = [name for name in found if _matches(name.split("/"), path.split("/"))]
    address = address.rstrip("/")
    inside = address.partition("://")[2].partition("/")[2]
    root, start = address.removesuffix(inside), path.removesuffix(inside)
    yield from [root + name.removeprefix(start) for name in found] or [address]


def _below(system: Any, folder: str, *, deep: bool) -> list[str]:
    """The paths of the files in a folder, sorted, those in its sub-folders too if deep."""
    selector = _arrow().FileSelector(folder, recursive=deep, allow_not_found=True)
    paths = sorted(each.path for each in system.get_file_info(selector) if each.is_file)
    return [path for path in paths if "/." not in path[len(folder) :]]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path match those of a glob pattern; ** is any number of parts."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[k:], pattern[1:]) for k in range(len(parts) + 1))
    here = bool(parts) and fnmatchcase(parts[0], pattern[0])
    return here and _matches(parts[1:], pattern[1:])


def content_at(address: str) -> bytes:
    """The bytes there, or an error, which leaves the address to whoever asked.

    Raises InputError where there is no such file, ResourceError if its store did not give it.
    """
    try:
        system, path = _place(address)
        with system.open_input_stream(path) as file:
            content: bytes = file.read(MAX_BYTES + 1)
            return content
    except (FileNotFoundError, ValueError) as problem:
        raise InputError(f"cannot be read: {problem}") from problem
    except OSError as problem:  # of the network or the store, which another try may find up
        raise ResourceError(f"cannot be read: {problem}") from problem


@contextmanager
def uploaded(address: str, tell: Callable[[str], None]) -> Iterator[Path]:
    """A file on this machine that is copied to an address when the block ends.

    Object stores do not append. Where the block or the copying fails, the file stays here.

    tell : called with where it stays then

    Raises
    ------
    UsageError
        if something is there already
    LenetError
        if it cannot be written
    """
    try:
        system, path = _place(address)
        kind = system.get_file_info(path).type.name
    except (OSError, ValueError) as problem:
        raise InputError(f"--out {address}: cannot be opened: {problem}") from problem
    if kind != "NotFound":
        raise UsageError(f"--out {address} is there already; choose another")
    folder = Path(mkdtemp(prefix="lenet-"))
    here = folder / PurePosixPath(path).name
    try:
        yield here
        with (
            refusing(address, "copy the file there when it can be written"),
            here.open("rb") as content,
            system.open_output_stream(path) as target,
        ):
            copyfileobj(content, target)
        rmtree(folder)
    except BaseException:
        if any(file.stat().st_size for file in folder.iterdir()):
            tell(f"the answers are kept in {folder}")
        else:
            rmtree(folder)
        raise


def _place(address: str) -> tuple[Any, str]:
    """The file system, and the path in it, of scheme://host-or-bucket/path."""
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    system, root = _system(f"{scheme}://{host}/")
    return system, f"{root.rstrip('/')}/{path}".rstrip("/")


@lru_cache(maxsize=16)
def _system(root: str) -> tuple[Any, str]:
    """The file system of a root, asked for once: that of a bucket costs a request."""
    system, path = _arrow().FileSystem.from_uri(root)
    return system, path


def _arrow() -> Any:
    try:
        import pyarrow.fs
    except ModuleNotFoundError as missing:
        raise MissingExtraError("an address such as s3://…", "pyarrow", "parquet") from missing
    return pyarrow.fs
