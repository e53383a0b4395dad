"""Columns as a CSV file would hold them, and those that no such file holds."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from reprodx.datasets.plain_columns import as_text, require_plain
from reprodx.errors import SchemaError


def test_text_is_what_a_csv_file_would_hold() -> None:
    table = pl.DataFrame(
        {
            "x": [1.5, float("nan")],
            "flag": [True, None],
            "since": [dt.timedelta(minutes=90), None],
            "several": [[1], [2]],
        }
    )
    assert as_text(table).to_dict(as_series=False) == {
        "x": ["1.5", None],
        "flag": ["true", None],
        "since": ["1.5", None],
    }


def test_a_column_of_several_values_a_row_is_refused_by_its_key() -> None:
    table = pl.DataFrame({"x": [1], "l": [[1]], "s": [{"a": 1}], "b": [b"\xff"]})
    require_plain(table, {"data.id": ["x"]}, "t")
    for name, kind in (("l", "list"), ("s", "struct"), ("b", "binary")):
        with pytest.raises(SchemaError, match=f"t: data.id: column '{name}' holds a {kind} in each row"):
            require_plain(table, {"data.id": [name]}, "t")
