"""From experiments to documents: what is kept, what is computed again, and what the page notes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lenet.data.digits import DigitSet
from lenet.engine import native_engine
from lenet.errors import LenetError
from lenet.experiments import runner as room
from lenet.experiments.experiment import Budget, Experiment, Job, Workspace
from lenet.experiments.page import ours, results_page, rows_table
from lenet.experiments.report import Curve, Panel, Report, Row
from lenet.experiments.runner import Folder, reproduce

BUILT = pytest.mark.skipif(
    not native_engine.available(), reason="no compiled kernels on this machine"
)
CALLS: list[int] = []


def squared(workspace, number):
    CALLS.append(number)
    return {"square": number * number}


def failing(workspace, number):
    raise LenetError("this job cannot be had")


def absent(workspace, number):
    CALLS.append(number)
    return {"absent": "not here"}


def experiment(numbers=(1, 2, 3), work=squared, name="squares"):
    def report(budget, found):
        squares = [job.get("square") for job in found.values()]
        panel = Panel("Squares", "n", "n²", [Curve("ours", list(numbers), squares)])
        return Report(["They grow."], [Row("last", float(squares[-1] or 0), 9.0)], [panel])

    jobs = [Job(f"n-{n}", work, {"number": n}) for n in numbers]
    return Experiment(name, "Squares", lambda budget: jobs, report)


@pytest.fixture
def here(monkeypatch, tmp_path, bars):
    """Pieces run in this process, on a small data set."""
    CALLS.clear()
    workspace = Workspace(bars, tmp_path / "networks")
    monkeypatch.setattr(Workspace, "at", classmethod(lambda cls, kept, data_dir: workspace))

    def computed(missing, folder, data_dir):
        for name, job in missing:
            yield name, job, job.work(workspace, **job.settings), 0.5

    monkeypatch.setattr(room, "_computed", computed)
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def bars():
    from lenet.data.digits import Digits

    rng = np.random.default_rng(0)
    digits = Digits(rng.integers(0, 255, (20, 28, 28), np.uint8), np.arange(20) % 10)
    return DigitSet("mnist", digits, digits, np.arange(5))


def everything(folder):
    return {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def test_a_second_run_computes_nothing_and_changes_no_file(here):
    first = reproduce([experiment()], Budget(), here, None)
    before = everything(here)
    assert sorted(CALLS) == [1, 2, 3]
    assert reproduce([experiment()], Budget(), here, None) == first
    assert sorted(CALLS) == [1, 2, 3]
    assert everything(here) == before
    assert json.loads(here.document("squares").read_text())["rows"][0]["ours"] == 9.0


def test_a_run_that_was_stopped_goes_on_where_it_was(here):
    reproduce([experiment((1, 2))], Budget(), here, None)
    reproduce([experiment((1, 2, 3))], Budget(), here, None)
    assert CALLS == [1, 2, 3]


def test_a_failure_keeps_what_was_found(here):
    with pytest.raises(LenetError, match="cannot be had"):
        reproduce([experiment((1,)), experiment((2,), failing, "broken")], Budget(), here, None)
    assert here.job("squares", "n-1").exists()
    assert not here.document("broken").exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:40],
        lambda text: text.replace('"number": 2', '"number": 5'),
        lambda text: text.replace('"data_sha256": "', '"data_sha256": "0'),
        lambda text: text.replace('"rate_factor": ', '"rate_factor": 1'),
    ],
    ids=["damaged", "other settings", "other digits", "other recipe"],
)
def test_a_kept_piece_that_is_not_this_one_is_computed_anew(here, damage):
    reproduce([experiment()], Budget(), here, None)
    file = here.job("squares", "n-2")
    degraded = damage(file.read_text())
    assert degraded != file.read_text()
    file.write_text(degraded)
    reproduce([experiment()], Budget(), here, None)
    assert CALLS == [1, 2, 3, 2]


def test_what_was_not_there_is_looked_for_again(here):
    for _ in range(2):
        reproduce([experiment((1,), absent)], Budget(), here, None)
    assert CALLS == [1, 1]


def test_other_shipped_weights_make_a_piece_anew(here, monkeypatch):
    from dataclasses import replace

    asked = experiment((1,))
    with_weights = replace(
        asked, jobs=lambda budget: [replace(asked.jobs(budget)[0], shipped=("1998",))]
    )
    for digest in ("a", "a", "b"):
        monkeypatch.setattr(room, "_digest", lambda weights, digest=digest: digest)
        reproduce([with_weights], Budget(), here, None)
    assert CALLS == [1, 1]


def test_the_page_shows_ours_beside_the_printed(here):
    page = results_page(reproduce([experiment()], Budget.short(), here, None))
    assert "| last, % errors | 9.00 | 9.00 |" in page
    assert "![Squares](results/squares.png)" in page
    assert "**Quick run**" in page
    assert "`lenet reproduce squares --quick`" in page


def row(**values):
    from dataclasses import asdict

    return asdict(Row(**({"what": "errors", "ours": 0.95} | values)))


def test_figures_carry_their_uncertainty():
    assert ours(row(sd=0.056, seeds=5)) == "0.95 ± 0.06 (5 seeds)"
    assert ours(row(ours=1.23, sd=0.0141, seeds=2)) == "1.22, 1.24 (2 seeds)"
    assert ours(row(interval=(0.78, 1.16))) == "0.95 [0.78 … 1.16]"
    assert ours(row(ours=None)) == "–"
    assert rows_table([row()])[0] == "|  | ours |"  # empty columns are left out


def test_panels_are_drawn_as_they_are_told():
    pytest.importorskip("matplotlib")
    from dataclasses import asdict

    from matplotlib.figure import Figure

    from lenet.plots.comparison_plots import draw_panel

    curves = [
        Curve("ours", [1, 2], [3.0, None], low=[2.0, 2.0], high=[4.0, 4.0]),
        Curve("printed", [1, 2], [5.0, 6.0], printed=True),
    ]
    axes = draw_panel(asdict(Panel("t", "x", "y", curves)), Figure().subplots())
    mine, paper = axes.get_lines()
    np.testing.assert_array_equal(mine.get_ydata(), [3.0, np.nan])
    assert (paper.get_linestyle(), axes.get_title()) == ("--", "t")
    dots = [Curve("ours", ["a", "b"], [1.0, 10.0])]
    axes = draw_panel(asdict(Panel("t", "x", "y", dots, "log")), Figure().subplots())
    assert list(axes.get_lines()[0].get_xdata()) == [1.0, 10.0]
    assert axes.get_xscale() == "log"


def test_an_unknown_experiment_is_named(run_lenet):
    done = run_lenet("reproduce", "lenet-6")
    assert done.returncode == 2
    assert "lenet-6" in done.stderr
    assert "lenet-5" in done.stderr


def children(parent: int) -> list[int]:
    """Processes that this one started."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@BUILT
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc on this machine")
def test_a_killed_run_goes_on_and_a_finished_one_changes_nothing(run_lenet, lenet_data, tmp_path):
    arguments = ("reproduce", "training-size", "--quick", "--out", str(tmp_path / "out"), "--json")
    jobs, heard = tmp_path / "out" / "jobs" / "training-size", tmp_path / "heard"
    command = [sys.executable, "-m", "lenet", *arguments]
    with heard.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as killed:
        while not (kept := list(jobs.glob("*.json"))):
            assert killed.poll() is None, heard.read_text()
            time.sleep(0.02)
        workers = children(killed.pid)
        killed.kill()
    assert workers
    late = time.monotonic() + 30
    while any(running(worker) for worker in workers):
        assert time.monotonic() < late, "processes of a killed run stay"
        time.sleep(0.05)
    before = {path: path.read_bytes() for path in kept}
    assert not (tmp_path / "out" / "results").exists()
    found = json.loads(run_lenet(*arguments).stdout)
    assert [experiment["experiment"] for experiment in found["experiments"]] == ["training-size"]
    assert len(list(jobs.glob("*.json"))) > len(before)
    assert {path: path.read_bytes() for path in kept} == before
    finished = everything(Folder(tmp_path))
    assert json.loads(run_lenet(*arguments).stdout) == found
    assert everything(Folder(tmp_path)) == finished
    assert tmp_path / "out" / "results" / "training-size.png" in finished
