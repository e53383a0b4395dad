"""Every write, sync and rename is cut in turn; see `tests.faults.write_points` for the long form."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from reprodx.cli import main
from reprodx.errors import ArtifactError
from tests.faults.artifacts import ARTIFACTS, Artifact
from tests.faults.crash_states import crash_states, unsynced_names
from tests.faults.recording import place, recording
from tests.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WATCHED = ("",)
"""All names."""
OUTS = (".cache", "outputs", "results")
"""What a run that is not tracked writes."""
FEW = ("evaluation.num_resamples=100", "evaluation.num_null_draws=100")
RUN = ("run", "data=breast_cancer", "model=logistic", "trainer=smoke", *FEW, "tracking=none")
SAMPLE = 2
"""States of a run after which it is repeated; `make faults` does it after all."""


@pytest.fixture(scope="module")
def dead_process() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.fixture
def as_another_process(dead_process: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let what is written look as if a process had written it that was killed."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: dead_process)
        yield patch


def test_recorded_names_are_those_that_were_written(tmp_path: Path) -> None:
    with recording(tmp_path, WATCHED) as recorded:
        (tmp_path / "a").write_text("one")
        (tmp_path / "a").rename(tmp_path / "b")
        (tmp_path / "b").unlink()
    assert [str(step) for step in recorded.steps] == ["open a", "rename b", "remove b", "the end "]
    assert [sorted(step.tree) for step in recorded.steps] == [[], ["a"], ["b"], []]
    assert unsynced_names(recorded) == {"a", "b"}
    assert [state.kind for state in crash_states(recorded)] == [
        "cut",
        *("torn", "cut", "unsynced", "unsynced"),
        *("cut", "unsynced", "unsynced", "unsynced"),
    ]


def test_a_spool_is_never_ahead_of_a_store_that_lost_what_it_took(tmp_path: Path) -> None:
    store, spool = "mlflow.db", ".cache/tracking/spool/a.db"
    (tmp_path / spool).parent.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        databases = [stack.enter_context(closing(sqlite3.connect(tmp_path / name))) for name in (store, spool)]
        for database in databases:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE events (number INTEGER)")
        with recording(tmp_path, WATCHED) as recorded:
            (tmp_path / "before").touch()
            for database in databases:
                database.execute("INSERT INTO events VALUES (1)")
                database.commit()
            (tmp_path / "after").touch()
    cut = [state.tree for state in crash_states(recorded) if state.kind == "transaction"]
    both = [tuple(len(recorded.contents[tree[f"{name}-wal"] or ""]) for name in (store, spool)) for tree in cut]
    most = tuple(max(sizes) for sizes in zip(*both, strict=True))
    assert len({stored for stored, _ in both}) > 1
    assert all(waiting < most[1] for stored, waiting in both if stored < most[0])
    assert any(waiting < most[1] for stored, waiting in both if stored == most[0])


@pytest.mark.parametrize("name", ARTIFACTS)
def test_what_is_read_after_a_crash_is_the_old_or_the_new_or_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_another_process: pytest.MonkeyPatch
) -> None:
    artifact = ARTIFACTS[name]
    monkeypatch.chdir(tmp_path)
    artifact.write("old")
    known = [artifact.read()]
    with recording(tmp_path, WATCHED) as recorded:
        artifact.write("new")
    known.append(artifact.read())
    as_another_process.undo()
    assert known[0] != known[1]
    assert not unsynced_names(recorded) - {"content/about.json"}
    states = list(crash_states(recorded))
    assert {"cut", "torn"} <= {state.kind for state in states}
    for state in states:
        place(tmp_path, state.tree, recorded.contents, WATCHED)
        found = _read(artifact)
        assert found in (*known, None), state.name
        artifact.write("new")
        assert artifact.read() == known[1], state.name
        # Where the new was there already nothing needs to be written, nor is anything cleared.
        assert found == known[1] or not list(tmp_path.rglob(".*-*.*")), state.name


def test_a_run_that_is_cut_anywhere_is_repeated_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_another_process: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    with recording(tmp_path, OUTS) as recorded:
        assert main(RUN) == 0
    as_another_process.undo()
    assert not unsynced_names(recorded)
    undisturbed = _results(tmp_path)
    assert {"predictions.parquet", "metrics.json", "model.json"} <= {path.name for path in undisturbed}
    states = list(crash_states(recorded))
    for state in Random(0).sample(states, SAMPLE):
        place(tmp_path, state.tree, recorded.contents, OUTS)
        assert main(RUN) == 0, state.name
        assert _results(tmp_path) == undisturbed, state.name


def _results(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (root / "outputs").rglob("*") if path.is_file()}


def _read(artifact: Artifact) -> object:
    try:
        return artifact.read()
    except (ArtifactError, FileNotFoundError):
        return None
