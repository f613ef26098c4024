"""Learning in compiled kernels: as the PyTorch learners, many times as fast."""

from __future__ import annotations

import numpy as np

from lenet.augmentation.warp import Distortion, distort
from lenet.data.digits import Digits
from lenet.engine.native_engine import available, kernels, native_architecture
from lenet.engine.packing import packed, trainable_mask, unpacked
from lenet.network.plane import BYTE_TO_PLANE, ByteArray, FloatArray
from lenet.network.weights import expected_shapes
from lenet.training.distillation import Teachers, distortion_stream, one_hot
from lenet.training.learner import Indices, Learner, State
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.recipe import Recipe, RunConfig


def native_learner(
    config: RunConfig,
    tensors: dict[str, FloatArray],
    digits: Digits,
    teachers: Teachers | None = None,
) -> Learner:
    """The learner that the recipe asks for, starting from these tensors."""
    recipe = config.recipe
    if isinstance(recipe.optimiser, Sdlm):
        return NativeSdlm(tensors, recipe, recipe.optimiser, digits)
    return NativeAdamW(tensors, recipe, recipe.optimiser, digits, config.seed, teachers)


class NativeSdlm:
    """One pattern per update, as `SdlmLearner`; equal to it but for rounding.

    tensors : what to start from, under their published names
    """

    chunk = 5_000

    def __init__(
        self, tensors: dict[str, FloatArray], recipe: Recipe, optimiser: Sdlm, digits: Digits
    ) -> None:
        self.architecture, self.optimiser = recipe.network, optimiser
        self.trainable_mask = trainable_mask(self.architecture)
        self.images = np.ascontiguousarray(digits.images)
        self.labels = digits.labels.astype(np.int32)
        self.core = kernels().Learner(
            native_architecture(self.architecture),
            kernels().Loss(discriminative=recipe.loss == "eq9", rubbish=recipe.rubbish),
            packed(tensors, self.architecture),
        )

    def start_pass(self, number: int, sample: Indices) -> None:
        self.set_steps(number, self.curvature(sample))

    def curvature(self, sample: Indices) -> FloatArray:
        """h_kk of every number of the packed network, averaged over these digits."""
        h: FloatArray = self.core.curvature(self.images, self.labels, BYTE_TO_PLANE, sample)
        return h

    def set_steps(self, number: int, h: FloatArray) -> None:
        steps = self.optimiser.rate(number) / (self.optimiser.mu + h)  # eq. 21
        self.core.steps = (steps * self.trainable_mask).astype(np.float32)

    def learn(self, order: Indices) -> int:
        errors: int = self.core.learn(self.images, self.labels, BYTE_TO_PLANE, order)
        return errors

    def state(self) -> State:
        return {"values": self.core.parameters, "steps": self.core.steps}

    def restore(self, state: State) -> None:
        self.core.parameters, self.core.steps = state["values"], state["steps"]

    def tensors(self) -> dict[str, FloatArray]:
        return unpacked(self.core.parameters, expected_shapes(self.architecture))

    def steps(self) -> dict[str, FloatArray]:
        """ε of eq. 18 for every parameter in this pass, under the tensors' names."""
        shapes = expected_shapes(self.architecture)
        shapes.pop("output.codes", None)
        return unpacked(self.core.steps, shapes)


class BatchUpdates:
    """AdamW's updates in compiled kernels, one mini-batch each.

    recipe : its network, loss, distortion and threads;  optimiser : the recipe's
    total : updates of the whole run, which decides the learning rates
    """

    def __init__(
        self, tensors: dict[str, FloatArray], recipe: Recipe, optimiser: AdamW, total: int
    ) -> None:
        self.recipe, self.optimiser, self.total = recipe, optimiser, total
        self.distortion = recipe.distortion or Distortion()
        self.updates = 0  # made so far
        self.core = kernels().BatchLearner(
            native_architecture(recipe.network),
            kernels().Loss(
                discriminative=recipe.loss == "eq9",
                rubbish=recipe.rubbish,
                temperature=recipe.temperature,
            ),
            packed(tensors, recipe.network),
            trainable_mask(recipe.network),
        )

    def update(
        self, images: ByteArray, targets: FloatArray, batch: Indices, stream: int
    ) -> tuple[int, float]:
        """Learn the images of these indices; how many were misread, and the sum of their losses.

        targets : (n, 10) class probabilities of all n images
        """
        settings = self.optimiser.kernel_settings(self.updates, self.total)
        self.updates += 1
        distortion, threads = self.distortion.as_array(), self.recipe.threads
        found: tuple[int, float] = self.core.learn(
            images, targets, BYTE_TO_PLANE, batch, distortion, stream, settings, threads
        )
        return found

    def tensors(self) -> dict[str, FloatArray]:
        return unpacked(self.core.parameters, expected_shapes(self.recipe.network))


class NativeAdamW(BatchUpdates):
    """A mini-batch per update, as `AdamWLearner`; equal to it but for rounding.

    tensors : what to start from, under their published names
    seed : decides the distortions, if the recipe has any
    teachers : give the targets, instead of the labels
    """

    batches_per_chunk = 50

    def __init__(
        self,
        tensors: dict[str, FloatArray],
        recipe: Recipe,
        optimiser: AdamW,
        digits: Digits,
        seed: int,
        teachers: Teachers | None = None,
    ) -> None:
        self.updates_per_pass = -(-len(digits) // optimiser.batch)
        super().__init__(tensors, recipe, optimiser, recipe.passes * self.updates_per_pass)
        self.seed, self.teachers = seed, teachers
        self.chunk = self.batches_per_chunk * optimiser.batch
        self.images = np.ascontiguousarray(digits.images)
        self.labels, self.targets = digits.labels, one_hot(digits.labels)

    def start_pass(self, number: int, sample: Indices) -> None:
        """Nothing to prepare."""

    def learn(self, order: Indices) -> int:
        number = self.updates // self.updates_per_pass + 1
        errors, stream = 0, distortion_stream(self.recipe, self.seed, number)
        targets = self._targets(order, stream)
        for start in range(0, len(order), self.optimiser.batch):
            batch = order[start : start + self.optimiser.batch]
            errors += self.update(self.images, targets, batch, stream)[0]
        return errors

    def _targets(self, order: Indices, stream: int) -> FloatArray:
        """Class probabilities (n, 10), valid at the indices of the order."""
        distortion = self.distortion.without_degradation()

        def planes_of(indices: Indices) -> FloatArray:
            return warped(self.images[indices], indices, distortion, stream)

        if self.teachers is None:
            return self.targets
        return self.teachers.targets(stream, order, self.labels, planes_of)

    def state(self) -> State:
        updates, core = np.array([self.updates], np.int64), self.core
        moments = {"mean": core.mean, "square": core.square}
        return {"values": core.parameters, "updates": updates} | moments

    def restore(self, state: State) -> None:
        core, self.updates = self.core, int(state["updates"][0])
        core.parameters, core.mean, core.square = state["values"], state["mean"], state["square"]


def warped(images: ByteArray, indices: Indices, by: Distortion, stream: int) -> FloatArray:
    """Planes (n, 1, 32, 32) of distorted digits: by kernels, or numpy where they are not built."""
    if not available():
        return distort(images, indices, by, stream)
    given = np.ascontiguousarray(images)
    planes: FloatArray = kernels().distorted(given, indices, BYTE_TO_PLANE, by.as_array(), stream)
    return planes[:, None]
