"""What a run has logged and the store has not taken yet, on disk, in order.

`.cache/tracking/spool/<run id>.db` holds it, one transaction an event; the folder `<run id>` beside it holds copies of
the files that are logged, since the originals may be replaced before the store takes them; whoever writes or delivers
holds `<run id>.lock`. When a run has ended and everything is delivered, all three go.

A process that is killed loses nothing that it had logged. A machine that loses power may lose the last moments, which a
resumed training logs again, and never leaves half an event.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from filelock import FileLock, Timeout

from reprodx.artifacts.files import sync
from reprodx.errors import TrackingError
from reprodx.tracking.names import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS about (store TEXT NOT NULL, address TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, content TEXT NOT NULL);
COMMIT;
"""
LOCK_SECONDS = 30.0
"""How long a process waits for another that writes the same run."""
NAME_DIGITS = 16
"""Of the hash by which a copied file is filed."""


class BusyError(TrackingError):
    """Another process has the spool open."""


class Event(NamedTuple):
    """One thing that was logged."""

    number: int
    kind: str
    content: Any


class Spool:
    """The events of one run that wait; open, it belongs to this object alone."""

    def __init__(self, folder: Path, run_id: str, store: str, address: str, *, seconds: float = LOCK_SECONDS) -> None:
        """Open the spool of a run, with what an earlier process left in it.

        Args:
            folder: Of all spools of the project.
            run_id: MLflow's id.
            store: What the store is known by, see `Store.fingerprint`.
            address: The store as a person may read it.
            seconds: How long to wait for a process that has it open.

        Raises:
            BusyError: If another process keeps it open.
            TrackingError: If it cannot be read.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.run_id = run_id
        self.path = folder / f"{run_id}.db"
        self.files = folder / run_id
        self._lock = FileLock(folder / f"{run_id}.lock", thread_local=False)
        self._writing = threading.Lock()
        self._is_open = True
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout as error:
            raise BusyError(
                f"run {run_id[:SHORT]} is being written by another process: wait until it has ended"
            ) from error
        try:
            self._connection = _connect(self.path)
            with _in_words(self.path):
                self._connection.executescript(SCHEMA)
                if self._one("SELECT COUNT(*) FROM about") == 0:
                    self._connection.execute("INSERT INTO about VALUES (?, ?)", (store, address))
                self.store, self.address = self._connection.execute("SELECT store, address FROM about").fetchone()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        """Return the spool itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def __len__(self) -> int:
        """Return how many events wait; none of a closed spool."""
        with self._writing, _in_words(self.path):
            return self._one("SELECT COUNT(*) FROM events") if self._is_open else 0

    def add(self, kind: str, content: object) -> None:
        """Append an event.

        Args:
            kind: One of those that `Delivery` knows.
            content: What JSON has words for, and numbers that it has none for.

        Raises:
            OSError: If the disk is full.
        """
        text = json.dumps(content)
        with self._writing, _in_words(self.path):
            self._connection.execute("INSERT INTO events (kind, content) VALUES (?, ?)", (kind, text))

    def oldest(self, most: int) -> list[Event]:
        """Return the oldest events, as many as are of one kind.

        Args:
            most: How many at the most.

        Returns:
            None, one or several events of one kind, in the order in which they were added.
        """
        with self._writing, _in_words(self.path):
            query = "SELECT number, kind, content FROM events ORDER BY number LIMIT ?"
            rows = self._connection.execute(query, (most,)).fetchall()
        alike = itertools.takewhile(lambda row: row[1] == rows[0][1], rows)
        return [Event(number, kind, json.loads(content)) for number, kind, content in alike]

    def forget(self, events: Sequence[Event]) -> None:
        """Remove events that were delivered, which are the oldest."""
        with self._writing, _in_words(self.path):
            self._connection.execute("DELETE FROM events WHERE number <= ?", (events[-1].number,))

    def keep_file(self, path: Path) -> str:
        """Copy a file to where it waits; a link is followed.

        Args:
            path: The file.

        Returns:
            Where the copy lies below `files`, under the file's own name.
        """
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return self._keep(digest, path.name, lambda target: shutil.copyfile(path, target))

    def keep_bytes(self, content: bytes, name: str) -> str:
        """Write bytes to where they wait, as `keep_file` does."""
        digest = hashlib.sha256(content).hexdigest()
        return self._keep(digest, name, lambda target: target.write_bytes(content))

    def keep_folder(self) -> Path:
        """Return a new empty folder below `files`."""
        self.files.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self.files))

    def close(self) -> None:
        """Let go of the spool; it and its files are removed where nothing waits any more."""
        with self._writing:
            self._is_open = False
            with contextlib.suppress(sqlite3.Error):
                is_empty = self._one("SELECT COUNT(*) FROM events") == 0
                if is_empty:
                    # No wait for the disk over a file that goes now.
                    self._connection.execute("PRAGMA synchronous=OFF")
                self._connection.close()
                if is_empty:
                    remove(self.path)
            self._lock.release()

    def _keep(self, digest: str, name: str, write: Any) -> str:
        kept = Path(digest[:NAME_DIGITS], name)
        target = self.files / kept
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f".{name}.half")
            write(temporary)
            # The name is the hash of the content: it must not outlast a loss of power that the content does not.
            sync(temporary)
            temporary.replace(target)
        return kept.as_posix()

    def _one(self, query: str) -> int:
        number: int = self._connection.execute(query).fetchone()[0]
        return number


def waiting(folder: Path) -> dict[str, list[int]]:
    """Count what waits, without opening a spool: another process may be at it.

    Args:
        folder: Of all spools of a project.

    Returns:
        How many events wait, of each run that has any, by the address that they are for.
    """
    found: dict[str, list[int]] = {}
    for path in sorted(folder.glob("*.db")):
        # One that is being made or removed holds nothing that stays.
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as spool,
        ):
            for address, number in spool.execute("SELECT address, (SELECT COUNT(*) FROM events) FROM about"):
                found.setdefault(address, []).append(number)
    return {address: counts for address, numbers in found.items() if (counts := [one for one in numbers if one])}


def remove(path: Path) -> None:
    """Remove a spool whose lock is held: first what says that something waits, last what keeps others away."""
    for leftover in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
    path.with_suffix(".lock").unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _opened(path)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            with _in_words(path):
                raise
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        raise TrackingError(
            f"{os.path.relpath(path)} was damaged and is now {aside.name}: what it held of run "
            f"{path.stem[:SHORT]} is lost; repeat the command"
        ) from error


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False)
    # No wait for the disk at each event: a killed process loses none, and no loss of power breaks the file.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file into what an operating system would."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise TrackingError(
            f"{os.path.relpath(path)} cannot be written ({error}): let this user write there, and repeat the command"
        ) from error
