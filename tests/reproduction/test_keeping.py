"""The proof is kept where it was asked for, and takes no other's place."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.files import write_text
from reprodx.errors import ConfigError, TrackingError
from reprodx.reproduction.keeping import check_folder, keep
from reprodx.reproduction.rerun import Rerun
from tests.reproduction.test_outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rerun(tmp_path: Path) -> Rerun:
    """Return a rerun that has ended."""
    made = Rerun(tmp_path / "work/code", sys.executable, dict)
    for path, text in (
        (made.locations.report, "<header></header>"),
        (made.locations.metrics, "{}"),
        (made.locations.results / "test_openings.csv", "others"),
        (made.locations.models / "model.json", "{}"),
        (made.project / "params.yaml", "seed: 0"),
        (made.log, "done"),
    ):
        write_text(path, text)
    return made


def test_a_folder_gets_all_that_the_rerun_made_and_the_verdict_in_its_report(rerun: Rerun, tmp_path: Path) -> None:
    into, folder = tmp_path / "into", tmp_path / "kept"
    folder.mkdir()
    path = keep(outcome_of(tmp_path), rerun, into, lambda: None, folder)
    found = {file.relative_to(into).as_posix() for file in into.rglob("*") if file.is_file()}
    own = {"params.yaml", "reproduction.json", "rerun.log"}
    assert found == own | {"models/model.json", "results/metrics.json", "results/report.html"}
    assert json.loads(path.read_text(encoding="utf-8"))["predicate"]["verdict"] == "drifted"
    assert "Reproduction: drifted" in (into / "results/report.html").read_text(encoding="utf-8")
    assert "drifted" not in rerun.locations.report.read_text(encoding="utf-8")


def test_without_a_folder_the_statement_alone_is_kept(
    rerun: Rerun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    path = keep(outcome_of(tmp_path), rerun, None, lambda: None, tmp_path / "kept")
    assert path.as_posix() == "outputs/reproductions/aaaaaaaaaaaa.json"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_store_that_is_away_takes_no_proof_away(
    rerun: Rerun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise TrackingError("the server is unreachable")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    assert keep(outcome_of(tmp_path), rerun, None, away, tmp_path / "kept").is_file()
    assert "the server is unreachable; the statement is kept" in caplog.text


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    check_folder(tmp_path / "taken")
    (tmp_path / "taken/file").touch()
    with pytest.raises(ConfigError, match="is not empty"):
        check_folder(tmp_path / "taken")
    with pytest.raises(ConfigError, match="is a file"):
        check_folder(tmp_path / "taken/file")
