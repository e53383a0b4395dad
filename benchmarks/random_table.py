"""A table of random cases, to measure with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

NUM_NUMERIC, NUM_CATEGORICAL = 25, 4
LEVELS = ("never", "seldom", "often", "always")
MISSING_SHARE = 0.05
TARGET = "ill"


def write_random_table(path: Path, num_cases: int) -> None:
    """Write a CSV of 30 columns: numbers with four decimals, words, a target of 0 and 1, and empty cells.

    Args:
        path: Where it goes.
        num_cases: Rows below the header.
    """
    random = np.random.default_rng(0)
    numbers = random.normal(size=(num_cases, NUM_NUMERIC)).round(4)
    is_ill = numbers[:, :5].sum(axis=1) + random.normal(size=num_cases) > 0
    columns = [pl.Series(f"number{index}", numbers[:, index]) for index in range(NUM_NUMERIC)]
    words = random.integers(len(LEVELS), size=(NUM_CATEGORICAL, num_cases))
    columns += [
        pl.Series(f"word{index}", codes).replace_strict(range(len(LEVELS)), LEVELS) for index, codes in enumerate(words)
    ]
    is_kept = random.random(size=(len(columns), num_cases)) >= MISSING_SHARE
    features = pl.DataFrame(columns).select(
        pl.when(pl.Series(mask)).then(pl.col(column.name)) for column, mask in zip(columns, is_kept, strict=True)
    )
    features.with_columns(pl.Series(TARGET, is_ill.astype(np.int8))).write_csv(path)
