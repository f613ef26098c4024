"""The network against a slow one written from the paper, and against finite differences."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
import torch
from slow_lenet5 import slow_stages

from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import InputError
from lenet.network.architecture import Architecture
from lenet.network.lenet5 import LeNet5, from_weights
from lenet.network.plane import to_planes
from lenet.network.weights import Weights, initial_tensors, load_weights

EVERY = [
    Architecture(*options)  # type: ignore[arg-type]
    for options in itertools.product(
        ("trainable", "average", "max"),
        ("table", "full"),
        ("scaled tanh", "tanh", "relu", "silu"),
        ("rbf", "linear"),
    )
]


def lively(architecture: Architecture, rng: np.random.Generator) -> LeNet5:
    """A network whose biases are not zero, so that a forgotten one is noticed."""
    network = LeNet5(architecture, rng)
    tensors = network.tensors()
    for name in tensors:
        if name.endswith(("bias", "coefficient")):
            tensors[name] += rng.uniform(-0.5, 0.5, tensors[name].shape).astype(np.float32)
    network.set_tensors(tensors)
    return network


@pytest.mark.slow
@pytest.mark.parametrize("architecture", EVERY, ids=lambda d: "-".join(d.to_dict().values()))
def test_every_stage_equals_the_slow_network(architecture, planes, rng):
    network = lively(architecture, rng)
    tensors = network.tensors()
    slow = slow_stages(planes[0].double().numpy(), tensors, architecture.to_dict())
    for name, ours, theirs in zip(
        ("c1", "s2", "c3", "s4", "c5", "f6", "output"), network.stages(planes), slow, strict=True
    ):
        ours = ours[0].detach().numpy().reshape(theirs.shape)
        assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-5), name


@pytest.mark.slow
@pytest.mark.parametrize("architecture", EVERY, ids=lambda d: "-".join(d.to_dict().values()))
def test_numpy_equals_torch(architecture, planes, rng):
    network = lively(architecture, rng)
    portable = NumpyEngine(Weights(network.tensors(), {"network": architecture.to_dict()}))
    wide = torch.cat([planes, planes], dim=3)
    for given in (planes, wide):
        pairs = zip(network.stages(given), portable.stages(given.numpy()), strict=True)
        for torch_stage, numpy_stage in pairs:
            assert torch_stage.shape == numpy_stage.shape
            assert numpy_stage == pytest.approx(torch_stage.detach().numpy(), rel=1e-5, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "architecture", [Architecture(), Architecture("average", "full", "silu", "linear")], ids=str
)
def test_gradients_equal_finite_differences_of_the_slow_network(architecture, planes, rng):
    network = lively(architecture, rng).double()
    plane = planes[:1].double()
    direction = torch.from_numpy(rng.normal(size=10))
    (network(plane)[0] * direction).sum().backward()
    gradients = {name: p.grad for name, p in network.named_parameters()}
    dense = torch.zeros(16, 6, 5, 5, dtype=torch.float64)
    dense[network.c3.into, network.c3.source] = gradients.pop("c3.kernels")
    gradients["c3.weight"] = dense
    tensors = {k: v.astype(np.float64) for k, v in network.tensors().items()}

    def slow_loss() -> float:
        output = slow_stages(plane[0].numpy(), tensors, architecture.to_dict())[-1]
        return float(output.reshape(10) @ direction.numpy())

    step = 1e-5
    for name, gradient in gradients.items():
        connected = np.argwhere(gradient.numpy() != 0)
        assert len(connected), name
        for place in map(tuple, connected[rng.integers(0, len(connected), 2)]):
            kept = tensors[name][place]
            tensors[name][place] = kept + step
            above = slow_loss()
            tensors[name][place] = kept - step
            slope = (above - slow_loss()) / (2 * step)
            tensors[name][place] = kept
            assert float(gradient[place]) == pytest.approx(slope, rel=1e-5, abs=1e-5), name


@pytest.mark.parametrize(("width", "places"), [(32, 1), (36, 2), (64, 9), (100, 18)])
def test_a_wider_plane_has_an_output_every_four_pixels(width, places, rng):
    network = LeNet5(generator=rng)
    wide = torch.from_numpy(rng.normal(size=(1, 1, 32, width)).astype(np.float32))
    stages = network.stages(wide)
    assert places == (width - 28) / 4  # section VII
    assert stages.output.reshape(10, -1).shape[1] == places
    for k in range(places):  # each output is what the network says of its own 32 columns
        alone = network(wide[:, :, :, 4 * k : 4 * k + 32])
        assert stages.output.reshape(10, places)[:, k].tolist() == pytest.approx(
            alone[0].tolist(), rel=1e-5
        )


def test_a_higher_plane_too(rng):
    stages = LeNet5(generator=rng).stages(torch.zeros(2, 1, 40, 36))
    assert stages.f6.shape == (2, 84, 3, 2)
    assert stages.output.shape == (2, 10, 3, 2)


@pytest.mark.parametrize("shape", [(1, 32, 32), (2, 3, 32, 32), (1, 1, 28, 28), (1, 1, 32, 34)])
def test_other_planes_are_refused(shape):
    with pytest.raises(InputError, match="divisible by 4"):
        LeNet5()(torch.zeros(shape))
    with pytest.raises(InputError, match="divisible by 4"):
        NumpyEngine(Weights(LeNet5().tensors())).stages(np.zeros(shape, np.float32))


def test_images_go_straight_into_the_network(rng):
    network = LeNet5.from_pretrained("1998")
    images = rng.integers(0, 256, (3, 28, 28)).astype(np.uint8)
    images.flags.writeable = False
    planes = torch.from_numpy(to_planes(images))
    expected = network(planes)
    for given in (images, torch.tensor(images), planes.numpy(), planes):
        assert (network(given) == expected).all()
        assert (network.stages(given).f6 == network.stages(planes).f6).all()
        assert network.penalties(given, batch=2) == pytest.approx(expected.detach().numpy(), 1e-5)
        assert (network.classify(given).values == expected.argmin(1).numpy()).all()
    assert (network(images[0]) == network(images[:1])).all()
    assert network.double()(images).dtype == torch.float64
    wide = network.classify(np.zeros((2, 1, 32, 40)))
    assert wide.values.shape == wide.confidences.shape == (2, 1, 3)


@pytest.mark.parametrize(
    "images", [np.zeros((2, 28, 28)), np.zeros((2, 28, 27), np.uint8), torch.rand(2, 1, 28, 28)]
)
def test_other_images_are_refused_in_words_a_stranger_knows(images):
    network = LeNet5()
    for call in (network, network.stages, network.penalties, network.classify):
        with pytest.raises(InputError, match=r"digit images .*\(n, 28, 28\)") as refused:
            call(images)
        assert "to_planes" not in str(refused.value)


def test_networks_say_their_sizes():
    network = LeNet5()
    assert [repr(layer) for layer in (network.s2, network.c3, network.output)] == [
        "SubSampling(6)",
        "TableConvolution(6→16, 60 pairs)",
        "RadialBasis(84→10)",
    ]
    assert repr(LeNet5(Architecture("max")).s4) == "Pooling(max)"
    assert len(repr(load_weights("1998"))) < 130
    table = network._repr_html_()
    assert table.count("<tr>") == 9
    assert "<td>C3</td><td>16@10×10</td><td>14×14</td><td>2</td><td>1,516</td>" in table
    assert "<td>60,000</td><td>340,908</td>" in table


def test_a_subclass_is_loaded_as_one():
    class Mine(LeNet5):
        pass

    assert type(Mine.from_pretrained("modern")) is Mine
    assert Mine.from_pretrained("modern").temperature == load_weights("modern").temperature


def test_the_lowest_penalty_wins(rng):
    network = LeNet5(generator=rng)
    images = rng.integers(0, 256, (7, 28, 28)).astype(np.uint8)
    answer = network.classify(images)
    penalties = network.penalties(images)
    assert (penalties[np.arange(7), answer.values] == penalties.min(1)).all()
    assert ((answer.confidences > 0) & (answer.confidences <= 1)).all()
    assert len(network.classify(images[:0]).values) == 0


def test_weights_go_out_and_come_back(rng):
    network = LeNet5(generator=rng)
    again = from_weights(Weights(network.tensors()))
    images = rng.integers(0, 256, (3, 28, 28)).astype(np.uint8)
    assert (again.penalties(images) == network.penalties(images)).all()


def test_initial_weights_keep_to_their_rule():
    for rule, width in (("paper", lambda f: 2.4 / f), ("lush", lambda f: f**-0.5)):
        tensors = initial_tensors(Architecture(), rule, np.random.default_rng(0))
        for name, fan_in in (("c1", 25), ("c5", 400), ("f6", 120)):
            reach = np.abs(tensors[f"{name}.weight"]).max()
            assert 0.8 * width(fan_in) < reach <= width(fan_in)
            assert not tensors[f"{name}.bias"].any()
        for map_, maps in ((0, 3), (6, 4), (15, 6)):  # linear in what each C3 map reads
            reach = np.abs(tensors["c3.weight"][map_]).max()
            assert 0.9 * width(25 * maps) < reach <= width(25 * maps)
        assert np.abs(tensors["s2.coefficient"]).max() <= np.float32(width(4))
    assert (tensors["s4.coefficient"] == 0.5).all()


def test_the_shipped_network_is_the_published_one(rng):
    weights = load_weights("1998")
    network = from_weights(weights)
    assert weights.architecture == Architecture()
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == 60_000
    plane = rng.uniform(-0.1, 1.175, (1, 32, 32))
    slow = slow_stages(plane, weights.tensors, Architecture().to_dict())[-1].reshape(10)
    fast = network(torch.from_numpy(plane[None].astype(np.float32)))[0].detach().numpy()
    assert fast == pytest.approx(slow, rel=1e-5)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_other_precisions_classify_too(kind, rng):
    images = rng.integers(0, 256, (5, 28, 28), np.uint8)
    network = from_weights(load_weights("1998"))
    expected, tensors = network.classify(images), network.tensors()
    network.to(kind)
    answered = network.classify(images)
    assert (answered.values == expected.values).all()
    assert answered.confidences == pytest.approx(expected.confidences, abs=0.1)
    assert network.penalties(images).dtype == np.float32
    for name, tensor in network.tensors().items():
        assert tensor.dtype == np.float32
        assert tensor == pytest.approx(tensors[name], rel=2**-7, abs=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("name", ["1998", "modern"])
def test_exporters_keep_the_sum(name, planes):
    """torch.onnx drops avg_pool2d's divisor_override without a word; Core ML refuses it."""
    onnxruntime = pytest.importorskip("onnxruntime")
    network, file = from_weights(load_weights(name)), io.BytesIO()
    torch.onnx.export(network, (planes,), file, input_names=["planes"], dynamo=False)
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    (penalties,) = session.run(None, {"planes": planes.numpy()})
    assert penalties == pytest.approx(network(planes).detach().numpy(), rel=1e-4)
