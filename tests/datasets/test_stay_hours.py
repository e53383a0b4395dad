"""Hours since the start of a stay, those that are beyond belief, and those of another unit."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.stay_hours import clock, doubt_unit, refuse_late, since
from reprodx.errors import SchemaError

DATES = pl.Series("time", ["2020-01-01"]).str.to_datetime()


def test_hours_and_dates_cannot_be_compared() -> None:
    with pytest.raises(SchemaError, match=r"'hour' and data\.hour must both be hours or both be dates"):
        since(pl.Series("hour", [1.0]), DATES, "table")
    with pytest.raises(SchemaError, match="both be hours"):
        since(DATES, pl.Series([None]), "table")
    with pytest.raises(SchemaError, match="both have a time zone, or none"):
        since(DATES, DATES.dt.replace_time_zone("UTC"), "table")


def test_dates_count_from_the_first_of_their_stay_and_clocks_that_change_count_real_hours() -> None:
    berlin = pl.Series("time", [dt.datetime(2021, 3, 28, 1), dt.datetime(2021, 3, 28, 3), dt.datetime(2021, 3, 27)])
    frame = clock(pl.Series(["a", "a", "b"]), berlin.dt.replace_time_zone("Europe/Berlin"), "table")
    assert frame["hours"].to_list() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1.7e9, "look like seconds since 1970"),
        (1.7e12, "look like milliseconds since 1970"),
        (20210403.0, "look like dates written yyyymmdd"),
        (44289.0, "look like a spreadsheet's numbers of days"),
        (9000.0, r"start of the stay \(2 such rows\): give hours"),
    ],
)
def test_a_late_hour_is_refused_with_its_row_and_what_it_looks_like(number: float, words: str) -> None:
    hours = pl.Series([1.0, None, number, number, float("inf")])
    with pytest.raises(SchemaError, match=words) as caught:
        refuse_late(hours, 8760.0, "data.hour", "at", "t.csv")
    assert str(caught.value).startswith("t.csv, row 4: data.hour 'at' is more than data.max_hours (8760) hours")
    refuse_late(hours, 1e13, "data.hour", "at", "t.csv")


HOURLY = np.arange(25.0)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (HOURLY, None),
        (HOURLY / 4, None),
        (HOURLY * 6, None),
        (HOURLY * 24, None),
        (np.array([0.3, 1.7, 2.2, 5.1, 9.9, 30.4]), None),
        (np.array([0.0, 5.0, 10.0]), None),
        (HOURLY * 60, "multiples of 5"),
        (HOURLY * 300, "multiples of 5"),
        (HOURLY / 24, "whole 24ths"),
        (HOURLY * 61 + 1, "half of the stays last longer than 1465, which is 61 days"),
        (np.arange(8) * 61.0, "half of the times are more than 61"),
    ],
)
def test_another_unit_is_doubted_by_the_grid_the_length_and_the_step(hours: np.ndarray, words: str | None) -> None:
    stays = np.repeat([0, 1], len(hours))
    found = doubt_unit(stays, np.tile(hours, 2))
    assert found is None if words is None else words in str(found)
