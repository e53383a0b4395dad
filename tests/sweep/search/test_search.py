"""A search from the command line: checked first, the test split opened for the best alone, gone on with."""

from __future__ import annotations

import csv
import importlib.util
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.openings import LEDGER
from reprodx.cli import main
from reprodx.errors import TrainingError
from reprodx.sweep.search import search as module
from reprodx.sweep.search.search import is_search
from tests.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICK = ("evaluation.num_resamples=100", "evaluation.num_null_draws=100", "evaluation.num_attributed=1")
SEARCH = (
    *("run", "-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=2", "data=breast_cancer", "model=logistic"),
    *("trainer=smoke", "optimizer.lr=tag(log,interval(1e-3,1e-1))", *QUICK),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_search_opens_the_test_split_once_and_goes_on(
    project: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO")
    command = [*SEARCH, f"tracking.uri=sqlite:///{project}/runs.db", "tracking.log_model=false"]
    assert main(command) == 0
    assert caplog.text.count("on validation; best") == 2
    assert len(_openings()) == 1
    assert len(list(Path("outputs").glob("*/results/metrics.json"))) == 2
    assert len(list(Path("outputs").glob("*/results/report.html"))) == 1

    monkeypatch.setattr("reprodx.stages.train.fit", _never)
    caplog.clear()
    assert main(command) == 0
    assert "on validation; best" not in caplog.text
    assert "search: best of 2 trials on validation, auroc" in caplog.text
    assert len(_openings()) == 1


def test_a_search_that_is_killed_while_its_best_is_reported_ends_with_the_report(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [*SEARCH, f"tracking.uri=sqlite:///{project}/runs.db", "tracking.log_model=false"]

    class Killed(BaseException):
        """Stands for the signal."""

    def be_killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("reprodx.stages.evaluate.write_report", be_killed)
        with pytest.raises(Killed):
            main(command)
    monkeypatch.setattr("reprodx.stages.train.fit", _never)
    assert main(command) == 0
    assert len(list(Path("outputs").glob("*/results/report.html"))) == 1
    assert len(_openings()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["model=logistic,logistc"], "did you mean 'logistic'"),
        (["hydra.sweeper.n_trails=3"], "did you mean 'n_trials'"),
        (["sweep.report=all", "sweep.score_test=winner"], "sweep.report=all"),
        (["hydra.sweeper.sampler=grid"], "a grid needs listed values"),
        (["optimizer.lr=0.1"], "nothing to search"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_makes_no_sense_is_refused_before_anything_runs(
    changes: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "work", _never)
    kept = [one for one in SEARCH if one.partition("=")[0] not in {change.partition("=")[0] for change in changes}]
    assert main([*kept, *changes, "tracking=none"]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("reprodx: ")
    assert words in told


@pytest.mark.usefixtures("project")
def test_without_optuna_one_line_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main([*SEARCH, "tracking=none"]) == 2
    assert "pip install 'reprodx[optuna]'" in capsys.readouterr().err


def test_workers_are_started_again_while_some_are_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    search = type("Search", (), {"settings": type("Settings", (), {"n_workers": 2}), "shared": ("model=mlp",)})()
    starts: list[Sequence[str]] = []

    def run_hydra(arguments: Sequence[str], _: object) -> None:
        starts.append(arguments)
        if len(starts) < 3:
            raise BrokenProcessPool

    of_hydra = ["hydra/sweeper=optuna", "hydra.sweeper.n_workers=2", "hydra/launcher=joblib"]
    module._launch_workers(search, of_hydra, run_hydra)
    assert starts == [["--multirun", "hydra/launcher=joblib", "model=mlp", "+worker=range(2)"]] * 3

    def die(*_: object) -> None:
        raise BrokenProcessPool

    with pytest.raises(TrainingError, match="workers have died"):
        module._launch_workers(search, of_hydra, die)


def test_other_sweepers_are_no_search_of_ours() -> None:
    assert is_search(["model=mlp", "hydra/sweeper=optuna"])
    assert not is_search(["hydra/sweeper=basic", "model=mlp"])


def _never(*_: object, **__: object) -> None:
    raise AssertionError("ran")


def _openings() -> list[list[str]]:
    with Path(LEDGER).open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]
