"""`lenet evaluate`: the error rate of a network on a data set."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Option

from lenet.cli.common import AsJson, DataDir, DataName, Quiet, WeightsName, log, print_result, row
from lenet.errors import InputError

if TYPE_CHECKING:
    from lenet.evaluation.score import Evaluation


def evaluate(
    weights: WeightsName = "1998",
    data: DataName = "mnist",
    split: Annotated[
        Literal["train", "validation", "test"], Option(help="The part of the data set.")
    ] = "test",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate weights on a data set.

    Prints errors, the 95 % interval, the confusion matrix and the misread digits.
    """
    from lenet.data.datasets import load_set
    from lenet.engine.select import best_engine
    from lenet.evaluation.calibration import calibration_error
    from lenet.evaluation.score import compare
    from lenet.network.confidence import classify_penalties
    from lenet.network.weights import load_weights

    network = best_engine(load_weights(weights))
    digits = load_set(data, data_dir)
    part = digits.split(split)
    if not len(part):
        raise InputError(f"{digits.name} has no {split} digits; score another --split")
    log(f"{weights} on {len(part):,} digits, {digits.name} {split}", quiet=quiet)
    answers = classify_penalties(network.penalties(part.images), network.weights.temperature)
    evaluation = compare(answers.values, part.labels)
    calibration = calibration_error(answers.confidences, answers.values == part.labels)
    score = evaluation.score
    document = {
        "dataset": digits.name,
        "split": split,
        "n": score.total,
        "errors": score.errors,
        "error_rate": score.error_rate,
        "interval_95": list(score.interval_95),
        "confusion": evaluation.confusion.tolist(),
        "wrong": [asdict(mistake) for mistake in evaluation.wrong],
        "calibration_error": calibration,
    }
    print_result(document, *_report(evaluation, calibration), as_json=as_json)


def _report(evaluation: Evaluation, calibration: float) -> list[str]:
    """The score, the confusion matrix, and the errors as index:label>answer."""
    lines = [str(evaluation.score), f"expected calibration error {calibration:.2%}"]
    lines += ["", row(["label ╲ answer", *range(10)], 14, 5)]
    for label, counts in enumerate(evaluation.confusion.tolist()):
        lines.append(row([f"{label:>14}", *(count or "·" for count in counts)], 14, 5))
    lines += ["", "errors, as index:label>answer"]
    wrong = [f"{w.index}:{w.label}>{w.answer}" for w in evaluation.wrong]
    return lines + ["  ".join(wrong[start : start + 8]) for start in range(0, len(wrong), 8)]
