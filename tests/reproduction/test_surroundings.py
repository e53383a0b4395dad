"""What differs from here is listed before anything runs, and what the rerun undoes is told apart."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.hashing import sha256_of_path
from reprodx.portability import VARIABLES, is_portable
from reprodx.reproduction import surroundings as module
from reprodx.reproduction.recorded_run import RecordedRun
from reprodx.reproduction.surroundings import environment_as_then, identity_differences, identity_note, surroundings
from reprodx.tracking.environment import environment_lock, machine_record
from reprodx.tracking.environment_differences import Difference, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reproduction.conftest import Repository

NAME = "data/raw/table.csv"


@pytest.fixture
def run(repository: Repository, tmp_path: Path) -> RecordedRun:
    """Return a run of the repository as it lies here."""
    commit = repository.commit()
    tags = {"reprodx.portable": str(is_portable()).lower(), "reprodx.code_hash": "k" * 64, "reprodx.config_hash": "c"}
    hashes = {"raw": {NAME: sha256_of_path(repository.folder / NAME)}}
    lock = environment_lock()
    return RecordedRun(
        "a", "mlp", "x", tags, {"data": {"path": NAME}}, commit, False, "", lock, None, hashes, None, tmp_path
    )


def test_where_it_was_made_nothing_differs(run: RecordedRun, repository: Repository) -> None:
    assert surroundings(run, repository.folder, sys.executable) == []


def test_code_data_and_packages_are_listed_those_first_that_the_rerun_undoes(
    run: RecordedRun, repository: Repository
) -> None:
    repository.write(NAME, b"id,y\n1,1\n")
    now = repository.commit()
    assert run.lock is not None
    numpy = next(line for line in run.lock.splitlines() if line.startswith("numpy=="))
    old = replace(run, lock=run.lock.replace(numpy, "numpy==1.0"), diff="--- a/x\n+++ b/x\n")
    found = surroundings(old, repository.folder, sys.executable)
    assert [one.kind for one in found] == [Kind.COMMIT, Kind.CHANGES, Kind.DATA, Kind.PACKAGE]
    assert [one.is_undone for one in found] == [True, True, True, False]
    assert (found[0].recorded, found[0].here) == (str(run.commit)[:12], now[:12])
    assert found[2].recorded == f"sha256 {run.hashes['raw'][NAME]}"
    assert found[2].here == f"sha256 {sha256_of_path(repository.folder / NAME)}"
    assert found[3] == Difference(Kind.PACKAGE, "numpy", "1.0", numpy.partition("==")[2])


def test_threads_of_libraries_are_named_and_set_as_a_native_run_had_them(
    run: RecordedRun, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_portable", lambda: False)
    here = machine_record()["library_threads"]["Polars"]
    native = replace(run, environment={"library_threads": {"BLAS": 3, "Polars": here + 1}})
    found = [one for one in surroundings(native, repository.folder, sys.executable) if one.kind == Kind.THREADS]
    assert f"threads of Polars: {here + 1} then, {here} here (rerun as then)" in [one.in_words for one in found]
    environ = environment_as_then(native)({**VARIABLES, "OMP_NUM_THREADS": "1"})
    assert environ == {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "3",
        "POLARS_MAX_THREADS": str(here + 1),
    }
    # What logged restored files is not what computed them.
    restored = replace(native, tags={**native.tags, "reprodx.restored": "true"})
    assert environment_as_then(restored)({}) == {}
    portable = replace(native, tags={**native.tags, "reprodx.portable": "true"})
    assert environment_as_then(portable)({}) == VARIABLES


def test_code_that_the_commit_does_not_hold_explains_what_differs(run: RecordedRun) -> None:
    assert list(identity_differences(run, {"code": "k" * 64, "config": "c"})) == []
    assert list(identity_differences(run, {})) == []
    code, config = identity_differences(run, {"code": "x" * 64, "config": "y"})
    assert code.kind == Kind.CODE
    assert code.here == "the commit holds xxxxxxxxxxxx"
    assert config.kind == Kind.CONFIG
    assert not code.is_undone
    assert identity_note(run, {"code": "x" * 64}) == "Not as recorded: code."
    assert identity_note(run, {"code": "k" * 64}) == "Settings and sources have the recorded hashes."
