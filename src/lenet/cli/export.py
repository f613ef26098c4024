"""`lenet export`: the network for other places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lenet.cli.common import AsJson, DataDir, Quiet, WeightsName, print_json, say
from lenet.errors import UsageError, needs

if TYPE_CHECKING:
    from lenet.export.onnx_file import OnnxExport

export_app = typer.Typer(no_args_is_help=True, help="Take the network elsewhere.")


@export_app.callback()
def _export() -> None:
    """Take the network elsewhere."""


def _named(weights: str, out: Path | None, suffix: str, **marks: bool) -> Path:
    """The file to write: as asked, or lenet-NAME with what it is, here."""
    if out is None:
        marked = "".join(f"-{mark}" for mark, given in marks.items() if given)
        path = Path(weights)
        name = path.parent.name if path.name == "weights.safetensors" else path.stem
        return Path(f"lenet-{name}{marked}{suffix}")
    if out.suffix != suffix:
        raise UsageError(f"--out {out}: expected a name ending in {suffix}")
    return out


@export_app.command("onnx")
def onnx(
    weights: WeightsName = "modern",
    out: Annotated[
        Path | None, typer.Option(help="The file.", show_default="lenet-NAME.onnx")
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="C5 and F6, 97 % of the weights, in 8-bit integers.")
    ] = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="Images of any size, an answer every 4 pixels.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write the network for other runtimes, and report whether it answers there as it does here.

    ONNX Runtime answers MNIST's 10,000 test digits with it where MNIST lies in the data folder,
    else 397 embedded ones. The report is printed, and lies beside the file.
    """
    from lenet.network.weights import load_weights

    file = _named(weights, out, ".onnx", int8=int8, wide=wide)
    network = load_weights(weights)
    with needs("export", "lenet export onnx"):
        from lenet.export.onnx_file import export_onnx
    say(f"{weights} for other runtimes", quiet=quiet)
    exported = export_onnx(network, file, int8=int8, wide=wide, data_dir=data_dir)
    if as_json:
        print_json(exported.document())
    else:
        print(_report(exported))


def _report(exported: OnnxExport) -> str:
    from lenet.export.onnx_file import report_path

    about = exported.about
    lines = [f"{exported.file}: {exported.bytes:,} bytes, opset {about['opset']}"]
    for value in (*about["inputs"], *about["outputs"]):
        shape = ", ".join(map(str, value["shape"]))
        lines.append(f"  {value['name']:<12} {value['type']:<8} ({shape})  {value['means']}")
    lines += [f"{about['checked_by']} beside lenet, {exported.digits}:", f"  {exported.parity}"]
    lines.append(f"  confidences differ by at most {exported.confidence_difference:.2g}")
    if exported.places:
        lines.append(f"  digits side by side, place by place: {exported.places}")
    return "\n".join([*lines, f"report: {report_path(exported.file)}"])


@export_app.command("header")
def header(
    weights: WeightsName = "modern",
    out: Annotated[Path | None, typer.Option(help="The file.", show_default="lenet-NAME.h")] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="In 8-bit integers, a quarter of the size.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write the network as one C99 header without dependencies, for microcontrollers."""
    from lenet.export.header import export_header
    from lenet.network.weights import load_weights

    file = _named(weights, out, ".h", int8=int8)
    network = load_weights(weights)
    say(f"{weights} in C{', in integers' if int8 else ''}", quiet=quiet)
    made = export_header(network, file, int8=int8, data_dir=data_dir)
    if as_json:
        print_json({"file": str(file), "int8": int8} | made.document())
        return
    print(f"{file}: int digit = lenet_classify(image, penalties);")
    print(
        f"  {made.constants:,} bytes of constants, {made.memory:,} of working memory, "
        f"{made.multiply_adds:,} multiply-adds an image"
    )
    if made.parity:
        print(f"  beside lenet, {made.digits}: {made.parity}")


@export_app.command("page")
def page(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")],
    as_json: AsJson = False,
) -> None:
    """Write the page with its networks, for any web host or to be opened from the disk."""
    from lenet.web.assemble import export_page

    files = export_page(folder)
    size = sum(file.stat().st_size for file in files)
    if as_json:
        print_json({"files": [str(file) for file in files], "bytes": size})
    else:
        print(f"{folder / 'index.html'}: open it in a browser, or put the folder on any web host")
        print(f"{len(files)} files, {size:,} bytes; a network is loaded when it is first chosen")
