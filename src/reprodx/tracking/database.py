"""The SQLite database of a store: made whole or not at all, and looked at before MLflow is.

MLflow changes the tables of a new database in place, in some fifty steps; a process that is killed meanwhile leaves one
that never opens again, and one that cannot be opened is tried for 100 seconds without a word.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from reprodx.artifacts.files import replacing_file
from reprodx.errors import TrackingError
from reprodx.tracking.moved_project import follow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LOCK_SECONDS = 120
"""How long one process may wait for another that creates the database; creation takes about 2 seconds."""
UNFINISHED = "_alembic_tmp_"
"""How tables begin that MLflow's changes leave when they are stopped."""


def ensure(database: Path) -> None:
    """Make a database where there is none, and refuse one that cannot be used.

    Args:
        database: The file.

    Raises:
        TrackingError: If it is none, is closed to this user, or was broken and holds runs.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(f"{database}.lock", timeout=LOCK_SECONDS):
            if _is_begun(database):
                _check(database)
            if not _is_begun(database):
                # Of a database that somebody removed: SQLite would write its pages into the new one.
                _set_aside(database)
                _make(database)
    except Timeout as error:
        raise TrackingError(
            f"{_name(database)} is being created by another process for {LOCK_SECONDS} s: wait for it, or end it"
        ) from error


def _is_begun(database: Path) -> bool:
    return database.exists() and (database.is_dir() or database.stat().st_size > 0)


def look_at(database: Path) -> None:
    """Refuse a database that cannot be used, and leave it as it is.

    Args:
        database: The file; one that is not there yet, or is empty, is fine.

    Raises:
        TrackingError: If it is none, or is closed to this user.
    """
    if not _is_begun(database):
        return
    _refuse_closed(database)
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            _state(connection)
    except sqlite3.DatabaseError as error:
        raise _damaged(database, error) from error


def _refuse_closed(database: Path) -> None:
    if database.is_dir():
        raise TrackingError(f"{_name(database)} is a folder, where the database of runs should be: move it away")
    if not os.access(database, os.R_OK | os.W_OK):
        raise TrackingError(f"{_name(database)} cannot be read and written by this user: change its permissions")


def _damaged(database: Path, error: Exception) -> TrackingError:
    return TrackingError(
        f"{_name(database)} cannot be opened ({error}): mend it, move it away, or run with tracking=none"
    )


def _check(database: Path) -> None:
    """Look at a database as quickly as SQLite does; one that was broken before it held a run is set aside."""
    _refuse_closed(database)
    try:
        with closing(sqlite3.connect(database, timeout=LOCK_SECONDS)) as connection:
            # Readers such as `mlflow ui` then never block a run that writes.
            connection.execute("PRAGMA journal_mode=WAL")
            broken, num_runs = _state(connection)
            if num_runs and not broken:
                follow(connection, database.resolve())
    except sqlite3.DatabaseError as error:
        raise _damaged(database, error) from error
    if broken and num_runs:
        tables = "; ".join(f"DROP TABLE {table}" for table in broken)
        raise TrackingError(
            f"{_name(database)} holds {num_runs} runs, and was being changed by MLflow when it was stopped: copy it, "
            f'then `sqlite3 {_name(database)} "{tables}"` and `mlflow db upgrade sqlite:///{_name(database)}`'
        )
    if broken:
        _set_aside(database)


def _state(connection: sqlite3.Connection) -> tuple[Sequence[str], int]:
    """Return the tables that a stopped change left, and how many runs there are."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    tables = [name for (name,) in connection.execute(query)]
    unfinished = [name for name in tables if name.startswith(UNFINISHED)]
    runs = connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] if "runs" in tables else 0
    return unfinished, runs


def _set_aside(database: Path) -> None:
    """Rename a database, or what SQLite keeps beside one; nothing is removed."""
    names = [path.name for path in database.parent.iterdir()]
    free = (number for number in range(1, 1000) if not any(name.startswith(_aside(database, number)) for name in names))
    number = next(free)
    for suffix in ("-wal", "-shm", ""):
        part = database.with_name(database.name + suffix)
        if part.exists() and part.stat().st_size:
            part.replace(database.with_name(_aside(database, number) + suffix))


def _aside(database: Path, number: int) -> str:
    return f"{database.name}.broken-{number}"


def _make(database: Path) -> None:
    import sqlalchemy
    from mlflow.store.db.utils import _initialize_tables

    with replacing_file(database) as temporary:
        engine = sqlalchemy.create_engine(f"sqlite:///{temporary}")
        # Nobody reads the file before it is whole, so nothing of it need survive a stop.
        sqlalchemy.event.listen(engine, "connect", _write_fast)
        _initialize_tables(engine)
        engine.dispose()
        with closing(sqlite3.connect(temporary)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _write_fast(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute("PRAGMA synchronous=OFF")


def _name(database: Path) -> str:
    return os.path.relpath(database)
