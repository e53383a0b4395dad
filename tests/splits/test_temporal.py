"""The latest test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.errors import ConfigError, SchemaError
from reprodx.splits.temporal import Temporal

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_latest_test_and_the_earliest_train(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases(100)
    split = Temporal(val=0.1, test=0.2).assign(cases, np.arange(100)).split
    times = cases["time"].to_numpy()
    assert times[split == "train"].max() < times[split == "val"].min()
    assert times[split == "val"].max() < times[split == "test"].min()
    assert [int((split == name).sum()) for name in ("train", "val", "test")] == [70, 10, 20]


def test_dates_divide_as_numbers_do() -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(10)]
    split = Temporal(val=0.2, test=0.3).assign(pl.DataFrame({"time": days}), np.arange(10)).split
    assert split.tolist() == ["train"] * 5 + ["val"] * 2 + ["test"] * 3


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12)), min_size=3, max_size=80))
def test_patients_and_moments_stay_whole_and_shares_are_reached(rows: list[tuple[int, int]]) -> None:
    units, times = np.array([unit for unit, _ in rows]), np.array([float(time) for _, time in rows])
    try:
        split = Temporal(val=0.2, test=0.2).assign(pl.DataFrame({"time": times}), units).split
    except SchemaError:
        return
    latest = np.array([times[units == unit].max() for unit in units])
    for moment in set(latest):
        assert len(set(split[latest == moment])) == 1
    assert (split == "test").mean() >= 0.2
    assert (split != "train").mean() >= 0.4
    assert latest[split == "train"].max() < latest[split == "test"].min()


def test_a_patient_seen_early_and_late_is_tested() -> None:
    cases = pl.DataFrame({"time": [float(time) for time in range(10)]})
    split = Temporal(val=0.2, test=0.2).assign(cases, np.array([0, *range(1, 9), 0])).split
    assert split[0] == split[9] == "test"


def test_too_few_moments_are_refused_and_three_are_not() -> None:
    with pytest.raises(SchemaError, match="too many cases share a moment"):
        Temporal(val=0.2, test=0.2).assign(pl.DataFrame({"time": [1.0, 1.0, 2.0, 2.0]}), np.arange(4))
    split = Temporal(val=0.2, test=0.2).assign(pl.DataFrame({"time": [1.0, 2.0, 3.0]}), np.arange(3)).split
    assert split.tolist() == ["train", "val", "test"]


def test_missing_times_are_refused(make_cases: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(SchemaError, match=r"data\.time which column"):
        Temporal(val=0.2, test=0.2).assign(make_cases().drop("time"), np.arange(120))
    with pytest.raises(SchemaError, match="1 cases have none"):
        Temporal(val=0.2, test=0.2).assign(pl.DataFrame({"time": [1.0, None, 3.0]}), np.arange(3))


def test_shares_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"split\.val \+ split\.test"):
        Temporal(val=0.5, test=0.5)
