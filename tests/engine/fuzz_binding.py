"""Random calls at the compiled kernels and their Python face: each answers or raises, no more.

python tests/engine/fuzz_binding.py SECONDS [SEED] prints its seed and counts, and fails if a call
crashed, hung, kept memory, or left the engine giving another answer than before.
"""

from __future__ import annotations

import collections
import faulthandler
import random
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import get_args

import numpy as np
from fuzz_lines import Lines
from fuzz_preparation import PreparationCalls
from fuzz_values import Violation, garbage, kernels_name, mutated, plain_copy, same, whole

from lenet.augmentation.warp import Distortion
from lenet.engine import native_engine
from lenet.engine.native_engine import NativeEngine, native_architecture
from lenet.engine.packing import PARAMETERS, packed
from lenet.network.architecture import Head, Squash, Subsampling
from lenet.network.plane import BYTE_TO_PLANE, to_planes
from lenet.network.weights import load_weights
from lenet.training.optimisers import AdamW

HANG = 5.0  # seconds; the calls below take milliseconds
MOST_GROWTH = 512 * 2**20  # bytes of resident memory; address sanitizer sets 256 MB of freed aside
BETWEEN_CHECKS = 100  # calls


class Fuzz:
    """Objects under fire, what they answered at first, and what was counted."""

    def __init__(self, seed: int) -> None:
        self.chance, self.counts = random.Random(seed), collections.Counter()
        self.module, self.weights = native_engine.kernels(), load_weights("1998")
        drawn = np.random.default_rng(1998)
        self.images = drawn.integers(0, 256, (5, 28, 28), np.uint8)
        self.labels, self.order = np.arange(5, dtype=np.int32), np.array([4, 0, 2, 2, 1])
        self.planes = np.ascontiguousarray(to_planes(self.images)[:, 0])
        self.wide = drawn.normal(0, 1, (2, 36, 40)).astype(np.float32)
        self.flat = packed(self.weights.tensors, self.weights.architecture)
        self.face = NativeEngine(self.weights, 2)
        self.architecture = native_architecture(self.weights.architecture)
        self.classifier = self.module.Classifier(self.architecture, self.flat)
        self.learner = self.fresh_learner()
        ones = self.flat * 0 + 1
        self.batches = self.module.BatchLearner(
            self.architecture, self.loss(True, 20.0, 5.0), self.flat, ones
        )
        self.targets = drawn.dirichlet(np.ones(10), 5).astype(np.float32)
        self.distortion = Distortion(10, 0.1, 0.1, 1, 20, 3).as_array()
        self.settings = AdamW().kernel_settings(7, 100)
        self.lines = Lines(self.chance, self.module)
        self.preparation = PreparationCalls(self.chance, self.module)
        self.wanted = self.valid_answers()

    def fresh_learner(self):
        learner = self.module.Learner(self.architecture, self.loss(False, 0.0), self.flat)
        learner.steps = np.full(PARAMETERS, 1e-5, np.float32)
        return learner

    def classified(self):
        into = np.zeros((5, 10), np.float32)
        self.classifier.penalties(self.images, BYTE_TO_PLANE, into, 2)
        return into

    def samples(self):
        return self.images, self.labels, BYTE_TO_PLANE, self.order

    def valid_answers(self) -> list[bytes]:
        learner = self.fresh_learner()
        errors = learner.learn(*self.samples())
        answers = [
            self.classified(),
            self.classifier.plane_penalties(self.wide, 3),
            *self.classifier.stages(self.planes, 2),
            *self.face.stages(to_planes(self.images)),
            learner.curvature(*self.samples()),
            learner.parameters,
            learner.steps,
            np.array(errors),
            *self.lines.answers(),
        ]
        return [answer.tobytes() for answer in answers]

    def some_arrays(self, *plain):
        return [mutated(self.chance, given) for given in plain]

    def loss(self, discriminative, rubbish, temperature=1.0):
        return self.module.Loss(
            discriminative=discriminative, rubbish=rubbish, temperature=temperature
        )

    def options(self):
        """An architecture of the kernels' or of no kind."""
        kinds = (get_args(Squash), get_args(Subsampling), get_args(Head))
        squash, subsampling, head = (self.chance.choice([*kind, *kind, "", 3]) for kind in kinds)
        return self.module.Architecture(squash=squash, subsampling=subsampling, head=head)

    def call(self) -> None:
        """One call of a random kind; what it raises is counted."""
        kinds = [
            self.call_classifier,
            self.call_face,
            self.call_learner,
            self.call_batches,
            self.call_distorted,
            self.lines.call,
            self.preparation.call,
            self.set_numbers,
            self.construct,
            self.misuse,
        ]
        many = self.chance.random()
        kind = self.call_together if many < 0.02 else self.chance.choice(kinds)
        faulthandler.dump_traceback_later(HANG, exit=True)
        try:
            kind()
            self.counts["answered"] += 1
        except (Violation, SystemError):
            raise
        except Exception as refusal:
            self.counts[type(refusal).__name__] += 1
        finally:
            faulthandler.cancel_dump_traceback_later()

    def call_classifier(self) -> None:
        threads = whole(self.chance, 4)
        if self.chance.random() < 0.4:
            into = np.zeros((5, 10), np.float32)
            self.classifier.penalties(*self.some_arrays(self.images, BYTE_TO_PLANE, into), threads)
            return
        arrays = self.some_arrays(self.chance.choice([self.planes, self.wide]))
        ask = self.chance.choice([self.classifier.plane_penalties, self.classifier.stages])
        same(ask(*arrays, threads), lambda: ask(*map(plain_copy, arrays), 1))

    def call_face(self) -> None:
        face = self.face
        if self.chance.random() < 0.2:
            face = NativeEngine(self.weights, whole(self.chance, 4), kernels_name(self.chance))
        if self.chance.random() < 0.4:
            ask, given = face.penalties, mutated(self.chance, self.images)
        else:
            planes = self.chance.choice([self.planes, self.wide])[:, None]
            ask = self.chance.choice([face.plane_penalties, face.stages])
            given = mutated(self.chance, planes)
        same(ask(given), lambda: ask(plain_copy(given)))

    def call_learner(self) -> None:
        ask = self.chance.choice([self.learner.learn, self.learner.curvature])
        ask(*self.some_arrays(*self.samples()))

    def call_batches(self) -> None:
        *first, settings = self.some_arrays(
            self.images, self.targets, BYTE_TO_PLANE, self.order, self.distortion, self.settings
        )
        stream, threads = whole(self.chance, 2**64), whole(self.chance, 4)
        self.batches.learn(*first, stream, settings, threads)

    def call_distorted(self) -> None:
        arrays = self.some_arrays(self.images, self.order, BYTE_TO_PLANE, self.distortion)
        stream = whole(self.chance, 2**64)
        same(
            self.module.distort(*arrays, stream),
            lambda: self.module.distort(*map(plain_copy, arrays), stream),
        )

    def set_numbers(self) -> None:
        (numbers,) = self.some_arrays(self.flat)
        one, names = self.chance.choice(
            [(self.learner, ["parameters", "steps"]), (self.batches, ["mean", "square"])]
        )
        name = self.chance.choice(names)
        setattr(one, name, numbers)
        same(getattr(one, name), lambda: np.asarray(plain_copy(numbers)))

    def construct(self) -> None:
        (numbers,) = self.some_arrays(self.flat)
        if self.chance.random() < 0.5:
            made = self.module.Classifier(self.options(), numbers, kernels_name(self.chance))
            made.penalties(self.images, BYTE_TO_PLANE, np.zeros((5, 10), np.float32))
        else:
            ways = [self.chance.choice([True, False, 1, None, "yes"]), garbage(self.chance)]
            if self.chance.random() < 0.7:
                ways = [True, self.chance.choice([0.0, 20.0, -1e38, np.nan, np.inf, 1e-45])]
            loss = self.loss(*ways)
            made = self.module.Learner(self.options(), loss, numbers, kernels_name(self.chance))
            made.steps = self.flat
            made.learn(*self.samples())
            made.curvature(*self.samples())

    def misuse(self) -> None:
        """Calls that no one means: any names, any arguments, objects that were never made."""
        of = self.chance.choice([self.classifier, self.learner, self.module, self.face])
        of = self.chance.choice([of, type(of)])
        name = self.chance.choice([name for name in dir(of) if not name.startswith("__")] or [""])
        if name == "peak_flops":  # slow where it answers
            self.module.peak_flops(self.chance.choice([0, -1, 1025, 2**31, 10**30, None]))
        kind = self.chance.choice([self.module.Classifier, self.module.Learner])
        given = [garbage(self.chance) for _ in range(self.chance.randrange(5))]
        chosen = self.chance.randrange(5)
        if chosen == 0:
            unmade = kind.__new__(kind)
            getattr(unmade, self.chance.choice(["learn", "stages", "steps", "penalties"]))(*given)
        elif chosen == 1:
            self.chance.choice([self.classifier, self.learner]).__init__(
                self.architecture, self.flat
            )
        elif chosen == 2:
            kind(
                *given,
                **{self.chance.choice(["kernels", "architecture", "x"]): garbage(self.chance)},
            )
        elif chosen == 3 and of is not self.module and of is not self.face:
            delattr(of if not isinstance(of, type) else kind.__new__(kind), name)
        else:
            getattr(of, name)(*given)

    def call_together(self) -> None:
        """Several Python threads on one object: the answers are those of one call after another."""
        learner, rounds, helpers = self.fresh_learner(), 4, self.chance.randrange(2, 5)
        asked, wrong = self.classified().tobytes(), []

        def work() -> None:
            for _ in range(rounds):
                learner.learn(*self.samples())
                found = self.classified()
                if found.tobytes() != asked:
                    wrong.append("classifier")
                learner.steps = learner.steps  # all of them are equal
                learner.curvature(*self.samples())

        crew = [threading.Thread(target=work) for _ in range(helpers)]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()
        alone = self.fresh_learner()
        for _ in range(rounds * helpers):
            alone.learn(*self.samples())
        if wrong or learner.parameters.tobytes() != alone.parameters.tobytes():
            raise Violation(f"{helpers} threads on one object gave other answers: {wrong}")
        self.counts["together"] += 1


def resident() -> int:
    """Bytes of memory in use; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0


def fuzz(seconds: float, seed: int) -> collections.Counter:
    """Calls for so many seconds.

    Raises
    ------
    Violation
        if the engine did what it must not; a crash or a hang ends the program
    """
    shots, end = Fuzz(seed), time.monotonic() + seconds
    before = 0
    while time.monotonic() < end:
        for _ in range(BETWEEN_CHECKS):
            shots.call()
        if shots.valid_answers() != shots.wanted:
            raise Violation("valid calls give other answers than at first")
        before = before or resident()
        if resident() > before + MOST_GROWTH:
            raise Violation(f"memory grew from {before:,} to {resident():,} bytes")
    if seconds >= 3 and not shots.counts["together"]:
        raise Violation("several threads on one object were never tried")
    shots.counts["MB grown"] = (resident() - before) >> 20
    return shots.counts


def main() -> None:
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)
    print(f"seed {seed}", flush=True)
    warnings.simplefilter("ignore")  # nanobind's and numpy's, each with an exception or an answer
    try:
        counts = fuzz(float(sys.argv[1]), seed)
    except (Violation, SystemError) as violation:
        sys.exit(f"seed {seed}: {violation}")
    print(" · ".join(f"{count:,} {name}" for name, count in counts.most_common()))


if __name__ == "__main__":
    main()
