"""What a command left: bytes of files, looks at the test split, and runs in the store, without times and random ids."""

from __future__ import annotations

import csv
import hashlib
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from tests.faults.crash_states import TEMPORARY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = ("outputs", "results", "models", "data/prepared", ".cache/prepared", ".cache/generators", "params.yaml")
"""What is compared byte by byte."""
LEDGERS = ("test_openings.csv", ".test_openings.csv")
TIME_OF_OPENING = "opened_at"
OF_MOMENT = ("mlflow.", *(f"reprodx.{name}" for name in ("key", "process", "compared_in", "reproduced_at")))
"""How tags begin that differ between two runs of the same."""
CHANCE = re.compile(r"\b[0-9a-f]{32}\b|\b\d{4}-\d\d-\d\dT[\d:]{8}\+00:00")
"""Ids of runs and times, which comparisons leave in their files."""
OF_MODEL = "MLmodel"
"""A file with a random id in it."""


@dataclass(frozen=True)
class Outcome:
    """What a command left."""

    files: dict[str, str]
    """Digests by path."""
    looks: Counter[tuple[str, ...]]
    """Rows of the ledger."""
    runs: Counter[tuple[object, ...]]
    """Of the store: experiment, name, status, parameters, metrics, tags, artifacts."""
    left: list[str]
    """Temporary files."""

    def difference(self, other: Outcome) -> str:
        """Return in what this outcome is another than it should be; empty where it is not."""
        found = [
            f"file {name}"
            for name in sorted(self.files.keys() | other.files.keys())
            if self.files.get(name) != other.files.get(name)
        ]
        found += [f"look too much: {row[:2]}" for row in (self.looks - other.looks).elements()]
        found += [f"look lost: {row[:2]}" for row in (other.looks - self.looks).elements()]
        wrong, missing = list((self.runs - other.runs).elements()), list((other.runs - self.runs).elements())
        found += [f"run too much or other: {_difference(run, missing)}" for run in wrong]
        found += [f"run lost: {run[:3]}" for run in missing[len(wrong) :]]
        return "; ".join([*found[:4], *(f"left: {name}" for name in self.left[:2])])


def outcome(root: Path) -> Outcome:
    """Read what lies in a project."""
    return Outcome(
        files={path.relative_to(root).as_posix(): _digest(path) for path in _kept(root) if path.name not in LEDGERS},
        looks=Counter(_looks(root / "results" / LEDGERS[0])),
        runs=Counter(_runs(root / "mlflow.db")),
        left=[
            path.relative_to(root).as_posix()
            for path in root.rglob(".*")
            if TEMPORARY.search(path.relative_to(root).as_posix())
        ],
    )


def _kept(root: Path) -> Iterator[Path]:
    for name in KEPT:
        path = root / name
        yield from (file for file in ([path] if path.is_file() else path.rglob("*")) if _is_lasting(file))


def _is_lasting(path: Path) -> bool:
    return path.is_file() and path.suffix not in {".lock", ".log"} and not TEMPORARY.search(path.as_posix())


def _digest(path: Path) -> str:
    return hashlib.sha256(re.sub(CHANCE.pattern.encode(), b"", path.read_bytes())).hexdigest()


def _looks(ledger: Path) -> Iterator[tuple[str, ...]]:
    if ledger.is_file():
        with ledger.open(newline="") as file:
            for row in csv.DictReader(file):
                yield tuple(value for key, value in row.items() if key != TIME_OF_OPENING)


def _runs(database: Path) -> Iterator[tuple[object, ...]]:
    if not database.is_file():
        return
    with closing(sqlite3.connect(database)) as connection:
        runs = connection.execute(
            "select run_uuid, experiments.name, runs.name, status, artifact_uri from runs "
            "join experiments using (experiment_id) where runs.lifecycle_stage = 'active'"
        ).fetchall()
        for run_id, experiment, name, status, artifacts in runs:

            def of(query: str, run_id: str = run_id) -> tuple[object, ...]:
                return tuple(sorted(connection.execute(query, (run_id,)).fetchall()))

            tags = of("select key, value from tags where run_uuid = ?")
            yield (
                *(experiment, name, status),
                of("select key, value from params where run_uuid = ?"),
                of("select key, step, value, is_nan from metrics where run_uuid = ?"),
                tuple(
                    (name, CHANCE.sub("", f"{value}")) for name, value in tags if not f"{name}".startswith(OF_MOMENT)
                ),
                _artifacts(artifacts, database.parent),
            )


def _artifacts(uri: str, root: Path) -> tuple[object, ...]:
    folder = root / unquote(urlparse(uri).path)
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != OF_MODEL)
    return tuple(sorted((file.relative_to(folder).as_posix(), _digest(file)) for file in files))


def _difference(run: tuple[object, ...], expected: list[tuple[object, ...]]) -> str:
    like = next((other for other in expected if other[:2] == run[:2]), None)
    if like is None:
        return f"{run[:3]}"
    parts = ("experiment", "name", "status", "params", "metrics", "tags", "artifacts")
    named = [
        f"{part} ({_entries(own, other)})" for part, own, other in zip(parts, run, like, strict=True) if own != other
    ]
    return f"{run[:3]}, its {', '.join(named)}"


def _entries(own: object, other: object) -> str:
    """Name some entries that only one of two has."""
    if not (isinstance(own, tuple) and isinstance(other, tuple)):
        return f"{own}, not {other}"
    return ", ".join(sorted({"/".join(map(str, entry[:2]))[:90] for entry in set(own) ^ set(other)})[:3])
