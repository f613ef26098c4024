"""The paper's own numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lenet.errors import InputError
from lenet.network.architecture import ARCHITECTURES, TABLE_I, Architecture
from lenet.network.layers import scaled_tanh
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import to_planes
from lenet.network.rbf_codes import digit_codes
from lenet.network.summary import summarise

# section II-B: what a layer gives, its parameters, its connections; the 840 of the output derived
PAPER = {
    "C1": ((6, 28, 28), 156, 122_304),
    "S2": ((6, 14, 14), 12, 5_880),
    "C3": ((16, 10, 10), 1_516, 151_600),
    "S4": ((16, 5, 5), 32, 2_000),
    "C5": ((120, 1, 1), 48_120, 48_120),
    "F6": ((84, 1, 1), 10_164, 10_164),
    "output": ((10, 1, 1), 0, 840),
}


def test_the_census_is_the_papers():
    layers = summarise(Architecture())
    assert {k.name: (k.shape, k.parameters, k.connections) for k in layers} == PAPER
    assert sum(layer.parameters for layer in layers) == 60_000
    assert sum(layer.connections for layer in layers) == 340_908


@pytest.mark.parametrize(
    "options",
    list(itertools.product(("trainable", "average", "max"), ("table", "full"), ("rbf", "linear"))),
    ids="-".join,
)
def test_the_census_counts_what_torch_holds(options):
    architecture = Architecture(subsampling=options[0], c3=options[1], head=options[2])
    network = LeNet5(architecture)
    for layer in summarise(architecture):
        own = getattr(network, layer.name.lower()).parameters()
        assert sum(p.numel() for p in own if p.requires_grad) == layer.parameters


def test_the_simplified_network_has_its_known_count():
    layers = summarise(ARCHITECTURES["simplified"])
    assert sum(layer.parameters for layer in layers) == 61_706


def test_connections_counted_one_by_one():
    """C3 unit by unit: what it reads, and its bias."""
    count = sum(10 * 10 * (25 * len(sources) + 1) for sources in TABLE_I)
    assert count == 151_600


def test_receptive_fields_by_perturbing_pixels():
    network = LeNet5(Architecture(c3="full"), np.random.default_rng(0))
    plane = torch.zeros(1, 1, 32, 32, requires_grad=True)
    for layer, stage in zip(summarise(Architecture()), network.stages(plane), strict=True):
        unit = stage[0, 0, 0, 0] if stage.dim() == 4 else stage[0, 0]
        (slope,) = torch.autograd.grad(unit, plane, retain_graph=True)
        rows = torch.nonzero(slope[0, 0].abs().sum(1)).flatten()
        assert len(rows) == int(rows.max()) + 1 == layer.receptive_field


def test_table_one():
    assert [len(sources) for sources in TABLE_I] == [3] * 6 + [4] * 9 + [6]
    feeds = [m for sources in TABLE_I for m in sources]
    assert len(feeds) == 60
    assert [feeds.count(m) for m in range(6)] == [10] * 6
    cyclic = [{k % 6, (k + 1) % 6, (k + 2) % 6} for k in range(6)]
    assert [set(s) for s in TABLE_I[:6]] == cyclic
    assert [set(s) for s in TABLE_I[6:12]] == [cyclic[k] | {(k + 3) % 6} for k in range(6)]
    for sources in TABLE_I[12:15]:  # the discontinuous ones: two pairs of neighbours
        assert sorted(sources) == list(sources)
        assert set(sources) not in [set(s) for s in TABLE_I[6:12]]


def test_the_codes():
    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert (np.abs(codes) == 1).all()
    assert (codes == 1).sum(1).tolist() == [35, 27, 33, 32, 41, 35, 39, 25, 43, 39]
    hamming = (codes[:, None] != codes[None]).sum(2)
    pairs = hamming[np.triu_indices(10, 1)]
    assert (pairs.min(), pairs.max(), round(pairs.mean(), 1)) == (12, 50, 31.1)
    assert hamming[6, 8] == 12
    assert hamming[1, 4] == hamming[1, 8] == hamming[4, 7] == 50
    assert (codes == codes[0]).all(0).sum() == 14
    assert "".join("#" if c > 0 else "." for c in codes[7][:7]) == "#######"


def test_the_squashing_function():
    assert scaled_tanh(torch.tensor([1.0, -1.0])).tolist() == pytest.approx([1, -1], abs=1e-4)
    a = torch.linspace(0, 2, 2001, dtype=torch.float64, requires_grad=True)
    first = 1.7159 * 2 / 3 * (1 - (scaled_tanh(a) / 1.7159) ** 2)  # f′ written out
    (by_autograd,) = torch.autograd.grad(scaled_tanh(a).sum(), a)
    assert torch.allclose(first, by_autograd)
    (second,) = torch.autograd.grad(first.sum(), a)
    assert first[0].item() == pytest.approx(1.1439, abs=1e-4)
    assert a[second.abs().argmax()].item() == pytest.approx(0.988, abs=2e-3)


def test_the_plane():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0, 0] = 255
    image[0, 27, 27] = 128
    (plane,) = to_planes(image)
    assert plane.shape == (1, 32, 32)
    assert plane.dtype == np.float32
    assert plane[0, 2, 2] == np.float32(1.175)
    assert plane[0, 29, 29] == pytest.approx(128 / 255 * 1.275 - 0.1)
    plane[0, 2, 2] = plane[0, 29, 29] = -0.1
    assert (plane == np.float32(-0.1)).all()  # the border too


def test_mean_and_spread_of_mnist_planes(lenet_data):
    from lenet.data.datasets import load_set

    images = load_set("mnist", lenet_data).train.images
    planes = to_planes(images[::7])  # not ::10: even places are all of one NIST series
    assert float(planes.mean()) == pytest.approx(0.028, abs=0.002)
    assert float(planes.std()) == pytest.approx(0.351, abs=0.003)


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (np.zeros((28, 28, 3), np.uint8), "lenet.read"),
        (np.zeros((2, 32, 32), np.uint8), "28, 28"),
        (np.zeros((2, 28, 28)), "uint8"),
        (np.full((1, 28, 28), np.nan), "uint8"),
        (np.zeros(784, np.uint8), "28, 28"),
    ],
)
def test_other_images_are_refused(images, told):
    with pytest.raises(InputError, match=told):
        to_planes(images)


@pytest.mark.parametrize("options", [{"squash": "sigmoid"}, {"pool": "max"}, {"c3": 3}])
def test_unknown_options_are_refused(options):
    with pytest.raises(InputError, match=r"unknown|must be text"):
        Architecture.from_dict(options)
