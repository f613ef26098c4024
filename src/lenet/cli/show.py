"""`lenet show`: one digit's way through the network, as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lenet.cli.common import AsJson, Quiet, WeightsName, print_json
from lenet.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from lenet.visual.receptive import Unit
    from lenet.visual.walk import Walk

FILES = {
    "stages.png": "every stage from the input to the answer",
    "kernels.png": "what the network has learnt",
    "receptive-field.png": "what one unit depends on, and its sum",
}


def show(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An image of one digit.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The folder for the pictures.", show_default="show-NAME"),
    ] = None,
    weights: WeightsName = "1998",
    unit: Annotated[
        str | None,
        typer.Option(
            metavar="LAYER:MAP:ROW:COLUMN",
            help="Whose receptive field to draw, counted from 0, such as C3:6:4:5.",
            show_default="the C3 unit that stands out most",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw every stage, the kernels, and one unit's receptive field for the digit in an image."""
    from lenet.visual.receptive import parse_unit, striking_unit

    chosen = None if unit is None else parse_unit(unit)
    walk = _walk(path, weights)
    chosen = chosen or striking_unit(walk.maps["C3"])
    folder = out or Path(f"show-{path.stem}")
    _draw(walk, chosen, folder, path)
    value, confidence = int(walk.answer.values[0]), float(walk.answer.confidences[0])
    files = [str(folder / name) for name in FILES]
    if as_json:
        answer = {"value": value, "confidence": confidence, "unit": str(chosen)}
        print_json({"files": files} | answer)
    elif quiet:
        print("\n".join(files))
    else:
        print(f"{path}: {value}  ({confidence * 100:.1f} %)")
        width = max(map(len, files))
        for file, words in zip(files, FILES.values(), strict=True):
            print(f"{file:<{width}}  {words}")
        print(f"unit {chosen}; choose another with --unit LAYER:MAP:ROW:COLUMN")


def _walk(path: Path, name: str) -> Walk:
    """The digit in this image, taken through the network."""
    from lenet.engine.choice import fastest
    from lenet.network.plane import to_planes
    from lenet.network.weights import load_weights
    from lenet.preparation.prepare import prepare_file
    from lenet.visual.walk import Walk

    image = prepare_file(path).image
    weights = load_weights(name)
    return Walk(image, fastest(weights).stages(to_planes(image)), weights)


def _draw(walk: Walk, unit: Unit, folder: Path, image: Path) -> None:
    """The three pictures; the folder is not touched before all are drawn."""
    try:
        from lenet.visual.field import draw_field
        from lenet.visual.kernels import draw_kernels
        from lenet.visual.sheet import save
        from lenet.visual.stages import draw_stages
    except ModuleNotFoundError as missing:
        raise MissingExtraError("drawing", str(missing.name), "visual") from missing

    figures = (draw_stages(walk), draw_kernels(walk.weights), draw_field(walk, unit))
    pictures = [folder / name for name in FILES]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replaced = any(picture.exists() and picture.samefile(image) for picture in pictures)
    except OSError as problem:
        raise UsageError(
            f"--out {folder}: cannot be the folder for the pictures ({problem.strerror}); "
            "choose another"
        ) from problem
    if replaced:
        raise UsageError(f"--out {folder}: would replace the image {image}; choose another folder")
    for picture, figure in zip(pictures, figures, strict=True):
        save(figure, picture)
