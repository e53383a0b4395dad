"""Runs of a server, files of this machine and of other tools are held against each other, or a line says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.predictions import read_predictions
from reprodx.comparison.source import Source
from reprodx.errors import IncomparableError
from reprodx.tracking.joined_ids import joined
from reprodx.tracking.patient_ids import with_hashes
from reprodx.tracking.patient_key import PatientKey, own_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def plain(tmp_path: Path, example: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.chdir(tmp_path)
    return Source("local", read_predictions(example(tmp_path / "predictions.parquet")))


@pytest.fixture
def foreign(tmp_path: Path) -> Source:
    """Return a file of another tool, which has fewer cases and no patients."""
    path = tmp_path / "theirs.csv"
    path.write_text("case_id,y_true,prob_yes\nb,no,0.5\nc,yes,0.5\n")
    return Source("theirs", read_predictions(path))


def hashed(source: Source, key: PatientKey, label: str) -> Source:
    return Source(label, with_hashes(source.predictions, key))


def test_runs_of_one_project_join_and_need_no_key(plain: Source) -> None:
    key = PatientKey(b"k" * 32)
    first, second = hashed(plain, key, "one"), hashed(plain, key, "two")
    assert joined([first, second]) == [first, second]
    assert joined([plain, plain]) == [plain, plain]


def test_a_run_joins_a_local_file_and_one_of_another_tool(plain: Source, foreign: Source) -> None:
    run = hashed(plain, own_key(), "run")
    one, two, three = joined([plain, run, foreign])
    assert one.predictions.table["case_id"].equals(two.predictions.table["case_id"])
    shared = set(three.predictions.table["case_id"]) & set(two.predictions.table["case_id"])
    assert len(shared) == foreign.predictions.table.height
    assert three.predictions.table["case_id"].equals(three.predictions.table["patient_id"].rename("case_id"))


def test_keys_of_two_projects_are_said(plain: Source) -> None:
    ours, theirs = hashed(plain, own_key(), "ours"), hashed(plain, PatientKey(b"k" * 32), "theirs")
    with pytest.raises(IncomparableError, match="of ours and theirs are hashed with the keys of different projects"):
        joined([ours, theirs])
    with pytest.raises(IncomparableError, match="theirs are hashed with the key of another project than this one"):
        joined([theirs, plain])
    assert IncomparableError.exit_code == 3
