"""What differs between two runs fits on a screen, and what is the same is one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.reproduction import bundle, run_diff
from reprodx.reproduction.run_diff import MAX_LINES, diff
from tests.tracking.conftest import write_example

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reproduction.recorded_project import RecordedProject


@pytest.fixture(autouse=True)
def _store(recorded_project: RecordedProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_diff, "open_store_here", lambda: recorded_project.log.store)


def test_equal_runs_are_the_same_in_a_line_each(
    recorded_project: RecordedProject, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = recorded_project.run(), recorded_project.run()
    diff([one, other])
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == f"run 'mlp' ({one[:8]}) | run 'mlp' ({other[:8]})"
    assert lines == [f"{part}: the same" for part in ("settings", "code", "data", "environment", "results")]


def test_more_than_a_screen_is_counted(recorded_project: RecordedProject, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {f"setting{number:02}": number for number in range(MAX_LINES + 3)}
    diff([recorded_project.run(), recorded_project.run(settings=settings)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "settings:"
    assert lines[MAX_LINES + 2] == "  and 3 more"
    assert lines[MAX_LINES + 3] == "code: the same"


def test_files_of_predictions_are_told_apart_by_their_results(
    tmp_path: Path, recorded_project: RecordedProject, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write_example(tmp_path / "one.parquet")
    other = write_example(tmp_path / "other.parquet", shift=0.25)
    diff([str(one), str(other)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "one.parquet | other.parquet"
    assert "says nothing of settings" in lines[1]
    assert lines[3].startswith("  predictions: largest difference of a probability 0.25")
    diff([recorded_project.run(), str(one)])
    assert "predictions: no case is in both" in capsys.readouterr().out


def test_a_name_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="absent-run"):
        diff(["absent-run", "absent-run"])


def test_a_bundle_without_names_is_told_from_its_own_run_by_nothing(
    recorded_project: RecordedProject,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bundle, "open_store_here", lambda: recorded_project.log.store)
    run_id = recorded_project.run()
    bundle.bundle(bundle.Request(run_id, tmp_path / "run.zip", with_data=False))
    diff([run_id, str(tmp_path / "run.zip")])
    assert all(line.endswith(": the same") for line in capsys.readouterr().out.splitlines()[1:])
