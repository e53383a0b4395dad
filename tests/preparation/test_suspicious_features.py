"""Ids, each with a twin that is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.preparation.suspicious_features import is_like_id

random = np.random.default_rng(0)


def series(values: Any) -> pl.Series:
    return pl.Series("x", values)


@pytest.mark.parametrize(
    "values",
    [
        [float(row) for row in range(1, 101)],
        [float(row) for row in range(1000, 900, -1)],
        random.permutation(100).astype(float),
        [float(row * 37 + 5) for row in range(100)],
        [float(row) for row in [*range(50), *range(60, 110)]],
        [f"phon_{row}" for row in range(100)],
        [f"phon_{row}" for row in range(97)] + ["phon_0"] * 3,
    ],
    ids=["ascending", "descending", "shuffled", "in steps", "with a gap", "text", "nearly all text"],
)
def test_a_column_that_names_its_cases(values: Any) -> None:
    assert is_like_id(series(values))


@pytest.mark.parametrize(
    "values",
    [
        random.normal(60, 10, 100),
        np.sort(random.normal(60, 10, 100)),
        random.integers(20, 90, 100).astype(float),
        np.sort(random.integers(20, 90, 100)).astype(float),
        random.integers(10_000, 400_000, 100).astype(float),
        [float(row % 30) for row in range(100)],
        ["f", "m"] * 50,
        [f"w{row % 80}" for row in range(100)],
        [float(row) for row in range(19)],
        [f"w{row}" for row in range(19)],
        [None] * 50 + [float(row) for row in range(50)],
    ],
    ids=["measured", "measured and sorted", "age", "sorted age", "cell count", "repeated", "words", "many words",
         "too few numbers", "too few words", "half missing"],
)  # fmt: skip
def test_a_measurement_is_no_id(values: Any) -> None:
    assert not is_like_id(series(values))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 300))
def test_a_continuous_measurement_is_never_taken_for_an_id(seed: int, num_cases: int) -> None:
    values = np.random.default_rng(seed).normal(size=num_cases)
    assert not is_like_id(series(values))
    assert not is_like_id(series(np.sort(values)))
