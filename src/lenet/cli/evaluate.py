"""`lenet evaluate`: the error rate of a network on a data set, or of the reader on images."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer import Option

from lenet.cli.common import (
    AsJson,
    ColourName,
    DataDir,
    LayoutName,
    Quiet,
    log,
    print_result,
    progress_bar,
    row,
)
from lenet.errors import InputError, ResourceError, UsageError
from lenet.files import encodable, printable

if TYPE_CHECKING:
    from lenet.evaluation.rejection import Rejection
    from lenet.evaluation.score import Evaluation, Score
    from lenet.reading.batch import Settings
    from lenet.reading.judged import Judged

Split = Literal["train", "validation", "test"]
CURVE = ("reject below", "rejected", "errors among the rest")


def evaluate(
    weights: Annotated[
        str | None,
        Option(
            help="1998, modern, a weights file, or a run folder.",
            show_default="1998; modern for --images",
        ),
    ] = None,
    data: Annotated[
        str | None,
        Option(
            help="digits (embedded), mnist, qmnist, fashion, usps, or a folder of classes.",
            show_default="mnist",
        ),
    ] = None,
    split: Annotated[
        Split | None,
        Option(help="The part of the data set.", show_default="test"),
    ] = None,
    data_dir: DataDir = None,
    images: Annotated[
        Path | None,
        Option(
            metavar="LABELS.csv",
            help="Evaluate the reader on your own images: a table with the columns file and label.",
        ),
    ] = None,
    layout: LayoutName = "auto",
    colour_dropout: ColourName = "auto",
    digits_only: Annotated[
        bool, Option("--digits-only", help="Compare the digits of --images alone, no signs.")
    ] = False,
    report: Annotated[
        Path | None, Option(help="Write a page, FILE.html, that shows the --images read wrongly.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate weights on a data set, or the reader on labelled images.

    Prints errors, their 95 % interval, and what was misread; of a data set the confusion matrix,
    of images what --reject would do.
    """
    if images is None:
        if report or digits_only or (layout, colour_dropout) != ("auto", "auto"):
            raise UsageError(
                "--layout, --colour-dropout, --digits-only and --report need --images LABELS.csv"
            )
        part = data or "mnist", split or "test", data_dir
        _digits(weights or "1998", *part, as_json=as_json, quiet=quiet)
        return
    if data or split:
        raise UsageError("--images names what to read; leave out --data and --split")
    if report and report.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--report {report}: expected a name ending in .html")
    from lenet.reading.batch import Settings

    settings = Settings(
        weights, layout=layout, colour_dropout=colour_dropout, digits_only=digits_only
    )
    _images(images, settings, report, as_json=as_json, quiet=quiet)


def _digits(
    weights: str, data: str, split: Split, data_dir: Path | None, *, as_json: bool, quiet: bool
) -> None:
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
    document = {
        "dataset": digits.name,
        "split": split,
        **_counts(evaluation.score),
        "confusion": evaluation.confusion.tolist(),
        "wrong": [asdict(mistake) for mistake in evaluation.wrong],
        "calibration_error": calibration,
    }
    print_result(document, *_report(evaluation, calibration), as_json=as_json)


def _counts(score: Score) -> dict[str, Any]:
    return {
        "n": score.total,
        "errors": score.errors,
        "error_rate": score.error_rate if score.total else None,
        "interval_95": list(score.interval_95),
    }


def _report(evaluation: Evaluation, calibration: float) -> list[str]:
    """The score, the confusion matrix, and the errors as index:label>answer."""
    lines = [str(evaluation.score), f"expected calibration error {calibration:.2%}"]
    lines += ["", row(["label ╲ answer", *range(10)], 14, 5)]
    for label, counts in enumerate(evaluation.confusion.tolist()):
        lines.append(row([f"{label:>14}", *(count or "·" for count in counts)], 14, 5))
    lines += ["", "errors, as index:label>answer"]
    wrong = [f"{w.index}:{w.label}>{w.answer}" for w in evaluation.wrong]
    return lines + ["  ".join(wrong[start : start + 8]) for start in range(0, len(wrong), 8)]


def _images(
    table: Path,
    settings: Settings,
    report: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    from lenet.evaluation.rejection import rejection_curve
    from lenet.files import write_atomically
    from lenet.reading.judged import judged
    from lenet.reading.labelled import load_labels
    from lenet.reading.report import report_card, report_page

    images = load_labels(table)
    settings.check()
    found = judged(images, settings, keep=report is not None)
    right, confidences, wrong, cards, codes = [], [], list[dict[str, Any]](), list[str](), {0}
    with progress_bar("reading", quiet=quiet) as update:
        for index, each in enumerate(found):
            update("reading", index + 1, len(images))
            right.append(each.right)
            confidences.append(each.confidence)
            codes.add(_exit_code(each))
            wrong += [] if each.right else [_mistake(index, each)]
            cards += [report_card(each)] if report and not each.right else []
    curve = rejection_curve(confidences, right)
    summary = curve[0].kept.summary
    asked = {
        "images": encodable(str(table)),
        "layout": settings.layout,
        "colour_dropout": settings.colour_dropout,
        "digits_only": settings.digits_only,
    }
    try:
        if report:
            page = report_page(table.name, summary, CURVE, map(_cells, curve), cards)
            write_atomically(report, page.encode())
    finally:  # a full disk loses the page only
        document = asked | _found(curve, wrong)
        print_result(document, *_lines(summary, curve, wrong), as_json=as_json)
    if troubles := codes - {0}:
        raise typer.Exit(min(troubles))


def _exit_code(each: Judged) -> int:
    """Report an image that could not be read; the exit code for it, 0 for others."""
    if each.answer.error is None:
        return 0
    log(f"lenet: {printable(each.answer.error)}")
    return ResourceError.exit_code if each.answer.failed else InputError.exit_code


def _mistake(index: int, wrong: Judged) -> dict[str, Any]:
    error = wrong.answer.error
    return {
        "index": index,
        "file": encodable(wrong.image.file),
        "label": wrong.image.label,
        "answer": wrong.text,
        "confidence": wrong.confidence,
        "error": error and encodable(error),
    }


def _found(curve: list[Rejection], wrong: list[dict[str, Any]]) -> dict[str, Any]:
    """What was counted; the first threshold rejects nothing."""
    every = curve[0].kept
    points = [{"threshold": p.threshold, "rejected": p.rejected, **_counts(p.kept)} for p in curve]
    counts = {"right": every.total - every.errors, **_counts(every)}
    return counts | {"rejection": points, "wrong": wrong}


def _cells(point: Rejection) -> tuple[str, str, str]:
    """A threshold's row under CURVE."""
    kept = "none left"
    if point.kept.total:
        share = 100 * point.kept.error_rate
        kept = f"{point.kept.errors:,} of {point.kept.total:,}: {share:.1f} %"
    return f"{point.threshold:g}", f"{100 * point.rejected:.1f} %", kept


def _lines(summary: str, curve: list[Rejection], wrong: list[dict[str, Any]]) -> list[str]:
    lines = [summary, ""]
    for first, second, third in (CURVE, *map(_cells, curve)):
        lines.append(f"{first:<12}{second:>10}   {third}")
    lines += ["", "errors, as file: label > answer"] if wrong else []
    for each in wrong:
        label, answer = ("|".join(each[key].split("\n")) for key in ("label", "answer"))
        how = "unreadable" if each["error"] else f"{100 * each['confidence']:.1f} %"
        words = f"{each['file']}: {label or 'nothing'} > {answer or 'nothing'}  ({how})"
        lines.append(printable(words.replace("\t", " ")))
    return lines
