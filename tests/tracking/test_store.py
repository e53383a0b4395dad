"""Where runs are kept."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import TrackingError
from reprodx.tracking.spool import Spool
from reprodx.tracking.store import SPOOL, open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.config import Tracking
    from reprodx.tracking.store import Store

OPEN_AT_ONCE = """
import sys
from pathlib import Path
from reprodx.config import Tracking
from reprodx.tracking.store import open_store
section = Tracking(name="mlflow", uri=None, probe_seconds=3.0, log_model=False, patient_ids="hashed")
store = open_store(section, Path(sys.argv[1]))
store.client.create_run(store.experiment_id("clinic"))
"""


def test_no_tracking_is_no_store(section: Callable[..., Tracking], tmp_path: Path) -> None:
    assert open_store(section(name="none"), tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_processes_that_start_at_once_share_one_database(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(tmp_path)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        assert database.execute("SELECT COUNT(*) FROM runs").fetchone() == (3,)
        assert database.execute("SELECT COUNT(*) FROM experiments WHERE name = 'clinic'").fetchone() == (1,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_mlflow_ui_without_flags_in_the_project_shows_its_runs_and_files(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    run_id = store.client.create_run(store.experiment_id("default names")).info.run_id
    store.client.log_text(run_id, "scores", "metrics.json")
    monkeypatch.chdir(store.home)
    as_ui_sees_it = MlflowClient()
    assert as_ui_sees_it.get_run(run_id).info.run_id == run_id
    assert [file.path for file in as_ui_sees_it.list_artifacts(run_id)] == ["metrics.json"]
    assert list((store.home / "mlruns" / "default names").glob(f"{run_id}/artifacts/metrics.json"))


def test_a_run_from_a_temporary_workspace_is_kept_in_the_original(
    store: Store, section: Callable[..., Tracking], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    again = open_store(section(), store.home)
    assert again is not None
    assert again.uri == store.uri
    location = again.client.get_experiment(again.experiment_id("from elsewhere")).artifact_location
    assert location == str(store.home / "mlruns" / "from elsewhere")
    assert not list(tmp_path.iterdir())


def test_an_experiment_is_created_once(store: Store) -> None:
    assert store.experiment_id("a/b 1") == store.experiment_id("a/b 1")


def test_an_experiment_that_another_process_created_meanwhile_is_used(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = store.experiment_id("raced")
    answers = iter([None, store.client.get_experiment(expected)])
    monkeypatch.setattr(store.client, "get_experiment_by_name", lambda _: next(answers))
    assert store.experiment_id("raced") == expected


def test_a_deleted_experiment_is_refused_until_it_is_restored(store: Store) -> None:
    experiment_id = store.experiment_id("binned")
    store.client.delete_experiment(experiment_id)
    with pytest.raises(TrackingError, match=f"restore --experiment-id {experiment_id}"):
        store.experiment_id("binned")
    store.client.restore_experiment(experiment_id)
    assert store.experiment_id("binned") == experiment_id


@pytest.mark.parametrize(
    "uri",
    ["file:./mlruns", "nonsense://x", "oracle://ann:secret@127.0.0.1:1/runs"],
    ids=["folder", "unknown scheme", "no driver"],
)
def test_what_mlflow_cannot_open_is_refused_in_one_line(
    section: Callable[..., Tracking], tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrackingError, match=r"opening failed \(.*tracking=none$") as caught:
        open_store(section(uri), tmp_path)
    assert str(tmp_path) not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_database_of_another_mlflow_says_how_to_upgrade_it(
    copy_database: Callable[[Path], None], section: Callable[..., Tracking], tmp_path: Path
) -> None:
    copy_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0c779009ac13'")
    with pytest.raises(TrackingError, match="mlflow db upgrade"):
        open_store(section(), tmp_path)


def test_a_database_of_a_newer_mlflow_is_not_to_be_upgraded_by_this_one(
    copy_database: Callable[[Path], None], section: Callable[..., Tracking], tmp_path: Path
) -> None:
    copy_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(TrackingError, match="by a newer MLflow") as caught:
        open_store(section(), tmp_path)
    assert "upgrade sqlite" not in str(caught.value)


def test_why_runs_wait_is_said_once_for_all_of_them(
    copy_database: Callable[[Path], None],
    section: Callable[..., Tracking],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy_database(tmp_path)
    for run_id in ("a" * 32, "b" * 32):
        with Spool(tmp_path / SPOOL, run_id, "other", "http://gone.example") as spool:
            spool.add("status", {"status": "FINISHED", "time_ms": 1})
    for _ in range(2):
        open_store(section(), tmp_path)
    assert [entry.message for entry in caplog.records if "wait still" in entry.message] == [
        "tracking: 2 events of 2 run(s) wait still (they are for http://gone.example: set MLFLOW_TRACKING_URI to it)"
    ]


def test_a_copied_database_opens(
    copy_database: Callable[[Path], None], section: Callable[..., Tracking], tmp_path: Path
) -> None:
    copy_database(tmp_path)
    assert open_store(section(), tmp_path) is not None


def test_an_address_that_programs_read_in_two_ways_is_refused_before_any_reads_it(
    section: Callable[..., Tracking], tmp_path: Path
) -> None:
    with pytest.raises(TrackingError, match=r"postgresql://\*\*\*@db/runs: @, /, .* %40") as caught:
        open_store(section("postgresql://ann:hun@ter/2@db/runs"), tmp_path)
    assert "ter" not in str(caught.value)
