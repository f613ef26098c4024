"""Compiled mini-batches and distortions against PyTorch, autograd and numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from engine_cases import BUILT, digit_images, random_weights

from lenet.augmentation.warp import Distortion, distort, stream_of
from lenet.data.datasets import load_set
from lenet.engine import native_engine
from lenet.engine.native_engine import native_architecture
from lenet.engine.packing import packed, trainable_mask, unpacked
from lenet.network.architecture import Architecture
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import BYTE_TO_PLANE, to_planes
from lenet.network.weights import expected_shapes
from lenet.training.distillation import Teachers
from lenet.training.engines import make_learner
from lenet.training.fit import pass_permutation, starting_tensors
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Distillation, Recipe, RunConfig

pytestmark = BUILT

NETWORKS = {
    "1998": Architecture(),
    "simplified": Architecture("average", "full", "tanh", "linear"),
    "max relu": Architecture("max", "table", "relu", "linear"),
    "silu": Architecture("trainable", "full", "silu", "linear"),
}
NONE = Distortion().as_array()
STILL = np.array([0, 0, 0.9, 0.999, 1e-8, 0.1, 0.001], np.float32)  # AdamW that changes nothing


def core_of(
    architecture, tensors, kernels_for="", rubbish=np.inf, discriminative=True, temperature=1.0
):
    return native_engine.kernels().BatchLearner(
        native_architecture(architecture),
        native_engine.kernels().Loss(
            discriminative=discriminative, rubbish=rubbish, temperature=temperature
        ),
        packed(tensors, architecture),
        trainable_mask(architecture),
        kernels_for,
    )


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("discriminative", "rubbish"), [(True, np.inf), (True, 20.0), (False, 1)])
def test_the_mean_gradient_is_autograds(name, discriminative, rubbish, kernels_for):
    """With soft targets, noise up to the edges, and a batch that no shard divides."""
    architecture, generator = NETWORKS[name], np.random.default_rng(4)
    weights, images = random_weights(architecture), digit_images(23)
    targets = generator.dirichlet(np.ones(10), 23).astype(np.float32)
    core = core_of(architecture, weights.tensors, kernels_for, rubbish, discriminative)
    _, loss = core.learn(images, targets, BYTE_TO_PLANE, np.arange(23), NONE, 0, STILL)
    found = unpacked(core.mean * 10, expected_shapes(architecture))  # (1 − β₁) g

    network = LeNet5(architecture)
    network.set_tensors(weights.tensors)
    penalties = network.double()(torch.from_numpy(to_planes(images)).double())
    shares = torch.from_numpy(targets).double()
    losses = (shares * penalties).sum(1)
    if discriminative:
        rubbish_class = torch.full_like(penalties[:, :1], -rubbish)
        losses = losses + torch.cat([-penalties, rubbish_class], 1).logsumexp(1)
    losses.mean().backward()
    assert loss == pytest.approx(losses.sum().item(), rel=1e-5)
    into, source = network.c3.into.numpy(), network.c3.source.numpy()
    found["c3.kernels"] = found["c3.weight"][into, source]
    for key, parameter in network.named_parameters():
        wanted = parameter.grad.numpy()
        atol = 2e-4 * np.abs(wanted).max() + 1e-7
        np.testing.assert_allclose(found[key], wanted, rtol=1e-3, atol=atol, err_msg=key)


def test_a_temperature_divides_the_penalties_of_eq_9(kernels_for):
    """The same numbers as a head whose scores are that much smaller."""
    architecture, generator = NETWORKS["simplified"], np.random.default_rng(6)
    tensors, images = random_weights(architecture).tensors, digit_images(12)
    targets = generator.dirichlet(np.ones(10), 12).astype(np.float32)
    core = core_of(architecture, tensors, kernels_for, rubbish=2.0, temperature=4.0)
    _, loss = core.learn(images, targets, BYTE_TO_PLANE, np.arange(12), NONE, 0, STILL)
    found = unpacked(core.mean * 10, expected_shapes(architecture))
    head = {name: tensors[name] / 4 for name in ("output.weight", "output.bias")}
    small = core_of(architecture, tensors | head, kernels_for, rubbish=2.0)
    _, wanted = small.learn(images, targets, BYTE_TO_PLANE, np.arange(12), NONE, 0, STILL)
    expected = unpacked(small.mean * 10, expected_shapes(architecture))
    assert loss == pytest.approx(wanted, rel=1e-5)
    for name, gradient in expected.items():
        share = 4 if name in head else 1
        np.testing.assert_allclose(found[name] * share, gradient, rtol=1e-3, atol=1e-6)


def test_an_impossible_temperature_is_refused():
    tensors = random_weights(Architecture()).tensors
    for temperature in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="temperature"):
            core_of(Architecture(), tensors, temperature=temperature)


def test_adamw_is_torchs(kernels_for):
    """The same made-up state through one update of either."""
    architecture, generator = NETWORKS["simplified"], np.random.default_rng(5)
    tensors, images = random_weights(architecture).tensors, digit_images(8)
    targets = np.eye(10, dtype=np.float32)[np.arange(8)]
    core, mask = core_of(architecture, tensors, kernels_for), trainable_mask(architecture)
    core.learn(images, targets, BYTE_TO_PLANE, np.arange(8), NONE, 0, STILL)
    gradient, before = core.mean * 10, core.parameters
    mean = (generator.normal(0, 1e-3, mask.shape) * mask).astype(np.float32)
    square = (generator.uniform(0, 1e-5, mask.shape) * mask).astype(np.float32)
    core.parameters, core.mean, core.square = before, mean, square
    settings = AdamW(weight_decay=0.1).kernel_settings(99, 1000)
    core.learn(images, targets, BYTE_TO_PLANE, np.arange(8), NONE, 0, settings)

    values = torch.from_numpy(before.copy()).requires_grad_()
    values.grad = torch.from_numpy(gradient)
    optimiser = torch.optim.AdamW([values], lr=float(settings[0]), weight_decay=0.1)
    optimiser.state[values] = {
        "step": torch.tensor(99.0),
        "exp_avg": torch.from_numpy(mean),
        "exp_avg_sq": torch.from_numpy(square),
    }
    optimiser.step()
    live = mask > 0
    moved, wanted = core.parameters - before, values.detach().numpy() - before
    np.testing.assert_allclose(moved[live], wanted[live], rtol=2e-3, atol=2e-7)
    assert not moved[~live].any()  # padding, codes and absent connections stay


@pytest.mark.slow
@pytest.mark.parametrize("way", ["plain", "bent", "taught"])
@pytest.mark.parametrize("name", NETWORKS)
def test_fifty_updates_are_those_of_torch(name, way):
    digits = load_set("digits").train.take(np.arange(600))
    distortion = None if way == "plain" else Distortion(10, 0.1, 0.1, 1, 10, 4)
    recipe = Recipe(
        "r", AdamW(batch=24), NETWORKS[name], 2, "eq9", coefficient=1.0, distortion=distortion
    )
    teachers = None
    if way == "taught":
        degraded = replace(
            distortion, thickness=0.5, degraded=0.5, background=0.5, patch=8, noise=0.1
        )
        distillation = Distillation(
            (recipe, replace(recipe, temperature=3.0)), temperature=2.0, weight=0.7
        )
        members = [random_weights(NETWORKS[name])] * 2
        recipe = replace(recipe, distortion=degraded, temperature=2.0, distillation=distillation)
        teachers = Teachers(distillation, members)
    order, results = RunConfig(recipe, seed=2), {}
    start = starting_tensors(order)
    for engine in ("torch", "native"):
        with make_learner(replace(order, engine=engine), start, digits, teachers) as learner:
            for number in (1, 2):
                errors = learner.learn(pass_permutation(order, number, len(digits)))
            results[engine] = learner.tensors(), errors
    (torch_tensors, torch_errors), (native_tensors, native_errors) = results.values()
    assert abs(native_errors - torch_errors) <= 1
    codes = torch_tensors.get("output.codes", np.eye(10, 84, dtype=np.float32))
    telling = np.ptp(codes, 0) > 0 if name == "1998" else np.ones(84, bool)
    for tensor, wanted in torch_tensors.items():
        difference = np.abs(native_tensors[tensor] - wanted)
        if tensor.startswith("f6."):  # where all ten codes agree the gradient is rounding alone,
            difference = difference[telling]  # which AdamW blows up to a whole step
        moved = np.abs(wanted - start[tensor])
        assert difference.mean() <= 0.01 * moved.mean() + 1e-9, tensor


@pytest.mark.parametrize("name", ["1998", "simplified"])
def test_bits_do_not_depend_on_threads(name, kernels_for):
    tensors, images = random_weights(NETWORKS[name]).tensors, digit_images(50)
    targets = np.eye(10, dtype=np.float32)[np.arange(50) % 10]
    seen = set()
    for threads in (1, 2, 3, 4, 9, 1):
        core = core_of(NETWORKS[name], tensors, kernels_for)
        for update in range(4):
            settings = AdamW().kernel_settings(update + 3, 10)
            distortion = Distortion(10, 0.1, 0.1, 1, 10, 3).as_array()
            core.learn(
                images, targets, BYTE_TO_PLANE, np.arange(50), distortion, 7, settings, threads
            )
        seen.add(core.parameters.tobytes())
    assert len(seen) == 1


@pytest.mark.parametrize(
    "limits",
    [
        Distortion(),
        Distortion(rotation=180, scale=0.9, shear=3, shift=40),
        Distortion(15, 0.15, 0.2, 2, 34, 4),
        Distortion(elastic=60, smoothness=0.5),
        Distortion(elastic=60, smoothness=10),
        Distortion(shift=2, thickness=1),
        Distortion(10, 0.1, 0.1, 1, 20, 4, 0.7, 1, 0.9, 20, 0.3),
        Distortion(degraded=0.5, background=1, patch=60, noise=1),
    ],
)
def test_bent_digits_are_numpys(limits, kernels_for):
    images, indices, stream = digit_images(25), np.arange(25) * 12_345, stream_of(3, 2)
    found = native_engine.kernels().distorted(
        images, indices, BYTE_TO_PLANE, limits.as_array(), stream, kernels_for
    )
    np.testing.assert_allclose(found, distort(images, indices, limits, stream)[:, 0], atol=2e-4)


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ({"targets": np.zeros((4, 10), np.float32)}, ValueError),
        ({"targets": np.zeros((5, 9), np.float32)}, TypeError),
        ({"order": np.array([5])}, ValueError),
        ({"order": np.array([], np.int64)}, ValueError),
        ({"distortion": np.full(11, np.nan, np.float32)}, ValueError),
        (
            {"distortion": Distortion().as_array() + np.eye(11, dtype=np.float32)[5] * 99},
            ValueError,
        ),
        ({"adamw": np.zeros(6, np.float32)}, TypeError),
        ({"stream": -1}, TypeError),
        ({"threads": 0}, ValueError),
    ],
)
def test_the_kernels_refuse_what_does_not_fit(harm, error):
    core = core_of(Architecture(), random_weights(Architecture()).tensors)
    given = {
        "images": np.zeros((5, 28, 28), np.uint8),
        "targets": np.zeros((5, 10), np.float32),
        "byte_to_plane": BYTE_TO_PLANE,
        "order": np.arange(5),
        "distortion": NONE,
        "stream": 0,
        "adamw": STILL,
    }
    with pytest.raises(error):
        core.learn(**(given | harm))
    core.learn(**given)
