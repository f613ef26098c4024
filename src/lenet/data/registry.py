"""The data sets known by name: their mirrors and hashes, and whether the files here are whole."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Literal

from lenet.errors import UsageError

State = Literal["whole", "missing", "damaged"]
CHUNK = 2**20  # bytes hashed at a time


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    name : on the mirrors, packed
    packed : hash of the packed file, "md5:…" or "sha256:…"
    unpacked : SHA-256 of its contents, where published; the file here may then also be packed
        another way, or unpacked under its name without the suffix
    """

    name: str
    packed: str
    unpacked: str | None = None

    def find(self, folder: Path) -> Path | None:
        """Its path in this folder, packed or, where that can be checked, unpacked."""
        names = [self.name, Path(self.name).stem] if self.unpacked else [self.name]
        return next((folder / name for name in names if (folder / name).exists()), None)


@dataclass(frozen=True)
class DatasetInfo:
    """One data set. Files: training part first, images before labels; an embedded set has none."""

    name: str
    about: str
    licence: str
    mirrors: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] = ()


# Packed: SHA-256 of the files that LeCun, Cortes and Burges published; their MD5s are those in
# torchvision's source. Unpacked: SHA-256 of the four IDX files themselves.
MNIST_FILES = (
    RemoteFile(
        "train-images-idx3-ubyte.gz",
        "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    RemoteFile(
        "train-labels-idx1-ubyte.gz",
        "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    RemoteFile(
        "t10k-images-idx3-ubyte.gz",
        "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    RemoteFile(
        "t10k-labels-idx1-ubyte.gz",
        "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

# MD5s from torchvision's source; nobody publishes hashes of what is inside.
QMNIST_FILES = (
    RemoteFile("qmnist-train-images-idx3-ubyte.gz", "md5:ed72d4157d28c017586c42bc6afe6370"),
    RemoteFile("qmnist-train-labels-idx2-int.gz", "md5:0058f8dd561b90ffdd0f734c6a30e5e4"),
    RemoteFile("qmnist-test-images-idx3-ubyte.gz", "md5:1394631089c404de565df7b7aeaf9412"),
    RemoteFile("qmnist-test-labels-idx2-int.gz", "md5:5b5b05890a5e13444e108efe57b788aa"),
)
FASHION_FILES = (
    RemoteFile("train-images-idx3-ubyte.gz", "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    RemoteFile("train-labels-idx1-ubyte.gz", "md5:25c81989df183df01b3e8a0aad5dffbe"),
    RemoteFile("t10k-images-idx3-ubyte.gz", "md5:bef4ecab320f06d8554ea6380940ec79"),
    RemoteFile("t10k-labels-idx1-ubyte.gz", "md5:bb300cfdad3c16e7a12a480ee83cd310"),
)
USPS_FILES = (
    RemoteFile("usps.bz2", "md5:ec16c51db3855ca6c91edd34d0e9b197"),
    RemoteFile("usps.t.bz2", "md5:8ea070ee2aca1ac39742fdd1ef5ed118"),
)

REGISTRY = {
    info.name: info
    for info in (
        DatasetInfo(
            "digits",
            "1,797 digits of 13 writers, 8×8, embedded in scikit-learn (UCI, 1998)",
            "CC BY 4.0",
        ),
        DatasetInfo(
            "mnist",
            "60,000 + 10,000 handwritten digits (LeCun, Cortes and Burges, 1998)",
            "CC BY-SA 3.0",
            (
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
            MNIST_FILES,
        ),
        DatasetInfo(
            "qmnist",
            "MNIST made again, its test part whole: 60,000 + 60,000 (Yadav and Bottou, 2019)",
            "BSD-3-Clause",
            ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
            QMNIST_FILES,
        ),
        DatasetInfo(
            "fashion",
            "60,000 + 10,000 pictures of clothes in MNIST's form (Xiao, Rasul and Vollgraf, 2017)",
            "MIT",
            (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            ),
            FASHION_FILES,
        ),
        DatasetInfo(
            "usps",
            "7,291 + 2,007 digits from envelopes, 16×16 (Hull, 1994; as LIBSVM has them)",
            "not stated",
            ("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",),
            USPS_FILES,
        ),
    )
}


def dataset_info(name: str) -> DatasetInfo:
    """The data set of this name, or a UsageError that lists the names."""
    if name not in REGISTRY:
        raise UsageError(f"unknown data set {name!r}; use one of {', '.join(REGISTRY)}")
    return REGISTRY[name]


def data_folder(data_dir: Path | None = None) -> Path:
    """Where the data sets are: the folder given, else LENET_DATA, else the user's cache."""
    if data_dir is not None:
        return data_dir
    if chosen := os.environ.get("LENET_DATA"):
        return Path(chosen)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("lenet", appauthor=False))


@dataclass(frozen=True)
class FileState:
    """One file: where it is expected, and what is wrong with it unless it is whole."""

    path: Path
    state: State
    problem: str | None = None


def check_dataset(info: DatasetInfo, folder: Path) -> list[FileState]:
    """The state of each file of a data set in folder/NAME."""
    return [check_file(file, folder / info.name) for file in info.files]


def check_file(file: RemoteFile, folder: Path) -> FileState:
    """Compare one file with its published hash, or its contents where their hash is published."""
    path = file.find(folder)
    if path is None:
        return FileState(folder / file.name, "missing", "missing")
    try:
        problem = _difference(file, path)
    except (OSError, EOFError, zlib.error) as error:
        problem = f"cannot be read ({error})"
    return FileState(path, "damaged" if problem else "whole", problem)


def _difference(file: RemoteFile, path: Path) -> str | None:
    from lenet.data.idx import open_plain  # here: it imports numpy, which `lenet --help` must not

    algorithm, expected = file.packed.split(":")
    with path.open("rb") as stream:
        actual = _hash(stream, algorithm)
    if actual == expected:
        return None
    what = f"{algorithm.upper()} of the file"
    if file.unpacked:  # perhaps packed by another gzip, or unpacked
        with open_plain(path) as stream:
            algorithm, expected, actual = "sha256", file.unpacked, _hash(stream, "sha256")
        if actual == expected:
            return None
        what = "SHA256 of its contents"
    return f"{what} is {actual}, expected {expected}"


def _hash(stream: BufferedIOBase, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
