"""What earlier commands left is delivered by the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.pending import deliver_left
from reprodx.tracking.spool import Spool
from tests.tracking.fake_client import FakeClient

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.tracking.store import Store

RUNS = ("a" * 32, "b" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in which two runs left something."""
    for run_id in RUNS:
        with Spool(tmp_path, run_id, "s", "http://here") as spool:
            spool.add("tags", {"run_id": run_id, "tags": {"a": "b"}})
            spool.add("status", {"status": "FINISHED", "time_ms": 1})
    return tmp_path


def test_everything_is_delivered_once_and_nothing_stays(folder: Path) -> None:
    client = FakeClient()
    left = deliver_left(client, folder, "s", is_served=True, seconds=None)
    assert [(run.run_id, run.num_delivered, run.num_waiting) for run in left] == [(run_id, 2, 0) for run_id in RUNS]
    assert client.tags == {(run_id, "a"): "b" for run_id in RUNS}
    assert not list(folder.iterdir())
    assert not deliver_left(client, folder, "s", is_served=True, seconds=None)
    assert not deliver_left(client, folder / "absent", "s", is_served=True, seconds=None)


def test_one_run_alone_can_be_asked_for(folder: Path) -> None:
    (left,) = deliver_left(FakeClient(), folder, "s", is_served=True, seconds=None, only=RUNS[1])
    assert left.run_id == RUNS[1]
    assert (folder / f"{RUNS[0]}.db").is_file()


def test_what_is_for_another_store_waits_and_says_for_which(folder: Path) -> None:
    left = deliver_left(FakeClient(), folder, "other", is_served=True, seconds=None)
    assert [run.num_waiting for run in left] == [2, 2]
    assert "2 events of run aaaaaaaa wait still (they are for http://here: set MLFLOW_TRACKING_URI" in str(left[0])


def test_of_a_run_that_the_store_does_not_have_it_is_said_what_to_do(store: Store, folder: Path) -> None:
    left = deliver_left(store.client, folder, "s", is_served=False, seconds=None)
    assert [run.num_waiting for run in left] == [2, 2]
    assert "the store has no such run: bring the database back" in str(left[0])


def test_a_store_that_fails_is_told_and_nothing_is_lost(folder: Path) -> None:
    client = FakeClient()
    client.plan = ["fine", "unanswered"]
    first, second = deliver_left(client, folder, "s", is_served=True, seconds=None)
    assert (first.num_delivered, first.num_waiting) == (1, 1)
    assert "was not answered" in str(first)
    assert second.num_waiting == 0
    deliver_left(client, folder, "s", is_served=True, seconds=None)
    assert not list(folder.iterdir())


def test_no_more_is_begun_when_the_time_is_up(folder: Path) -> None:
    left = deliver_left(FakeClient(), folder, "s", is_served=True, seconds=-1.0)
    assert [run.num_waiting for run in left] == [2, 2]


def test_a_run_that_is_being_written_is_left_to_its_process(folder: Path) -> None:
    with Spool(folder, RUNS[0], "s", "http://here"):
        (left,) = deliver_left(FakeClient(), folder, "s", is_served=True, seconds=None)
    assert left.run_id == RUNS[1]


def test_what_a_kill_left_half_removed_is_removed(tmp_path: Path) -> None:
    (tmp_path / ("a" * 32)).mkdir()
    (tmp_path / f"{'b' * 32}.lock").touch()
    (tmp_path / f"{'c' * 32}.db.damaged").touch()
    assert not deliver_left(FakeClient(), tmp_path, "s", is_served=True, seconds=None)
    assert [path.name for path in tmp_path.iterdir()] == [f"{'c' * 32}.db.damaged"]
