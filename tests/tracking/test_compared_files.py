"""A file is found by its name or its folder, and what can only be a file is never looked for elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactMissingError, ConfigError
from reprodx.tracking.compared_files import file_source, find_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Callable[..., Path]) -> Path:
    monkeypatch.chdir(tmp_path)
    example(tmp_path / "results" / "predictions.parquet", name="mlp", config_hash="0123456789abcdef")
    example(tmp_path / "outputs" / "abc" / "results" / "predictions.parquet")
    (tmp_path / "theirs.csv").write_text("case_id,y_true,prob_1\n1,0,0.2\n2,1,0.7\n")
    (tmp_path / "models").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("theirs.csv", "theirs.csv"),
        ("results", "results/predictions.parquet"),
        ("results/predictions.parquet", "results/predictions.parquet"),
        ("outputs/abc", "outputs/abc/results/predictions.parquet"),
        (".", "results/predictions.parquet"),
        ("models", None),
        ("mlp", None),
        ("no_such_folder/name", None),
    ],
)
def test_a_file_is_found_by_its_name_or_its_folder(name: str, found: str | None) -> None:
    path = find_file(name)
    assert (path and path.as_posix()) == found


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("their.csv", "did you mean theirs.csv"),
        ("elsewhere/x.parquet", "give a .csv"),
        ("outputs/abd", "did you mean abc"),
        ("outputs", None),
        ("outputs/../models", "holds no predictions.parquet"),
    ],
)
def test_what_can_only_be_a_file_and_is_absent_is_refused(name: str, advice: str | None) -> None:
    if advice is None:
        assert find_file(name) is None
        return
    with pytest.raises(ArtifactMissingError, match=advice) as refused:
        find_file(name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_current_folder(name: str) -> None:
    with pytest.raises(ConfigError, match="empty name"):
        find_file(name)


def test_our_files_are_labelled_by_the_model_and_those_of_others_by_their_name(folder: Path) -> None:
    ours, mark = file_source(folder / "results" / "predictions.parquet")
    assert (ours.label, mark, ours.run) == ("mlp", "01234567", None)
    theirs, mark = file_source(folder / "theirs.csv")
    assert (theirs.label, mark) == ("theirs.csv", folder.name)
    assert theirs.predictions.classes == ("0", "1")
