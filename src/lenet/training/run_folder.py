"""The folder of one run: its config and its results."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from lenet.data.digits import DigitSet
from lenet.engine.native_engine import kernels
from lenet.engine.select import best_engine, cores
from lenet.errors import InputError, UsageError
from lenet.evaluation.calibration import fit_temperature
from lenet.files import read_limited, write_atomically, write_json
from lenet.network import plane
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights, save_weights
from lenet.training.recipe import RunConfig


@dataclass(frozen=True)
class RunFolder:
    """run.json · history.jsonl · weights.safetensors + card.json · checkpoint/"""

    path: Path
    record: dict[str, Any]  # the content of run.json

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoint"

    @classmethod
    def open(cls, path: Path, config: RunConfig, digits: DigitSet, *, resume: bool) -> RunFolder:
        """A new folder for this config, or the one the run was begun in."""
        begun = read_record(path)
        if begun is not None and not resume:
            raise UsageError(
                f"{path} already holds a run; continue it with --resume or choose another --out"
            )
        wanted: dict[str, Any] = json.loads(json.dumps(config.to_dict()))  # tuples as lists
        about = wanted | {
            "dataset": digits.name,
            "classes": list(digits.classes),
            "data_sha256": digits.sha256,
            "test_n": len(digits.test),
            "versions": versions(),
            "hardware": hardware(),
            "threads": config.recipe.threads,
            "kernels": kernels_of(config),
        }
        if begun is None:
            write_json(path / "run.json", about)
            return cls(path, about)
        here = ("versions", "hardware", "threads", "kernels")  # may differ when a run goes on
        differing = [k for k in about if k not in here and begun.get(k) != about[k]]
        if differing:
            raise UsageError(
                f"{path} holds another run: its {', '.join(differing)} differs; "
                "resume it as it was begun (only --resume --out) or choose another --out"
            )
        return cls(path, about | begun)

    def history(self) -> list[dict[str, Any]]:
        """The line of each finished pass."""
        text = (self.path / "history.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def write_history(self, history: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(line) + "\n" for line in history)
        write_atomically(self.path / "history.jsonl", lines.encode())

    def finish(self, tensors: dict[str, FloatArray], digits: DigitSet) -> RunFolder:
        """Write the weights with their card, and close run.json."""
        history = self.history()
        part, held_out = digits.split("validation"), bool(self.record["holdout"])
        described = {"network": RunConfig.from_dict(self.record).recipe.network.to_dict()}
        network = best_engine(Weights(tensors, described))
        empty = np.empty((0, 10), np.float32)  # a set may be too small to have validation digits
        penalties = network.penalties(part.images) if len(part) else empty
        card = self.record | {
            **described,
            "temperature": fit_temperature(penalties, part.labels),
            "temperature_from": f"validation digits, {'held out' if held_out else 'learnt too'}",
            "plane": plane.AS_TABLE,
            "passes": len(history),
            "train_error_rate": history[-1]["train_error_rate"],
            "test_error_rate": history[-1]["test_error_rate"],
        }
        digest = save_weights(self.path, tensors, card)
        seconds = round(sum(line["seconds"] for line in history), 3)
        closed = self.record | {"seconds": seconds, "weights_sha256": digest}
        write_json(self.path / "run.json", closed)
        return replace(self, record=closed)


def read_record(folder: Path) -> dict[str, Any] | None:
    """The content of run.json in this folder, or None if there is none."""
    file = folder / "run.json"
    if not file.exists():
        return None
    try:
        about: dict[str, Any] = json.loads(read_limited(file))
        RunConfig.from_dict(about)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise InputError(f"{file}: not the record of a run ({problem})") from problem
    return about


def kernels_of(config: RunConfig) -> str | None:
    """The instruction set a native run learns with here; another gives other bits."""
    return kernels().runnable()[0] if config.engine == "native" else None


def versions(libraries: Iterable[str] = ("lenet", "torch", "numpy")) -> dict[str, str]:
    """The versions that decide results, Python's and those of the installed libraries."""
    found = {"python": platform.python_version()}
    for name in libraries:
        with suppress(PackageNotFoundError):  # native training needs no torch
            found[name] = version(name)
    return found


def hardware() -> str:
    """The processor and how many of its cores this process may use."""
    return f"{processor()}, {cores()} cores"


def processor() -> str:
    """The processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():  # Linux: the model's name is only here
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        if models:
            return models[0].split(":")[1].strip()
    return platform.processor() or platform.machine()
