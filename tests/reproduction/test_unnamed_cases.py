"""Without the data nobody can tell which patient is which, and everything else stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.reproduction.unnamed_cases import ids_of, names_cases, write_numbered
from reprodx.tracking.patient_ids import key_of, write_hashed
from reprodx.tracking.patient_key import own_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """Return predictions that name patients, with times."""
    table = pl.DataFrame(
        {
            "case_id": ["P-4711/2", "P-0815/1", "P-4711/1"],
            "patient_id": ["P-4711", "P-0815", "P-4711"],
            "split": ["val", "test", "test"],
            "time": ["2020-01-02", "2020-01-03", "2020-01-04"],
            "y_true": ["yes", "no", "yes"],
            "prob_no": [0.25, 0.5, 0.1],
            "prob_yes": [0.75, 0.5, 0.9],
        }
    )
    path = tmp_path / "predictions.parquet"
    write_predictions(path, Predictions(table, {"classes": ["no", "yes"], "task": "binary", "seed": 3}))
    return path


def test_ids_and_times_give_way_to_numbers_in_the_order_of_the_file(named: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    write_numbered(named, first)
    write_numbered(named, second)
    assert first.read_bytes() == second.read_bytes()
    found, before = read_predictions(first), read_predictions(named)
    assert found.table["case_id"].to_list() == ["case 1", "case 2", "case 3"]
    assert found.table["patient_id"].to_list() == ["patient 1", "patient 2", "patient 1"]
    assert "time" not in found.table.columns
    kept = ["split", "y_true", "prob_no", "prob_yes"]
    assert found.table.select(kept).equals(before.table.select(kept))
    assert found.metadata == before.metadata
    assert b"4711" not in first.read_bytes()
    assert b"0815" not in first.read_bytes()


def test_ids_that_can_be_told_from_other_words_are_looked_for(named: Path) -> None:
    ids = ids_of(named)
    assert ids == {"P-4711", "P-0815", "P-4711/2", "P-0815/1", "P-4711/1"}
    assert names_cases('{"rule": "patient P-4711."}', ids)
    assert not names_cases('{"rule": "patient P-47110", "count": 4711}', ids)
    assert names_cases("who was left out: P-4711/2", {"P-4711/2"})


def test_ids_of_several_words_are_found_however_they_are_written(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "case_id": ["Anna O'Hara", "Ward 7/12", "42"],
            "split": ["val", "test", "test"],
            "y_true": ["yes", "no", "yes"],
            "prob_no": [0.25, 0.5, 0.1],
            "prob_yes": [0.75, 0.5, 0.9],
        }
    )
    path = tmp_path / "words.parquet"
    write_predictions(path, Predictions(table, {"classes": ["no", "yes"], "task": "binary"}))
    ids = ids_of(path)
    assert ids == {"Anna O'Hara", "Ward 7/12"}
    assert names_cases("<td>Anna O&#x27;Hara</td>", ids)
    assert names_cases("# left out: Ward\n  7/12,", ids)
    assert not names_cases("Ward 7/123, Anna O'Haras", ids)


def test_ids_that_are_hashed_are_looked_for_where_the_key_is(
    named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hashed = tmp_path / "hashed.parquet"
    write_hashed(named, hashed, own_key())
    ids = ids_of(hashed)
    assert ids is not None
    assert names_cases('{"rule": "patient P-4711."}', ids)
    assert not names_cases('{"rule": "patient P-47110", "count": 4711}', ids)
    write_numbered(hashed, tmp_path / "numbered.parquet")
    assert key_of(read_predictions(tmp_path / "numbered.parquet")) is None
    (tmp_path / ".cache/patient_key").unlink()
    assert ids_of(hashed) is None
