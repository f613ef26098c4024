"""`lenet evaluate`: the error rate of a network on a data set."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from lenet.cli.common import AsJson, DataDir, DataName, Quiet, WeightsName, log, print_json
from lenet.errors import InputError, UsageError

if TYPE_CHECKING:
    from lenet.evaluation.score import Evaluation


def evaluate(
    weights: WeightsName = "1998",
    data: DataName = "mnist",
    split: Annotated[str, typer.Option(help="test, train or validation.")] = "test",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate weights on a data set.

    Prints errors, the 95 % interval, the confusion matrix and the misread digits.
    """
    from lenet.data.datasets import load_set
    from lenet.data.digits import Split
    from lenet.engine.select import best_engine
    from lenet.evaluation.calibration import calibration_error
    from lenet.evaluation.score import compare
    from lenet.network.confidence import classify_penalties
    from lenet.network.weights import load_weights

    if split not in get_args(Split):
        raise UsageError(f"--split {split}: expected one of {', '.join(get_args(Split))}")
    network = best_engine(load_weights(weights))
    digits = load_set(data, data_dir)
    part = digits.split(split)  # type: ignore[arg-type]  # checked above
    if not len(part):
        raise InputError(f"{digits.name} has no {split} digits; score another --split")
    log(f"{weights} on {len(part):,} digits, {digits.name} {split}", quiet=quiet)
    answers = classify_penalties(network.penalties(part.images), network.weights.temperature)
    evaluation = compare(answers.values, part.labels)
    calibration = calibration_error(answers.confidences, answers.values == part.labels)
    if as_json:
        document = {"dataset": digits.name, "split": split} | _document(evaluation)
        print_json(document | {"calibration_error": calibration})
    else:
        print(_report(evaluation, calibration))


def _document(evaluation: Evaluation) -> dict[str, Any]:
    score = evaluation.score
    return {
        "n": score.total,
        "errors": score.errors,
        "error_rate": score.error_rate,
        "interval_95": list(score.interval_95),
        "confusion": evaluation.confusion.tolist(),
        "wrong": [asdict(mistake) for mistake in evaluation.wrong],
    }


def _report(evaluation: Evaluation, calibration: float) -> str:
    """The score, the confusion matrix, and the errors as index:label>answer."""
    row = "{:>5}" * 10
    lines = [str(evaluation.score), f"expected calibration error {calibration:.2%}"]
    lines += ["", "label ╲ answer" + row.format(*range(10))]
    for label, counts in enumerate(evaluation.confusion.tolist()):
        lines.append(f"{label:>14}" + row.format(*(count or "·" for count in counts)))
    lines += ["", "errors, as index:label>answer"]
    wrong = [f"{w.index}:{w.label}>{w.answer}" for w in evaluation.wrong]
    lines += ["  ".join(wrong[start : start + 8]) for start in range(0, len(wrong), 8)]
    return "\n".join(lines)
