"""The data sets known by name: their mirrors and hashes, and whether the files here are whole."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Literal

from lenet.errors import UsageError, needs

State = Literal["whole", "missing", "damaged"]
CHUNK = 2**20  # bytes hashed at a time


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    name : on the mirrors, packed
    size : of the packed file, in bytes; more are never downloaded
    packed : hash of the packed file, "md5:…" or "sha256:…"
    unpacked : SHA-256 of its contents, where published; the file here may then also be packed
        another way, or unpacked under its name without the suffix
    """

    name: str
    size: int
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
        9_912_422,
        "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    RemoteFile(
        "train-labels-idx1-ubyte.gz",
        28_881,
        "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    RemoteFile(
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    RemoteFile(
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

# As TensorFlow Datasets records them; nobody publishes hashes of what is inside.
QMNIST_FILES = (
    RemoteFile(
        "qmnist-train-images-idx3-ubyte.gz",
        9_704_059,
        "sha256:9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
    ),
    RemoteFile(
        "qmnist-train-labels-idx2-int.gz",
        463_024,
        "sha256:2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
    ),
    RemoteFile(
        "qmnist-test-images-idx3-ubyte.gz",
        9_742_279,
        "sha256:43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
    ),
    RemoteFile(
        "qmnist-test-labels-idx2-int.gz",
        526_800,
        "sha256:9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
    ),
)
FASHION_FILES = (
    RemoteFile(
        "train-images-idx3-ubyte.gz",
        26_421_880,
        "sha256:3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    RemoteFile(
        "train-labels-idx1-ubyte.gz",
        29_515,
        "sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    RemoteFile(
        "t10k-images-idx3-ubyte.gz",
        4_422_102,
        "sha256:346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    RemoteFile(
        "t10k-labels-idx1-ubyte.gz",
        5_148,
        "sha256:67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
)
# MD5s from torchvision's source. No size is published: a limit that both keep well within.
USPS_FILES = (
    RemoteFile("usps.bz2", 2**24, "md5:ec16c51db3855ca6c91edd34d0e9b197"),
    RemoteFile("usps.t.bz2", 2**24, "md5:8ea070ee2aca1ac39742fdd1ef5ed118"),
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
            "MNIST rebuilt with the whole test part: 60,000 + 60,000 (Yadav and Bottou, 2019)",
            "BSD-3-Clause",
            ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
            QMNIST_FILES,
        ),
        DatasetInfo(
            "fashion",
            "60,000 + 10,000 images of clothes in MNIST's format (Xiao, Rasul and Vollgraf, 2017)",
            "MIT",
            (
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            ),
            FASHION_FILES,
        ),
        DatasetInfo(
            "usps",
            "7,291 + 2,007 digits from envelopes, 16×16 (Hull, 1994; LIBSVM's copy)",
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
    with needs("data", "without --data-dir or LENET_DATA, lenet"):
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
