"""`lenet bench`: speed compared with other runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lenet.cli.common import AsJson, DataDir, Quiet, log, print_json, progress_bar
from lenet.errors import needs

if TYPE_CHECKING:
    from lenet.benchmark.report import Report, Result

UNITS = {
    "inference": "digit images per second",
    "train-1998": "updates per second, one pattern each",
    "read": "images per second",
    "time-to-1%": "seconds from an empty process",
}


def bench(
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Half a minute instead of five: fewer, shorter rounds."),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Benchmark against PyTorch, ONNX Runtime and OpenVINO.

    All engines are timed in one run, in short turns.
    """
    with needs("bench", "lenet bench"):
        from lenet.benchmark.bench import bench as measure
        from lenet.benchmark.timing import Plan

    plan = Plan.quick() if quick else Plan.full()
    log(
        "timing the engines in short turns; other load distorts the figures",
        quiet=quiet,
    )
    with progress_bar("starting", quiet=quiet) as update:
        report = measure(plan, data_dir, update)
    if as_json:
        print_json(report.to_dict())
    else:
        print(_report(report))


def _report(report: Report) -> str:
    """Hardware, one table per task and network, agreement, and skipped engines."""
    machine = report.hardware
    versions = ", ".join(f"{name} {text}" for name, text in machine["versions"].items() if text)
    memory = f", {machine['memory']} GiB" if machine["memory"] else ""
    lines = [f"{machine['cpu']}, {machine['cores']} cores{memory}, {machine['os']}", versions]
    tables: dict[tuple[str, str], list[Result]] = {}
    for result in report.results:
        tables.setdefault((result.work, result.network), []).append(result)
    for (work, network), results in tables.items():
        engines = {result.engine for result in results}
        reference = "native" if "native" in engines else "torch"
        ratios = f" (times {reference})" if len(engines) > 1 else ""
        lines += ["", f"{work}, network {network}: {UNITS[work]}{ratios}"]
        lines += _table(results, reference)
    lines += ["", "agreement: different answers / digits, largest relative difference of a penalty"]
    for row in report.agreement:
        lines.append(
            f"  {row.work:<11} {row.network:<11}{row.engine:<14}"
            f"{row.disagreements} / {row.n:,}   {row.max_relative_difference:.1e}"
        )
    if report.skipped:
        lines += ["", "skipped"]
        lines += [f"  {row['engine']:<14}{row['work']}: {row['reason']}" for row in report.skipped]
    return "\n".join(lines)


def _table(results: list[Result], reference: str) -> list[str]:
    """One row per engine, one column per thread count and batch size."""
    columns = list(dict.fromkeys((result.threads, result.batch) for result in results))
    found = {(result.engine, result.threads, result.batch): result for result in results}
    titles = [f"{threads} thr × {batch:,}" for threads, batch in columns]
    lines = ["  " + f"{'engine':<14}" + "".join(f"{title:>17}" for title in titles)]
    for engine in dict.fromkeys(result.engine for result in results):
        cells = [
            _cell(found.get((engine, *column)), found.get((reference, *column)))
            for column in columns
        ]
        lines.append("  " + f"{engine:<14}" + "".join(f"{cell:>17}" for cell in cells))
    fractions = [found.get(("native", *column)) for column in columns]
    if any(share and share.share_of_peak for share in fractions):
        texts = [f"{s.share_of_peak:.0%}" if s and s.share_of_peak else "" for s in fractions]
        lines.append("  " + f"{'share of peak':<14}" + "".join(f"{text:>17}" for text in texts))
    return lines


def _cell(result: Result | None, reference: Result | None) -> str:
    """The rate and its ratio to the reference engine; for a whole training, seconds and error."""
    if result is None:
        return "·"
    if result.test_error_rate is not None:
        return f"{result.seconds:.1f} ({result.test_error_rate:.2%})"
    ratio = f" ({result.per_second / reference.per_second:.2f})" if reference else ""
    return f"{result.per_second:,.0f}{ratio}"
