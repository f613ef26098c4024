"""`lenet bench`: speed compared with other runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Option

from lenet.cli.common import AsJson, DataDir, Quiet, log, print_result, progress_bar, row
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
        bool, Option("--quick", help="Half a minute instead of five: fewer, shorter rounds.")
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
    log("timing the engines in short turns; other load distorts the figures", quiet=quiet)
    with progress_bar("starting", quiet=quiet) as update:
        report = measure(plan, data_dir, update)
    print_result(report.to_dict(), _report(report), as_json=as_json)


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
    lines += [
        f"  {found.work:<11} {found.network:<11}{found.engine:<14}"
        f"{found.disagreements} / {found.n:,}   {found.max_relative_difference:.1e}"
        for found in report.agreement
    ]
    if report.skipped:
        lines += ["", "skipped"]
        lines += [f"  {one['engine']:<14}{one['work']}: {one['reason']}" for one in report.skipped]
    return "\n".join(lines)


def _table(results: list[Result], reference: str) -> list[str]:
    """One row per engine, one column per thread count and batch size."""
    kinds = list(dict.fromkeys((result.threads, result.batch) for result in results))
    found = {(result.engine, result.threads, result.batch): result for result in results}
    rows: list[list[str]] = [["engine", *(f"{threads} thr × {n:,}" for threads, n in kinds)]]
    for engine in dict.fromkeys(result.engine for result in results):
        cells = [_cell(found.get((engine, *kind)), found.get((reference, *kind))) for kind in kinds]
        rows.append([engine, *cells])
    natives = [found.get(("native", *kind)) for kind in kinds]
    shares = [f"{r.share_of_peak:.0%}" if r and r.share_of_peak else "" for r in natives]
    if any(shares):
        rows.append(["share of peak", *shares])
    return ["  " + row(cells, 14, 17) for cells in rows]


def _cell(result: Result | None, reference: Result | None) -> str:
    """The rate and its ratio to the reference engine; for a whole training, seconds and error."""
    if result is None:
        return "·"
    if result.test_error_rate is not None:
        return f"{result.seconds:.1f} ({result.test_error_rate:.2%})"
    ratio = f" ({result.per_second / reference.per_second:.2f})" if reference else ""
    return f"{result.per_second:,.0f}{ratio}"
