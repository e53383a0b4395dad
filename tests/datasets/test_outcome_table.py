"""Outcomes of stays, and until when each is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.outcome_table import CASE, OutcomeTable
from reprodx.datasets.series_file import read_measurements
from reprodx.datasets.static_table import StaticTable
from reprodx.errors import SchemaError
from tests.datasets.test_series_format import form

if TYPE_CHECKING:
    from pathlib import Path

MEASURED = read_measurements(b"stay,time,hr\n1,0,80\n2,0,90\n", form())


def read(path: Path, **overrides: Any) -> OutcomeTable:
    settings: dict[str, Any] = {"stay": "stay", "label_hour": "at", "targets": ["y"], "max_hours": 8760.0}
    settings |= {"missing": MissingValues.from_config(None), "measured": MEASURED, "static": StaticTable.absent()}
    return OutcomeTable.read(path, **{**settings, **overrides})


def test_an_hour_of_a_stay_is_a_case_however_large_it_is(tmp_path: Path) -> None:
    path = tmp_path / "y.csv"
    path.write_text("stay,at,y\n1,8759.1261,0\n1,8759.1264,1\n1.0,2.50,1\n2,inf,0\n")
    found = read(path)
    assert found.text[CASE].to_list() == ["1_8759.1261", "1_8759.1264", "1_2.5", "2_inf"]
    np.testing.assert_array_equal(found.hours, [8759.1261, 8759.1264, 2.5, np.nan])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stay,at,y\n1,2,0\n1,2.0,1\n", r"row 3: data\.id 'stay' and data\.label_hour 'at' repeat an earlier row"),
        ("stay,at,y\n1,9000,0\n", r"row 2: data\.label_hour 'at' is more than data\.max_hours"),
        ("stay,at,y\n1,2020-01-01,0\n", "must both be hours or both be dates"),
    ],
)
def test_a_label_at_no_hour_of_a_stay_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "y.csv"
    path.write_text(text)
    with pytest.raises(SchemaError, match=message):
        read(path)


def test_a_target_of_several_values_a_row_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "y.parquet"
    pl.DataFrame({"stay": [1], "y": [[0, 1]]}).write_parquet(path)
    with pytest.raises(SchemaError, match=r"y\.parquet: data\.target: column 'y' holds a list"):
        read(path, label_hour=None)
