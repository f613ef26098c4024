"""A training to watch: networks side by side on the same digits, resumed at any digit."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lenet.data.digits import DigitSet
from lenet.engine.select import best_engine
from lenet.errors import LenetError
from lenet.evaluation.score import compare
from lenet.network.architecture import Architecture
from lenet.network.connection_graph import ConnectionGraph
from lenet.network.plane import DIGIT_SIDE, PLANE_SIDE, ByteArray, FloatArray
from lenet.network.summary import summarise
from lenet.network.variants import fully_connected, lenet5
from lenet.network.weights import Weights
from lenet.training.engines import choose_engine, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.graph_network import ConnectionGraphNetwork, GraphLearner, Samples
from lenet.training.learner import Indices, Learner, State
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import RunConfig
from lenet.training.recipes import PUBLISHED
from lenet.web.networks import lenet_document

FIRST_PASS_EVENTS, PASS_EVENTS = 100, 30  # the error falls fastest in the first pass
MIN_DIGITS = 50  # between two events
TEMPERATURE = 12.0  # about the shipped network's; an unfinished network has none of its own
PAUSE_SECONDS = 0.04  # between two events: for the eye, and for other requests
Event = dict[str, Any]

# The published network, and what each of its ideas is worth: one taken out of it at a time.
NETWORKS: Mapping[str, Architecture | Callable[[], ConnectionGraph]] = {
    "1998": Architecture(),
    "average": Architecture(subsampling="average"),
    "max": Architecture(subsampling="max"),
    "full": Architecture(c3="full"),
    "no-subsampling": lambda: lenet5(subsampled=False),
    "28x28-75-10": lambda: fully_connected(784, 75, 10),  # as many parameters as LeNet-5
}


@dataclass
class LiveTraining:
    """Networks that learn the same digits in the same order.

    names : of NETWORKS, the first one shown with its kernels and weights
    rate : multiplies the recipe's rates
    number, learnt : the pass, 1 …, and the digits learnt in it
    errors : in this pass, by network
    states : of the learners where the training was left; none before it begins
    """

    data: str
    seed: int
    names: tuple[str, ...]
    rate: float = 1.0
    number: int = 1
    learnt: int = 0
    seconds: float = 0.0
    errors: dict[str, int] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    identity: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def unfinished(self) -> bool:
        """Whether it was left and can be resumed."""
        return bool(self.states) and self.number <= PUBLISHED.passes

    def at_rate(self, rate: float) -> None:
        """From here on the recipe's rates times this."""
        for state in self.states.values():
            state["steps"] *= rate / self.rate
        self.rate = rate

    def events(self, digits: DigitSet, limit: int | None) -> Generator[Event, None, None]:
        """Its events from here: "begin", then "step"s and "pass"es, then "end".

        limit : digits after which it is left, if before the end
        """
        networks = {name: _Network(name, self, digits) for name in self.names}
        with ExitStack() as stack:
            for network in networks.values():
                stack.enter_context(network.learning())
            yield self._begin(networks, digits)
            try:
                yield from self._learn(networks, digits, np.inf if limit is None else limit)
            finally:
                self.states = {name: one.learner.state() for name, one in networks.items()}
        if self.number > PUBLISHED.passes:
            yield {"event": "end", "seconds": self.seconds}

    def _begin(self, networks: dict[str, _Network], digits: DigitSet) -> Event:
        counts = [{"name": name, "parameters": one.parameters} for name, one in networks.items()]
        return {
            "event": "begin",
            "training": self.identity,
            "data": digits.name,
            "digits": len(digits.train),
            "test_digits": len(digits.test),
            "passes": PUBLISHED.passes,
            "pass": self.number,
            "learnt": self.learnt,
            "networks": counts,
        }

    def _learn(
        self, networks: dict[str, _Network], digits: DigitSet, limit: float
    ) -> Iterator[Event]:
        config, total = networks[self.names[0]].config, len(digits.train)
        while self.number <= PUBLISHED.passes and limit > 0:
            if not self.learnt:
                self.errors = dict.fromkeys(self.names, 0)
                for network in networks.values():
                    network.learner.start_pass(
                        self.number, curvature_sample(config, self.number, total)
                    )
            started = time.perf_counter()
            events = FIRST_PASS_EVENTS if self.number == 1 else PASS_EVENTS
            size = int(min(max(MIN_DIGITS, total // events), limit, total - self.learnt))
            permutation = pass_permutation(config, self.number, total)
            chunk = permutation[self.learnt : self.learnt + size]
            steps = [network.step(chunk) for network in networks.values()]
            self.learnt, limit = self.learnt + size, limit - size
            self.seconds += time.perf_counter() - started
            here = {"pass": self.number, "learnt": self.learnt, "seconds": self.seconds}
            yield from ({"event": "step"} | here | step for step in steps)
            if self.learnt == total:
                here = {"pass": self.number}
                self.number, self.learnt = self.number + 1, 0
                for network in networks.values():
                    yield {"event": "pass"} | here | network.score(total)
            time.sleep(PAUSE_SECONDS)


class _Network:
    """One network of a training."""

    def __init__(self, name: str, training: LiveTraining, digits: DigitSet) -> None:
        self.name, self.training, self.digits = name, training, digits
        given = NETWORKS[name]
        self.architecture = given if isinstance(given, Architecture) else None
        self.graph = None if isinstance(given, Architecture) else given()
        rule = PUBLISHED.optimiser
        assert isinstance(rule, Sdlm)
        self.rule = replace(rule, rate_factor=rule.rate_factor * training.rate)
        recipe = replace(
            PUBLISHED, network=self.architecture or Architecture(), optimiser=self.rule
        )
        if len(training.names) > 1:  # graphs know eq. 8 only, and only connections are to differ
            recipe = replace(recipe, loss="eq8", rubbish=np.inf)
        engine = choose_engine("auto")
        self.config = RunConfig(recipe, digits.name, training.seed, engine=engine)

    @property
    def parameters(self) -> int:
        if self.graph:
            return self.graph.parameters
        assert self.architecture
        return sum(layer.parameters for layer in summarise(self.architecture))

    @contextmanager
    def learning(self) -> Iterator[None]:
        """While it learns: from where the training was left, or from its first weights."""
        with ExitStack() as stack:
            if self.graph is None:
                start = starting_tensors(self.config)
                learner = make_learner(self.config, start, self.digits.train)
                self.learner: Learner = stack.enter_context(learner)
            else:
                self.learner = self._graph_learner(self.graph)
            if state := self.training.states.get(self.name):
                self.learner.restore(state)
            yield

    def _graph_learner(self, graph: ConnectionGraph) -> GraphLearner:
        generator = np.random.default_rng([self.training.seed, 0])
        values = graph.initial(generator, PUBLISHED.coefficient or 1.0)
        train = self.digits.train
        samples = Samples(self._inputs(train.images), train.labels)
        return GraphLearner(ConnectionGraphNetwork(graph, values), samples, self.rule)

    def _inputs(self, images: ByteArray) -> ByteArray:
        """A graph's inputs: the digits, or their 32×32 planes."""
        is_plane = self.graph is not None and self.graph.inputs == PLANE_SIDE**2
        border = (PLANE_SIDE - DIGIT_SIDE) // 2 * is_plane
        planes = np.pad(images, ((0, 0), (border, border), (border, border)))
        return np.ascontiguousarray(planes.reshape(len(images), -1))

    def step(self, chunk: Indices) -> Event:
        """Learn these digits; of a single one also itself, and the penalties before and after."""
        alone = self.digits.train.take(chunk) if len(chunk) == 1 else None
        before = self.penalties(alone.images) if alone else None
        wrong = self.learner.learn(chunk)
        self.training.errors[self.name] += wrong
        tensors = self.learner.tensors()
        if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
            raise LenetError("the weights stopped being finite; train again at a lower rate")
        event: Event = {"name": self.name, "error_rate": wrong / len(chunk)}
        if self.architecture:
            for layer in ("c1", "c3"):
                kernels = tensors[f"{layer}.weight"].astype(float)
                event[layer] = np.round(kernels, 5).tolist()  # for display
        if alone and before is not None:
            event["digit"] = {
                "image": base64.b64encode(alone.images.tobytes()).decode(),
                "label": int(alone.labels[0]),
                "before": before[0].tolist(),
                "after": self.penalties(alone.images)[0].tolist(),
            }
        return event

    def score(self, total: int) -> Event:
        """Error rates after a pass; of the first network also itself, for the page to run."""
        test = self.digits.test
        rate = compare(self.penalties(test.images).argmin(1), test.labels).score.error_rate
        event: Event = {
            "name": self.name,
            "train_error_rate": self.training.errors[self.name] / total,
            "test_error_rate": rate,
            "test_digits": len(test),
        }
        if self.architecture and self.name == self.training.names[0]:
            card = {"test_error_rate": rate, "temperature": TEMPERATURE}
            event["network"] = lenet_document("learning", self._weights(card))
        return event

    def _weights(self, card: Event) -> Weights:
        assert self.architecture
        return Weights(self.learner.tensors(), {"network": self.architecture.to_dict()} | card)

    def penalties(self, images: ByteArray) -> FloatArray:
        if isinstance(self.learner, GraphLearner):
            return self.learner.network.penalties(self._inputs(images))
        return best_engine(self._weights({}), 1).penalties(images)
