"""Numbers as words: rounded, never a negative zero, never an empty cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.reporting.wording import NOTHING, count, counted, number, percent, with_interval
from reprodx.schemas import Estimate


@given(st.floats(min_value=-1e6, max_value=1e6))
def test_a_number_reads_back_as_what_was_rounded(value: float) -> None:
    text = number(value)
    assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(value, abs=0.000501)
    assert "-" not in text
    assert not (text.startswith("\N{MINUS SIGN}") and float(text[1:]) == 0)


@given(st.integers(min_value=0, max_value=10**12))
def test_a_count_keeps_every_digit(value: int) -> None:
    assert int("".join(filter(str.isdigit, count(value)))) == value


def test_one_is_singular_and_all_else_plural() -> None:
    assert [counted(n, "case") for n in (0, 1, 2)] == ["0 cases", "1 case", "2 cases"]


def test_a_share_of_nothing_is_a_dash() -> None:
    assert percent(0, 0) == NOTHING
    assert percent(1, 3) == "33.3%"


def test_what_is_missing_says_why() -> None:
    assert with_interval(Estimate.undefined("no case", n=0)) == "not estimable: no case"
    assert with_interval(Estimate(1.0, None, None, 9, 4, "none", "separated")) == "1.000 (separated)"
    assert with_interval(Estimate(0.5, 0.25, 0.75, 9, 4, "Wilson")) == "0.500 (0.250 to 0.750)"
