"""`lenet train`: one training run, one folder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Option

from lenet.cli.common import AsJson, DataDir, Quiet, log, print_result, progress_bar, save_plots
from lenet.errors import UsageError, needs

if TYPE_CHECKING:
    from lenet.preprocessing.image import Grey
    from lenet.training.distributed import World
    from lenet.training.fit import Callbacks
    from lenet.training.recipe import RunConfig
    from lenet.training.run_folder import RunFolder


LINES, SIGNS, OPEN_SET = "lines", "signs", "open-set"  # recipes of the reader's own networks


def train(
    recipe: Annotated[
        str | None,
        Option(
            help="1998, modern, plain-distilled, quick, teacher, literal, lines, signs or open-set "
            "(read lines, the signs in them, and tell what is no digit), or a TOML file.",
            show_default="1998",
        ),
    ] = None,
    data: Annotated[
        str | None,
        Option(
            help="mnist, qmnist, fashion, usps, digits (embedded), or a folder of classes.",
            show_default="mnist",
        ),
    ] = None,
    out: Annotated[
        Path | None, Option(help="Run folder.", show_default="runs/RECIPE-DATA-seedN")
    ] = None,
    seed: Annotated[
        int | None, Option(min=0, max=2**63 - 1, help="Random seed.", show_default="0")
    ] = None,
    passes: Annotated[
        int | None, Option(min=1, help="Passes over the training set.", show_default="the recipe's")
    ] = None,
    numbers: Annotated[
        list[Path] | None,
        Option(
            help="With --recipe signs: labelled photographs of numbers to learn from, too; a CSV "
            "table with the columns file and label. May be repeated."
        ),
    ] = None,
    holdout: Annotated[
        bool, Option("--holdout", help="Hold the validation part out; score it after each pass.")
    ] = False,
    score_every_pass: Annotated[
        bool,
        Option(
            "--score-every-pass", help="Score the test part after each pass, not only the last."
        ),
    ] = False,
    resume: Annotated[
        bool, Option("--resume", help="Resume the run in --out with its settings, or start it.")
    ] = False,
    device: Annotated[Literal["cpu", "cuda"] | None, Option(show_default="cpu")] = None,
    engine: Annotated[
        Literal["auto", "native", "torch"],
        Option(help="native: compiled kernels; torch; auto: native if available."),
    ] = "auto",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a network.

    --resume continues an interrupted run and ends with the same weights.
    """
    from lenet.training.distributed import World

    world = World.from_environment()
    quiet, resume = quiet or world.rank > 0, resume or world.restarts > 0
    if numbers and recipe != SIGNS:
        raise UsageError(f"--numbers goes with --recipe {SIGNS} only")
    if recipe in (LINES, SIGNS, OPEN_SET):
        if world.size > 1:
            raise UsageError(f"recipe {recipe} trains in one process; start it without torchrun")
        if resume or holdout or score_every_pass or device or engine != "auto":
            raise UsageError(
                f"recipe {recipe} takes no --resume, --holdout, --score-every-pass, --device or "
                "--engine: it trains in one go, with kernels and PyTorch, and never on the "
                "validation digits"
            )
        _train_lines(recipe, data, numbers or [], out, seed, passes, data_dir, as_json, quiet)
        return
    from lenet.training.recipe import RunConfig
    from lenet.training.recipes import load_recipe
    from lenet.training.run_folder import read_record

    begun = read_record(out) if resume and out else None
    config = RunConfig.from_dict(begun) if begun else RunConfig(load_recipe("1998"))
    asked: dict[str, Any] = {
        "recipe": load_recipe(recipe) if recipe else config.recipe,
        "data": data,
        "seed": seed,
        "holdout": holdout or None,
        "score_every_pass": score_every_pass or None,
        "device": device,
    }
    config = replace(config, **{name: value for name, value in asked.items() if value is not None})
    if passes is not None:
        config = replace(config, recipe=replace(config.recipe, passes=passes))
    asked_engine = config.engine if begun and engine == "auto" else engine
    config = world.settle_engine(config, asked_engine)
    _check(config.device)
    run = _trained(config, world, out, resume, data_dir, quiet)
    if run is None:  # the first process reports
        return
    curves = run.path / "figures" / "learning-curve.png"
    save_plots(lambda plots: plots.save_curves(run.history(), curves), quiet=quiet)
    keys = ("recipe", "seed", "engine", "seconds", "weights_sha256")
    document = {"out": str(run.path)} | {key: run.record[key] for key in keys}
    print_result(document | {"passes": run.history()}, _summary(run), as_json=as_json)


def _trained(
    config: RunConfig,
    world: World,
    out: Path | None,
    resume: bool,
    data_dir: Path | None,
    quiet: bool,
) -> RunFolder | None:
    """Train in this process or several; None in all but the first."""
    from lenet.data.datasets import load_set
    from lenet.training.engines import LearnerFactory, make_learner
    from lenet.training.fit import fit, training_part

    factory: LearnerFactory = make_learner
    with ExitStack() as stack:
        if world.size > 1:
            stack.enter_context(world.process_group())
            config, factory = world.broadcast_config(config), world.leader
        digits = load_set(config.data, data_dir)
        if world.rank > 0:
            world.follow(config, training_part(config, digits))
            return None
        name = f"{config.recipe.name}-{Path(digits.name).name}-seed{config.seed}"
        folder = out or Path("runs") / name
        what = f"{config.recipe.name} on {digits.name}, seed {config.seed}, engine {config.engine}"
        many = f", {world.size} processes" if world.size > 1 else ""
        log(f"{what}{many}, into {folder}", quiet=quiet)
        callbacks = stack.enter_context(_callbacks(config.recipe.passes, quiet))
        try:
            return fit(
                config, digits, folder, resume=resume, callbacks=callbacks, make_learner=factory
            )
        except KeyboardInterrupt:
            log(f"continue with: lenet train --resume --out {folder}")
            raise


def _train_lines(
    recipe: str,
    data: str | None,
    tables: list[Path],
    out: Path | None,
    seed: int | None,
    passes: int | None,
    data_dir: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Train what reads lines, the signs in them, or what is no digit, in one go."""
    from lenet.data.datasets import load_set
    from lenet.files import LOCK, locked

    with needs("train", f"recipe {recipe}"):
        from lenet.lines.train import LineRecipe, train_lines
        from lenet.lines.train_open_set import OpenSetRecipe, train_open_set
        from lenet.lines.train_signs import SignRecipe, train_signs

    seed = seed or 0
    photographed = _labelled_numbers(tables)
    digits = load_set(data or "mnist", data_dir)
    folder = out or Path("runs") / f"{recipe}-{Path(digits.name).name}-seed{seed}"

    def tell(text: str) -> None:
        log(text, quiet=quiet)

    with locked(folder / LOCK, folder):
        if (folder / "card.json").exists():
            raise UsageError(f"{folder} already contains a run; choose another --out")
        settings = {LINES: LineRecipe, SIGNS: SignRecipe, OPEN_SET: OpenSetRecipe}[recipe]()
        settings = replace(settings, passes=passes or settings.passes)
        if isinstance(settings, LineRecipe):
            train_lines(digits, folder, recipe=settings, seed=seed, tell=tell)
        elif isinstance(settings, OpenSetRecipe):
            train_open_set(digits, folder, recipe=settings, seed=seed, tell=tell)
        else:
            train_signs(
                digits, folder, photographed=photographed, recipe=settings, seed=seed, tell=tell
            )
    document = {"out": str(folder), "recipe": recipe, "seed": seed}
    print_result(document, f"{folder}: weights of the reader", as_json=as_json)


def _labelled_numbers(tables: list[Path]) -> list[tuple[Grey, str]]:
    """The labelled photographs of these tables."""
    from lenet.preprocessing.image import load_image
    from lenet.reading.labelled import load_labels

    images = itertools.chain.from_iterable(map(load_labels, tables))
    return [(load_image(Path(image.source)), image.label) for image in images]


def _check(device: str) -> None:
    if device == "cpu":
        return
    with needs("train", f"--device {device}"):
        import torch
    if not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch finds no CUDA device here; use --device cpu")


@contextmanager
def _callbacks(passes: int, quiet: bool) -> Iterator[Callbacks]:
    """A progress bar on a terminal, and one line per finished pass."""
    from lenet.training.fit import Callbacks

    with progress_bar("training", quiet=quiet) as update:
        yield Callbacks(
            on_pass=lambda line: log(_pass_line(line, passes), quiet=quiet),
            on_progress=lambda number, done, total: update(f"pass {number}", done, total),
            on_warning=lambda text: log(f"lenet: {text}"),
            on_stage=lambda name: log(name, quiet=quiet),
        )


def _pass_line(line: dict[str, Any], passes: int) -> str:
    parts = ("train", "validation", "test")
    rates = [(part, line.get(f"{part}_error_rate")) for part in parts]
    errors = "  ".join(f"{part} {rate:7.2%}" for part, rate in rates if rate is not None)
    return f"pass {line['pass']:>3}/{passes}  errors: {errors}  {line['seconds']:7.1f} s"


def _summary(run: RunFolder) -> str:
    last = run.history()[-1]
    return (
        f"{run.path}: {last['test_error_rate']:.2%} errors on {run.record['test_n']:,} test digits "
        f"after {last['pass']} passes, {run.record['seconds']:.0f} s\n"
        f"weights {run.path / 'weights.safetensors'} (SHA-256 {run.record['weights_sha256'][:12]}…)"
    )
