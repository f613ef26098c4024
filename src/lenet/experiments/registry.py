"""Every experiment that `lenet reproduce` knows, in the order of the results page."""

from __future__ import annotations

from lenet.experiments import (
    ablation,
    corruptions,
    invariance,
    lenet_5,
    numbers,
    table,
    training_size,
    transfer,
    why_convolution,
)
from lenet.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = (
    lenet_5.EXPERIMENT,
    *training_size.EXPERIMENTS,
    table.EXPERIMENT,
    why_convolution.EXPERIMENT,
    invariance.EXPERIMENT,
    transfer.EXPERIMENT,
    corruptions.EXPERIMENT,
    ablation.EXPERIMENT,
    numbers.EXPERIMENT,
)
