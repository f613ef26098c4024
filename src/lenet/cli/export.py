"""`lenet export`: the network as ONNX, as a C header, as a web page, or for a model hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from lenet.cli.common import AsJson, DataDir, Quiet, WeightsName, log, print_result
from lenet.errors import UsageError, needs

if TYPE_CHECKING:
    from lenet.export.onnx_file import OnnxExport

app = typer.Typer(
    name="export",
    add_completion=False,
    help="Export the network: ONNX, C header, web page, model repository.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _name(weights: str) -> str:
    """What weights are called in the names of files: as shipped, or their folder or file."""
    path = Path(weights)
    return path.parent.name if path.name == "weights.safetensors" else path.stem


def _named(weights: str, out: Path | None, suffix: str, **marks: bool) -> Path:
    """The file to write: --out, else lenet-NAME with its variant, in the current folder."""
    if out is None:
        marked = "".join(f"-{mark}" for mark, given in marks.items() if given)
        return Path(f"lenet-{_name(weights)}{marked}{suffix}")
    if out.suffix != suffix:
        raise UsageError(f"--out {out}: expected a name ending in {suffix}")
    return out


@app.command("onnx")
def onnx(
    weights: WeightsName = "modern",
    out: Annotated[Path | None, Option(help="Output file.", show_default="lenet-NAME.onnx")] = None,
    int8: Annotated[
        bool, Option("--int8", help="Quantise C5 and F6 (97 % of the weights) to int8.")
    ] = False,
    wide: Annotated[
        bool, Option("--wide", help="Accept images of any size; one output every 4 pixels.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Export the network to ONNX, with a parity report.

    ONNX Runtime is compared with lenet on MNIST's 10,000 test digits if MNIST is in the data
    folder, else on 397 embedded digits. The report is printed and written beside the file.
    """
    from lenet.network.weights import load_weights

    file = _named(weights, out, ".onnx", int8=int8, wide=wide)
    network = load_weights(weights)
    with needs("export", "lenet export onnx"):
        from lenet.export.onnx_file import export_onnx
    log(f"exporting {weights} to ONNX", quiet=quiet)
    exported = export_onnx(network, file, int8=int8, wide=wide, data_dir=data_dir)
    print_result(exported.document(), *_report(exported), as_json=as_json)


def _report(exported: OnnxExport) -> list[str]:
    from lenet.export.onnx_file import report_path

    about = exported.about
    lines = [f"{exported.file}: {exported.bytes:,} bytes, opset {about['opset']}"]
    for value in (*about["inputs"], *about["outputs"]):
        shape = ", ".join(map(str, value["shape"]))
        lines.append(f"  {value['name']:<12} {value['type']:<8} ({shape})  {value['means']}")
    lines += [f"{about['checked_by']} against lenet, {exported.digits}:", f"  {exported.parity}"]
    lines.append(f"  confidences differ by at most {exported.confidence_difference:.2g}")
    if exported.places:
        lines.append(f"  digits side by side, position by position: {exported.places}")
    return [*lines, f"report: {report_path(exported.file)}"]


@app.command("header")
def header(
    weights: WeightsName = "modern",
    out: Annotated[Path | None, Option(help="Output file.", show_default="lenet-NAME.h")] = None,
    int8: Annotated[
        bool, Option("--int8", help="Quantise to int8: a quarter of the size.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Export the network as one C99 header without dependencies."""
    from lenet.export.header import export_header
    from lenet.network.weights import load_weights

    file = _named(weights, out, ".h", int8=int8)
    network = load_weights(weights)
    log(f"exporting {weights} to C{', in integers' if int8 else ''}", quiet=quiet)
    made = export_header(network, file, int8=int8, data_dir=data_dir)
    print_result(
        {"file": str(file), "int8": int8} | made.document(),
        f"{file}: int digit = lenet_classify(image, penalties);",
        f"  {made.constants:,} bytes of constants, {made.memory:,} of working memory, "
        f"{made.multiply_adds:,} multiply-adds an image",
        *([f"  against lenet, {made.digits}: {made.parity}"] if made.parity else []),
        as_json=as_json,
    )


@app.command("hub")
def hub(
    folder: Annotated[Path, Argument(metavar="DIR", help="A new or empty folder.")],
    weights: WeightsName = "modern",
    as_json: AsJson = False,
) -> None:
    """Export a model repository for the Hugging Face Hub: model card, weights, config."""
    from lenet.export.hub import export_hub
    from lenet.network.weights import load_weights

    files = export_hub(load_weights(weights), folder, _name(weights))
    print_result(
        {"files": [str(file) for file in files]},
        *map(str, files),
        f"use it: lenet.LeNet5.from_pretrained({str(folder)!r}), or --weights {folder}",
        f"upload it: hf upload OWNER/NAME {folder}",
        as_json=as_json,
    )


@app.command("page")
def page(
    folder: Annotated[Path, Argument(metavar="DIR", help="A new or empty folder.")],
    as_json: AsJson = False,
) -> None:
    """Export the web page and its networks as static files."""
    from lenet.web.assemble import export_page

    files = export_page(folder)
    size = sum(file.stat().st_size for file in files)
    print_result(
        {"files": [str(file) for file in files], "bytes": size},
        f"{folder / 'index.html'}: open it in a browser or put it on a web host",
        f"{len(files)} files, {size:,} bytes; a network is loaded when it is first chosen",
        as_json=as_json,
    )
