"""Dates as text and as numbers."""

from __future__ import annotations

import re

import polars as pl
import pytest

from reprodx.datasets.dates import CLOCK, DATE, are_dates

DATES = """2021-09-17|17.09.2021|9/17/21|2021-09|17. September 2021|Friday, 17 Sep 2021|2021-09-17T10:00:00Z|17-SEP-21
17/09/2021 10:35|Sept. 2021|17 de septiembre de 2021|2021/9/1|2021年9月17日"""


@pytest.mark.parametrize("text", re.split(r"[|\n]", DATES))
def test_a_date_is_known_in_every_common_form(text: str) -> None:
    assert pl.Series([text]).str.contains(DATE).item()


@pytest.mark.parametrize("text", ["2021", "1.5", "120/80", "mar", "5 marks", "12-34", "decreased 2", "1.2.3.4", "3-5"])
def test_what_is_no_date(text: str) -> None:
    assert not pl.Series([text]).str.contains(DATE).item()


def test_clock_times() -> None:
    assert pl.Series(["10:35", "01:30:00", "9:05 pm", "1:2"]).str.contains(CLOCK).to_list() == [True, True, True, False]


@pytest.mark.parametrize(
    ("name", "numbers", "expected"),
    [
        ("x", [20210930.0, 19990101.0, 20000229.0], True),
        ("x", [20210930.0, 19990101.0, 20001329.0], False),
        ("visit_date", [44000.0, 44001.0, 44002.0], True),
        ("Geburtsdatum", [20000.0, 20001.0, 20002.0], True),
        ("updated", [44000.0, 44001.0, 44002.0], False),
        ("visit_date", [1.0, 2.0, 3.0], False),
        ("visit_date", [44000.5, 44001.0, 44002.0], True),
        ("x", [202109.0, 199901.0, 200012.0], True),
        ("x", [17092021.0, 1091999.0, 3032000.0], True),
        ("x", [9172021.0, 12311999.0, 3032000.0], True),
        ("x", [150000.0, 210000.0, 432000.0], False),
        ("x", [], False),
    ],
)
def test_numbers_may_be_dates(name: str, numbers: list[float], expected: bool) -> None:
    assert are_dates(pl.Series(name, numbers, dtype=pl.Float64)) == expected
