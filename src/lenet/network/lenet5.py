"""LeNet-5 in PyTorch, layer by layer as published (LeCun, Bottou, Bengio, Haffner 1998, II-B)."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lenet.errors import FetchError
from lenet.network.architecture import ARCHITECTURES, Architecture, Stages
from lenet.network.confidence import Classified, classify_penalties
from lenet.network.layers import (
    SQUASHES,
    LinearHead,
    PointwiseLinear,
    Pooling,
    RadialBasis,
    SubSampling,
    TableConvolution,
)
from lenet.network.plane import FloatArray, check_planes, to_planes
from lenet.network.summary import html_table
from lenet.network.weights import (
    HUB_CARD,
    HUB_TENSORS,
    Weights,
    initial_tensors,
    load_weights,
)

Images: TypeAlias = Tensor | NDArray[Any]


class LeNet5(nn.Module):
    """The network of the architecture; without one, the published one: 60,000 trainable parameters.

    A torch module. Calling it gives penalties, the lowest wins; `stages` gives every layer,
    `classify` values and confidences.

    Parameters
    ----------
    architecture : the named options that separate it from its variants
    generator : draws the initial weights (±1/√fan-in, see `initial_tensors`);
        without one, they differ every time
    temperature : divides the penalties before they become confidences; fitted on validation data

    Examples
    --------
    >>> import lenet
    >>> network = lenet.LeNet5()  # untrained; lenet.load() gives a trained one
    >>> sum(weights.numel() for weights in network.parameters())
    60000
    >>> network.c3
    TableConvolution(6→16, 60 pairs)
    """

    def __init__(
        self,
        architecture: Architecture = ARCHITECTURES["1998"],
        generator: np.random.Generator | None = None,
        temperature: float = 1.0,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.temperature = temperature
        self.squash = SQUASHES[architecture.squash]
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = self._subsampling(6)
        self.c3 = TableConvolution(architecture.c3_inputs, inputs=6)
        self.s4 = self._subsampling(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = PointwiseLinear(120, 84)
        self.output = RadialBasis() if architecture.head == "rbf" else LinearHead(84, 10)
        generator = generator or np.random.default_rng()
        self.set_tensors(initial_tensors(architecture, "lush", generator))

    @classmethod
    def from_pretrained(cls, name: str | Path = "1998") -> LeNet5:
        """The trained network of that name, ready to classify, as `lenet.load` gives it.

        Parameters
        ----------
        name : "1998" or "modern", which come with the package; a weights file, a run folder or what
            `lenet export hub` wrote; or a repository of such files on the Hugging Face Hub, as
            "owner/name", which is downloaded if huggingface_hub is installed

        Raises
        ------
        InputError
            names what was given, what is wrong with it, and what to do.
        FetchError
            if the Hub does not answer or has no such repository.
        """
        found = _downloaded(str(name)) if _is_repository(str(name)) else name
        return from_weights(load_weights(found), cls)

    def _repr_html_(self) -> str:
        """What a notebook shows: the table of `lenet info`."""
        return html_table(self.architecture)

    def _subsampling(self, maps: int) -> nn.Module:
        kind = self.architecture.subsampling
        return SubSampling(maps) if kind == "trainable" else Pooling(kind)

    def stages(self, images: Images) -> Stages:
        """Every stage of Fig. 2, of images as `forward` takes them.

        >>> import lenet
        >>> images = lenet.data.load("digits").test.images
        >>> lenet.load().stages(images).c3.shape
        torch.Size([397, 16, 10, 10])
        """
        planes, squash = as_planes(images).to(self.c1.weight), self.squash
        # S2 and S4 squash what they sampled; plain pooling, which samples only, does not.
        sampled = squash if self.architecture.subsampling == "trainable" else nn.Identity()
        c1 = squash(self.c1(planes))  # (n,   6, 28, 28)
        s2 = sampled(self.s2(c1))  #    (n,   6, 14, 14)
        c3 = squash(self.c3(s2))  #     (n,  16, 10, 10)  sparse: Table I
        s4 = sampled(self.s4(c3))  #    (n,  16,  5,  5)
        c5 = squash(self.c5(s4))  #     (n, 120,  1,  1)  a convolution on purpose
        f6 = squash(self.f6(c5))  #     (n,  84,  1,  1)  a 7×12 drawing
        output = self.output(f6)  #     (n,  10,  1,  1)  penalties, lowest wins
        return Stages(c1, s2, c3, s4, c5, _without_map_axes(f6), _without_map_axes(output))

    def forward(self, images: Images) -> Tensor:
        """The penalties of the ten digits, (n, 10); the lowest wins.

        Parameters
        ----------
        images : digit images, uint8 of shape (n, 28, 28), 0 paper … 255 ink; or planes, floats of
            shape (n, 1, 32, 32), -0.1 paper … 1.175 ink, or higher and wider ones by steps of 4,
            which have an output every 4 pixels, (n, 10, h, w). Tensors or arrays.

        Raises
        ------
        InputError
            for another shape or type.
        """
        penalties: Tensor = self.stages(images).output
        return penalties

    @torch.no_grad()
    def penalties(self, images: Images, batch: int = 500) -> FloatArray:
        """As `forward`, `batch` images at a time; float32 (n, 10)."""
        planes = as_planes(images)
        parts = [self(part).float().cpu() for part in planes.split(batch)]
        return torch.cat(parts).numpy() if len(planes) else np.empty((0, 10), np.float32)

    def classify(self, images: Images) -> Classified:
        """The values 0 … 9 and confidences 0 … 1, (n,) each, of images as `forward` takes them.

        >>> import lenet
        >>> image = lenet.read("examples/3-photo.jpg").digits[0].image
        >>> lenet.load().classify(image).values
        array([3])
        """
        return classify_penalties(self.penalties(images), self.temperature)

    def tensors(self) -> dict[str, FloatArray]:
        """Float32 copies of all weights under their published names, C3 dense as in `dense()`."""
        state = self.state_dict()
        del state["c3.kernels"]
        state["c3.weight"] = self.c3.dense().detach()
        return {name: state[name].float().cpu().numpy().copy() for name in sorted(state)}

    def set_tensors(self, tensors: dict[str, FloatArray]) -> None:
        """Take over weights in the form that `tensors()` gives them."""
        state: dict[str, Any] = {name: torch.from_numpy(array) for name, array in tensors.items()}
        dense = state.pop("c3.weight").to(self.c3.into.device)
        state["c3.kernels"] = dense[self.c3.into, self.c3.source]
        self.load_state_dict(state)


def as_planes(images: Images) -> Tensor:
    """Digit images, uint8 (n, 28, 28), as planes (n, 1, 32, 32); planes stay as they are."""
    if isinstance(images, Tensor) and images.dtype != torch.uint8:
        check_planes(images)
        return images
    array = images.numpy(force=True) if isinstance(images, Tensor) else np.asarray(images)
    planes = to_planes(array) if array.dtype == np.uint8 else array.copy()
    check_planes(planes)
    return torch.from_numpy(planes)


def _without_map_axes(maps: Tensor) -> Tensor:
    """(n, units, 1, 1) as (n, units); wider maps as they are."""
    return maps.flatten(1) if maps.shape[2:] == (1, 1) else maps


def from_weights(weights: Weights, kind: type[LeNet5] = LeNet5) -> LeNet5:
    """The network that these weights belong to, ready to classify."""
    network = kind(weights.architecture, temperature=weights.temperature)
    network.set_tensors(weights.tensors)
    return network.eval()


def _is_repository(name: str) -> bool:
    """Whether it names a repository of the Hugging Face Hub, and no path that is here."""
    owned = re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) and not Path(name).exists()
    return bool(owned and find_spec("huggingface_hub"))


def _downloaded(repository: str) -> Path:
    """The weights of this repository and their card, from the Hub or its local cache."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, allow_patterns=[HUB_TENSORS, HUB_CARD]))
    except (OSError, ValueError) as problem:  # ValueError: no name that a repository can have
        raise FetchError(
            f"{repository}: not fetched from the Hugging Face Hub ({problem}); "
            "check the name and the connection, or name a local folder"
        ) from problem


def load(name: str | Path = "1998") -> LeNet5:
    """A trained network, ready to classify.

    Parameters
    ----------
    name : shipped weights, "1998" (trained as published) or "modern" (fewer errors); or a
        safetensors file, or the folder of a run

    Raises
    ------
    InputError
        if there are no such weights, or they belong to no LeNet-5.

    Examples
    --------
    >>> import lenet
    >>> network = lenet.load("modern")
    >>> network(lenet.data.load("digits").test.images).shape
    torch.Size([397, 10])
    """
    return from_weights(load_weights(name))
