"""Data are found by their hashes, and packed where they may be, at a place that names no folder of the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import DatasetNotFoundError
from reprodx.reproduction import raw_data
from reprodx.reproduction.bundle_data import BundledData, bundled_data
from reprodx.reproduction.code_source import code_of
from reprodx.reproduction.opened_run import open_recorded
from tests.reproduction.recorded_project import CARD, TABLE, RecordedProject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def put(
    recorded_project: RecordedProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[BundledData, Path]]:
    """Return what packs the data of a run; it gives what was packed, and the folder."""
    # To ask DVC takes seconds, and there is nothing that it has.
    for name in ("from_cache", "from_remote"):
        monkeypatch.setattr(raw_data, name, lambda *_: False)

    def of(run_id: str, *, is_asked: bool) -> tuple[BundledData, Path]:
        content, fetched = tmp_path / "content", tmp_path / "fetched"
        content.mkdir()
        fetched.mkdir()
        run = open_recorded(run_id, recorded_project.log.store, fetched)
        with code_of(run, recorded_project.root) as project:
            return bundled_data(run, recorded_project.root, project, content, is_asked=is_asked), content

    return of


def test_data_that_settings_make_need_no_card(
    recorded_project: RecordedProject, put: Callable[..., tuple[BundledData, Path]]
) -> None:
    data, _ = put(recorded_project.run(settings={"data": {"name": "drawn"}}), is_asked=False)
    assert (data.is_here, data.parts) == (True, ())


def test_a_closed_card_keeps_data_where_they_are(
    recorded_project: RecordedProject, put: Callable[..., tuple[BundledData, Path]]
) -> None:
    data, content = put(recorded_project.run(), is_asked=False)
    assert (data.is_here, data.parts, list(content.iterdir())) == (False, (), [])
    assert "--with-data" in data.in_words
    assert set(data.hashes) == {TABLE, CARD}


def test_data_of_the_commit_are_packed_whatever_lies_there_now(
    recorded_project: RecordedProject, put: Callable[..., tuple[BundledData, Path]]
) -> None:
    run_id, before = recorded_project.run(), (recorded_project.root / TABLE).read_bytes()
    recorded_project.write(**{TABLE: "id\n"})
    data, content = put(run_id, is_asked=True)
    assert (content / TABLE).read_bytes() == before
    assert {part.name for part in data.parts} == {TABLE, CARD}
    assert data.paths == {"data.path": TABLE}


def test_data_from_outside_get_a_place_inside(
    recorded_project: RecordedProject, put: Callable[..., tuple[BundledData, Path]], tmp_path: Path
) -> None:
    outside = tmp_path / "ann/ward.csv"
    outside.parent.mkdir()
    outside.write_text("id,age\n")
    run_id = recorded_project.run(path=str(outside), files={"hashes.json": "{}"})
    data, content = put(run_id, is_asked=True)
    place = data.paths["data.path"]
    assert str(tmp_path) not in place
    assert (content / place).read_text() == "id,age\n"


def test_data_that_are_nowhere_are_missed_where_they_are_asked_for(
    recorded_project: RecordedProject, put: Callable[..., tuple[BundledData, Path]]
) -> None:
    run_id = recorded_project.run(files={"hashes.json": json.dumps({"raw": {TABLE: "0" * 64}})})
    with pytest.raises(DatasetNotFoundError, match="0000"):
        put(run_id, is_asked=True)


def test_data_that_are_nowhere_are_left_out_where_nobody_asks(
    recorded_project: RecordedProject, put: Callable[..., tuple[BundledData, Path]]
) -> None:
    data, _ = put(recorded_project.run(files={"hashes.json": json.dumps({"raw": {TABLE: "0" * 64}})}), is_asked=False)
    assert "which are not here" in data.in_words
