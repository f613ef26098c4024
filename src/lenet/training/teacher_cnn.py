"""A deeper CNN in PyTorch, used only as a teacher.

Four convolutions and one linear layer with batch normalisation (Ioffe and Szegedy 2015) and max
pooling; at a width of 24 about ten times the multiply-adds of LeNet-5.
"""

from __future__ import annotations

from collections.abc import Callable
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
from lenet.training.learner import State
from lenet.training.native_learner import warped
from lenet.training.optimisers import AdamW
from lenet.training.recipe import CnnTeachers

BATCH = 100  # planes at a time, so that maps stay in the cache: 2.4 times as fast as 1,000
WEIGHTS = "weights.safetensors"
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what AdamW keeps of each parameter


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
            found = [-self(_channels_last(part)) for part in torch.from_numpy(planes).split(BATCH)]
        penalties: FloatArray = torch.cat(found).numpy()
        return penalties


def _block(inputs: int, maps: int, side: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, maps, side, bias=False), nn.BatchNorm2d(maps), nn.ReLU()]


def _channels_last(planes: Tensor) -> Tensor:
    """Maps innermost, which makes convolutions of few maps fast on a CPU."""
    return planes.contiguous(memory_format=torch.channels_last)


def _fresh(width: int, seed: int) -> TeacherCnn:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TeacherCnn(width)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _state(network: TeacherCnn, optimiser: torch.optim.AdamW) -> State:
    found = {f"network.{key}": value for key, value in network.state_dict().items()}
    for number, parameter in enumerate(network.parameters()):
        moments = optimiser.state[parameter]
        found |= {f"moments.{number}.{key}": value for key, value in moments.items()}
    return {key: np.array(value.contiguous().numpy()) for key, value in found.items()}


def _restore(network: TeacherCnn, optimiser: torch.optim.AdamW, state: State) -> None:
    tensors = {key: torch.from_numpy(np.array(value)) for key, value in state.items()}
    network.load_state_dict({key: tensors[f"network.{key}"] for key in network.state_dict()})
    for number, parameter in enumerate(network.parameters()):
        optimiser.state[parameter] = {key: tensors[f"moments.{number}.{key}"] for key in MOMENTS}


def train_teacher_cnn(
    settings: CnnTeachers,
    seed: int,
    digits: Digits,
    distortion: Distortion,
    home: Path | None = None,
    on_progress: Callable[[int, int, int], None] = lambda number, done, total: None,
) -> TeacherCnn:
    """Train on these digits by cross-entropy, with new distortions in each pass.

    home : a folder for the weights and a checkpoint after every pass; finished weights are loaded
    on_progress : called with (pass, digits learnt in it, digits in it)
    """
    network = _fresh(settings.width, seed)
    if home and (home / WEIGHTS).exists():
        network.load_state_dict(load_file(home / WEIGHTS))
        return network
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    schedule, begun = AdamW(peak_rate=settings.peak_rate), 0
    if home and (saved := read_checkpoint(home / "checkpoint", lambda warning: None)):
        _restore(network, optimiser, saved[0])
        begun = len(saved[1].history)
    each = -(-len(digits) // schedule.batch)
    network.train()
    for number in range(begun + 1, settings.passes + 1):
        stream = stream_of(seed, number)
        order = np.random.default_rng([seed, 1, number]).permutation(len(digits))
        for update, batch in enumerate(np.array_split(order, each)):
            done = ((number - 1) * each + update) / (settings.passes * each)
            optimiser.param_groups[0]["lr"] = schedule.rate(done)
            planes = torch.from_numpy(warped(digits.images[batch], batch, distortion, stream))
            labels = torch.from_numpy(digits.labels[batch])
            optimiser.zero_grad()
            functional.cross_entropy(network(_channels_last(planes)), labels).backward()
            optimiser.step()
            on_progress(number, min((update + 1) * schedule.batch, len(digits)), len(digits))
        if home:
            progress = Progress([{"pass": done} for done in range(1, number + 1)])
            write_checkpoint(home / "checkpoint", _state(network, optimiser), progress)
    if home:
        tensors = {key: value.contiguous() for key, value in network.state_dict().items()}
        write_atomically(home / WEIGHTS, save(tensors))
    return network
