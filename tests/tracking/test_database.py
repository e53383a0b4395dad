"""The database is made whole or not at all, and one that cannot be used is said to be so at once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from reprodx.errors import TrackingError
from reprodx.tracking import database as database_module
from reprodx.tracking.connection import import_mlflow
from reprodx.tracking.database import ensure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BROKEN = "CREATE TABLE _alembic_tmp_latest_metrics (x); CREATE TABLE IF NOT EXISTS runs (run_uuid);"


def tables_of(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def run_script(database: Path, script: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script)


@pytest.fixture(autouse=True)
def _mlflow() -> None:
    import_mlflow()


def test_one_that_was_broken_before_it_held_a_run_is_set_aside_and_made_anew(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    run_script(database, BROKEN)
    ensure(database)
    assert {"runs", "experiments", "alembic_version"} <= tables_of(database)
    assert "_alembic_tmp_latest_metrics" in tables_of(tmp_path / "mlflow.db.broken-1")
    assert not list(tmp_path.glob(".mlflow.db*"))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_left_beside_one_that_was_removed_does_not_spoil_the_new_one(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    for number in (1, 2):
        ensure(database)
        # Open while it is removed, as when a process ends at once: SQLite has not put away what it keeps beside.
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE old (x)")
            database.unlink()
            ensure(database)
            with closing(sqlite3.connect(database)) as new:
                assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert "runs" in tables_of(database)
        assert "old" not in tables_of(database)
        assert (tmp_path / f"mlflow.db.broken-{number}-wal").is_file()


def test_one_that_is_stopped_while_it_is_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow.store.db import utils

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(utils, "_initialize_tables", stop)
    with pytest.raises(KeyboardInterrupt):
        ensure(tmp_path / "mlflow.db")
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db.lock"]


def test_one_that_was_broken_and_holds_runs_is_left_and_it_is_said_how_to_mend_it(
    copy_database: Callable[[Path], None], tmp_path: Path
) -> None:
    copy_database(tmp_path)
    database = tmp_path / "mlflow.db"
    run_script(database, "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage) VALUES ('r', 0, 'active');")
    run_script(database, BROKEN)
    with pytest.raises(TrackingError, match=r"DROP TABLE _alembic_tmp_latest_metrics.* and `mlflow db upgrade"):
        ensure(database)
    assert "_alembic_tmp_latest_metrics" in tables_of(database)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_text("this is no database, however long the text is" * 9), "not a database"),
        (lambda path: run_script(path, BROKEN) or path.chmod(0), None),
    ],
    ids=["folder", "no database", "closed"],
)
def test_one_that_cannot_be_opened_is_said_at_once(
    tmp_path: Path, spoil: Callable[[Path], None], words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "mlflow.db"
    spoil(database)
    if words is None:
        # Root may read anything.
        monkeypatch.setattr(database_module.os, "access", lambda *_: False)
        words = "change its permissions"
    start = time.monotonic()
    with pytest.raises(TrackingError, match=words):
        ensure(database)
    assert time.monotonic() - start < 5


def test_one_that_another_process_creates_for_too_long_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "LOCK_SECONDS", 0.05)
    with (
        FileLock(tmp_path / "mlflow.db.lock"),
        pytest.raises(TrackingError, match=r"mlflow\.db is being created by another process"),
    ):
        ensure(tmp_path / "mlflow.db")
