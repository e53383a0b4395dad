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


def test_time_zones_are_told_apart_and_needed_in_every_row_or_none() -> None:
    cells = ("2021-03-28T01:30+01:00", "2021-03-28 03:30:00+0200", "2021/03/28 01:30Z", "2021-03-28 01:30-03:30", None)
    times = read_times(column(*cells), (), "data.hour", "t").dt.replace_time_zone(None)
    expected = [datetime(2021, 3, 28, hour, minute) for hour, minute in ((0, 30), (1, 30), (1, 30), (5, 0))]
    assert times.to_list() == [*expected, None]
    with pytest.raises(SchemaError, match=r"row 3: data\.hour 'seen' has no time zone, and other rows have one"):
        read_times(column("2021-03-28 01:30Z", "2021-03-28 01:30"), (), "data.hour", "t")


def test_a_word_among_numbers_and_a_year_of_two_digits_are_named() -> None:
    with pytest.raises(SchemaError, match=r"row 4: data\.hour"):
        read_times(column("1", "2", "2021-01-01"), (), "data.hour", "t")
    with pytest.raises(SchemaError, match="row 2"):
        read_times(column("21-04-03"), (), "data.hour", "t")
