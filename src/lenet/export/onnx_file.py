"""`lenet export onnx`: the file, verified in ONNX Runtime, and its report."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto, helper, load
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from lenet.data.digits import DigitSet
from lenet.engine.select import best_engine
from lenet.export.graph import onnx_graph
from lenet.export.parity import Parity, available_digits, calibration_subset, parity, strips
from lenet.files import write_atomically, write_json
from lenet.network.confidence import classify_penalties
from lenet.network.plane import BYTE_TO_PLANE, OFFSET, PAPER, ByteArray, FloatArray
from lenet.network.weights import Weights

BATCH, CALIBRATION_BATCH = 500, 100  # digits
# 2,556 weights of 60,000 or 61,706. C1 and C3 cause nearly all disagreements, and with so few maps
# ONNX Runtime's integer convolutions take twice the time of its float ones (docs/export.md).
IN_FLOAT = ("c1", "c3", "output")
STRIPS = 50  # ten times as wide


@dataclass(frozen=True)
class OnnxExport:
    """One ONNX file and how it compares.

    digits : the set and the part that both answered, as "mnist test"
    parity : on the digits
    confidence_difference : the largest between two confidences of the value given
    places : for a wide network, on digits side by side
    """

    file: Path
    bytes: int
    about: dict[str, Any]
    digits: str
    parity: Parity
    confidence_difference: float
    places: Parity | None = None

    def document(self) -> dict[str, Any]:
        """The report file's JSON, which --json prints too."""
        places = {"places": asdict(self.places)} if self.places else {}
        kept = {"confidence_difference": self.confidence_difference} | places
        named = {"file": str(self.file), "bytes": self.bytes}
        return named | self.about | {"digits": self.digits} | asdict(self.parity) | kept


def export_onnx(
    weights: Weights,
    file: Path,
    *,
    int8: bool = False,
    wide: bool = False,
    data_dir: Path | None = None,
) -> OnnxExport:
    """Write the network as ONNX, let ONNX Runtime answer digits with it, and write the report.

    int8, wide : see `quantised` and `onnx_graph`
    data_dir : where MNIST lies; without MNIST the embedded digits are answered, and reported

    Raises
    ------
    LenetError
        if a file cannot be written
    """
    known = available_digits(data_dir)
    model = onnx_graph(weights, pool=True, wide=wide, answers=True)
    if int8:
        calibration = calibration_subset(known.train.images)
        model = quantised(model, strips(calibration) if wide else calibration)
    about = _about(model, weights, int8=int8, wide=wide)
    helper.set_model_props(model, {"lenet": json.dumps(about)})
    content = model.SerializeToString()
    found = _compared(weights, content, known, wide=wide)
    exported = OnnxExport(file, len(content), about, f"{known.name} test", **found)
    write_atomically(file, content)
    write_json(report_path(file), {"schema": 1} | exported.document())
    return exported


def report_path(file: Path) -> Path:
    """Where the report of this file lies."""
    return file.with_name(f"{file.name}.report.json")


def _about(model: ModelProto, weights: Weights, *, int8: bool, wide: bool) -> dict[str, Any]:
    """What the file is, for the report and for the file itself."""
    graph = model.graph
    return {
        "network": weights.architecture.to_dict(),
        "weights_sha256": weights.card.get("weights_sha256"),
        "temperature": weights.temperature,
        "wide": wide,
        "int8": int8,
        "layers_in_float": list(IN_FLOAT) if int8 else "all",
        "opset": model.opset_import[0].version,
        "inputs": [_value(entry) for entry in graph.input],
        "outputs": [_value(entry) for entry in graph.output],
        "checked_by": f"onnxruntime {onnxruntime.__version__}",
    }


def _value(entry: Any) -> dict[str, Any]:
    kind = entry.type.tensor_type
    return {
        "name": entry.name,
        "type": helper.tensor_dtype_to_np_dtype(kind.elem_type).name,
        "shape": [side.dim_param or side.dim_value for side in kind.shape.dim],
        "means": entry.doc_string,
    }


def _compared(weights: Weights, content: bytes, known: DigitSet, *, wide: bool) -> dict[str, Any]:
    """The file against our engine, on the same digits."""
    session, ours, test = open_session(content), best_engine(weights), known.test
    answers = [run(session, test.images[at : at + BATCH]) for at in range(0, len(test), BATCH)]
    together = (np.concatenate(parts) for parts in zip(*answers, strict=True))
    penalties, confidences, values = (  # a wide network's of its one place
        answer[..., 0, 0] if wide else answer for answer in together
    )
    wanted = ours.penalties(test.images)
    expected = classify_penalties(wanted, weights.temperature)
    given = confidences[np.arange(len(test)), expected.values]
    found = parity(penalties, wanted, test.labels)
    assert np.array_equal(values, penalties.argmin(1))
    return {
        "parity": found,
        "confidence_difference": float(np.abs(given - expected.confidences).max()),
        "places": _places(session, ours.plane_penalties, strips(test.images)) if wide else None,
    }


def _places(session: Any, ours: Any, images: ByteArray) -> Parity:
    """Digits side by side, uint8 (n, 28, 280): an answer every 4 pixels, 64 a strip."""
    border = ((0, 0), (OFFSET, OFFSET), (OFFSET, OFFSET))
    planes = np.pad(BYTE_TO_PLANE[images], border, constant_values=PAPER)[:, None]
    starts = range(0, len(images), STRIPS)
    found = [run(session, images[at : at + STRIPS])[0] for at in starts]
    wanted = [ours(planes[at : at + STRIPS]) for at in starts]
    return parity(np.concatenate(found), np.concatenate(wanted))


def open_session(content: bytes) -> Any:
    """ONNX Runtime with this file, on the processor."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def run(session: Any, images: ByteArray) -> tuple[FloatArray, FloatArray, Any]:
    """Penalties, confidences and values of uint8 images."""
    penalties, confidences, values = session.run(None, {"images": images})
    return penalties, confidences, values


class _Calibration(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime carries no types
    def __init__(self, images: ByteArray) -> None:
        starts = range(0, len(images), CALIBRATION_BATCH)
        self._parts = ({"images": images[at : at + CALIBRATION_BATCH]} for at in starts)

    def get_next(self) -> dict[str, ByteArray] | None:
        return next(self._parts, None)


def quantised(graph: ModelProto, images: ByteArray) -> ModelProto:
    """The graph with C5 and F6 in int8, a scale for each map, and uint8 before them (QDQ form).

    They hold 97 % of the network's weights. Weights use 7 of their 8 bits: on x86 without VNNI two
    full products would overflow the 16 bits that they are added in, and the answers would depend
    on the machine.

    images : training digits, of the shape that the graph takes
    """
    with TemporaryDirectory() as folder, _without_advice():
        file = Path(folder) / "int8.onnx"
        quantize_static(
            graph,
            file,
            _Calibration(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm"],
            nodes_to_exclude=_nodes_with(graph, IN_FLOAT),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            # Sums go to the squashing as they are: rounding them to 8 bits as well only loses.
            extra_options={"OpTypesToExcludeOutputQuantization": ["Conv", "Gemm"]},
        )
        return load(file)


def _nodes_with(graph: ModelProto, layers: tuple[str, ...]) -> list[str]:
    weights = {f"{layer}.weight" for layer in layers}
    return [node.name for node in graph.graph.node if weights.intersection(node.input)]


@contextmanager
def _without_advice() -> Iterator[None]:
    """Its advice to preprocess the graph is for graphs with shapes unknown and layers unfused."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)
