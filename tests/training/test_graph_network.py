"""Networks as lists of connections: held against LeNet-5's own kernels, autograd and each other."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.data.digits import Digits
from lenet.engine import native_engine
from lenet.errors import InputError
from lenet.network.connection_graph import ConnectionGraph
from lenet.network.plane import BYTE_TO_PLANE
from lenet.network.variants import fully_connected, lenet1, lenet4, lenet5
from lenet.training.fit import starting_tensors
from lenet.training.graph_network import ConnectionGraphNetwork, Samples, train_connection_graph
from lenet.training.recipe import RunConfig
from lenet.training.recipes import PUBLISHED

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(not native_engine.available(), reason="kernels are not built here")

PUBLISHED_COUNTS = {  # parameters, and products per digit where the paper or a count gives them
    "lenet1": (lenet1, 2_578),
    "lenet5": (lenet5, 60_000),
    "without sub-sampling": (lambda: lenet5(subsampled=False), 60_000 - 12 - 32),
    "28×28-300-10": (lambda: fully_connected(784, 300, 10), 785 * 300 + 301 * 10),
    "C1, C3 unshared": (
        lambda: lenet5(shared=False),
        60_000 - 156 - 1_516 + 28 * 28 * 156 + 10 * 10 * 1_516,
    ),
}


@pytest.mark.parametrize("name", PUBLISHED_COUNTS)
def test_parameters_are_those_published(name):
    build, parameters = PUBLISHED_COUNTS[name]
    assert build().parameters == parameters


def test_lenet4_has_the_published_connections():
    wiring = lenet4()
    biases = sum(int((b >= 0).sum()) for b in wiring.biases)
    subsampling = 8 * 14 * 14 + 16 * 5 * 5  # four connections and a bias each, as the paper counts
    assert wiring.multiply_adds + 3 * subsampling + biases == pytest.approx(260_000, rel=0.01)


@pytest.fixture(scope="module")
def lesson():
    generator = np.random.default_rng(5)
    images = generator.integers(0, 256, (40, 28, 28), np.uint8)
    images[generator.random(images.shape) < 0.6] = 0
    return Digits(images, generator.integers(0, 10, 40))


def as_lenet5(wiring, tensors):
    """LeNet-5's published tensors as the weights of a wiring."""
    values = wiring.initial(np.random.default_rng(0), 1.0)
    for name, block in wiring.blocks.items():
        if name.endswith(".one"):
            continue
        tensor = tensors[name]
        if tensor.ndim == 4:
            tensor = tensor.transpose(0, 2, 3, 1)
        values[block.numbers.ravel()] = tensor.ravel()
    return values


@pytest.mark.parametrize(
    "kernels", native_engine.kernels().runnable() if native_engine.available() else []
)
def test_lenet5_as_connections_learns_as_its_own_kernels(lesson, kernels):
    from lenet.training.native_learner import NativeSdlm

    tensors = starting_tensors(RunConfig(PUBLISHED, "mnist", 3))
    own = NativeSdlm(tensors, PUBLISHED, PUBLISHED.optimiser, lesson)
    wiring = lenet5()
    network = ConnectionGraphNetwork(wiring, as_lenet5(wiring, tensors), kernels)
    planes = np.pad(lesson.images, ((0, 0), (2, 2), (2, 2))).reshape(-1, 1024)
    seen = Samples(planes, lesson.labels)
    sample, order = np.arange(30), np.arange(40)[::-1].copy()
    learns = wiring.flat("trainable") > 0

    h = network.curvature(seen, sample)
    own.start_pass(1, sample)
    network.set_steps(PUBLISHED.optimiser.rate(1) / (PUBLISHED.optimiser.mu + h))
    assert network.learn(seen, order) == own.learn(order)
    expected = as_lenet5(wiring, own.tensors())[learns]
    np.testing.assert_allclose(network.values[learns], expected, atol=1e-6)
    moved = np.abs(expected - as_lenet5(wiring, tensors)[learns])
    assert moved.max() > 1e-3  # or the comparison says nothing


def small():
    """A wiring with everything in it, small enough for loops."""
    wiring = ConnectionGraph(12 * 12)
    maps = wiring.convolution("c1", wiring.input_maps(12, 12), np.ones((2, 1), bool))
    maps = wiring.subsampling("s2", maps, copies=2)
    wiring.full("output", wiring.full("f3", maps, 7), 10)
    return wiring


def slow_states(wiring, values, image):
    """Every unit by one product after another, in double precision with torch's gradients."""
    states = list(torch.from_numpy(BYTE_TO_PLANE[image].astype(np.float64)))
    for squashed, runs, biases in zip(wiring.squashed, wiring.runs, wiring.biases, strict=True):
        sums = []
        for unit, bias in zip(runs, biases, strict=True):
            total = values[bias] if bias >= 0 else torch.zeros((), dtype=torch.float64)
            for start, weight, count in unit:
                for k in range(count):
                    total = total + states[start + k] * values[weight + k]
            sums.append(1.7159 * torch.tanh(2 / 3 * total) if squashed else total)
        states += sums
    return states


def test_gradients_are_those_of_autograd():
    generator, wiring = np.random.default_rng(1), small()
    start = wiring.initial(generator, 0.4)
    image = generator.integers(0, 256, (1, 144), np.uint8)
    network = ConnectionGraphNetwork(wiring, start)
    values = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    last = torch.stack(slow_states(wiring, values, image[0])[-10:])
    distances = ((last - torch.from_numpy(wiring.codes.astype(np.float64))) ** 2).sum(1)
    distances[6].backward()  # eq. 8
    np.testing.assert_allclose(
        network.penalties(image)[0], distances.detach().numpy(), rtol=1e-4, atol=1e-4
    )
    network.set_steps(np.full(len(start), 0.01))
    wrong = network.learn(Samples(image, np.array([6])), np.array([0]))
    assert wrong == int(distances.argmin() != 6)
    expected = start - 0.01 * values.grad.numpy() * wiring.flat("trainable")
    np.testing.assert_allclose(network.values, expected, atol=2e-6)
    assert np.abs(network.values - start).max() > 0.01


def test_curvature_is_that_of_the_recursion_in_loops():
    """Eqs 23, 25, 27 unit by unit, from states that autograd's forward pass gave."""
    generator, wiring = np.random.default_rng(2), small()
    start = wiring.initial(generator, 0.4)
    images = generator.integers(0, 256, (3, 144), np.uint8)
    expected = np.zeros(len(start))
    for image in images:
        states = np.array(
            [float(s) for s in slow_states(wiring, torch.tensor(start).double(), image)]
        )
        above = np.zeros(len(states))
        above[-10:] = 2
        unit = len(states)
        for squashed, runs, biases in reversed(
            list(zip(wiring.squashed, wiring.runs, wiring.biases, strict=True))
        ):
            for connections, bias in reversed(list(zip(runs, biases, strict=True))):
                unit -= 1
                u = states[unit] / 1.7159
                d = above[unit] * ((1.7159 * 2 / 3 * (1 - u * u)) ** 2 if squashed else 1.0)
                if bias >= 0:
                    expected[bias] += d
                for first, weight, count in connections:
                    for k in range(count):
                        expected[weight + k] += d * states[first + k] ** 2
                        above[first + k] += d * start[weight + k] ** 2
    h = ConnectionGraphNetwork(wiring, start).curvature(
        Samples(images, np.zeros(3, np.int64)), np.arange(3)
    )
    np.testing.assert_allclose(h, expected / 3, rtol=1e-3, atol=1e-6)


def test_unshared_kernels_move_together_as_much_as_the_shared_one():
    generator = np.random.default_rng(3)
    image = generator.integers(0, 256, (1, 1024), np.uint8)
    lesson, moves = Samples(image, np.array([4])), {}
    shared = lenet5()
    start = shared.initial(generator, 0.5)
    for one_kernel in (True, False):
        wiring = lenet5(shared=one_kernel)
        values = wiring.initial(generator, 0.5)
        for name, block in wiring.blocks.items():
            given = start[shared.blocks[name].numbers]
            values[block.numbers.ravel()] = np.broadcast_to(given, block.numbers.shape).ravel()
        network = ConnectionGraphNetwork(wiring, values)
        network.set_steps(np.full(len(values), 0.001))
        network.learn(lesson, np.array([0]))
        block = wiring.blocks["c3.weight"]
        moves[one_kernel] = (network.values - values)[block.numbers]
    together = moves[False].sum((0, 1))
    np.testing.assert_allclose(together, moves[True], atol=1e-5)
    assert np.abs(moves[True]).max() > 1e-3


def test_passes_learn_in_one_constant_order_and_repeat(lesson):
    seen = Samples(lesson.images.reshape(-1, 784), lesson.labels)
    wiring, ends = fully_connected(784, 20, 10), []
    start = wiring.initial(np.random.default_rng(0), 1.0)
    for _ in range(2):
        network = ConnectionGraphNetwork(wiring, start)
        rates = list(train_connection_graph(network, seen, PUBLISHED.optimiser, 12, seed=3))
        ends.append(network.values)
    assert rates[-1] < rates[0]
    np.testing.assert_array_equal(*ends)


BAD = {
    "a unit of its own layer": lambda w: w.runs[1].__setitem__((0, 0, 0), w.ends[1]),
    "a weight that is not there": lambda w: w.runs[0].__setitem__((0, 0, 2), 10**6),
    "a bias that is not there": lambda w: w.biases[0].__setitem__(0, 10**6),
}


@pytest.mark.parametrize("what", BAD)
def test_a_wiring_that_leads_nowhere_is_refused(what):
    wiring = fully_connected(30, 5, 10)
    values = wiring.initial(np.random.default_rng(0), 1.0)
    BAD[what](wiring)
    with pytest.raises((ValueError, IndexError)):
        ConnectionGraphNetwork(wiring, values)


def test_two_blocks_of_one_name_are_refused():
    wiring = fully_connected(30, 10)
    with pytest.raises(InputError, match="layer1"):
        wiring.full("layer1", np.arange(30), 10)


def test_another_number_of_inputs_is_refused():
    wiring = fully_connected(30, 10)
    network = ConnectionGraphNetwork(wiring, wiring.initial(np.random.default_rng(0), 1.0))
    with pytest.raises(ValueError, match="byte for each input"):
        network.penalties(np.zeros((2, 31), np.uint8))


def test_weights_start_within_reach_over_the_root_of_their_fan_in():
    wiring = lenet1()
    one, three = (wiring.initial(np.random.default_rng(0), 0.7, reach) for reach in (1, 3))
    scaled = three != one  # not the coefficients, 0.7, the ones of the averages and the biases, 0
    np.testing.assert_allclose(three[scaled], 3 * one[scaled], rtol=1e-6)
    share = np.abs(one[scaled]) * np.sqrt(wiring.flat("fan_in")[scaled])
    assert 0.99 < share.max() <= 1
    assert set(np.unique(one[~scaled]).tolist()) <= {0.0, np.float32(0.7).item(), 1.0}
