"""Images in object stores and other file systems, named by address: s3://bucket/folder/image.png.

pyarrow knows the file systems (s3, gs, hdfs, file) and takes keys from where their own tools do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lenet.errors import InputError, MissingExtraError, ResourceError
from lenet.preprocessing.image import MAX_BYTES, SUFFIXES


def images_at(address: str) -> Iterator[str]:
    """The addresses of the images in a folder, sorted; the address itself if it is no folder."""
    try:
        system, path = _place(address)
        info = system.get_file_info(path)
        inside = []
        if info.type.name == "Directory":
            inside = system.get_file_info(_arrow().FileSelector(path))
    except (OSError, ValueError) as problem:
        raise InputError(f"{address}: cannot be opened: {problem}") from problem
    if info.type.name != "Directory":
        yield address
        return
    names = sorted(each.base_name for each in inside if each.is_file)
    images = [name for name in names if _is_image(name)]
    if not images:
        raise InputError(
            f"{address}: a folder without images; expected files ending in "
            + ", ".join(sorted(SUFFIXES))
        )
    yield from (f"{address.rstrip('/')}/{name}" for name in images)


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


def _is_image(name: str) -> bool:
    return name[0] != "." and any(name.lower().endswith(suffix) for suffix in SUFFIXES)


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
        raise MissingExtraError("reading from an address", "pyarrow", "parquet") from missing
    return pyarrow.fs
