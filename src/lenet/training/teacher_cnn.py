"""A deeper convolutional network in PyTorch, only ever a teacher.

Four convolutions and one linear layer, batch normalisation (Ioffe and Szegedy 2015) and maxima; at
a width of 24 about ten times as many products as LeNet-5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn import functional

from lenet.augmentation.warp import Distortion, stream_of
from lenet.data.digits import Digits
from lenet.files import write_atomically
from lenet.network.plane import FloatArray
from lenet.training.checkpoint import Progress, read_checkpoint, write_checkpoint
from lenet.training.learner import Indices, State
from lenet.training.native_learner import warped
from lenet.training.optimisers import AdamW
from lenet.training.recipe import CnnTeachers

TOGETHER = 100  # planes at a time, so that maps stay in the cache: 2.4 times as fast as 1,000
WEIGHTS = "weights.safetensors"


class TeacherCnn(nn.Sequential):
    """(n, 1, 32, 32) planes to (n, 10) scores; `width` maps in the first layer."""

    def __init__(self, width: int) -> None:
        super().__init__(
            *_block(1, width, 5),  # (n, w, 28, 28)
            nn.MaxPool2d(2),
            *_block(width, 2 * width, 3),
            *_block(2 * width, 2 * width, 3),  # (n, 2w, 10, 10)
            nn.MaxPool2d(2),
            *_block(2 * width, 4 * width, 3),  # (n, 4w, 3, 3)
            nn.Flatten(),
            nn.Linear(4 * width * 9, 10),
        )

    def plane_penalties(self, planes: FloatArray) -> FloatArray:
        """Minus the scores, float32 (n, 10), so that the lowest wins, for planes (n, 1, 32, 32)."""
        self.eval()
        with torch.no_grad():
            found = [-self(_last(part)) for part in torch.from_numpy(planes).split(TOGETHER)]
        penalties: FloatArray = torch.cat(found).numpy()
        return penalties


def _block(inputs: int, maps: int, side: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, maps, side, bias=False), nn.BatchNorm2d(maps), nn.ReLU()]


def _last(planes: Tensor) -> Tensor:
    """Maps innermost, which is what makes convolutions of few maps fast on a CPU."""
    return planes.contiguous(memory_format=torch.channels_last)


@dataclass
class _Run:
    """A deep network being trained, and its optimiser."""

    network: TeacherCnn
    optimiser: torch.optim.AdamW

    @classmethod
    def begin(cls, deep: CnnTeachers, seed: int) -> _Run:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = TeacherCnn(deep.width)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(network, torch.optim.AdamW(network.parameters(), weight_decay=0.01))

    def state(self) -> State:
        found = {f"network.{key}": value for key, value in self.network.state_dict().items()}
        for number, moments in self.optimiser.state_dict()["state"].items():
            found |= {f"moments.{number}.{key}": value for key, value in moments.items()}
        return {key: np.array(value.contiguous().numpy()) for key, value in found.items()}

    def restore(self, state: State) -> None:
        tensors = {key: torch.from_numpy(np.array(value)) for key, value in state.items()}
        own = {key[8:]: value for key, value in tensors.items() if key.startswith("network.")}
        self.network.load_state_dict(own)
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith("moments."):
                _, number, name = key.split(".")
                moments.setdefault(int(number), {})[name] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": moments, "param_groups": groups})


def train_teacher_cnn(
    deep: CnnTeachers,
    seed: int,
    digits: Digits,
    distortion: Distortion,
    home: Path | None = None,
    told: Callable[[int, int, int], None] = lambda number, done, total: None,
) -> TeacherCnn:
    """A deep network that has learnt these digits, cross-entropy, bent anew each pass.

    home : a folder that keeps it, and a checkpoint after every pass; one that is there is taken
    told : called with (pass, digits learnt in it, digits in it)
    """
    run, method = _Run.begin(deep, seed), AdamW(peak_rate=deep.peak_rate)
    if home and (home / WEIGHTS).exists():
        run.network.load_state_dict(load_file(home / WEIGHTS))
        return run.network
    saved = read_checkpoint(home / "checkpoint", lambda warning: None) if home else None
    if saved:
        run.restore(saved[0])
    begun = len(saved[1].history) if saved else 0
    each = -(-len(digits) // method.batch)
    for number in range(begun + 1, deep.passes + 1):
        order = np.random.default_rng([seed, 1, number]).permutation(len(digits))
        for update, batch in enumerate(np.array_split(order, each)):
            rate = method.rate(((number - 1) * each + update) / (deep.passes * each))
            _update(run, rate, digits, batch, distortion, stream_of(seed, number))
            told(number, min((update + 1) * method.batch, len(digits)), len(digits))
        if home:
            history = [{"pass": done} for done in range(1, number + 1)]
            write_checkpoint(home / "checkpoint", run.state(), Progress(history=history))
    if home:
        tensors = {key: value.contiguous() for key, value in run.network.state_dict().items()}
        write_atomically(home / WEIGHTS, save(tensors))
    return run.network


def _update(
    run: _Run, rate: float, digits: Digits, batch: Indices, by: Distortion, stream: int
) -> None:
    planes = torch.from_numpy(warped(digits.images[batch], batch, by, stream))
    run.network.train()
    run.optimiser.param_groups[0]["lr"] = rate
    run.optimiser.zero_grad()
    labels = torch.from_numpy(digits.labels[batch])
    functional.cross_entropy(run.network(_last(planes)), labels).backward()
    run.optimiser.step()
