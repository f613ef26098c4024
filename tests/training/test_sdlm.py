"""The 1998 way to learn, against autograd, equation by equation (appendix C)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.autograd.functional import hessian, jacobian
from torch.func import functional_call

from lenet.network.architecture import Architecture
from lenet.network.lenet5 import LeNet5
from lenet.training.curvature import curvature
from lenet.training.loss import mean_loss
from lenet.training.optimisers import Sdlm
from lenet.training.recipes import RECIPES
from lenet.training.torch_learner import SdlmLearner

LAYERS = ("c1", "s2", "c3", "s4", "c5", "f6", "output")


def network_of(seed: int, **options: str) -> LeNet5:
    return LeNet5(Architecture(**options), np.random.default_rng(seed)).double()


def jacobian_curvature(network: LeNet5, plane: torch.Tensor) -> dict[str, torch.Tensor]:
    """h_kk of one pattern by whole Jacobians: eqs 23, 25 and 27 without any of their shortcuts.

    A unit uses each shared weight in one connection, so (∂a_i/∂w_k)² is that connection's x_j².
    """
    stages = network.stages(plane)
    inputs = [plane, *(s if s.dim() == 4 else s[:, :, None, None] for s in stages[:6])]
    squash_after = {name: name != "output" for name in LAYERS}
    if network.architecture.subsampling != "trainable":
        squash_after |= {"s2": False, "s4": False}
    if network.architecture.head == "rbf":  # E = y_D: d²E/dx² = 2 at every F6 unit, exactly
        down, layers = torch.full((84,), 2.0, dtype=torch.float64), LAYERS[:-1]
    else:
        down, layers = torch.ones(10, dtype=torch.float64), LAYERS
    found = {}
    for name in reversed(layers):
        layer, maps = getattr(network, name), inputs[LAYERS.index(name)].detach()
        activation = layer(maps).detach()
        if squash_after[name]:
            through = jacobian(network.squash, activation.flatten())
            down = (through**2).T @ down
        for parameter, value in layer.named_parameters():
            by_weight = jacobian(
                lambda w, p=parameter: functional_call(layer, {p: w}, (maps,)).flatten(),  # noqa: B023
                value.detach(),
            )
            squared = by_weight.reshape(len(down), -1) ** 2
            found[f"{name}.{parameter}"] = (squared.T @ down).reshape(value.shape)
        by_input = jacobian(lambda m: layer(m).flatten(), maps).reshape(len(down), -1)  # noqa: B023
        down = (by_input**2).T @ down
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"c3": "full", "subsampling": "average", "squash": "tanh", "head": "linear"},
        {"subsampling": "max", "squash": "silu"},
    ],
    ids=str,
)
def test_curvature_equals_squared_jacobians(options, planes):
    network = network_of(3, **options)
    ours = curvature(network, planes[:1].double())
    slow = jacobian_curvature(network, planes[:1].double())
    assert set(ours) == set(slow) == {name for name, _ in network.named_parameters()}
    for name, h in slow.items():
        assert torch.allclose(ours[name], h, rtol=1e-9), name
        assert (ours[name] >= 0).all()


def test_curvature_is_the_mean_over_patterns(planes):
    network, planes = network_of(4), planes.double()
    alone = [curvature(network, planes[k : k + 1]) for k in range(3)]
    for name, h in curvature(network, planes).items():
        assert torch.allclose(h, sum(one[name] for one in alone) / 3)


def test_f6_is_the_exact_gauss_newton_diagonal(planes):
    """In F6 nothing is dropped but f″: there h is the exact second derivative less that term."""
    network, plane, label = network_of(5), planes[:1].double(), torch.tensor([7])
    c5 = network.stages(plane).c5.detach()
    weight, bias = network.f6.weight.detach(), network.f6.bias.detach()

    def loss(w: torch.Tensor) -> torch.Tensor:
        f6 = network.squash(w @ c5[0, :, 0, 0] + bias)
        return mean_loss(((f6 - network.output.codes) ** 2).sum(1)[None], label, "eq8")

    few = weight[:3].clone()  # the exact Hessian of three units' 360 weights
    exact = hessian(lambda w: loss(torch.cat([w, weight[3:]])), few).reshape(360, 360).diagonal()
    a = (weight @ c5[0, :, 0, 0] + bias)[:3]
    f = 1.7159 * torch.tanh(2 * a / 3)
    slope = 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    second = -2 * (2 / 3) * torch.tanh(2 * a / 3) * slope
    dropped = second * 2 * (f - network.output.codes[7, :3])  # f″ dE/dx of eq. 26
    exact_less_dropped = exact.reshape(3, 120) - dropped[:, None] * c5[0, :, 0, 0] ** 2
    ours = curvature(network, plane)["f6.weight"][:3]
    assert torch.allclose(ours, exact_less_dropped, rtol=1e-9)


def test_eq8_and_eq9_written_out(rng):
    penalties = torch.from_numpy(rng.uniform(0, 30, (5, 10)))
    labels = torch.tensor([3, 1, 4, 1, 5])
    rows = penalties.tolist()
    right = [row[label] for row, label in zip(rows, labels.tolist(), strict=True)]
    assert mean_loss(penalties, labels, "eq8").item() == pytest.approx(sum(right) / 5)
    for j in (0.1, 20.0, math.inf):
        by_hand = [
            y + math.log(math.exp(-j) + sum(math.exp(-other) for other in row))
            for y, row in zip(right, rows, strict=True)
        ]
        ours = mean_loss(penalties, labels, "eq9", j).item()
        assert ours == pytest.approx(sum(by_hand) / 5)
        assert ours > 0  # section II-C
    cross_entropy = torch.nn.functional.cross_entropy(-penalties, labels)
    assert mean_loss(penalties, labels, "eq9").item() == pytest.approx(cross_entropy.item())


@pytest.mark.parametrize(("loss", "rubbish"), [("eq8", math.inf), ("eq9", 20.0)])
def test_an_update_is_eq_18_with_eq_21(loss, rubbish, planes):
    """Three updates by the learner, and the same ones by hand on a network without flat vectors."""
    recipe = RECIPES["1998"].__class__(name="t", optimiser=Sdlm(), loss=loss, rubbish=rubbish)
    labels = torch.tensor([3, 8, 1])
    ours, by_hand = (LeNet5(generator=np.random.default_rng(6)) for _ in range(2))
    learner = SdlmLearner(ours, recipe, Sdlm(), planes, labels)
    learner.start_pass(4, np.array([0, 2]))
    h = curvature(by_hand, planes[[0, 2]])
    step = {name: 0.0002 / (0.02 + value) for name, value in h.items()}  # η of pass 4
    wrong = 0
    for k in (2, 0, 1):
        penalties = by_hand(planes[k : k + 1])
        wrong += int(penalties.argmin() != labels[k])
        by_hand.zero_grad()
        mean_loss(penalties, labels[k : k + 1], loss, rubbish).backward()
        with torch.no_grad():
            for name, parameter in by_hand.named_parameters():
                parameter -= step[name] * parameter.grad
    assert learner.learn(np.array([2, 0, 1])) == wrong
    for name, parameter in by_hand.named_parameters():
        assert torch.allclose(ours.get_parameter(name), parameter, rtol=1e-4, atol=1e-6), name


def test_the_schedule_is_the_printed_one():
    rates = [Sdlm().rate(number) for number in range(1, 21)]
    assert rates == [5e-4] * 2 + [2e-4] * 3 + [1e-4] * 3 + [5e-5] * 4 + [1e-5] * 8
    assert Sdlm().rate(25) == 1e-5
    assert (Sdlm().mu, Sdlm().curvature_patterns) == (0.02, 500)
