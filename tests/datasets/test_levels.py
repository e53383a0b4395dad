"""Levels in several spellings, and in short and long forms."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.levels import abbreviations, as_levels, find_levels


def test_the_most_common_spelling_is_kept() -> None:
    levels, notes = find_levels(pl.Series("x", ["Yes", "yes", "yes", "YES", "no", None]))
    assert levels == ("no", "yes")
    assert notes == ["'YES' is read as 'yes', 'Yes' is read as 'yes'"]
    assert find_levels(pl.Series("x", [str(number) for number in range(2000)])) == ((), [])
    assert as_levels(pl.Series(["YES ", None, "perhaps"]), levels).to_list() == ["yes", None, "perhaps"]


def test_levels_that_nothing_else_tells_apart_are_kept() -> None:
    levels, notes = find_levels(pl.Series("x", ["AA", "Aa", "aa", "Aa"]))
    assert levels == ()
    assert "kept apart" in notes[0]


def test_short_forms_are_named() -> None:
    assert abbreviations(["f", "female", "m", "male"]) == ["'f' and 'female'", "'m' and 'male'"]
    assert abbreviations(["n", "no"]) == ["'n' and 'no'"]
    assert abbreviations(["A", "AB", "B", "0"]) == []
    assert abbreviations(["S", "South", "Southwest"]) == []
