"""Numbers and dates that say when."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from reprodx.datasets.times import read_times
from reprodx.errors import SchemaError


def column(*cells: str | None) -> pl.Series:
    return pl.Series("seen", cells, dtype=pl.String)


def test_numbers_stay_numbers() -> None:
    assert read_times(column("1981", " 1987.5", None), (), "data.time", "t").to_list() == [1981.0, 1987.5, None]


def test_iso_dates_with_and_without_time_are_in_one_order() -> None:
    times = read_times(
        column("2021-04-03", "2021-04-03T10:30", "2021-04-03 10:30:15.5", "NA"), ("NA",), "data.time", "t"
    )
    expected = [
        datetime(2021, 4, 3, tzinfo=UTC),
        datetime(2021, 4, 3, 10, 30, tzinfo=UTC),
        datetime(2021, 4, 3, 10, 30, 15, 500000, tzinfo=UTC),
    ]
    assert times.dt.replace_time_zone("UTC").to_list() == [*expected, None]


@pytest.mark.parametrize("bad", ["03/04/2021", "spring", "2021-13-01"])
def test_a_date_with_two_readings_names_its_row(bad: str) -> None:
    with pytest.raises(SchemaError, match=r"row 3: data\.time 'seen'") as caught:
        read_times(column("2021-04-03", bad), (), "data.time", "t")
    assert bad not in str(caught.value)
