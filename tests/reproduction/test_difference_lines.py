"""In what two runs differ is told part by part, and what is the same is not told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.errors import ArtifactCorruptError
from reprodx.reproduction.difference_lines import (
    Side,
    code_lines,
    data_lines,
    environment_lines,
    result_lines,
    setting_lines,
)
from reprodx.reproduction.opened_run import open_recorded
from tests.reproduction.recorded_project import TABLE, RecordedProject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun


@pytest.fixture
def opened(recorded_project: RecordedProject, tmp_path: Path) -> Callable[..., RecordedRun]:
    """Return what logs a run of the project as it stands and opens it."""

    def of(**changes: Any) -> RecordedRun:
        run_id = recorded_project.run(**changes)
        folder = tmp_path / run_id
        folder.mkdir()
        return open_recorded(run_id, recorded_project.log.store, folder)

    return of


def side(run: RecordedRun) -> Side:
    return Side(run.in_words, run.predictions, run)


def test_settings_are_told_by_their_keys(opened: Callable[..., RecordedRun]) -> None:
    one, other = opened(settings={"seed": 0}), opened(settings={"seed": 1, "trainer": {"lr": 0.1}})
    assert list(setting_lines(one, other)) == ["seed: 0 | 1", "trainer.lr: absent | 0.1"]
    assert list(setting_lines(one, one)) == []


def test_code_is_told_by_commits_files_and_changes(
    opened: Callable[..., RecordedRun], recorded_project: RecordedProject
) -> None:
    one = opened(code_hash="a" * 64)
    recorded_project.write(**{"src/reprodx/model.py": "UNITS = 32\n", "results/metrics.json": "{}"})
    other = opened(code_hash="b" * 64, files={"changes.diff": "diff --git a/src/a.py b/src/a.py\n"}, git_dirty="true")
    lines = list(code_lines(one, other, recorded_project.root))
    assert one.commit is not None
    assert other.commit is not None
    assert lines == [
        f"commit: {one.commit[:8]} | {other.commit[:8]}; 1 source between them: src/reprodx/model.py",
        "uncommitted changes: none | in 1 file",
        "sources that decide a result, by their hash: aaaaaaaa | bbbbbbbb",
    ]
    assert list(code_lines(one, one, recorded_project.root)) == []
    same = opened(code_hash="a" * 64)
    assert list(code_lines(one, same, recorded_project.root))[-1] == "the sources that decide a result are the same"


def test_data_are_told_by_file_and_split_by_the_cases_that_moved(
    opened: Callable[..., RecordedRun], recorded_project: RecordedProject
) -> None:
    one = opened(data_hash="a" * 64)
    recorded_project.write(**{TABLE: "id,age\n"})
    other = opened(data_hash="b" * 64, split_hash="f" * 64, splits=("test", "test", "val", "test"))
    lines = list(data_lines(one, other))
    assert lines[0].startswith(f"{TABLE}: sha256 ")
    assert lines[1] == "cases as they were read: aaaaaaaa | bbbbbbbb"
    assert lines[2] == "split: eeeeeeee | ffffffff; 2 cases moved from or to validation or test"
    assert list(data_lines(one, one)) == []


def test_cases_of_other_data_have_not_moved(
    opened: Callable[..., RecordedRun], predicted: Callable[..., Path], tmp_path: Path
) -> None:
    one, other = opened(), opened(split_hash="f" * 64)
    predicted("predictions.parquet", [0.1, 0.9], ids=("x", "y"))
    assert list(data_lines(one, replace(other, folder=tmp_path))) == ["split: eeeeeeee | ffffffff"]


def test_environments_are_told_by_package(opened: Callable[..., RecordedRun]) -> None:
    one = opened(portable="true")
    other = opened(portable="false", files={"environment.json": '{"threads": 2, "packages": {"numpy": "2.2.0"}}'})
    assert list(environment_lines(one, other)) == [
        "portable arithmetic: true | false",
        "threads: 1 | 2",
        "package numpy: 2.1.0 | 2.2.0",
    ]
    assert list(environment_lines(one, one)) == []


def test_results_are_told_with_their_difference(opened: Callable[..., RecordedRun]) -> None:
    one, other = opened(), opened(shift=0.25)
    lines = list(result_lines(side(one), side(other)))
    assert lines[0].startswith("predictions: largest difference of a probability 0.25; 1 case of 4 changed sides")
    assert lines[1:] == ["test/auroc: 0.5 | 0.25 (-0.25)"]
    assert list(result_lines(side(one), side(one))) == []
    nothing = Side("report", None, replace(one, folder=one.folder / "empty"))
    assert list(result_lines(side(one), nothing)) == ["predictions: one of them has none"]


def test_numbers_are_matched_within_one_split_alone(opened: Callable[..., RecordedRun]) -> None:
    one = replace(opened(), is_numbered=True)
    other = replace(opened(split_hash="f" * 64, shift=0.25), is_numbered=True)
    for second in (side(other), side(replace(one, is_numbered=False))):
        (line, *_) = result_lines(side(one), second)
        assert "cannot be matched" in line
    same = replace(opened(shift=0.25), is_numbered=True)
    assert "largest difference of a probability 0.25" in next(result_lines(side(one), side(same)))


def test_damaged_scores_are_told(opened: Callable[..., RecordedRun]) -> None:
    one = opened()
    other = opened(files={"metrics.json": "{"})
    with pytest.raises(ArtifactCorruptError, match="not valid JSON"):
        list(result_lines(side(one), side(other)))
