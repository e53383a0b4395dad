"""How searches stand, read from their journals alone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reprodx.cli import main
from reprodx.sweep.search import study as module
from reprodx.sweep.search.space import read_space
from reprodx.sweep.search.study import ask, note_start, open_study
from tests.project import ROOT
from tests.sweep.search.test_study import settings

if TYPE_CHECKING:
    from pathlib import Path

    from optuna.study import Study


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Three trials that ended, and one that runs."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(module, "home", lambda: tmp_path)
    monkeypatch.setattr("reprodx.sweep.search.status.studies_folder", module.studies_folder)
    of, space = settings(), read_space(["model.dropout=choice(0.1,0.2,0.3)"], None)[0]
    found = open_study("lung-1a", of, 10)
    for score in (0.7, 0.9, 0.9):
        trial = ask(found, of)
        assert trial is not None
        space.draw(trial)
        found.tell(trial, score)
    ask(found, of)
    note_start(found, ["model=mlp"], ["auroc"], 6)
    return found


def test_a_search_is_told_in_one_line(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "status"]) == 0
    line = "lung-1a: 3 complete, 1 running, of 6 wanted; best auroc 0.9000, trial 1\n"
    assert capsys.readouterr().out == line


def test_what_a_killed_process_left_is_not_said_to_run(
    study: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reprodx.sweep.search.status.is_dead", lambda _: True)
    assert main(["sweep", "status"]) == 0
    assert capsys.readouterr().out.startswith(f"{study.study_name}: 3 complete, 1 died, of 6 wanted")


def test_a_journal_without_a_study_hides_no_other(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    (module.studies_folder() / "empty-0.log").touch()
    assert main(["sweep", "status"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("empty-0: its journal holds no study")
    assert second.startswith("lung-1a: 3 complete")
    assert main(["sweep", "best", "empty"]) == 2


def test_trials_are_ranked_the_first_of_equal_ones_first(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "status", "lung"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split(":")[0].split()[-1] for row in rows] == ["1", "2", "0"]
    assert main(["sweep", "best"]) == 0
    best = " ".join(f"{key}={value}" for key, value in study.trials[1].params.items())
    assert f"auroc 0.9000 on validation, trial 1: {best}" in capsys.readouterr().out


def test_resume_repeats_the_command(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr("reprodx.sweep.launch.launch", lambda *command, **options: given.append((command, options)))
    assert main(["sweep", "resume"]) == 0
    assert given == [(("run", ["model=mlp"]), {"multirun": True})]


def test_a_command_that_holds_a_password_is_not_kept(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    note_start(study, ["tracking.uri=postgresql://me:s3cret@there/runs"], ["auroc"], 6)
    assert not any("s3cret" in path.read_text() for path in module.studies_folder().glob("*.log"))
    assert main(["sweep", "resume"]) == 2
    assert "holds a password" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"), [(["best", "breast"], "no such search"), (["status", "a=b", "c=d"], "besides")]
)
def test_what_is_not_there_is_said(
    arguments: list[str], words: str, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_looking_needs_no_torch() -> None:
    code = "import sys, reprodx.sweep.search.status as s, optuna; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
