"""Warnings of features that are read as they stand and may mean something else."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.feature_doubts import find_doubts


def test_codes_and_abbreviations_are_named() -> None:
    pressures = [100.0 + step for step in range(40)]
    features = pl.DataFrame({"bp": [*pressures, 999.0], "sex": ["m"] * 40 + ["male"], "ward": ["a", "b"] * 20 + [None]})
    first, second = find_doubts(features)
    assert "'bp': 999 stands in 2.4%" in first
    assert "'m' and 'male'" in second
    assert find_doubts(pl.DataFrame({"word": [f"w{step}" for step in range(99)]})) == ()
