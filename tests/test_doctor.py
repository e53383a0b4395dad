"""The doctor names what is here and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.doctor import examine

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
