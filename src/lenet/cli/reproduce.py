"""`lenet reproduce`: the paper's experiments, rerun and compared with the printed figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from lenet.cli.common import (
    AsJson,
    DataDir,
    Quiet,
    Where,
    log,
    print_result,
    progress_bar,
    save_plots,
)
from lenet.errors import UsageError, needs

if TYPE_CHECKING:
    from lenet.experiments.runner import Computed


def reproduce(
    experiments: Annotated[
        list[str], Argument(help="Names of experiments, or all.", metavar="EXPERIMENT...|all")
    ],
    out: Annotated[
        Path | None, Option(help="Output folder.", show_default="runs/reproduce[-quick]")
    ] = None,
    quick: Annotated[
        bool, Option("--quick", help="A smoke test on few digits: minutes instead of hours.")
    ] = False,
    engine: Where = "local",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Rerun experiments of the paper and compare with its figures.

    The same command resumes an interrupted run. `all` also writes results.md.
    """
    with needs("all", "lenet reproduce"):
        from lenet.experiments.page import results_page
        from lenet.experiments.runner import EXPERIMENTS, Folder
        from lenet.experiments.runner import reproduce as rerun
    from lenet.experiments.experiment import Budget
    from lenet.files import LOCK, locked, write_atomically

    known = {experiment.name: experiment for experiment in EXPERIMENTS}
    unknown = [name for name in experiments if name not in known and name != "all"]
    if unknown:
        raise UsageError(
            f"no experiment named {', '.join(unknown)}; expected {', '.join(known)}, or all"
        )
    wanted = (
        EXPERIMENTS
        if "all" in experiments
        else [known[name] for name in dict.fromkeys(experiments)]
    )
    budget = Budget.short() if quick else Budget()
    folder = Folder(out or Path("runs") / ("reproduce-quick" if quick else "reproduce"))

    def finished(document: dict[str, Any]) -> None:
        name = document["experiment"]
        log(f"{name}: done, {folder.document(name)}", quiet=quiet)

    try:
        with (
            locked(folder.path / LOCK, folder.path),
            progress_bar("starting", quiet=quiet) as update,
        ):
            documents = rerun(wanted, budget, folder, data_dir, update, finished, _computed(engine))
    except KeyboardInterrupt:
        log("finished results are kept; resume with the same command")
        raise

    def save(plots: Any) -> None:
        for document in documents:
            if document["panels"]:
                file = folder.path / "results" / f"{document['experiment']}.png"
                plots.save_panels(document["panels"], file)

    save_plots(save, quiet=quiet)
    if "all" in experiments:
        write_atomically(folder.path / "results.md", results_page(documents).encode())
        log(f"results: {folder.path / 'results.md'}", quiet=quiet)
    summaries = "\n\n".join(map(_summary, documents))
    print_result({"out": str(folder.path), "experiments": documents}, summaries, as_json=as_json)


def _computed(engine: str) -> Computed | None:
    """The function that computes jobs elsewhere; None for this machine."""
    if engine == "local":
        return None
    with needs("ray", "--engine ray"):
        from lenet.cluster.experiments import computed
    return computed


def _summary(document: dict[str, Any]) -> str:
    """An experiment's title, conclusions and figures, beside the printed ones."""
    from lenet.experiments.page import ours

    wide = max([len(row["what"]) for row in document["rows"]], default=0)
    lines = [f"{document['title']} ({document['conditions']['hardware']})"]
    lines += [f"  {sentence}" for sentence in document["notes"]]
    for row in document["rows"]:
        printed = "" if row["printed"] is None else f"   printed {row['printed']:g}"
        lines.append(f"  {row['what']:<{wide}}  {ours(row)} {row['unit']}{printed}")
    return "\n".join(lines)
