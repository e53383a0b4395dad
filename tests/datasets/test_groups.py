"""Bands and codes."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.datasets.groups import group_of

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)


def test_a_cut_belongs_to_the_upper_band() -> None:
    ages = pl.Series("age", [49.9, 50.0, 64.0, 65.0, None])
    assert group_of(ages, [50, 65]).to_list() == ["<50", "50-<65", "50-<65", ">=65", "missing"]


def test_codes_and_words_are_groups_of_their_own() -> None:
    assert group_of(pl.Series([0.0, 1.0, None]), None).to_list() == ["0", "1", "missing"]
    assert group_of(pl.Series(["f", None]), None).to_list() == ["f", "missing"]


def test_without_cuts_a_measurement_is_divided_in_thirds() -> None:
    counts = group_of(pl.Series([float(value) for value in range(300)]), None).value_counts()["count"]
    assert counts.len() == 3
    assert counts.max() - counts.min() <= 2


def test_a_measurement_with_one_frequent_value_has_fewer_bands() -> None:
    values = pl.Series([5.0] * 80 + [float(value) for value in range(10, 30)])
    assert set(group_of(values, None)) == {">=5"}


def test_no_value_at_all_is_missing() -> None:
    assert group_of(pl.Series([None, None], dtype=pl.Float64), None).to_list() == ["missing"] * 2


@settings(deadline=None)
@given(st.lists(numbers, min_size=1), st.lists(numbers, min_size=1, unique=True).map(sorted))
def test_every_number_lies_in_the_band_that_its_name_says(values: list[float], cuts: list[float]) -> None:
    for value, group in zip(values, group_of(pl.Series(values, dtype=pl.Float64), cuts), strict=True):
        position = sum(value >= cut for cut in cuts)
        names = [f"<{cuts[0]:g}", *(f"{low:g}-<{high:g}" for low, high in pairwise(cuts))]
        assert group == [*names, f">={cuts[-1]:g}"][position]
