"""Ids that are of the same cases and written differently."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.comparison.lineup.spelled_ids import Spelling, other_spelling


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["001", "002"], ["1", "2", "3"], Spelling(2, "000", "0")),
        (["1.0", "1.5"], ["1", "1.5"], Spelling(1, "0.0", "0")),
        (["A7", "b"], ["a7", "b"], Spelling(1, "A0", "a0")),
        (["x ", "y"], ["x", "y"], Spelling(1, "a ", "a")),
        (["000"], ["0.0"], Spelling(1, "000", "0.0")),
        (["-07"], ["-7"], Spelling(1, "-00", "-0")),
        (["10"], ["1"], None),
        (["1.5"], ["15"], None),
        (["x01"], ["x1"], Spelling(1, "a00", "a0")),
        (["a", "b"], ["c", "b"], None),
        (["a", "A"], ["a", "B", "b"], None),
    ],
)
def test_what_is_spelling(first: list[str], second: list[str], expected: Spelling | None) -> None:
    assert other_spelling(pl.Series(first), pl.Series(second)) == expected
    turned = other_spelling(pl.Series(second), pl.Series(first))
    assert turned == (expected and Spelling(expected.num, expected.second, expected.first))


@given(st.lists(st.integers(0, 999), min_size=1, unique=True))
def test_numbers_with_zeros_before_them_are_all_found(numbers: list[int]) -> None:
    first, second = (pl.Series([form.format(number) for number in numbers]) for form in ("{:04}", "{}"))
    found = other_spelling(first, second)
    assert found is not None
    assert found.num == len(numbers)
    assert other_spelling(first, first) is None
