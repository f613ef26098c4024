"""`lenet show`: one digit's activations in the network, as figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

from lenet.cli.common import AsJson, DataDir, Quiet, WeightsName, print_result
from lenet.errors import UsageError, needs

if TYPE_CHECKING:
    from lenet.network.weights import Weights
    from lenet.plots.forward_trace import ForwardTrace
    from lenet.plots.language import Language
    from lenet.plots.receptive_field import Unit

FIGURES = {
    "architecture": "the layers, as in the paper's Fig. 2",
    "stages": "every stage from input to output",
    "kernels": "the learned kernels",
    "receptive-field": "the receptive field of one unit, and its weighted sum",
    "c3-table": "which S2 maps each C3 map is connected to",
    "rbf-output": "F6 and the ten RBF codes it is compared with",
    "occlusion": "which pixels the answer depends on",
    "perturbations": "the digit shifted, rotated, thickened or noisy: changes by layer",
    "confusion": "which digits are confused with which",
    "mistakes": "the misread digits",
}


def show(
    path: Annotated[Path, Argument(metavar="PATH", help="An image of one digit.")],
    out: Annotated[Path | None, Option(help="Output folder.", show_default="show-NAME")] = None,
    weights: WeightsName = "1998",
    unit: Annotated[
        str | None,
        Option(
            metavar="LAYER:MAP:ROW:COLUMN",
            help="Draw the receptive field of this unit, counted from 0; e.g. C3:6:4:5.",
            show_default="the most active C3 unit on the ink",
        ),
    ] = None,
    data: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Also draw the errors on the test digits of this data set.",
            show_default="none",
        ),
    ] = None,
    language: Annotated[Literal["en", "ko"], Option(help="Language of the figures.")] = "en",
    form: Annotated[Literal["png", "svg", "pdf"], Option("--format", help="Image format.")] = "png",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw what every layer makes of the digit in an image."""
    from lenet.plots.receptive_field import parse_unit, striking_unit

    chosen = None if unit is None else parse_unit(unit)
    trace = _trace(path, weights)
    chosen = chosen or striking_unit(trace.maps["C3"], trace.maps["input"][0])
    folder = out or Path(f"show-{path.stem}")
    figures = _figures(trace, chosen, language)
    if data is not None:
        figures |= _mistakes(trace.weights, data, data_dir, language)
    files = {name: folder / f"{name}.{form}" for name in figures}
    _save(figures, files, path)
    value, confidence = trace.value, float(trace.probabilities[trace.value])
    names = [str(file) for file in files.values()]
    lines = names
    if not quiet:
        width = max(map(len, names))
        described = [f"{file!s:<{width}}  {FIGURES[name]}" for name, file in files.items()]
        unit_line = f"unit {chosen}; choose another with --unit LAYER:MAP:ROW:COLUMN"
        lines = [f"{path}: {value}  ({confidence * 100:.1f} %)", *described, unit_line]
    answer = {"value": value, "confidence": confidence, "unit": str(chosen)}
    print_result({"files": names} | answer, *lines, as_json=as_json)


def _trace(path: Path, name: str) -> ForwardTrace:
    """Run the digit in this image through the network."""
    from lenet.network.weights import load_weights
    from lenet.plots.forward_trace import trace_digit
    from lenet.preprocessing.prepare import prepare_file

    return trace_digit(prepare_file(path).image, load_weights(name))


def _figures(trace: ForwardTrace, unit: Unit, language: Language) -> dict[str, Any]:
    """The pictures of one digit, by name."""
    from lenet.engine.select import best_engine
    from lenet.network.plane import to_planes

    with needs("visual", "drawing"):
        from lenet.plots.architecture import draw_architecture, draw_c3_table
        from lenet.plots.kernels import draw_kernels
        from lenet.plots.receptive_field_plot import draw_receptive_field
        from lenet.plots.sensitivity import draw_occlusion, draw_perturbations
        from lenet.plots.stages import draw_rbf_output, draw_stages

    network, weights = best_engine(trace.weights), trace.weights
    figures = {
        "architecture": draw_architecture(weights.architecture, language),
        "stages": draw_stages(trace, language),
        "kernels": draw_kernels(weights, language),
        "receptive-field": draw_receptive_field(trace, unit, language),
        "c3-table": draw_c3_table(weights.architecture, language),
        "occlusion": draw_occlusion(trace, lambda planes: network.stages(planes).output, language),
        "perturbations": draw_perturbations(
            trace.image,
            lambda image: type(trace)(image, network.stages(to_planes(image)), weights),
            language,
        ),
    }
    if weights.architecture.head == "rbf":  # another head compares F6 with no drawings
        figures["rbf-output"] = draw_rbf_output(trace, language)
    return {name: figures[name] for name in FIGURES if name in figures}


def _mistakes(
    weights: Weights, data: str, data_dir: Path | None, language: Language
) -> dict[str, Any]:
    """The network's errors on the test digits of a data set."""
    from lenet.data.datasets import load_set
    from lenet.engine.select import best_engine
    from lenet.evaluation.score import compare
    from lenet.network.confidence import classify_penalties

    with needs("visual", "drawing"):
        from lenet.plots.mistakes import confusion_figure, draw_mistakes

    test = load_set(data, data_dir).test
    values, confidences = classify_penalties(
        best_engine(weights).penalties(test.images), weights.temperature
    )
    evaluation = compare(values, test.labels)
    wrong = [mistake.index for mistake in evaluation.wrong]
    return {
        "confusion": confusion_figure(evaluation.confusion, language),
        "mistakes": draw_mistakes(
            test.images[wrong], test.labels[wrong], values[wrong], confidences[wrong], language
        ),
    }


def _save(figures: dict[str, Any], files: dict[str, Path], image: Path) -> None:
    """Write the figures; the folder is created only when all are drawn."""
    from lenet.plots.sheet import save

    folder = next(iter(files.values())).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replaced = any(file.exists() and file.samefile(image) for file in files.values())
    except OSError as problem:
        raise UsageError(
            f"--out {folder}: cannot be used as the output folder ({problem.strerror}); "
            "choose another"
        ) from problem
    if replaced:
        raise UsageError(f"--out {folder}: would replace the image {image}; choose another folder")
    for name, figure in figures.items():
        save(figure, files[name])
