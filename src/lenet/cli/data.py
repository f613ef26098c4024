"""`lenet data`: list, download and verify data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument

from lenet.cli.common import AsJson, DataDir, Quiet, log, print_result, progress_bar
from lenet.data.registry import REGISTRY, DatasetInfo, data_folder, dataset_info
from lenet.errors import InputError, needs

app = typer.Typer(
    name="data",
    add_completion=False,
    help="List, download and verify data sets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str | None, Argument(help=f"One of {', '.join(REGISTRY)}; default: all.")]


@app.command("list")
def list_sets(
    name: Name = None, data_dir: DataDir = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """List the known data sets, their location and state."""
    folder = data_folder(data_dir)
    rows = [_row(source, folder) for source in _chosen(name)]
    log(f"data folder: {folder}", quiet=quiet or as_json)
    lines = []
    for row in rows:
        lines.append(f"{row['name']:<9}{row['state']:<10}{row['about']}; licence: {row['licence']}")
        if row["state"] not in ("missing", "embedded"):
            lines.append(f"{'':<19}{row['folder']}")
    print_result({"data_dir": str(folder), "sets": rows}, *lines, as_json=as_json)


@app.command()
def fetch(
    name: Annotated[str, Argument(help=f"One of {', '.join(REGISTRY)}.")] = "mnist",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Download a data set from its mirrors and check its hashes; intact files stay."""
    with needs("data", "lenet data fetch"):
        from lenet.data.download import download_dataset

    source, folder = dataset_info(name), data_folder(data_dir)
    with progress_bar(name, quiet=quiet, in_bytes=True) as progress:
        files = download_dataset(source, folder, progress)
    if not files:
        log(f"{name} comes with scikit-learn; nothing to fetch", quiet=quiet or as_json)
    rows = [{"file": str(file.path), "fetched": file.fetched} for file in files]
    lines = [f"{file.path}  {'fetched' if file.fetched else 'was there'}" for file in files]
    print_result({"data_dir": str(folder), "name": name, "files": rows}, *lines, as_json=as_json)


@app.command()
def verify(
    name: Name = None, data_dir: DataDir = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """Check the files of a data set, or of all present ones, against their published hashes."""
    folder = data_folder(data_dir)
    rows = [_row(source, folder) for source in _chosen(name)]
    if name is None:
        rows = [row for row in rows if row["state"] != "missing"]
    log(f"data folder: {folder}", quiet=quiet or as_json)
    lines = [f"{row['name']:<9}{row['state']}" for row in rows]
    print_result({"data_dir": str(folder), "sets": rows}, *lines, as_json=as_json)
    bad = [file for row in rows for file in row["files"] if file["state"] != "whole"]
    if bad:
        problems = "".join(f"\n  {file['file']}: {file['problem']}" for file in bad)
        names = {row["name"] for row in rows for file in row["files"] if file in bad}
        commands = "".join(f"\n  lenet data fetch {name}" for name in sorted(names))
        raise InputError(f"missing or damaged files:{problems}\nfetch them again with:{commands}")


def _chosen(name: str | None) -> list[DatasetInfo]:
    return [dataset_info(name)] if name else list(REGISTRY.values())


def _row(source: DatasetInfo, folder: Path) -> dict[str, Any]:
    """One data set as in the JSON documents; its worst file decides its state."""
    from lenet.data.registry import check_dataset

    states = check_dataset(source, folder)
    kinds: set[str] = {file.state for file in states} or {"embedded"}
    mixed = "damaged" if "damaged" in kinds else "partly"
    return {
        "name": source.name,
        "about": source.about,
        "licence": source.licence,
        "folder": str(folder / source.name) if source.files else None,
        "state": mixed if len(kinds) > 1 else kinds.pop(),
        "files": [
            {"file": str(file.path), "state": file.state, "problem": file.problem}
            for file in states
        ],
    }
