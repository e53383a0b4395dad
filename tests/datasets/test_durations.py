"""Durations as text."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from reprodx.datasets.durations import read_durations


def test_durations_are_read_as_python_and_polars_write_them() -> None:
    for hours in (0, 0.25, 26.5, -1, -25.75, 1000):
        delta = dt.timedelta(hours=hours)
        written = pl.Series([delta]).dt.to_string("iso")[0]
        days = str(delta) if delta.days else f"0 days {str(delta).rjust(8, '0')}"
        read = read_durations(pl.Series([written, days, None]))
        assert read is not None
        assert read.to_list() == [hours, hours, None]


@pytest.mark.parametrize("text", ["02:30", "P", "PT", "1", "a day", "2020-01-01"])
def test_what_may_be_something_else_is_no_duration(text: str) -> None:
    assert read_durations(pl.Series([text])) is None
    assert read_durations(pl.Series(["PT1H", text])) is None
