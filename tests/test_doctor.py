"""The doctor names what is here and what is missing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from reprodx import doctor
from reprodx.artifacts.files import write_json
from reprodx.doctor import examine
from reprodx.tracking.processes import own
from reprodx.tracking.spool import Spool
from reprodx.tracking.store import SPOOL

if TYPE_CHECKING:
    from pathlib import Path


def test_a_whole_project_misses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    examine()
    text = capsys.readouterr().out
    assert "MISSING" not in text
    for word in ("python", "torch", "mlflow", "dvc", "cpu:", "dvc remotes"):
        assert word in text


def test_an_empty_folder_misses_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("['remote \"storage\"']\n    url = /somewhere\n")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://user:se@cr/et@127.0.0.1/runs")
    examine()
    text = capsys.readouterr().out
    assert "conf/config.yaml: MISSING" in text
    assert "storage" in text
    assert "postgresql://***@127.0.0.1/runs" in text


def test_what_stops_a_run_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert "git: WARNING: no commit here: `git init` and commit, or no run can be made again" in list(doctor._project())
    assert next(doctor._stores()) == "mlflow: mlflow.db, made by the first run"
    database = tmp_path / "mlflow.db"
    database.write_text("junk, and more of it than a header has")
    assert "mlflow.db cannot be opened (file is not a database)" in next(doctor._stores())
    database.unlink()
    database.mkdir()
    assert "mlflow.db is a folder" in next(doctor._stores())
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "config.yaml").write_text("seed: [\n")
    (settings,) = (line for line in doctor._project() if line.startswith("settings: "))
    assert settings.startswith("settings: WARNING: conf/config.yaml")


@pytest.mark.parametrize(
    ("process", "words"),
    [
        ("dead", "its process is gone; repeat its command to go on"),
        ("own", f"process {os.getpid()} is at it"),
        ("other", "on another machine"),
    ],
    ids=["dead", "own", "elsewhere"],
)
def test_open_runs_are_told_with_what_is_known_of_their_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    tag = {"own": own(), "dead": f"{own().rpartition(':')[0]}:1", "other": f"------{own()[6:]}"}[process]
    assert list(doctor._open_runs()) == ["none"]
    note = {"run_id": "ab" * 16, "name": "mlp", "experiment": "heart", "process": tag, "store": "s"}
    write_json(tmp_path / ".cache/tracking/open" / ("ab" * 16), note)
    (line,) = doctor._open_runs()
    assert line.startswith("mlp (abababab) of heart: ")
    assert words in line


def test_a_server_that_is_away_and_what_waits_for_it_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with Spool(tmp_path / SPOOL, "ab" * 16, "s", "http://127.0.0.1:9") as spool:
        spool.add("status", {})
        spool.add("status", {})
        # Also while another process is at it.
        examine()
    with Spool(tmp_path / SPOOL, "cd" * 16, "s", "elsewhere"):
        examine()
    for text in capsys.readouterr().out.split("versions")[1:]:
        assert "mlflow: MISSING; tracking server http://127.0.0.1:9 is unreachable" in text
        assert "2 events of 1 run(s) wait for http://127.0.0.1:9: `reprodx track --pending`" in text
        assert "elsewhere" not in text
